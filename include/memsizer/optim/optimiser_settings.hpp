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

/// The methods' own structs hold what each reads. A run's defaults are those of the publications that we
/// compare with; a program that makes an optimiser itself has PyTorch's.
struct OptimiserSettings {
  OptimiserKind kind = OptimiserKind::adamw;
  AdamSettings adam = {.beta2 = 0.98};
  NesterovSettings nesterov = {.momentum = 0.99};
  DecayOn decay_on = DecayOn::all;
  double clip = 0;  // the largest norm of the gradient; 0: no limit

  friend bool operator==(const OptimiserSettings&, const OptimiserSettings&) = default;
};

inline std::vector<Setting<AdamSettings>> adam_settings() {
  using S = AdamSettings;
  const SettingNeed adam{"optimizer", {"nesterov"}, true, "only the optimizers adam and adamw read them"};
  return {
      pair_setting("betas", "Adam's decay of the first and the second moment", &S::beta1, &S::beta2, {0, 1})
          .needs(adam),
      number("epsilon", "number that Adam adds to its divisor", &S::epsilon, {1e-30, 1}).needs(adam)};
}

inline std::vector<Setting<NesterovSettings>> nesterov_settings() {
  return {number("momentum", "momentum of SGD with Nesterov momentum", &NesterovSettings::momentum, {0, 1})
              .needs({"optimizer", {"nesterov"}, false, "only the optimizer nesterov reads it"})};
}

/// Every method has a weight decay. The row sets them all, and its text is that of the chosen method.
inline Setting<OptimiserSettings> weight_decay_setting() {
  using S = OptimiserSettings;
  const auto row_of = [](auto field) {
    return number("weight_decay", "weight decay, the pull of weights to 0", field, {0, 1e3});
  };
  const auto nesterov = setting_of_member(&S::nesterov, row_of(&NesterovSettings::weight_decay));
  Setting<S> row = setting_of_member(&S::adam, row_of(&AdamSettings::weight_decay));
  row.text = [of_adam = row.text, of_nesterov = nesterov.text](const S& settings) {
    return settings.kind == OptimiserKind::nesterov ? of_nesterov(settings) : of_adam(settings);
  };
  row.assign = [to_adam = row.assign, to_nesterov = nesterov.assign](S& settings, const std::string& text) {
    to_adam(settings, text);
    to_nesterov(settings, text);
  };
  return row;
}

inline std::vector<Setting<OptimiserSettings>> optimiser_settings() {
  using S = OptimiserSettings;
  using Rows = std::vector<Setting<S>>;
  return concatenated(
      Rows{choice("optimizer", "the optimiser: Adam, AdamW or SGD with Nesterov momentum", &S::kind,
                  {{"adam", OptimiserKind::adam},
                   {"adamw", OptimiserKind::adamw},
                   {"nesterov", OptimiserKind::nesterov}})},
      settings_of_member(&S::adam, adam_settings()), settings_of_member(&S::nesterov, nesterov_settings()),
      Rows{weight_decay_setting(),
           choice("weight_decay_on",
                  "the weights that weight_decay pulls: all, or matrices but no norms and biases",
                  &S::decay_on, {{"all", DecayOn::all}, {"matrices", DecayOn::matrices}})
               .needs({"weight_decay", {"0"}, true, "weight_decay is 0"}),
           number("clip", "largest norm of the gradient; 0: no limit", &S::clip)});
}

/// The optimiser that the settings describe. It treats all flat parameters alike, or by segments. InputError
/// if a setting is out of its range.
template <class T>
std::unique_ptr<Optimiser<T>> make_optimiser(const OptimiserSettings& settings, FlatParameters<T>& parameters,
                                             std::vector<Segment> segments = {}) {
  switch (settings.kind) {
    case OptimiserKind::adam:
      return std::make_unique<Adam<T>>(parameters, settings.adam, std::move(segments));
    case OptimiserKind::adamw:
      return std::make_unique<AdamW<T>>(parameters, settings.adam, std::move(segments));
    case OptimiserKind::nesterov:
      break;
  }
  return std::make_unique<NesterovSgd<T>>(parameters, settings.nesterov, std::move(segments));
}

}  // namespace memsizer::optim
