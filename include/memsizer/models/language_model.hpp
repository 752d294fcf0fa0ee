#pragma once
// The decoder-only language model.

#include "memsizer/base/linkage.hpp"
#include "memsizer/models/output_layer.hpp"
#include "memsizer/models/token_stack.hpp"

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

/// The embedding of a language model: it adds positions if a layer's kind of attention wants them.
template <class T>
TokenEmbeddingConfig embedding_config(const LanguageModelConfig& config) {
  EmbeddingSettings settings = config.embedding;
  settings.positions = positions_wanted<T>(config.attention, settings.positions);
  return {.vocab = config.vocab,
          .dim = config.dim,
          .settings = settings,
          .max_positions = config.max_positions,
          .initialisation = config.initialisation,
          .padding = config.padding,
          .dropout = config.block.dropout};
}

/// The most tokens of a sequence for which a model of this configuration has positions; 0: no limit.
template <class T>
Index position_limit(const LanguageModelConfig& config) {
  const bool is_learned =
      positions_wanted<T>(config.attention, config.embedding.positions) == PositionKind::learned;
  return is_learned ? config.max_positions : 0;
}

/// A token embedding, causal blocks, a final norm (in pre-norm models), and the output layer.
template <class T>
class LanguageModel : public nn::Module<T> {
 public:
  /// What the model remembers of the tokens so far: a state for each layer.
  using State = typename BlockStack<T>::State;

  /// InputError if no model can be built from the configuration.
  explicit LanguageModel(const LanguageModelConfig& config);

  State initial_state(Index batch) const { return stack_.initial_state(batch); }

  /// The vectors [batch, time, dim] that the output layer reads, for tokens [batch, time] below vocab. If a
  /// state is given, the tokens continue the sequence that it has seen. If anything fails, the state of every
  /// layer stays as it was.
  Tensor<T> hidden(const Tensor<Id>& tokens, const nn::Sequence& sequence, State* state = nullptr) const {
    return stack_.forward(tokens, sequence, state);
  }

  /// The logits [.., vocab] of hidden vectors [.., dim].
  Tensor<T> logits(const Tensor<T>& hidden) const { return output_.logits(hidden); }

  /// The mean cross entropy of the targets [batch, time], plus the losses that layers add. A target below 0
  /// is not scored.
  LanguageModelLoss<T> loss(const Tensor<Id>& tokens, const Tensor<Id>& targets, const nn::Sequence& sequence,
                            const LabelSmoothing& smoothing = {}, State* state = nullptr) const;

  const LanguageModelConfig& config() const { return config_; }
  /// The kind of positions that the model adds: that of the configuration, or none if every layer's kind of
  /// attention has its own.
  PositionKind positions() const { return stack_.embedding().config().settings.positions; }
  /// The device on which a ParameterStore has put the weights. Tokens must be on it too.
  Device& device() const { return stack_.embedding().table().device(); }
  const Block<T>& block(Index layer) const { return stack_.block(layer); }

 private:
  static std::vector<BlockConfig> block_configs(const LanguageModelConfig& config) {
    const nn::AttentionConfig attention{
        .dim = config.dim,
        .settings = config.attention_settings,
        .causal = true,
        .initialisation = config.initialisation,
        .residual_factor = 1 / std::sqrt(2 * static_cast<double>(config.layers))};
    std::vector<BlockConfig> blocks;
    for (Index layer = 0; layer < config.layers; ++layer)
      blocks.push_back({.self_attention = kind_of_layer(config.attention, layer),
                        .self = attention,
                        .settings = config.block});
    return blocks;
  }

  LanguageModelConfig config_;
  TokenStack<T> stack_;
  OutputLayer<T> output_;
};

#if MEMSIZER_CORE_HAS_BODIES
// The bodies stand outside the class so that they compile only once, in memsizer::kernels (base/linkage.hpp).
// A compiler that optimises also compiles the bodies inside a class wherever they are called.

template <class T>
LanguageModel<T>::LanguageModel(const LanguageModelConfig& config)
    : config_((require_kinds("language model", "attention", config.attention, config.layers), config)),
      stack_("language model", std::make_unique<TokenEmbedding<T>>(embedding_config<T>(config)),
             block_configs(config), config.block.pre_norm && config.final_norm),
      output_(stack_.embedding(), config.tie) {
  this->child("", stack_);
  this->child("", output_);
}

template <class T>
LanguageModelLoss<T> LanguageModel<T>::loss(const Tensor<Id>& tokens, const Tensor<Id>& targets,
                                            const nn::Sequence& sequence, const LabelSmoothing& smoothing,
                                            State* state) const {
  require_ids("language model: targets", targets, std::numeric_limits<Id>::min(), config_.vocab);
  nn::AuxiliaryLosses auxiliary;
  nn::Sequence asking = sequence;
  asking.auxiliary = &auxiliary;
  const Tensor<T> hidden = stack_.forward(tokens, asking, state);
  return output_.loss(hidden, targets, smoothing, std::move(auxiliary));
}

#endif

}  // namespace memsizer::models
