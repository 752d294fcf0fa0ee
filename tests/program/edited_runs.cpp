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

// `summary` shows what the file says; the others need the weights, whose checkpoint has a hash of the
// settings.
BOOST_FIXTURE_TEST_CASE(a_changed_or_lost_setting_is_noticed, EditedRun) {
  const std::function<void(memsizer::files::Json&)> changes[] = {
      [](auto& config) { config["activation"] = "gelu"; }, [](auto& config) { config["clip"] = 7; },
      [](auto& config) { config["seed"] = 5; }, [](auto& config) { config.erase("clip"); }};
  for (const auto& change : changes) {
    edit(change);
    for (const Words& words : commands()) {
      if (words.front() == "summary") continue;
      const Ran ran = expect(2, words);
      BOOST_TEST(contains(ran.err, "run/config.json: not the settings with which step-2 was trained: hash "),
                 ran.err);
      BOOST_TEST(contains(ran.err, "Put the file back as it was"), ran.err);
    }
  }
  edit([](auto& config) { config["log_every"] = 7; });
  for (const Words& words : commands()) expect(0, words);
}

// A run of an older version did not hash its settings and lacked those that came later.
BOOST_FIXTURE_TEST_CASE(a_run_without_a_hash_goes_on_and_gets_one, EditedRun) {
  edit([](auto& config) {
    for (const char* key : {"schedule_shrink", "weight_decay_on"}) config.erase(key);
  });
  const auto state_of = [&](const std::string& step) {
    return folder() / ("run/checkpoints/" + step + "/state.json");
  };
  memsizer::files::Json state = memsizer::files::parse_json(contents(state_of("step-2")), "state.json");
  state.erase("settings");
  state["hashes"].erase("state.json");
  folder().write("run/checkpoints/step-2/state.json", state.dump());
  expect(0, {"evaluate", "run", "--data", "data"});
  expect(0, resume_words("4"));
  BOOST_TEST(memsizer::files::parse_json(contents(folder() / "run/config.json"), "config.json") == written);
  BOOST_TEST(memsizer::files::parse_json(contents(state_of("step-4")), "state.json").contains("settings"));
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
