#pragma once
// How long a run is: its budget, the length of its schedule, the part that is done, and when it ends.

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "memsizer/train/learning_rate.hpp"

namespace memsizer::train {

/// How long to train: in steps, in epochs (passes over the data) or in minutes. One of the three is above 0.
struct Budget {
  Index steps = 0;
  double epochs = 0, minutes = 0;
};

/// The most steps that a run can have: the upper limit of schedule_steps in config.json.
inline Index most_steps() {
  return static_cast<Index>(find_key("schedule_steps").range.most);
}

/// InputError unless exactly one of the three is given and is in its range.
inline void require_budget(const Budget& budget) {
  const int given = (budget.steps != 0) + (budget.epochs != 0) + (budget.minutes != 0);
  require(given == 1, "how long to train? One of --steps, --epochs and --minutes is needed, above 0; got ",
          given == 0 ? "none" : "more");
  require(budget.steps >= 0 && budget.steps <= most_steps(), "--steps: a number above 0 and up to ",
          most_steps(), " expected, got ", budget.steps);
  for (const auto& [name, value] : {std::pair{"--epochs", budget.epochs}, {"--minutes", budget.minutes}})
    require(value >= 0 && value <= 1e7, name, ": a number above 0 and up to 1e7 expected, got ", value);
}

/// The pace of one run. If schedule_steps and validate_every are 0 in the run's configuration, Pace fills
/// them in as soon as the budget or the clock gives their values. `seconds` is always the run's training
/// time, including that before it was resumed.
class Pace {
 public:
  Pace(const Budget& budget, Index batches_per_epoch, Config& config)
      : minutes_(budget.minutes), last_step_(budget.steps), config_(config) {
    if (budget.epochs > 0) last_step_ = steps_of(budget.epochs * static_cast<double>(batches_per_epoch));
    if (config_.schedule.steps == 0 && last_step_ > 0) config_.schedule.steps = last_step_;
    fill_validate_every();
  }

  /// Whether the budget is used up. A new run takes at least one step.
  bool spent(Index step, double seconds) const {
    if (step == 0) return false;
    if (last_step_ > 0) return step >= last_step_;
    const bool schedule_ended = config_.schedule.steps > 0 && step >= config_.schedule.steps;
    return schedule_ended || seconds >= 60 * minutes_;
  }

  /// The part of the budget that is used, from 0 to 1. In a run by time it may end slightly above 1, because
  /// the last step is finished.
  double part_done(Index step, double seconds) const {
    if (last_step_ > 0) return static_cast<double>(step) / static_cast<double>(last_step_);
    return seconds / (60 * minutes_);
  }

  /// Whether to measure the length of a run by time now: after a twentieth of its time.
  bool is_to_be_measured(double seconds) const {
    return config_.schedule.steps == 0 && seconds >= 0.05 * 60 * minutes_;
  }

  /// Fixes the length of a run by time. Its first `step` steps took `training` seconds, and one validation
  /// after them took `validation` seconds. The length is the number of steps that fit into the remaining
  /// time, beside the validations. If validate_every is not set, there are as many validations as fit into a
  /// tenth of the remaining time, but at least one and at most ten.
  void set_length(Index step, double training, double validation) {
    const double left = std::max(0.0, 0.98 * (60 * minutes_ - training - validation));
    const double of_a_step = training / static_cast<double>(step);
    const double validations = std::clamp(std::floor(0.1 * left / std::max(validation, 1e-9)), 1.0, 10.0);
    const double steps =
        config_.watching.validate_every == 0
            ? std::max(0.0, left - validations * validation) / of_a_step
            : left / (of_a_step + validation / static_cast<double>(config_.watching.validate_every));
    config_.schedule.steps =
        step + static_cast<Index>(std::clamp(steps, 1.0, static_cast<double>(most_steps()) / 2));
    if (config_.watching.validate_every == 0)
      config_.watching.validate_every = divide_up(config_.schedule.steps, static_cast<Index>(validations));
  }

  /// Warnings about a budget that is probably a mistake: steps after the schedule has ended, or no steps at
  /// all.
  std::vector<std::string> warnings(Index step, double seconds) const {
    std::vector<std::string> found;
    const Index end = config_.schedule.steps;
    if (config_.schedule.has_an_end() && last_step_ > std::max(end, step) && end > config_.schedule.warmup)
      found.push_back(
          concatenate("the schedule ends at step ", end, ": the steps after it, up to ", last_step_,
                      ", have the learning rate ", make_schedule(config_).at(last_step_),
                      ". A run that is to be continued begins with --set schedule_steps=", last_step_));
    if (config_.schedule.has_an_end() && end > 0 && config_.schedule.warmup >= end)
      found.push_back(concatenate("the schedule ends at step ", end, ", before its warm-up of ",
                                  config_.schedule.warmup, " steps does; --set warmup tells a shorter one"));
    if (spent(step, seconds))
      found.push_back(concatenate("nothing is left to do: the run is at step ", step, ", ", why_spent(step)));
    return found;
  }

 private:
  Index steps_of(double batches) const {
    const double steps = std::ceil(batches / static_cast<double>(config_.batches.accumulate));
    require(steps <= static_cast<double>(most_steps()), "--epochs: these are ", steps, " steps, at most ",
            most_steps(), " expected");
    return static_cast<Index>(steps);
  }

  void fill_validate_every() {
    if (config_.schedule.steps > 0 && config_.watching.validate_every == 0)
      config_.watching.validate_every = std::max<Index>(1, config_.schedule.steps / 10);
  }

  std::string why_spent(Index step) const {
    if (last_step_ > 0) return concatenate("step ", last_step_, " is asked for");
    if (const Index end = config_.schedule.steps; end > 0 && step >= end)
      return concatenate("the schedule ends at step ", end, "; --steps goes on");
    return concatenate("of the ", minutes_, " minutes none are left");
  }

  double minutes_;
  Index last_step_;  // 0: the run is by time
  Config& config_;
};

}  // namespace memsizer::train
