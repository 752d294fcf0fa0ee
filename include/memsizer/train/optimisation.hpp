#pragma once
// The optimiser and the learning-rate schedule that a configuration names.

#include <limits>
#include <memory>

#include "memsizer/nn/parameter_store.hpp"
#include "memsizer/optim/optimiser.hpp"
#include "memsizer/optim/schedule.hpp"
#include "memsizer/train/config.hpp"

namespace memsizer::train {

/// InputError where a setting is out of its range.
inline std::unique_ptr<optim::Optimiser<float>> make_optimiser(const Config& config,
                                                               const nn::ParameterStore<float>& store) {
  const AdamSettings adam{.beta1 = config.betas[0],
                          .beta2 = config.betas[1],
                          .epsilon = config.epsilon,
                          .weight_decay = config.weight_decay};
  if (config.optimizer == "adam")
    return std::make_unique<optim::Adam<float>>(store.weights(), store.gradients(), adam);
  if (config.optimizer == "adamw")
    return std::make_unique<optim::AdamW<float>>(store.weights(), store.gradients(), adam);
  return std::make_unique<optim::NesterovSgd<float>>(store.weights(), store.gradients(),
                                                     NesterovSettings{config.momentum, config.weight_decay});
}

namespace detail {

/// Keys of the schedule that would have no effect, or that contradict each other, are refused by their names.
inline void check_schedule(const Config& config) {
  const bool cosine = config.schedule == "cosine", restarts = config.schedule_period > 0;
  require(cosine || !restarts, "schedule_period: restarts are the cosine's, got schedule ", config.schedule);
  require(restarts || (config.schedule_period_multiplier == 1 && config.schedule_shrink == 1),
          "schedule_period_multiplier and schedule_shrink need a schedule_period above 0");
  require(cosine || config.schedule == "linear" || config.min_learning_rate == 0,
          "min_learning_rate: the end of linear and cosine, got schedule ", config.schedule);
  require(config.warmup > 0 || config.warmup_init_learning_rate == 0,
          "warmup_init_learning_rate needs a warmup above 0");
  for (const auto& [name, rate] : {std::pair{"min_learning_rate", config.min_learning_rate},
                                   std::pair{"warmup_init_learning_rate", config.warmup_init_learning_rate}})
    require(rate <= config.learning_rate, name, ": at most the learning_rate of ", config.learning_rate,
            " expected, got ", rate);
}

}  // namespace detail

/// Whether the schedule's length matters: after it, the learning rate stays at its least.
inline bool has_an_end(const Config& config) {
  return config.schedule == "linear" || (config.schedule == "cosine" && config.schedule_period == 0);
}

/// InputError where keys of the schedule do not go together. While its length is not known, that of a run by
/// time, the learning rate stays at its peak after the warm-up.
inline optim::Schedule make_schedule(const Config& config) {
  detail::check_schedule(config);
  constexpr Index endless = std::numeric_limits<Index>::max() / 2;
  const Index steps = config.schedule_steps == 0 ? endless : config.schedule_steps;
  return optim::Schedule({.kind = optim::schedule_kind(config.schedule),
                          .learning_rate = config.learning_rate,
                          .warmup = config.warmup,
                          .steps = std::max(steps, config.warmup + 1),
                          .initial = config.warmup_init_learning_rate,
                          .minimum = config.min_learning_rate,
                          .period = config.schedule_period,
                          .period_multiplier = config.schedule_period_multiplier,
                          .shrink = config.schedule_shrink});
}

}  // namespace memsizer::train
