#pragma once
// The decoder-only language model.

#include "memsizer/models/block_stack.hpp"
#include "memsizer/models/token_embedding.hpp"

namespace memsizer::models {

struct LanguageModelConfig {
  std::vector<std::string> attention = {"transformer"};  // one kind for all layers, or one for each layer
  Index vocab = 0, layers = 0, dim = 0;
  nn::AttentionSettings attention_settings = {};  // the same for all layers
  BlockSettings block = {};                       // its dropout is also that of the embedding
  EmbeddingSettings embedding = {};
  Index max_positions = 0;  // rows of the table of learned positions
  bool tie = true;          // the output layer uses the embedding's table
  Index padding = -1;       // this token's embedding begins as 0; -1: none
  bool final_norm = true;   // after the last block; only in pre-norm models
  nn::Initialisation initialisation = nn::Initialisation::fairseq;

  friend bool operator==(const LanguageModelConfig&, const LanguageModelConfig&) = default;
};

/// A language model's loss, as linear_cross_entropy gives it. `mean`, from which backward starts, includes
/// the losses that layers have added; `total` does not.
template <class T>
struct LanguageModelLoss : LinearCrossEntropy<T> {
  nn::AuxiliaryLosses auxiliary;
};

/// A token embedding, causal blocks, a final norm (in pre-norm models), and the output layer.
template <class T>
class LanguageModel : public nn::Module<T> {
 public:
  /// What the model remembers of the tokens so far: a state for each layer.
  using State = typename BlockStack<T>::State;

  /// InputError if no model can be built from the configuration.
  explicit LanguageModel(const LanguageModelConfig& config);

  State initial_state(Index batch) const { return blocks_.initial_state(batch); }

  /// The vectors [batch, time, dim] that the output layer reads, for tokens [batch, time] below vocab. If a
  /// state is given, the tokens continue the sequence that it has seen. If anything fails, the state of every
  /// layer stays as it was.
  Tensor<T> hidden(const Tensor<Id>& tokens, const nn::Sequence& sequence, State* state = nullptr) const;

  /// The logits [.., vocab] of hidden vectors [.., dim].
  Tensor<T> logits(const Tensor<T>& hidden) const { return linear(hidden, output_weight()); }

  /// The mean cross entropy of the targets [batch, time], plus the losses that layers add. A target below 0
  /// is not scored.
  LanguageModelLoss<T> loss(const Tensor<Id>& tokens, const Tensor<Id>& targets, const nn::Sequence& sequence,
                            const LabelSmoothing& smoothing = {}, State* state = nullptr) const;

  const LanguageModelConfig& config() const { return config_; }
  /// The kind of positions that the model adds: that of the configuration, or none if every layer's kind of
  /// attention has its own.
  PositionKind positions() const {
    const bool wanted = std::ranges::any_of(config_.attention, [](const std::string& kind) {
      return nn::find_attention_kind<T>(kind).absolute_positions;
    });
    return wanted ? config_.embedding.positions : PositionKind::none;
  }
  /// The device on which a ParameterStore has put the weights. Tokens must be on it too.
  Device& device() const { return embedding_.table().device(); }
  const Block<T>& block(Index layer) const { return blocks_.block(layer); }

 private:
  static const LanguageModelConfig& checked(const LanguageModelConfig& config) {
    require(config.layers > 0, "language model: layers above 0 expected, got ", config.layers);
    require(config.attention.size() == 1 || static_cast<Index>(config.attention.size()) == config.layers,
            "language model: one attention kind or one for each of ", config.layers, " layers expected, got ",
            config.attention.size());
    return config;
  }

  TokenEmbeddingConfig embedding_config() const {
    return {.vocab = config_.vocab,
            .dim = config_.dim,
            .settings = {.positions = positions(), .scale = config_.embedding.scale},
            .max_positions = config_.max_positions,
            .initialisation = config_.initialisation,
            .padding = config_.padding,
            .dropout = config_.block.dropout};
  }

  std::vector<BlockConfig> block_configs() const {
    const nn::AttentionConfig attention{
        .dim = config_.dim,
        .settings = config_.attention_settings,
        .causal = true,
        .initialisation = config_.initialisation,
        .residual_factor = 1 / std::sqrt(2 * static_cast<double>(config_.layers))};
    std::vector<BlockConfig> blocks;
    for (Index layer = 0; layer < config_.layers; ++layer)
      blocks.push_back({.self_attention = config_.attention.size() == 1
                                              ? config_.attention[0]
                                              : config_.attention[static_cast<std::size_t>(layer)],
                        .self = attention,
                        .settings = config_.block});
    return blocks;
  }

  const Tensor<T>& output_weight() const {
    return config_.tie ? embedding_.table() : output_->weight.tensor();
  }

  LanguageModelConfig config_;
  TokenEmbedding<T> embedding_;
  BlockStack<T> blocks_;
  std::unique_ptr<nn::Linear<T>> output_;
};

// The bodies stand outside the class so that they compile only once, in memsizer::kernels. A compiler that
// optimises also compiles the bodies inside a class wherever they are called.

template <class T>
LanguageModel<T>::LanguageModel(const LanguageModelConfig& config)
    : config_(checked(config)),
      embedding_(embedding_config()),
      blocks_(block_configs(), config.block.pre_norm && config.final_norm) {
  this->child("", embedding_);
  this->child("", blocks_);
  if (!config.tie) {
    output_ = std::make_unique<nn::Linear<T>>(
        config.dim, config.vocab, TokenEmbedding<T>::start_of_table(config.initialisation, config.dim));
    this->child("output", *output_);
  }
}

template <class T>
Tensor<T> LanguageModel<T>::hidden(const Tensor<Id>& tokens, const nn::Sequence& sequence,
                                   State* state) const {
  require(tokens.rank() == 2, "language model: tokens [batch, time] expected, got ", tokens.shape());
  sequence.require_fits(tokens.extent(0), tokens.extent(1));
  require_ids("language model: tokens", tokens, 0, config_.vocab);
  if (state == nullptr) return blocks_.forward(embedding_.forward(tokens, sequence), sequence);
  State next = blocks_.states_at_start(*state, sequence);
  require(next[0].batch() == tokens.extent(0), "language model: a state of ", tokens.extent(0),
          " rows expected, got ", next[0].batch());
  const nn::Sequence located = blocks_.with_positions(sequence, next, tokens);
  const Tensor<T> hidden = blocks_.forward(embedding_.forward(tokens, located), located, &next);
  state->swap(next);
  return hidden;
}

template <class T>
LanguageModelLoss<T> LanguageModel<T>::loss(const Tensor<Id>& tokens, const Tensor<Id>& targets,
                                            const nn::Sequence& sequence, const LabelSmoothing& smoothing,
                                            State* state) const {
  require_ids("language model: targets", targets, std::numeric_limits<Id>::min(), config_.vocab);
  LanguageModelLoss<T> loss;
  nn::Sequence asking = sequence;
  asking.auxiliary = &loss.auxiliary;
  static_cast<LinearCrossEntropy<T>&>(loss) =
      linear_cross_entropy(hidden(tokens, asking, state), output_weight(), targets, smoothing);
  for (const auto& added : loss.auxiliary.template all<Accumulate<T>>())
    loss.mean = loss.mean + reshape(added.value, Shape{});
  return loss;
}

}  // namespace memsizer::models
