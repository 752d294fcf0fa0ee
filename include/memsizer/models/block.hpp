#pragma once
// The Transformer block, with any kind of attention.

#include "memsizer/nn/attention/kinds.hpp"
#include "memsizer/nn/source_rows.hpp"

namespace memsizer::models {

/// The settings of a block that users may choose. Each has a row in models/model_settings.hpp.
struct BlockSettings {
  Index ffn = 0;  // width of the feed-forward layer
  Activation activation = Activation::relu;
  bool pre_norm = true;
  double dropout = 0;             // after each sublayer
  double activation_dropout = 0;  // after the feed-forward's activation

  friend bool operator==(const BlockSettings&, const BlockSettings&) = default;
};

struct BlockConfig {
  std::string self_attention = "transformer";  // the kind of self-attention
  nn::AttentionConfig self = {};
  std::string cross_attention = {};  // the kind of attention to a source; empty: none
  nn::AttentionConfig cross = {};
  BlockSettings settings = {};
};

/// Self-attention, attention to a source (in a decoder that has one), and feed-forward. Each is a function f
/// in a residual connection: x + f(norm(x)) (pre-norm) or norm(x + f(x)) (post-norm, Vaswani et al. 2017),
/// with dropout after f.
template <class T>
class Block : public nn::Module<T> {
 public:
  explicit Block(const BlockConfig& config)
      : config_(config),
        self_attention_(nn::make_attention<T>(config.self_attention, config.self)),
        self_attention_norm_(config.self.dim),
        fc1_(config.self.dim, config.settings.ffn, feed_forward_start(config, config.self.dim, 1)),
        fc2_(config.settings.ffn, config.self.dim,
             feed_forward_start(config, config.settings.ffn, config.self.residual_factor)),
        ffn_norm_(config.self.dim) {
    const Index ffn = config.settings.ffn;
    require(ffn > 0, "block: a feed-forward width above 0 expected, got ", ffn);
    this->child("self_attn", *self_attention_);
    this->child("self_attn_norm", self_attention_norm_);
    if (!config.cross_attention.empty()) {
      cross_attention_ = nn::make_attention<T>(config.cross_attention, config.cross);
      cross_attention_norm_ = std::make_unique<nn::LayerNorm<T>>(config.self.dim);
      this->child("cross_attn", *cross_attention_);
      this->child("cross_attn_norm", *cross_attention_norm_);
    }
    this->child("fc1", fc1_);
    this->child("fc2", fc2_);
    this->child("ffn_norm", ffn_norm_);
  }

  /// Runs x [batch, time, dim] through the block. The state belongs to self-attention. `source` is what
  /// attention to a source reads. InputError if it is missing, or given to a block that has no such
  /// attention.
  Tensor<T> forward(Tensor<T> x, const nn::Sequence& sequence, nn::State<T>* state = nullptr,
                    const nn::PreparedSource<T>* source = nullptr) const {
    require((source != nullptr) == (cross_attention_ != nullptr),
            "block: a source expected by a decoder block alone");
    x = residual(x, self_attention_norm_, sequence, "self_attn",
                 [&](const Tensor<T>& z) { return self_attention_->forward(z, sequence, state); });
    if (source != nullptr)
      x = residual(x, *cross_attention_norm_, sequence, "cross_attn", [&](const Tensor<T>& z) {
        return attend_to_shared(*cross_attention_, z, *source, sequence);
      });
    return residual(x, ffn_norm_, sequence, "ffn", [&](const Tensor<T>& z) {
      const Tensor<T> hidden = fc1_.forward(z, config_.settings.activation);
      return fc2_.forward(dropout(
          hidden, sequence.dropout(config_.settings.activation_dropout, this->stream("activation_dropout"))));
    });
  }

  /// Computes the part of attention that depends on the source alone, once for all steps. InputError if the
  /// block does not attend to a source.
  nn::PreparedSource<T> prepare(const Tensor<T>& source, const nn::Lengths& lengths) const {
    return cross_attention().prepare(source, lengths);
  }

  const nn::Attention<T>& self_attention() const { return *self_attention_; }
  /// InputError if the block does not attend to a source.
  const nn::Attention<T>& cross_attention() const {
    require(cross_attention_ != nullptr, "block: only a decoder block attends to a source");
    return *cross_attention_;
  }

 private:
  /// The first values of a feed-forward layer: PyTorch's default, or GPT-2's.
  static nn::LinearStart feed_forward_start(const BlockConfig& config, Index inputs, double factor) {
    if (config.self.initialisation == nn::Initialisation::gpt2) return nn::gpt2_start(factor);
    return {nn::fan_in_uniform(inputs), nn::fan_in_uniform(inputs)};
  }

  template <class Sublayer>
  Tensor<T> residual(const Tensor<T>& x, const nn::LayerNorm<T>& norm, const nn::Sequence& sequence,
                     std::string_view place, const Sublayer& sublayer) const {
    const Tensor<T> y = dropout(sublayer(config_.settings.pre_norm ? norm.forward(x) : x),
                                sequence.dropout(config_.settings.dropout, this->stream(place)));
    return config_.settings.pre_norm ? x + y : norm.forward(x + y);
  }

  BlockConfig config_;
  std::unique_ptr<nn::Attention<T>> self_attention_, cross_attention_;
  nn::LayerNorm<T> self_attention_norm_;
  std::unique_ptr<nn::LayerNorm<T>> cross_attention_norm_;
  nn::Linear<T> fc1_, fc2_;
  nn::LayerNorm<T> ffn_norm_;
};

}  // namespace memsizer::models
