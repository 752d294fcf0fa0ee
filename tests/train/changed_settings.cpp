// A checkpoint has a hash of its run's settings, so a config.json that was changed is noticed. Checkpoints of
// older versions have none, and the config.json of such a run may lack the keys that came later.
#include <boost/test/unit_test.hpp>

#include "memsizer/train/checkpoint.hpp"

BOOST_AUTO_TEST_SUITE(changed_settings)

using namespace memsizer::train;

namespace {

Config changed(const char* setting) {
  Config config;
  set(config, "vocab=300");
  set(config, setting);
  return config;
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_setting_of_the_training_changes_the_hash) {
  const std::string begun = settings_digits(changed("layers=7"));
  for (const char* setting : {"layers=8", "activation=gelu", "dtype=bfloat16", "sequence=17", "clip=3",
                              "learning_rate=0.5", "seed=2"}) {
    BOOST_TEST_CONTEXT(setting)
    BOOST_TEST(settings_digits(changed(setting)) != begun);
  }
}

BOOST_AUTO_TEST_CASE(what_a_resumed_run_may_change_does_not) {
  const std::string begun = settings_digits(changed("layers=7"));
  for (const char* setting :
       {"log_every=3", "validate_every=3", "save_every=3", "keep=3", "schedule_steps=3"}) {
    Config config = changed("layers=7");
    set(config, setting);
    BOOST_TEST_CONTEXT(setting)
    BOOST_TEST(settings_digits(config) == begun);
  }
}

// So a key that a later version adds, with the value that its absence means, changes no hash.
BOOST_AUTO_TEST_CASE(a_value_that_absence_means_does_not_count) {
  using memsizer::files::hash_digits;
  using memsizer::files::hash_text;
  BOOST_TEST(settings_digits(changed("layers=7")) == hash_digits(hash_text("layers=7\nvocab=300\n")));
}

BOOST_AUTO_TEST_SUITE_END()
