#pragma once
// The settings of a schedule, by name.

#include "memsizer/base/setting.hpp"
#include "memsizer/optim/schedule.hpp"

namespace memsizer::optim {

inline std::vector<Setting<ScheduleSettings>> schedule_settings() {
  using S = ScheduleSettings;
  std::vector<Setting<S>> rows = {
      choice("schedule", "course of the learning rate after the warm-up", &S::kind,
             {{"constant", ScheduleKind::constant},
              {"linear", ScheduleKind::linear},
              {"cosine", ScheduleKind::cosine},
              {"inverse_sqrt", ScheduleKind::inverse_sqrt}}),
      number("learning_rate", "the learning rate at its peak", &S::learning_rate, {0, 1e3}),
      number("warmup", "steps in which the learning rate rises to its peak", &S::warmup),
      number("schedule_steps", "steps of the whole schedule; 0: the length of the first run", &S::steps)
          .needs({"schedule", {"constant", "inverse_sqrt"}, true, "the schedule has no end"})};
  const SettingNeed cosine{"schedule", {"cosine"}, false, "only the cosine restarts"};
  rows.push_back(number("schedule_period",
                        "steps of the cosine's first cycle, after which it restarts; 0: no restarts",
                        &S::period)
                     .needs(cosine));
  rows.push_back(number("schedule_period_multiplier", "length of a cycle divided by that of the cycle before",
                        &S::period_multiplier, {1, 1e3})
                     .needs(cosine));
  rows.push_back(number("schedule_shrink", "peak and minimum of a cycle divided by those of the cycle before",
                        &S::shrink, {1e-6, 1})
                     .needs(cosine));
  rows.push_back(number("min_learning_rate", "the learning rate at the end of a linear or cosine schedule",
                        &S::minimum, {0, 1e3})
                     .needs({"schedule", {"linear", "cosine"}, false, "the schedule has no end"}));
  rows.push_back(number("warmup_init_learning_rate", "the learning rate at which the warm-up begins",
                        &S::initial, {0, 1e3})
                     .needs({"warmup", {"0"}, true, "there is no warm-up"}));
  return rows;
}

/// The kind with this name: constant, linear, cosine or inverse_sqrt; InputError for any other.
inline ScheduleKind schedule_kind(const std::string& name) {
  ScheduleSettings settings;
  schedule_settings().front().assign(settings, name);
  return settings.kind;
}

}  // namespace memsizer::optim
