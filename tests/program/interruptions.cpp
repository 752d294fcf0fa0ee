// Ctrl-C: every command exits 130, says that it was interrupted, and leaves nothing half-written.
#include <sys/stat.h>

#include "program/data_place.hpp"

BOOST_AUTO_TEST_SUITE(interruptions)

using namespace program_test;

namespace {

/// Makes a named pipe that nobody writes to, so a program that reads it waits.
void make_pipe(const Workplace& place, const std::string& name) {
  BOOST_TEST_REQUIRE(::mkfifo(place.path(name).c_str(), 0600) == 0);
}

void expect_interrupted(const Ran& ran) {
  BOOST_TEST(ran.code == 130, ran.err);
  BOOST_TEST(contains(ran.err, "interrupted"), ran.err);
}

}  // namespace

BOOST_AUTO_TEST_CASE(training_saves_and_a_resumed_run_goes_on) {
  const DataPlace place;
  const Ran stopped = place.interrupt("grep -qs loss run/metrics.jsonl",
                                      place.train_words("memsizer", {"--steps", "1000000"}));
  expect_interrupted(stopped);
  BOOST_TEST(contains(stopped.err, "\nstopping after this step; Ctrl-C again ends at once"), stopped.err);
  std::string latest = contents(place.folder() / "run/latest");
  BOOST_TEST(latest.starts_with("step-"), stopped.err);
  const int step = std::stoi(latest.substr(5));
  BOOST_TEST(step > 0);
  place.expect(
      0, {"train", "--data", "data", "--output", "run", "--resume", "--steps", std::to_string(step + 3)});
  BOOST_TEST(contents(place.folder() / "run/latest") == "step-" + std::to_string(step + 3) + "\n");
}

BOOST_AUTO_TEST_CASE(what_ends_a_program_saves_as_ctrl_c_does) {
  for (const char* signal : {"TERM", "HUP"}) {
    const DataPlace place;
    const Ran stopped = place.interrupt("grep -qs loss run/metrics.jsonl",
                                        place.train_words("memsizer", {"--steps", "1000000"}), "", signal);
    expect_interrupted(stopped);
    const std::string latest = contents(place.folder() / "run/latest");
    BOOST_TEST((latest.starts_with("step-") && latest != "step-0\n"),
               signal << ": " << latest << stopped.err);
  }
}

BOOST_AUTO_TEST_CASE(what_the_parent_ignores_stays_ignored) {
  for (const char* signal : {"HUP", "TERM"}) {
    const DataPlace place;
    // Sends the ignored signal after the run has begun, then waits until the log has grown by more than 3
    // lines.
    const std::string goes_on =
        std::string("{ grep -qs loss run/metrics.jsonl && { [ -e sent.tmp ] || kill -") + signal +
        " $child; } && wc -l <run/metrics.jsonl >>sent.tmp && "
        "[ $(tail -n 1 sent.tmp) -gt $(($(head -n 1 sent.tmp) + 3)) ]; }";
    const Ran stopped = place.interrupt(goes_on, place.train_words("memsizer", {"--steps", "1000000"}), "",
                                        "INT", std::string("trap '' ") + signal + "\n");
    expect_interrupted(stopped);
    BOOST_TEST(contents(place.folder() / "sent.tmp").find('\n') != std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(training_ends_at_once_before_its_first_step) {
  const DataPlace place;
  make_pipe(place, "tokenizer.json");
  const Words words = place.train_words("memsizer", {"--steps", "2"});
  for (const char* signal : {"INT", "TERM", "HUP"}) {
    expect_interrupted(
        place.interrupt("listens", words + Words{"--tokenizer", "tokenizer.json"}, "", signal));
    BOOST_TEST(!std::filesystem::exists(place.folder() / "run"));
  }
  place.expect(0, words);
}

BOOST_AUTO_TEST_CASE(an_evaluation_has_no_result) {
  const DataPlace place;
  place.folder().write("data/wiki.test.tokens", small_text(30000));
  place.expect(0, place.train_words("memsizer", {"--steps", "1"}));
  const Ran stopped = place.interrupt("finishes", {"evaluate", "run", "--data", "data", "--stride", "1"});
  expect_interrupted(stopped);
  BOOST_TEST(contains(stopped.err, "the split was not scored to its end"), stopped.err);
  BOOST_TEST(stopped.out == "");
  const Ran json =
      place.interrupt("finishes", {"evaluate", "run", "--data", "data", "--stride", "1", "--json"});
  expect_interrupted(json);
  BOOST_TEST(json.out == "{\"interrupted\":true}\n");
}

BOOST_AUTO_TEST_CASE(generation_keeps_what_it_has) {
  const DataPlace place;
  place.expect(0, place.train_words("transformer", {"--steps", "20"}));
  const Words endless = {"generate", "run", "--max-tokens", "100000", "--threads", "1"};
  const std::string prompt = " The cat";
  const Ran text = place.interrupt("finishes && sleep 0.3", endless + Words{"--prompt", prompt});
  expect_interrupted(text);
  BOOST_TEST(text.out.starts_with(prompt), text.out);
  BOOST_TEST(text.out.size() > prompt.size() + 1);
  BOOST_TEST(text.out.ends_with('\n'));
  const Ran lines = place.interrupt("finishes && sleep 0.3", endless, " The cat\n The dog\n");
  expect_interrupted(lines);
  BOOST_TEST(std::ranges::count(lines.out, '\n') == 2);
  for (const Words& more : {Words{}, Words{"--beam", "2"}}) {
    const Ran ran =
        place.interrupt("finishes && sleep 0.3", endless + Words{"--prompt", prompt, "--json"} + more);
    expect_interrupted(ran);
    const auto json = memsizer::files::parse_json(ran.out, "standard output");
    BOOST_TEST(json["interrupted"] == true);
    BOOST_TEST(json["results"][0]["stopped"] == false);
    BOOST_TEST(json["tokens"].get<int>() > 0);
  }
}

BOOST_AUTO_TEST_CASE(a_tokenizer_leaves_nothing) {
  const DataPlace place;
  make_pipe(place, "pipe");
  expect_interrupted(place.interrupt(
      "listens", {"tokenizer", "train", "--input", "pipe", "--vocab-size", "300", "--output", "new.json"}));
  BOOST_TEST(!std::filesystem::exists(place.folder() / "new.json"));
  place.expect(0, {"tokenizer", "train", "--input", "data/wiki.train.tokens", "--vocab-size", "300",
                   "--output", "t.json"});
  for (const char* command : {"encode", "decode"}) {
    const Ran ran =
        place.interrupt("listens", {"tokenizer", command, "--tokenizer", "t.json", "--input", "pipe"});
    expect_interrupted(ran);
    BOOST_TEST(ran.out == "");
  }
  const std::string slow_input = "{ cat data/wiki.train.tokens; sleep 10; } >pipe & writer=$!\n";
  const Ran ran = place.interrupt("ls -A | grep -q memsizer-tmp",
                                  {"tokenizer", "encode", "--tokenizer", "t.json", "--input", "pipe",
                                   "--output", "ids", "--format", "u16"},
                                  "", "INT", slow_input);
  expect_interrupted(ran);
  for (const auto& entry : std::filesystem::directory_iterator(place.folder().path()))
    BOOST_TEST(!contains(entry.path().string(), "ids"), entry.path());
}

BOOST_AUTO_TEST_CASE(a_gradient_check_shows_whole_rows) {
  const Workplace place;
  const Ran ran = place.interrupt("test -s out.tmp", {"gradcheck", "--threads", "1"});
  expect_interrupted(ran);
  BOOST_TEST(ran.out.ends_with('\n'), ran.out);
  BOOST_TEST(!contains(ran.out, " passed, "), ran.out);
}

BOOST_AUTO_TEST_SUITE_END()
