#pragma once
// The decoder-only language model.

#include <mutex>

#include "memsizer/models/block.hpp"
#include "memsizer/models/positions.hpp"

namespace memsizer::models {

struct LanguageModelConfig {
  std::vector<std::string> attention = {"transformer"};  // a kind for all layers, or one a layer
  Index vocab = 0, layers = 0, dim = 0, heads = 1, slots = 1, ffn = 0;
  Activation activation = Activation::relu;
  bool pre_norm = true;
  bool learned_positions = false;  // a table of max_positions rows instead of sinusoids
  Index max_positions = 0;
  bool tie = true;  // the output layer is the embedding
  double dropout = 0, attention_dropout = 0, activation_dropout = 0;
  double q_init_scale = 1, kv_init_scale = 1;
  Index padding = -1;  // this token's embedding begins as 0; -1: none
};

/// Embedding * sqrt(dim) + positions, causal blocks, a final norm (pre-norm), the output layer.
template <class T>
class LanguageModel : public nn::Module<T> {
 public:
  /// What the model remembers of the tokens so far: a state for each layer.
  using State = std::vector<nn::State<T>>;

  explicit LanguageModel(const LanguageModelConfig& config)
      : config_(checked(config)),
        embedding_(config.vocab, config.dim, nn::normal(deviation(), config.padding)) {
    this->child("embedding", embedding_);
    if (config.learned_positions) {
      position_embedding_ =
          std::make_unique<nn::Embedding<T>>(config.max_positions, config.dim, nn::normal(deviation()));
      this->child("position_embedding", *position_embedding_);
    }
    for (Index layer = 0; layer < config.layers; ++layer) {
      blocks_.push_back(std::make_unique<Block<T>>(block_config(layer)));
      this->child(concatenate("blocks.", layer), *blocks_.back());
    }
    if (config.pre_norm) {
      final_norm_ = std::make_unique<nn::LayerNorm<T>>(config.dim);
      this->child("final_norm", *final_norm_);
    }
    if (!config.tie) {
      output_ = std::make_unique<nn::Linear<T>>(config.dim, config.vocab, nn::normal(deviation()));
      this->child("output", *output_);
    }
  }

  State initial_state(Index batch) const { return State(blocks_.size(), nn::State<T>(batch)); }

  /// The vectors [batch, time, dim] that the output layer sees, for tokens [batch, time] below vocab. With a
  /// state, the tokens continue what it has seen.
  Tensor<T> hidden(const Tensor<Id>& tokens, const nn::Sequence& sequence, State* state = nullptr) const {
    require(tokens.rank() == 2, "language model: tokens [batch, time] expected, got ", tokens.shape());
    sequence.require_fits(tokens.extent(0), tokens.extent(1));
    require(state == nullptr || state->size() == blocks_.size(), "language model: a state of ",
            blocks_.size(), " layers expected");
    if (state != nullptr)
      for (nn::State<T>& layer : *state) layer.start_documents(sequence);
    Tensor<T> x = dropout(embed(tokens, state), sequence.dropout(config_.dropout, this->stream("embedding")));
    for (std::size_t layer = 0; layer < blocks_.size(); ++layer)
      x = blocks_[layer]->forward(x, sequence, state == nullptr ? nullptr : &(*state)[layer]);
    return config_.pre_norm ? final_norm_->forward(x) : x;
  }

  /// [.., vocab] from hidden [.., dim].
  Tensor<T> logits(const Tensor<T>& hidden) const { return linear(hidden, output_weight()); }

  /// The mean cross entropy of the next tokens; targets [batch, time], below 0 not scored.
  LinearCrossEntropy<T> loss(const Tensor<Id>& tokens, const Tensor<Id>& targets,
                             const nn::Sequence& sequence, const LabelSmoothing& smoothing = {},
                             State* state = nullptr) const {
    return linear_cross_entropy(hidden(tokens, sequence, state), output_weight(), targets, smoothing);
  }

  const LanguageModelConfig& config() const { return config_; }
  /// Where a ParameterStore has put the weights; tokens must lie there too.
  Device& device() const { return embedding_.weight.value.device(); }
  const Block<T>& block(Index layer) const { return *blocks_[static_cast<std::size_t>(layer)]; }

 private:
  static const LanguageModelConfig& checked(const LanguageModelConfig& config) {
    require(config.vocab > 0 && config.layers > 0 && config.dim > 0,
            "language model: vocab, layers and dim above 0 "
            "expected, got ",
            config.vocab, ", ", config.layers, ", ", config.dim);
    require(config.attention.size() == 1 || static_cast<Index>(config.attention.size()) == config.layers,
            "language model: one attention kind or one for each of ", config.layers, " layers expected, got ",
            config.attention.size());
    require(!config.learned_positions || config.max_positions > 0,
            "language model: learned positions need max_positions");
    require(config.padding < config.vocab, "language model: padding token ", config.padding, " of ",
            config.vocab);
    return config;
  }

  double deviation() const { return 1 / std::sqrt(static_cast<double>(config_.dim)); }

  BlockConfig block_config(Index layer) const {
    BlockConfig block;
    block.self_attention = config_.attention.size() == 1 ? config_.attention[0]
                                                         : config_.attention[static_cast<std::size_t>(layer)];
    block.self = {.dim = config_.dim,
                  .heads = config_.heads,
                  .slots = config_.slots,
                  .causal = true,
                  .dropout = config_.attention_dropout,
                  .q_init_scale = config_.q_init_scale,
                  .kv_init_scale = config_.kv_init_scale};
    block.ffn = config_.ffn;
    block.activation = config_.activation;
    block.pre_norm = config_.pre_norm;
    block.dropout = config_.dropout;
    block.activation_dropout = config_.activation_dropout;
    return block;
  }

  const Tensor<T>& output_weight() const {
    return config_.tie ? embedding_.weight.value : output_->weight.value;
  }

  Tensor<T> embed(const Tensor<Id>& tokens, const State* state) const {
    Tensor<Id> first_position;
    Index end = tokens.extent(1);
    if (state != nullptr) {
      first_position = Tensor<Id>(Shape{tokens.extent(0)}, (*state)[0].counts(), tokens.device());
      end += (*state)[0].largest_count();
    }
    return embedding(tokens, embedding_.weight.value, positions(end), first_position,
                     std::sqrt(static_cast<double>(config_.dim)));
  }

  /// A table of at least `length` positions; sinusoids are computed as far as they are needed, and kept for
  /// all threads that run the model.
  Tensor<T> positions(Index length) const {
    if (config_.learned_positions) {
      require(length <= config_.max_positions, "language model: position ", length - 1, " is beyond the ",
              config_.max_positions, " learned ones");
      return position_embedding_->weight.value;
    }
    const std::lock_guard lock(sinusoids_mutex_);
    if (!sinusoids_.defined() || sinusoids_.extent(0) < length || &sinusoids_.device() != &device())
      sinusoids_ = sinusoids<T>(std::max<Index>(2 * length, 512), config_.dim, device());
    return sinusoids_;
  }

  LanguageModelConfig config_;
  nn::Embedding<T> embedding_;
  std::unique_ptr<nn::Embedding<T>> position_embedding_;
  std::vector<std::unique_ptr<Block<T>>> blocks_;
  std::unique_ptr<nn::LayerNorm<T>> final_norm_;
  std::unique_ptr<nn::Linear<T>> output_;
  mutable std::mutex sinusoids_mutex_;
  mutable Tensor<T> sinusoids_;
};

}  // namespace memsizer::models
