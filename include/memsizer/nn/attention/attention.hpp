#pragma once
// The interface that every attention kind has; blocks and models know nothing else of it.

#include "memsizer/nn/layers.hpp"
#include "memsizer/nn/state.hpp"

namespace memsizer::nn {

/// Sizes and settings from which a kind is made. Each kind reads what it needs.
struct AttentionConfig {
  Index dim = 0;
  Index heads = 1;
  Index slots = 1;
  bool causal = false;
  double dropout = 0;        // on the attention weights
  double q_init_scale = 1;   // MemSizer: Xavier gain scale^-0.5 of the query projection
  double kv_init_scale = 1;  // and of the key and value projections
};

/// The part of attention to a source that depends on the source alone, computed once for all steps of a
/// decoder.
template <class T>
struct PreparedSource {
  std::vector<Tensor<T>> tensors;
  Tensor<Id> lengths;  // [batch]; undefined: all tokens are real
};

/// Attention of one kind. forward works for any number of tokens: a step of decoding has one, a prompt or a
/// training segment many, and any way to cut a sequence gives the same values.
template <class T>
class Attention : public Module<T> {
 public:
  explicit Attention(const AttentionConfig& config) : config_(config) {
    require(config.dim > 0 && config.heads > 0 && config.slots > 0,
            "attention: dim, heads and slots above 0 expected, got ", config.dim, ", ", config.heads, ", ",
            config.slots);
  }

  /// Self-attention of x [batch, time, dim]. A causal kind reads the state of the segments before, if given,
  /// and advances it; the others see the real tokens of x alone.
  Tensor<T> forward(const Tensor<T>& x, const Sequence& sequence, State<T>* state = nullptr) const {
    sequence.require_fits(x.extent(0), x.extent(1));
    if (!config_.causal) return attend(x, prepare(x, sequence.lengths.on_device), sequence);
    if (state != nullptr) {
      require(state->batch() == x.extent(0), "attention: a state of ", x.extent(0), " rows expected, got ",
              state->batch());
    }
    return forward_causal(x, sequence, state);
  }

  /// What attend needs of a source [batch, source time, dim] with `lengths` [batch] real tokens (undefined:
  /// all).
  virtual PreparedSource<T> prepare(const Tensor<T>& source, const Tensor<Id>& lengths) const = 0;

  /// Attention of x [batch, time, dim] to a prepared source.
  virtual Tensor<T> attend(const Tensor<T>& x, const PreparedSource<T>& source,
                           const Sequence& sequence) const = 0;

  /// Bytes of state of one sequence after `tokens` tokens.
  virtual Index state_bytes(Index tokens) const = 0;

  /// Floating-point operations of decoding one token with `before` tokens before it, a product and sum
  /// counted as 2.
  virtual double step_flops(Index before) const = 0;

  const AttentionConfig& config() const { return config_; }

 protected:
  virtual Tensor<T> forward_causal(const Tensor<T>& x, const Sequence& sequence, State<T>* state) const = 0;

 private:
  AttentionConfig config_;
};

}  // namespace memsizer::nn
