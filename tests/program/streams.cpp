// Standard streams and outputs: "-", closed, full and broken streams, outputs that are inputs, and terminals.
#include <thread>

#include <fcntl.h>
#include <unistd.h>

#include "program/data_place.hpp"
#include "program/open_pipe.hpp"

BOOST_AUTO_TEST_SUITE(streams)

using namespace program_test;

namespace {

const Words train_tokenizer = {"tokenizer", "train", "--vocab-size", "300"};

/// A terminal of our own. It keeps what is written to it.
class Terminal {
 public:
  Terminal() : master_(::posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC)) {
    BOOST_TEST_REQUIRE(master_ >= 0);
    BOOST_TEST_REQUIRE(::grantpt(master_) == 0);
    BOOST_TEST_REQUIRE(::unlockpt(master_) == 0);
    name_ = ::ptsname(master_);
    slave_ = ::open(name_.c_str(), O_RDWR | O_NOCTTY | O_CLOEXEC);
    reader_ = std::thread([this] {
      char block[4096];
      for (ssize_t count; (count = ::read(master_, block, sizeof block)) > 0;)
        text_.append(block, static_cast<std::size_t>(count));
    });
  }
  Terminal(const Terminal&) = delete;
  ~Terminal() { finish(); }

  const std::string& name() const { return name_; }

  /// Everything that was written. Call this when nobody writes any more.
  std::string finish() {
    if (slave_ >= 0) ::close(std::exchange(slave_, -1));
    if (reader_.joinable()) reader_.join();
    if (master_ >= 0) ::close(std::exchange(master_, -1));
    return text_;
  }

 private:
  int master_, slave_ = -1;
  std::string name_, text_;
  std::thread reader_;
};

}  // namespace

BOOST_AUTO_TEST_CASE(a_dash_is_a_standard_stream_wherever_a_file_is_named) {
  const DataPlace place;
  const std::string text = small_text(200);
  place.folder().write("text", text);
  const auto put = [](Words words, const std::string& option, const std::string& file) {
    return words + Words{option, file};
  };
  place.expect(0, put(put(train_tokenizer, "--input", "text"), "--output", "t.json"));
  const std::string tokenizer = contents(place.folder() / "t.json");
  BOOST_TEST(place.expect(0, put(put(train_tokenizer, "--input", "-"), "--output", "-"), text).out ==
             tokenizer);
  const Words encode = {"tokenizer", "encode"}, decode = {"tokenizer", "decode"};
  const std::string ids = place.expect(0, put(put(encode, "--tokenizer", "t.json"), "--input", "text")).out;
  BOOST_TEST(place.expect(0, put(put(encode, "--tokenizer", "t.json"), "--input", "-"), text).out == ids);
  BOOST_TEST(place.expect(0, put(put(encode, "--tokenizer", "-"), "--input", "text"), tokenizer).out == ids);
  BOOST_TEST(place.expect(0, put(put(decode, "--tokenizer", "t.json"), "--input", "-"), ids).out == text);
  place.expect(0, place.train_words("memsizer", {"--steps", "2", "--tokenizer", "-"}), tokenizer);
  BOOST_TEST(contents(place.folder() / "run/tokenizer.json") == tokenizer);
  place.expect(0, {"summary", "--config", "-"}, contents(place.folder() / "run/config.json"));
  BOOST_TEST(place.expect(0, generate_words({"--input", "-"}), " The cat\n").out ==
             place.expect(0, generate_words({}), " The cat\n").out);
  const Ran picture = place.expect(0, {"plot", "run", "--output", "-"});
  BOOST_TEST(contains(picture.out, "<svg"));
  BOOST_TEST(picture.out.ends_with("</svg>\n\n"), picture.out.substr(picture.out.size() - 40));
  for (const Words& words :
       {put(put(train_tokenizer, "--input", "text"), "--output", "-"), Words{"plot", "run", "--output", "-"}})
    BOOST_TEST(contains(place.expect(2, words + Words{"--json"}).err, "--output - and --json"));
  BOOST_TEST(
      contains(place.expect(2, put(put(decode, "--tokenizer", "t.json"), "--input", "-"), "1\nx\n").err,
               "standard input:2: "));
  BOOST_TEST(!std::filesystem::exists(place.folder() / "-"));
}

BOOST_AUTO_TEST_CASE(what_is_appended_to_is_not_written_over) {
  const DataPlace place;
  for (const char* output : {"-", "/dev/stdout"}) {
    place.folder().write("log", "what was there\n");
    place.expect(0, train_tokenizer + Words{"--input", "data/wiki.train.tokens", "--output", output}, "", "",
                 ">>log");
    BOOST_TEST(contents(place.folder() / "log").starts_with("what was there\n{"), output);
  }
}

BOOST_AUTO_TEST_CASE(closed_streams_harm_no_file) {
  const DataPlace place, other;
  const Words train = place.train_words("memsizer", {"--steps", "3"});
  place.expect(0, train);
  other.expect(0, train, "", "", "<&- >&- 2>&-");
  for (const char* file : {"config.json", "tokenizer.json", "latest", "checkpoints/step-3/model.safetensors"})
    BOOST_TEST((contents(other.folder() / "run" / file) == contents(place.folder() / "run" / file)), file);
  const Words encode = {"tokenizer", "encode", "--tokenizer", "run/tokenizer.json"};
  for (const Words& words :
       {encode, generate_words({}), train_tokenizer + Words{"--input", "-", "--output", "t"}}) {
    const Ran ran = place.expect(1, words, "", "", ">out.tmp <&-");
    BOOST_TEST(contains(ran.err, "cannot read standard input: "), ran.err);
    BOOST_TEST(ran.out == "");
  }
  for (const Words& words : {encode, Words{"summary"}, Words{"gradcheck", "--list"}, Words{"--help"},
                             generate_words({"--prompt", " The"}),
                             train_tokenizer + Words{"--input", "data/wiki.train.tokens", "--output", "-"}}) {
    const Ran ran = place.expect(1, words, " The cat\n", "", ">&-");
    BOOST_TEST(contains(ran.err, "standard output: "), ran.err);
  }
  place.expect(0, {"summary"}, "", "", ">out.tmp 2>&-");
}

BOOST_AUTO_TEST_CASE(full_streams_are_errors) {
  const DataPlace place;
  place.expect(0, place.train_words("memsizer", {"--steps", "2"}));
  for (const Words& words :
       {Words{"tokenizer", "encode", "--tokenizer", "run/tokenizer.json"}, Words{"summary"},
        Words{"plot", "run", "--output", "-"}, generate_words({"--prompt", " The"}),
        generate_words({"--json"}), Words{"evaluate", "run", "--data", "data"},
        train_tokenizer + Words{"--input", "data/wiki.train.tokens", "--output", "-"}})
    BOOST_TEST(contains(place.expect(1, words, " The cat\n", "", ">/dev/full").err, "No space left"),
               words[0]);
  // Messages cannot be written, and the run still goes on.
  place.expect(0, {"train", "--data", "data", "--output", "run", "--resume", "--steps", "4"}, "", "",
               ">out.tmp 2>/dev/full");
  BOOST_TEST(contents(place.folder() / "run/latest") == "step-4\n");
}

BOOST_AUTO_TEST_CASE(an_output_that_is_an_input_is_refused_before_any_work) {
  const DataPlace place;
  const std::string text = small_text(200);
  place.folder().write("text", text);
  std::filesystem::create_symlink("text", place.folder() / "link");
  std::filesystem::create_hard_link(place.folder() / "text", place.folder() / "hard");
  std::filesystem::create_directory(place.folder() / "folder");
  for (const char* output : {"text", "link", "hard", "folder/../text", "./text"}) {
    const Words words =
        train_tokenizer + Words{"--input", "data/wiki.train.tokens", "text", "--output", output};
    BOOST_TEST(contains(place.expect(2, words).err, "is the same file as the input text"));
    BOOST_TEST(contents(place.folder() / "text") == text);
  }
  place.expect(0, place.train_words("memsizer", {"--steps", "2"}));
  const std::vector<Words> readers = {
      {"tokenizer", "encode", "--tokenizer", "run/tokenizer.json", "--input", "text"},
      {"tokenizer", "decode", "--tokenizer", "run/tokenizer.json", "--input", "text"},
      generate_words({"--input", "text"}),
      {"evaluate", "run", "--data", "text", "--split", "train"},
      {"train", "--data", "text", "--output", "other", "--steps", "1", "--json"},
      {"compare", "--data", "text", "--output", "other", "--steps", "1"},
      {"summary", "--config", "text"}};
  for (const Words& words : readers)
    for (const char* output : {">>text", ">>link", ">>hard"}) {
      BOOST_TEST(contains(place.expect(2, words, "", "", output).err, "is the same file as the input text"));
      BOOST_TEST(contents(place.folder() / "text") == text);
    }
  // A run's own files.
  for (const char* file : {"config.json", "tokenizer.json", "best", "checkpoints/step-2/model.safetensors"})
    for (const Words& words : {Words{"evaluate", "run", "--data", "data"}, generate_words({"--prompt", "a"}),
                               Words{"summary", "run"}, Words{"chat", "run"}}) {
      const std::filesystem::path of_run = place.folder() / "run" / file;
      const std::string before = contents(of_run);
      BOOST_TEST(
          contains(place.expect(2, words, "", "", ">>" + quoted(of_run.string())).err, "would be lost"));
      BOOST_TEST((contents(of_run) == before), file);
    }
  place.expect(0, {"summary", "run"}, "", "", ">>run/summary.txt");
  place.expect(0, {"summary", "run"}, "", "", ">>run/summary.txt");
  place.expect(2, {"chat", "run"}, "", "", ">>text <text");
  BOOST_TEST(contents(place.folder() / "text") == text);
  // Files in a folder that is named as a whole.
  const std::string test_text = contents(place.folder() / "data/wiki.test.tokens");
  BOOST_TEST(
      contains(place.expect(2, {"evaluate", "run", "--data", "data"}, "", "", ">>data/wiki.test.tokens").err,
               "is the same file as the input data/wiki.test.tokens"));
  BOOST_TEST(contents(place.folder() / "data/wiki.test.tokens") == test_text);
  const std::string tokenizer = contents(place.folder() / "run/tokenizer.json");
  for (const char* command : {"encode", "decode"})
    place.expect(
        2, {"tokenizer", command, "--tokenizer", "run", "--input", "text", "--output", "run/tokenizer.json"});
  BOOST_TEST(contents(place.folder() / "run/tokenizer.json") == tokenizer);
  BOOST_TEST(contains(
      place.expect(2, {"tokenizer", "encode", "--tokenizer", "run/tokenizer.json"}, "", "", ">>text <text")
          .err,
      "(standard input)"));
  std::filesystem::create_symlink("run/metrics.jsonl", place.folder() / "curves.svg");
  const std::string metrics = contents(place.folder() / "run/metrics.jsonl");
  place.expect(2, {"plot", "run", "--output", "curves.svg"});
  BOOST_TEST(contents(place.folder() / "run/metrics.jsonl") == metrics);
  for (const Words& words :
       {Words{"train", "--data", "data", "--output", "run", "--from", "run", "--steps", "1"},
        Words{"train", "--data", "folder", "--output", "folder", "--steps", "1"},
        Words{"compare", "--data", "folder", "--output", "folder/.", "--steps", "1"}})
    BOOST_TEST(contains(place.expect(2, words).err, "is the same file as the input"));
}

BOOST_AUTO_TEST_CASE(standard_input_is_read_once) {
  BOOST_TEST(contains(
      Workplace().expect(2, {"train", "--data", "-", "--output", "run", "--steps", "1"}, "text").err,
      "the data -: expected a file or a folder, got standard input, and data is read more than once"));
  for (const char* command : {"encode", "decode"})
    BOOST_TEST(contains(Workplace().expect(2, {"tokenizer", command, "--tokenizer", "-"}, "{}").err,
                        "--tokenizer and --input both read standard input"));
}

BOOST_AUTO_TEST_CASE(what_the_command_line_decides_is_checked_before_anything_is_read) {
  const DataPlace place;
  const auto expect = [&](const Words& words, const char* part) {
    // The input does not exist, so a command that complains about it has begun to read.
    const Ran ran = place.expect(2, words);
    BOOST_TEST(contains(ran.err, part), ran.err);
    BOOST_TEST(!contains(ran.err, "absent"), ran.err);
  };
  const auto train = [](const std::string& size, const std::string& output) {
    return Words{"tokenizer", "train", "--input", "absent", "--vocab-size", size, "--output", output};
  };
  expect(train("100", "t.json"), "100");
  expect(train("300", "missing/t.json"), "missing/t.json: No such file or directory");
  expect(train("300", "data"), "data: Is a directory");
  expect(train("300", "data/wiki.train.tokens/t.json"), "Not a directory");
  expect(train("300", "t.json") + Words{"--normalizer", "nfx"}, "nfx");
  expect({"plot", "absent", "--output", "missing/a.svg"}, "missing/a.svg: No such file or directory");
  expect({"plot", "absent", "--output", "a.txt"}, "a.txt: a file called .svg or .png expected");
  expect({"plot", "absent", "--output", "a.svg", "--against", "x"}, "--against");
  expect({"evaluate", "absent", "--data", "data", "--split", "x"}, "expected a split");
  expect({"evaluate", "absent", "--data", "data", "--stride", "-1"}, "--stride");
  expect({"generate", "absent", "--max-tokens", "0"}, "--max-tokens");
  expect({"chat", "absent", "--beam", "4"}, "--beam");
  expect({"score", "bleu", "--hypotheses", "absent", "--references", "absent", "--paired-bs"}, "--paired-bs");
  expect({"compare", "--data", "absent", "--output", "run", "--steps", "1", "--sweep", "x"}, "--sweep");
  expect({"tokenizer", "encode", "--tokenizer", "absent", "--input", "absent", "--output", "missing/x"},
         "missing/x: No such file or directory");
  expect({"train", "--data", "absent", "--output", "run", "--steps", "-1"}, "-1");
  expect({"train", "--data", "absent", "--output", "run", "--device", "x", "--steps", "1"}, "--device");
}

BOOST_AUTO_TEST_CASE(lines_are_written_over_only_where_the_terminal_can) {
  const DataPlace place;
  const auto shown = [&](const std::string& environment) {
    Terminal terminal;
    std::filesystem::remove_all(place.folder() / "run");
    place.expect(0, place.train_words("memsizer", {"--steps", "1500"}), "",
                 environment + " sh -c '\"$@\" 2>" + terminal.name() + "' sh");
    return terminal.finish();
  };
  const std::string escape = "\x1b[";
  BOOST_TEST(contains(shown("env -u NO_COLOR TERM=xterm"), escape));
  for (const char* environment : {"env TERM=dumb", "env -u TERM", "env TERM=", "env TERM=xterm NO_COLOR=1"}) {
    const std::string text = shown(environment);
    BOOST_TEST(contains(text, "training  1,500/1,500 steps"), text);
    BOOST_TEST(!contains(text, escape), text);
  }
}

BOOST_AUTO_TEST_CASE(reading_a_long_prompt_is_shown) {
  const DataPlace place;
  place.expect(0, place.train_words("memsizer", {"--steps", "2"}));
  std::string prompt;  // its reading takes several times as long as a terminal's line stands
  for (int i = 0; i < 80'000; ++i) prompt += "the river ";
  Terminal terminal;
  place.expect(0, generate_words({}), prompt + '\n',
               "env -u NO_COLOR TERM=xterm sh -c '\"$@\" 2>" + terminal.name() + "' sh");
  BOOST_TEST(contains(terminal.finish(), "reading the prompt, token "));
}

BOOST_AUTO_TEST_CASE(a_line_is_answered_before_the_next_is_written) {
  const DataPlace place;
  place.expect(0, place.train_words("memsizer", {"--steps", "20"}));
  const Ran ran = ask_line_by_line(place, generate_words({}), " The cat\n The cat\n The cat\n");
  BOOST_TEST(ran.code == 0, ran.err);
  BOOST_TEST(std::ranges::count(ran.out, '\n') == 3);
}

BOOST_AUTO_TEST_CASE(broken_characters_come_out_by_one_rule) {
  const DataPlace place;
  place.expect(0, place.train_words("memsizer", {"--steps", "2"}));
  const std::string replaced = " The \xEF\xBF\xBD\xEF\xBF\xBD.";
  const Words broken = generate_words({"--prompt", " The \xFF\xE2."});
  BOOST_TEST(place.expect(0, broken).out.starts_with(replaced));
  BOOST_TEST(place.expect(0, generate_words({}), " The \xFF\xE2.\n").out.starts_with(replaced));
  BOOST_TEST(place.json(broken)["results"][0]["prompt"] == replaced);
  Terminal terminal;
  place.expect(0, broken, "", "", ">" + terminal.name());
  BOOST_TEST(terminal.finish().starts_with(replaced));
  BOOST_TEST(contains(place.expect(0, {"--help"}).out, "U+FFFD"));
}

BOOST_AUTO_TEST_SUITE_END()
