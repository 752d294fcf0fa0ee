#pragma once
// The language model of a run's configuration: as an outline without weights, and in small for dry runs. The
// tasks whose model reads one sequence share it.

#include "memsizer/decode/generation_cost.hpp"
#include "memsizer/models/cost.hpp"
#include "memsizer/tasks/small_model.hpp"

namespace memsizer::tasks {

/// The model's settings in a configuration. `padding` is the padding token; -1: there is none.
inline models::LanguageModelConfig language_model_config(const Config& config, Index padding) {
  models::LanguageModelConfig model = config.model;
  model.max_positions = config.batches.sequence;
  model.padding = padding;
  return model;
}

/// The lengths at which the cost of a token is measured, as far as the model has positions; 0: no limit.
inline std::vector<Index> language_model_cost_lengths(Index positions, const Device& device) {
  std::vector<Index> lengths = decode::cost_lengths_on(device);
  if (positions > 0)
    std::erase_if(lengths, [&](Index length) { return length + decode::timed_steps > positions; });
  return lengths;
}

class LanguageModelOutline : public ModelOutline {
 public:
  explicit LanguageModelOutline(const Config& config)
      : config_(config), model_(language_model_config(config, -1)) {}

  nn::Module<float>& model() override { return model_; }
  std::vector<std::pair<std::string, std::string>> attention_kinds() const override {
    const models::LanguageModelConfig& config = model_.config();
    std::vector<std::pair<std::string, std::string>> found;
    for (Index layer = 0; layer < config.layers; ++layer)
      found.emplace_back(concatenate("blocks.", layer), models::kind_of_layer(config.attention, layer));
    return found;
  }
  double step_flops(Index before) const override { return models::step_flops(model_, before); }
  Index state_bytes(Index before) const override {
    return with_dtype(config_, [&]<class T>(std::type_identity<T>) {
      return models::state_bytes(models::LanguageModel<T>(model_.config()), before);
    });
  }

 private:
  Config config_;
  models::LanguageModel<float> model_;
};

/// A model with the layers of a configuration but small sizes, on a device.
template <class T>
class SmallLanguageModel {
 public:
  SmallLanguageModel(const Config& config, Device& device, bool trainable)
      : model_(in_small(language_model_config(config, -1))), store_(model_, 1, trainable, device) {}

  /// Does a training step, a scoring, or the first steps of a generation.
  void run(DryRun what, const Config& config) {
    run_in_small(
        what, config, store_, 4,
        [this](const nn::Sequence& sequence, const LabelSmoothing& smoothing) {
          return loss(sequence, smoothing);
        },
        [this] { decode::generation_costs(model_, {2}, 1); });
  }

 private:
  static models::LanguageModelConfig in_small(models::LanguageModelConfig config) {
    const models::LanguageModel<T> whole(config);  // only shapes; InputError if they do not fit
    config.vocab = 4, config.dim = 8, config.block.ffn = 4;
    config.attention_settings.heads = 2, config.attention_settings.slots = 2;
    config.max_positions = 4;
    return config;
  }

  /// The loss of two rows with two tokens each.
  LinearCrossEntropy<T> loss(const nn::Sequence& sequence, const LabelSmoothing& smoothing) const {
    const Tensor<Id> inputs({2, 2}, {0, 1, 2, 3}, model_.device()),
        targets({2, 2}, {1, 2, 3, 0}, model_.device());
    return model_.loss(inputs, targets, sequence, smoothing);
  }

  models::LanguageModel<T> model_;
  nn::ParameterStore<T> store_;
};

}  // namespace memsizer::tasks
