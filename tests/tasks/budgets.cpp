// How long runs train: by steps, by passes over the data or by time, and what they say when there is nothing
// to do.
#include <csignal>
#include <limits>

#include <boost/test/unit_test.hpp>

#include "memsizer/tasks/start.hpp"

#include "tasks/small_run.hpp"

BOOST_AUTO_TEST_SUITE(budgets)

using namespace memsizer;
using namespace memsizer::tasks;
using namespace memsizer::train;
using test::lines_of;
using test::resumed;
using test::write_text;

namespace {

/// A small run without the settings of its schedule and its validations, which it must choose.
Request request_of(const TemporaryFolder& folder, const std::string& output, const Budget& budget) {
  Request request = test::small_request(folder, output, "memsizer", 0);
  std::erase_if(request.settings, [](const std::string& setting) {
    return setting.starts_with("schedule_steps") || setting.starts_with("validate_every");
  });
  request.budget = budget;
  return request;
}

/// An observer with a clock that advances with each step and never in between. It can raise SIGINT at a step,
/// as Ctrl-C does.
struct Clock {
  double seconds_a_step = 1, now = 1000;
  Index interrupted_at = -1;
  std::vector<std::string> told = {};

  Outcome train(Request request) {
    request.seconds = [this] { return now; };
    Observer observer;
    observer.tell = [this](const std::string& text) { told.push_back(text); };
    observer.stepped = [this](Index step, double part, const StepReport*) {
      BOOST_TEST((part >= 0 && part <= 1.1), part);
      now += seconds_a_step;
      if (step == interrupted_at) std::raise(SIGINT);
    };
    return train_model(request, observer);
  }

  bool was_told(const std::string& part) const {
    return std::ranges::any_of(told, [&](const std::string& text) { return text.find(part) != text.npos; });
  }
};

Request resumed_by_time(Request request) {
  const double minutes = request.budget.minutes;
  request = resumed(request, 0);
  request.budget.minutes = minutes;
  return request;
}

Index validations_at(const std::filesystem::path& run, Index step) {
  const std::string begin = concatenate("{\"step\":", step, ",\"validation_loss\":");
  return std::ranges::count_if(lines_of(run),
                               [&](const std::string& line) { return line.starts_with(begin); });
}

}  // namespace

// The budget is 24 seconds, and a step takes one. After 2 steps more than a twentieth has passed, and 98 % of
// the other 22 seconds are 21 steps.
BOOST_AUTO_TEST_CASE(a_run_by_time_measures_its_length) {
  const TemporaryFolder folder;
  write_text(folder);
  Clock clock;
  const bool finished = clock.train(request_of(folder, "run", {.minutes = 0.4})) == Outcome::finished;
  BOOST_TEST(finished);
  const RunDirectory run = RunDirectory::open(folder / "run");
  BOOST_TEST(run.config().schedule.steps == 23);
  BOOST_TEST(run.config().watching.validate_every == 3);
  BOOST_TEST(run.named("latest") == "step-23");
  for (const Index step : {2, 3, 6, 21, 23}) BOOST_TEST(validations_at(folder / "run", step) == 1, step);
  BOOST_TEST(validations_at(folder / "run", 4) == 0);
  BOOST_TEST(clock.was_told("the schedule's length is 23 steps"));
}

// A twentieth of 0.6 seconds ends in the eighth step. The measurement lasts that long, and does not end with
// the warm-up of 2 steps.
BOOST_AUTO_TEST_CASE(a_model_of_many_steps_a_second_is_measured_as_long) {
  const TemporaryFolder folder;
  write_text(folder);
  Clock clock{.seconds_a_step = 0.004};
  clock.train(request_of(folder, "run", {.minutes = 0.01}));
  BOOST_TEST(validations_at(folder / "run", 8) == 1);
  BOOST_TEST(clock.was_told("the schedule's length is 147 steps"));
}

BOOST_AUTO_TEST_CASE(a_schedule_that_ends_in_its_warm_up_is_told) {
  const TemporaryFolder folder;
  write_text(folder);
  Request request = request_of(folder, "run", {.steps = 3});
  request.settings.push_back("warmup=5");
  Clock clock;
  clock.train(request);
  BOOST_TEST(clock.was_told("the schedule ends at step 3, before its warm-up of 5 steps does"));
  Clock longer;
  longer.train(resumed(request, 7));
  BOOST_TEST(!longer.was_told("have the learning rate"));
}

BOOST_AUTO_TEST_CASE(a_run_by_time_measures_its_length_once_though_it_is_stopped) {
  const TemporaryFolder folder;
  write_text(folder);
  const Request request = request_of(folder, "run", {.minutes = 0.4});
  Clock{.interrupted_at = 1}.train(request);
  Clock{.interrupted_at = 2}.train(resumed_by_time(request));  // during the measurement
  BOOST_TEST(RunDirectory(folder / "run").config().schedule.steps == 0);
  Clock{.interrupted_at = 6}.train(resumed_by_time(request));
  const std::string config = contents(folder / "run/config.json");
  BOOST_TEST(RunDirectory(folder / "run").config().schedule.steps == 23);
  const bool finished = Clock{.seconds_a_step = 0.5}.train(resumed_by_time(request)) == Outcome::finished;
  BOOST_TEST(finished);
  BOOST_TEST(contents(folder / "run/config.json") == config);
  BOOST_TEST(RunDirectory(folder / "run").named("latest") == "step-23");
}

BOOST_AUTO_TEST_CASE(once_its_length_is_known_a_run_by_time_resumes_bit_for_bit) {
  const TemporaryFolder folder;
  write_text(folder);
  Clock().train(request_of(folder, "whole", {.minutes = 0.4}));
  const Request request = request_of(folder, "parts", {.minutes = 0.4});
  Clock{.interrupted_at = 5}.train(request);
  Clock{.seconds_a_step = 0.25, .interrupted_at = 12}.train(resumed_by_time(request));
  Clock{.seconds_a_step = 0.5}.train(resumed_by_time(request));
  test::check_same_run(folder / "whole", folder / "parts", "step-23");
  BOOST_TEST(contents(folder / "whole/config.json") == contents(folder / "parts/config.json"));
}

BOOST_AUTO_TEST_CASE(a_slower_machine_ends_when_the_time_is_up) {
  const TemporaryFolder folder;
  write_text(folder);
  const Request request = request_of(folder, "run", {.minutes = 0.4});
  Clock{.interrupted_at = 5}.train(request);
  Clock{.seconds_a_step = 4}.train(resumed_by_time(request));
  BOOST_TEST(RunDirectory(folder / "run").named("latest") == "step-10");
  Clock clock;
  clock.train(resumed_by_time(request));
  BOOST_TEST(
      clock.was_told("nothing is left to do: the run is at step 10, of the 0.4 minutes none are left"));
}

BOOST_AUTO_TEST_CASE(a_validation_that_measures_is_not_made_again) {
  const TemporaryFolder folder;
  write_text(folder);
  Request request = request_of(folder, "run", {.minutes = 0.4});
  request.settings.push_back("validate_every=2");
  Clock().train(request);
  for (const Index step : {2, 4, 22}) BOOST_TEST(validations_at(folder / "run", step) == 1, step);
}

BOOST_AUTO_TEST_CASE(the_shortest_time_is_a_step) {
  const TemporaryFolder folder;
  write_text(folder);
  Request request = request_of(folder, "run", {.minutes = 1e-9});
  train_model(request, {});
  request.budget.minutes = 0;
  BOOST_TEST(RunDirectory(folder / "run").named("latest") == "step-1");
  train_model(resumed(request, 3), {});
  BOOST_TEST(RunDirectory(folder / "run").named("latest") == "step-3");
}

BOOST_AUTO_TEST_CASE(epochs_become_steps) {
  const TemporaryFolder folder;
  write_text(folder);
  train_model(request_of(folder, "run", {.epochs = 0.4}), {});
  const RunDirectory run = RunDirectory::open(folder / "run");
  const Task& task = find_task(run.config().labels.task);
  const text::Tokenizer tokenizer = run.tokenizer(run.config());
  const auto training = std::get<0>(task.make_training(
      run.config(), tokenizer, *task.open_data(folder / "data", run.config()), {}, cpu::device()));
  const auto steps =
      static_cast<Index>(std::ceil(0.4 * static_cast<double>(training->batches_per_epoch()) / 2));
  BOOST_TEST(steps > 3);
  BOOST_TEST(run.named("latest") == concatenate("step-", steps));
  BOOST_TEST(run.config().schedule.steps == steps);
  BOOST_TEST(run.config().watching.validate_every == std::max<Index>(1, steps / 10));
}

// A step takes two batches. The text fills no batch, so a pass over it is one batch, and 4 passes are 2
// steps.
BOOST_AUTO_TEST_CASE(passes_over_a_text_shorter_than_a_batch_are_counted_too) {
  const TemporaryFolder folder;
  write_text(folder);
  Request request = request_of(folder, "run", {.epochs = 4});
  request.settings.push_back("sequence=2000");
  train_model(request, {});
  BOOST_TEST(RunDirectory(folder / "run").named("latest") == "step-2");
}

BOOST_AUTO_TEST_CASE(a_run_whose_length_is_not_known_yet_learns_at_its_peak) {
  const TemporaryFolder folder;
  write_text(folder);
  Request request = request_of(folder, "run", {.minutes = 0.4});
  request.settings.push_back("warmup=0");
  Clock().train(request);
  const auto first = nlohmann::json::parse(lines_of(folder / "run").at(0));
  BOOST_TEST(first["learning_rate"] == RunDirectory(folder / "run").config().schedule.learning_rate);
}

BOOST_AUTO_TEST_CASE(who_looks_on_hears_where_a_resumed_run_begins) {
  const TemporaryFolder folder;
  write_text(folder);
  const Request request = request_of(folder, "run", {.steps = 3});
  std::vector<std::pair<Index, double>> begun;
  Observer observer;
  observer.started = [&](Index step, double part) { begun.emplace_back(step, part); };
  train_model(request, observer);
  train_model(resumed(request, 4), observer);
  BOOST_TEST((begun == std::vector<std::pair<Index, double>>{{0, 0.0}, {3, 0.75}}));
}

BOOST_AUTO_TEST_CASE(the_first_budget_is_the_schedules_length_and_going_beyond_it_is_told) {
  const TemporaryFolder folder;
  write_text(folder);
  const Request request = request_of(folder, "run", {.steps = 5});
  Clock first, beyond, within;
  first.train(request);
  BOOST_TEST(RunDirectory(folder / "run").config().schedule.steps == 5);
  BOOST_TEST(!first.was_told("the schedule ends"));
  beyond.train(resumed(request, 7));
  BOOST_TEST(RunDirectory(folder / "run").config().schedule.steps == 5);
  BOOST_TEST(
      beyond.was_told("the schedule ends at step 5: the steps after it, up to 7, have the learning "
                      "rate 0. A run that is to be continued begins with --set schedule_steps=7"));
  BOOST_TEST(nlohmann::json::parse(lines_of(folder / "run").at(12))["learning_rate"] == 0);
  Request constant = request_of(folder, "constant", {.steps = 2});
  constant.settings.insert(constant.settings.end(), {"schedule=constant", "schedule_steps=1"});
  within.train(constant);
  BOOST_TEST(!within.was_told("the schedule ends"));
}

BOOST_AUTO_TEST_CASE(nothing_to_do_is_told) {
  const TemporaryFolder folder;
  write_text(folder);
  const Request request = request_of(folder, "run", {.steps = 3});
  Clock first, shorter, by_time;
  first.train(request);
  BOOST_TEST(!first.was_told("nothing is left"));
  shorter.train(resumed(request, 2));
  BOOST_TEST(shorter.was_told("nothing is left to do: the run is at step 3, step 2 is asked for"));
  Request more_time = resumed(request, 0);
  more_time.budget.minutes = 10;
  by_time.train(more_time);
  BOOST_TEST(by_time.was_told(
      "nothing is left to do: the run is at step 3, the schedule ends at step 3; --steps goes on"));
  BOOST_TEST(RunDirectory(folder / "run").named("latest") == "step-3");
}

BOOST_AUTO_TEST_CASE(budgets_and_seeds_that_a_run_cannot_keep_are_refused) {
  const TemporaryFolder folder;
  write_text(folder);
  constexpr double infinite = std::numeric_limits<double>::infinity(), nan = std::nan("");
  const auto refused = [&](const Request& request, const std::string& part) {
    CHECK_THROWS_SAYING(train_model(request, {}), InputError, part);
    BOOST_TEST(!std::filesystem::exists(folder / "run"));
  };
  for (const Index steps : {Index{9'000'000'000'000'000}, Index{-5}})
    refused(request_of(folder, "run", {.steps = steps}), "--steps");
  for (const double value : {infinite, nan, 1e300, -1.0}) {
    refused(request_of(folder, "run", {.epochs = value}), "--epochs");
    refused(request_of(folder, "run", {.minutes = value}), "--minutes");
  }
  refused(request_of(folder, "run", {.steps = -5, .minutes = 1}), "how long");
  Request request = request_of(folder, "run", {.steps = 1});
  request.seed = -1;
  refused(request, "seed: a number from 0");
}

BOOST_AUTO_TEST_SUITE_END()
