#pragma once
// Training and generation done once with a model of few numbers, so that what cannot work on a device, or at
// all, is told before anything is written.

#include "memsizer/train/generation_cost.hpp"
#include "memsizer/train/optimisation.hpp"
#include "memsizer/train/presets.hpp"

namespace memsizer::train {

namespace detail {

/// A model with the layers of a configuration and few numbers, on a device.
struct SmallModel {
  SmallModel(const Config& config, Device& device, bool trainable)
      : model(in_small(language_model_config(config, config.vocab, -1))),
        store(model, 1, trainable, device) {}

  static models::LanguageModelConfig in_small(models::LanguageModelConfig config) {
    const models::LanguageModel<float> whole(config);  // shapes alone: an InputError if they make no model
    config.vocab = 4, config.dim = 8, config.heads = 2, config.slots = 2, config.ffn = 4;
    config.max_positions = 4;
    return config;
  }

  models::LanguageModel<float> model;
  nn::ParameterStore<float> store;
};

/// Acts, and says of a missing kernel what it is missing for.
template <class Act>
void rehearse(const char* what, const Act& act) {
  try {
    act();
  } catch (const MissingKernel& missing) {
    throw MissingKernel(concatenate(what, ": ", missing.what(), "; the cpu has every kernel"));
  }
}

/// The loss of two rows of two tokens.
inline LinearCrossEntropy<float> small_loss(const models::LanguageModel<float>& model,
                                            const nn::Sequence& sequence,
                                            const LabelSmoothing& smoothing = {}) {
  const Tensor<Id> inputs({2, 2}, {0, 1, 2, 3}, model.device()),
      targets({2, 2}, {1, 2, 3, 0}, model.device());
  return model.loss(inputs, targets, sequence, smoothing);
}

}  // namespace detail

/// A step of training with a configuration. InputError where it makes no model, optimiser or schedule,
/// MissingKernel where the device cannot do the step yet.
inline void rehearse_training(const Config& config, Device& device) {
  make_schedule(config);
  detail::rehearse("training", [&] {
    detail::SmallModel small(config, device, true);
    const auto optimiser = make_optimiser(config, small.store);
    const Tensor<std::uint64_t> step_key(Shape{1}, {1}, device);
    {
      Tape tape;
      const auto loss = detail::small_loss(small.model, {.training = true, .step_key = step_key.data()},
                                           label_smoothing(config));
      tape.backward(loss.mean, Tensor<float>::full({}, 1, device));
    }
    optimiser->step(config.learning_rate, config.clip);
  });
}

/// The loss of a few tokens without gradients. MissingKernel where the device cannot compute it yet.
inline void rehearse_scoring(const Config& config, Device& device) {
  const Tape::Pause pause;
  detail::rehearse("scoring",
                   [&] { detail::small_loss(detail::SmallModel(config, device, false).model, {}); });
}

/// A few tokens read and one more. MissingKernel where the device cannot do it yet.
inline void rehearse_generation(const Config& config, Device& device) {
  detail::rehearse("generation",
                   [&] { generation_costs(detail::SmallModel(config, device, false).model, {2}, 1); });
}

}  // namespace memsizer::train
