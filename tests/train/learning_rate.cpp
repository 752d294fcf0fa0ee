// The schedule that a configuration names.
#include "memsizer/train/learning_rate.hpp"

#include <boost/test/unit_test.hpp>

#include "files/temporary_folder.hpp"
#include "train/restarts.hpp"

BOOST_AUTO_TEST_SUITE(learning_rate)

using namespace memsizer;
using namespace memsizer::train;
using test::expected_rate;
using test::restarts;

namespace {

Config configured(const std::vector<std::string>& settings) {
  Config config;
  config.schedule.learning_rate = 0.01;
  config.schedule.warmup = 5;
  for (const std::string& setting : settings) set(config, setting);
  return config;
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_key_of_the_schedule_reaches_it) {
  const optim::Schedule schedule = make_schedule(configured(restarts));
  for (Index step = 1; step < 11; ++step)
    BOOST_TEST(schedule.at(step) == expected_rate(step), boost::test_tools::tolerance(1e-12));
  const optim::Schedule linear = make_schedule(
      configured({"schedule=linear", "warmup=0", "schedule_steps=10", "min_learning_rate=0.001"}));
  BOOST_TEST(linear.at(10) == 0.001);
  BOOST_TEST(linear.at(5) == 0.0055, boost::test_tools::tolerance(1e-12));
  // Without a warm-up its beginning has no effect: `--set warmup=0` is enough where a task's defaults name
  // one.
  const optim::Schedule at_once =
      make_schedule(configured({"schedule=constant", "warmup=0", "warmup_init_learning_rate=0.001"}));
  BOOST_TEST(at_once.at(1) == configured({}).schedule.learning_rate);
}

BOOST_AUTO_TEST_CASE(keys_that_do_not_go_together_are_refused_by_name) {
  const auto refused = [](const std::vector<std::string>& settings, const char* part) {
    BOOST_TEST_CONTEXT(settings.back()) {
      CHECK_THROWS_SAYING(make_schedule(configured(settings)), InputError, part);
    }
  };
  refused({"schedule=linear", "schedule_period=5"}, "schedule_period");
  refused({"schedule_period_multiplier=2"}, "schedule_period above 0");
  refused({"schedule_shrink=0.5"}, "schedule_period above 0");
  refused({"schedule=constant", "min_learning_rate=0.001"}, "min_learning_rate");
  refused({"schedule=inverse_sqrt", "min_learning_rate=0.001"}, "min_learning_rate");
  refused({"min_learning_rate=0.02"}, "min_learning_rate: at most the learning_rate of 0.01");
  refused({"warmup_init_learning_rate=0.02"}, "warmup_init_learning_rate: at most");
  refused({"learning_rate=0"}, "learning_rate");
}

BOOST_AUTO_TEST_SUITE_END()
