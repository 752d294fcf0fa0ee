#pragma once
// The encoder-decoder of a run's configuration: whole, as an outline without weights, and in small for dry
// runs. The tasks that write a text from a source text share it.

#include "memsizer/data/pair_batch.hpp"
#include "memsizer/models/cost.hpp"
#include "memsizer/tasks/run_model.hpp"
#include "memsizer/tasks/small_model.hpp"

namespace memsizer::tasks {

/// The model's settings in a configuration. `padding` is the padding token; -1: there is none.
inline models::EncoderDecoderConfig encoder_decoder_config(const Config& config, Index padding) {
  models::EncoderDecoderConfig model{.decoder = config.model, .source = config.source};
  model.decoder.attention = config.target.decoder_attention;
  model.decoder.layers = config.target.decoder_layers;
  model.decoder.max_positions = config.target.max_target;
  model.decoder.padding = padding;
  const bool is_limited = config.source.max_source > 0 && config.target.max_target > 0;
  require(is_limited || config.model.embedding.positions != models::PositionKind::learned,
          "positions=learned: max_source and max_target above 0 expected, since they are the numbers of "
          "positions, got ",
          config.source.max_source, " and ", config.target.max_target);
  return model;
}

/// The limits of pairs that are scored or written. Sources are cut to max_source. A target may be longer than
/// those in training, unless the model has no positions for it.
inline data::PairLimits scoring_limits(const Config& config) {
  const bool is_learned = config.model.embedding.positions == models::PositionKind::learned;
  return {.source = config.source.max_source, .target = is_learned ? config.target.max_target : 0};
}

class EncoderDecoderOutline : public ModelOutline {
 public:
  explicit EncoderDecoderOutline(const Config& config)
      : config_(config), model_(encoder_decoder_config(config, -1)) {}

  nn::Module<float>& model() override { return model_; }
  std::vector<std::pair<std::string, std::string>> attention_kinds() const override {
    const models::EncoderDecoderConfig& config = model_.config();
    std::vector<std::pair<std::string, std::string>> found;
    for (Index layer = 0; layer < config.source.encoder_layers; ++layer)
      found.emplace_back(concatenate("encoder.", layer),
                         models::kind_of_layer(config.source.encoder_attention, layer));
    for (Index layer = 0; layer < config.decoder.layers; ++layer) {
      const std::string own = models::kind_of_layer(config.decoder.attention, layer),
                        cross = models::kind_of_layer(config.source.cross_attention, layer);
      found.emplace_back(concatenate("decoder.", layer),
                         own == cross ? own : own + ", to the source " + cross);
    }
    return found;
  }
  std::string costs_are_after() const override { return "source, and target before"; }
  /// The source has as many tokens as the target so far, but one at least.
  double step_flops(Index before) const override {
    return models::step_flops(model_, before, std::max<Index>(1, before));
  }
  Index state_bytes(Index before) const override {
    return with_dtype(config_, [&]<class T>(std::type_identity<T>) {
      return models::state_bytes(models::EncoderDecoder<T>(model_.config()), before,
                                 std::max<Index>(1, before));
    });
  }

 private:
  Config config_;
  models::EncoderDecoder<float> model_;
};

/// A model with the layers of a configuration but small sizes, on a device.
template <class T>
class SmallEncoderDecoder {
 public:
  SmallEncoderDecoder(const Config& config, Device& device, bool trainable)
      : model_(in_small(encoder_decoder_config(config, -1))), store_(model_, 1, trainable, device) {}

  /// Does a training step, a scoring, or the first steps of a generation.
  void run(DryRun what, const Config& config) {
    run_in_small(
        what, config, store_, 3,
        [this](const nn::Sequence& sequence, const LabelSmoothing& smoothing) {
          return loss(sequence, smoothing);
        },
        [this] { generate(); });
  }

 private:
  static models::EncoderDecoderConfig in_small(models::EncoderDecoderConfig config) {
    const models::EncoderDecoder<T> whole(config);  // only shapes; InputError if they do not fit
    config.decoder.vocab = 4, config.decoder.dim = 8, config.decoder.block.ffn = 4;
    config.decoder.attention_settings.heads = 2, config.decoder.attention_settings.slots = 2;
    config.source.cross_slots = 2;
    config.decoder.max_positions = config.source.max_source = 4;
    return config;
  }

  Tensor<Id> ids(const Shape& shape, std::vector<Id> values) const {
    return Tensor<Id>(shape, std::move(values), model_.device());
  }

  /// The loss of two rows, of which the second is shorter on both sides.
  LinearCrossEntropy<T> loss(nn::Sequence sequence, const LabelSmoothing& smoothing) const {
    sequence.lengths = nn::Lengths({2, 1}, model_.device());
    return model_.loss(ids({2, 3}, {1, 2, 3, 2, 3, 0}), nn::Lengths({3, 2}, model_.device()),
                       ids({2, 2}, {3, 1, 3, 0}), ids({2, 2}, {1, 3, 3, -1}), sequence, smoothing);
  }

  /// Two steps of two rows, with the change of places that a beam search makes.
  void generate() const {
    auto state = model_.initial_state(
        model_.encode(ids({2, 3}, {1, 2, 3, 2, 3, 0}), {.lengths = nn::Lengths({3, 2}, model_.device())}));
    for (int step = 0; step < 2; ++step) {
      model_.logits(model_.hidden(ids({2, 1}, {3, 1}), state));
      state.reorder({1, 1});
    }
  }

  models::EncoderDecoder<T> model_;
  nn::ParameterStore<T> store_;
};

}  // namespace memsizer::tasks
