#pragma once
// Which optimiser a run uses, with its settings.

#include <memory>

#include "memsizer/base/setting.hpp"
#include "memsizer/optim/optimiser.hpp"

namespace memsizer::optim {

enum class OptimiserKind { adam, adamw, nesterov };

/// The parameters that weight decay pulls to 0: all, or those with at least two axes, as GPT-2 is trained.
/// Norms and biases have one axis.
enum class DecayOn { all, matrices };

struct OptimiserSettings {
  OptimiserKind kind = OptimiserKind::adamw;
  double beta1 = 0.9, beta2 = 0.98, epsilon = 1e-8;  // of Adam
  double momentum = 0.99;                            // of Nesterov's method
  double weight_decay = 0;
  DecayOn decay_on = DecayOn::all;
  double clip = 0;  // the largest norm of the gradient; 0: no limit

  friend bool operator==(const OptimiserSettings&, const OptimiserSettings&) = default;
};

inline std::vector<Setting<OptimiserSettings>> optimiser_settings() {
  using S = OptimiserSettings;
  const SettingNeed adam{"optimizer", {"nesterov"}, true, "only the optimizers adam and adamw read them"};
  return {
      choice("optimizer", "the optimiser: Adam, AdamW or SGD with Nesterov momentum", &S::kind,
             {{"adam", OptimiserKind::adam},
              {"adamw", OptimiserKind::adamw},
              {"nesterov", OptimiserKind::nesterov}}),
      pair_setting("betas", "Adam's decay of the first and the second moment", &S::beta1, &S::beta2, {0, 1})
          .needs(adam),
      number("epsilon", "number that Adam adds to its divisor", &S::epsilon, {1e-30, 1}).needs(adam),
      number("momentum", "momentum of SGD with Nesterov momentum", &S::momentum, {0, 1})
          .needs({"optimizer", {"nesterov"}, false, "only the optimizer nesterov reads it"}),
      number("weight_decay", "weight decay, the pull of weights to 0", &S::weight_decay, {0, 1e3}),
      choice("weight_decay_on",
             "the weights that weight_decay pulls: all, or matrices but no norms and biases", &S::decay_on,
             {{"all", DecayOn::all}, {"matrices", DecayOn::matrices}})
          .needs({"weight_decay", {"0"}, true, "weight_decay is 0"}),
      number("clip", "largest norm of the gradient; 0: no limit", &S::clip)};
}

/// The optimiser that the settings describe. It treats all flat parameters alike, or by segments. InputError
/// if a setting is out of its range.
template <class T>
std::unique_ptr<Optimiser<T>> make_optimiser(const OptimiserSettings& settings, FlatParameters<T>& parameters,
                                             std::vector<Segment> segments = {}) {
  const AdamSettings adam{.beta1 = settings.beta1,
                          .beta2 = settings.beta2,
                          .epsilon = settings.epsilon,
                          .weight_decay = settings.weight_decay};
  switch (settings.kind) {
    case OptimiserKind::adam:
      return std::make_unique<Adam<T>>(parameters, adam, std::move(segments));
    case OptimiserKind::adamw:
      return std::make_unique<AdamW<T>>(parameters, adam, std::move(segments));
    case OptimiserKind::nesterov:
      break;
  }
  return std::make_unique<NesterovSgd<T>>(
      parameters, NesterovSettings{.momentum = settings.momentum, .weight_decay = settings.weight_decay},
      std::move(segments));
}

}  // namespace memsizer::optim
