#pragma once
// The learning-rate schedule that a configuration describes.

#include <limits>

#include "memsizer/train/config.hpp"

namespace memsizer::train {

namespace detail {

/// InputError, which names the key, if a key of the schedule has no effect or contradicts another.
inline void check_schedule(const optim::ScheduleSettings& schedule) {
  const std::string kind = optim::schedule_settings().front().text(schedule);
  const bool cosine = schedule.kind == optim::ScheduleKind::cosine, restarts = schedule.period > 0;
  require(cosine || !restarts, "schedule_period: restarts are the cosine's, got schedule ", kind);
  require(restarts || (schedule.period_multiplier == 1 && schedule.shrink == 1),
          "schedule_period_multiplier and schedule_shrink need a schedule_period above 0");
  require(cosine || schedule.kind == optim::ScheduleKind::linear || schedule.minimum == 0,
          "min_learning_rate: the end of linear and cosine, got schedule ", kind);
  for (const auto& [name, rate] : {std::pair{"min_learning_rate", schedule.minimum},
                                   std::pair{"warmup_init_learning_rate", schedule.initial}})
    require(rate <= schedule.learning_rate, name, ": at most the learning_rate of ", schedule.learning_rate,
            " expected, got ", rate);
}

}  // namespace detail

/// The schedule of a run. InputError if its keys contradict each other. In a run by time, the length is not
/// known at first; until then the learning rate stays at its peak after the warm-up.
inline optim::Schedule make_schedule(const Config& config) {
  detail::check_schedule(config.schedule);
  constexpr Index endless = std::numeric_limits<Index>::max() / 2;
  optim::ScheduleSettings schedule = config.schedule;
  if (schedule.steps == 0) schedule.steps = endless;
  schedule.steps = std::max(schedule.steps, schedule.warmup + 1);
  return optim::Schedule(schedule);
}

}  // namespace memsizer::train
