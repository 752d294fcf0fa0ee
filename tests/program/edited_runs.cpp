// A run whose config.json was edited by hand: no command takes it for another run without a word.
#include <functional>

#include "program/data_place.hpp"

BOOST_AUTO_TEST_SUITE(edited_runs)

using namespace program_test;

namespace {

/// A run whose config.json a test edits.
struct EditedRun : DataPlace {
  EditedRun() {
    expect(0, train_words("memsizer", {"--steps", "2"}));
    written = memsizer::files::parse_json(contents(folder() / "run/config.json"), "config.json");
  }

  void edit(const std::function<void(memsizer::files::Json&)>& change) const {
    memsizer::files::Json config = written;
    change(config);
    folder().write("run/config.json", config.dump());
  }

  Words resume_words(const std::string& steps) const {
    return {"train", "--data", "data", "--output", "run", "--resume", "--threads", "1", "--steps", steps};
  }

  /// Every command that reads the run's configuration.
  std::vector<Words> commands() const {
    return {
        {"evaluate", "run", "--data", "data"},
        generate_words({"--prompt", " The"}),
        {"summary", "run"},
        resume_words("3"),
        {"train", "--data", "data", "--output", "new", "--from", "run", "--threads", "1", "--steps", "1"}};
  }

  memsizer::files::Json written;
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(a_lost_key_is_missed_by_every_command, EditedRun) {
  edit([](auto& config) { config.erase("clip"); });
  for (const Words& words : commands()) {
    const Ran ran = expect(2, words);
    BOOST_TEST(contains(ran.err, "run/config.json: "), ran.err);
    BOOST_TEST(contains(ran.err, "; missing: clip; put a copy of the file in its place, or add"), ran.err);
  }
  edit([](auto&) {});
  for (const Words& words : commands()) expect(0, words);
}

// Such a run is one of an older version, which did not count its keys and lacked those that came later.
BOOST_FIXTURE_TEST_CASE(a_run_without_a_count_goes_on_and_gets_one, EditedRun) {
  edit([](auto& config) {
    for (const char* key : {"keys", "schedule_shrink", "weight_decay_on"}) config.erase(key);
  });
  expect(0, {"evaluate", "run", "--data", "data"});
  expect(0, resume_words("4"));
  const auto config = memsizer::files::parse_json(contents(folder() / "run/config.json"), "config.json");
  BOOST_TEST(config == written);
}

BOOST_FIXTURE_TEST_CASE(a_name_that_no_table_has_is_refused_with_those_that_it_has, EditedRun) {
  for (const auto& [key, known] : {std::pair<std::string, std::string>{"task", "language-modeling, "},
                                   {"architecture", "transformer, memsizer, "},
                                   {"preset", "micro, tiny, small, base expected for language-modeling"},
                                   {"optimizer", "adam, adamw, nesterov"}}) {
    edit([&, name = key](auto& config) { config[name] = "newest"; });
    for (const Words& words : commands()) {
      const Ran ran = expect(2, words);
      BOOST_TEST(contains(ran.err, "run/config.json:"), ran.err);
      BOOST_TEST(contains(ran.err, ": " + key + ": one of " + known), ran.err);
      BOOST_TEST(contains(ran.err, ", got 'newest'"), ran.err);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
