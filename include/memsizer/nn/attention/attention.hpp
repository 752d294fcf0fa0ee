#pragma once
// The interface that every attention kind has; blocks and models know nothing else of it.

#include "memsizer/nn/attention/description.hpp"
#include "memsizer/nn/layers.hpp"
#include "memsizer/nn/state.hpp"

namespace memsizer::nn {

/// What a user may set of attention. Each kind reads what its description lists. A new setting is a field
/// here and a row in models/model_settings.hpp, which gives the field its name, range and meaning.
struct AttentionSettings {
  Index heads = 1;
  Index slots = 1;
  double dropout = 0;        // on the attention weights
  double q_init_scale = 1;   // MemSizer: Xavier gain scale^-0.5 of the query projection
  double kv_init_scale = 1;  // and of the key and value projections

  friend bool operator==(const AttentionSettings&, const AttentionSettings&) = default;
};

/// From what an attention layer is made: the settings, and what its place in a model gives it.
struct AttentionConfig {
  Index dim = 0;
  AttentionSettings settings = {};
  bool causal = false;
  Initialisation initialisation = Initialisation::fairseq;
  double residual_factor = 1;  // gpt2: multiplies the deviation of an output projection's weights
};

/// Attention of one kind. forward works for any number of tokens: a step of decoding has one, a prompt or a
/// training segment many.
template <class T>
class Attention : public Module<T> {
 public:
  /// InputError where a size is below 1, or where the kind is asked to be causal and is not.
  Attention(const AttentionDescription& description, const AttentionConfig& config)
      : description_(description), config_(config) {
    const AttentionSettings& settings = config.settings;
    require(config.dim > 0 && settings.heads > 0 && settings.slots > 0,
            "attention: dim, heads and slots above 0 expected, got ", config.dim, ", ", settings.heads, ", ",
            settings.slots);
    if (config.causal) require_use(description.causal, "causal self-attention");
  }

  /// Self-attention of x [batch, time, dim]. A causal layer reads the state of the segments before, if given,
  /// and advances it; the others see the real tokens of x alone. InputError where the sequence or the state
  /// does not fit x, and where the kind cannot do what is asked.
  Tensor<T> forward(const Tensor<T>& x, const Sequence& sequence, State<T>* state = nullptr) const {
    sequence.require_fits(x.extent(0), x.extent(1));
    require_use(description_.document_boundaries || !sequence.has_inner_document_starts(),
                "documents that begin inside of a segment");
    if (!config_.causal) {
      require_use(description_.bidirectional, "self-attention that sees all tokens");
      return forward_bidirectional(x, sequence);
    }
    if (state == nullptr) return forward_causal(x, sequence, state);
    require(state->batch() == x.extent(0), "attention: a state of ", x.extent(0), " rows expected, got ",
            state->batch());
    const Positions& known = sequence.positions;
    if (known.first.defined() && known.first.host == state->counts())
      return forward_causal(x, sequence, state);
    return forward_causal(x, sequence.continuing(state->counts(), x.extent(1), x.device()), state);
  }

  /// What attend needs of a source [batch, source time, dim] with `lengths` [batch] real tokens (undefined:
  /// all). InputError of a kind that is no cross attention.
  virtual PreparedSource<T> prepare(const Tensor<T>& source, const Tensor<Id>& lengths) const {
    require_use(false, "attention to a source");
    return PreparedSource<T>(source.extent(0), lengths);
  }

  /// Attention of x [batch, time, dim] to a prepared source.
  virtual Tensor<T> attend(const Tensor<T>& x, const PreparedSource<T>&, const Sequence&) const {
    require_use(false, "attention to a source");
    return x;
  }

  /// [batch, time, ..] numbers that are computed of each token of x by itself and at whose change of sign the
  /// layer's derivatives jump: what goes into a ReLU, or into an ELU, whose second derivative jumps. The
  /// gradient checker draws tokens that keep them away from 0.
  virtual std::vector<Tensor<T>> kinks(const Tensor<T>&) const { return {}; }

  /// Bytes of state of one sequence after `tokens` tokens.
  virtual Index state_bytes(Index tokens) const = 0;

  /// Floating-point operations of decoding one token with `before` tokens before it, a product and sum
  /// counted as 2.
  virtual double step_flops(Index before) const = 0;

  const AttentionDescription& description() const { return description_; }
  const AttentionConfig& config() const { return config_; }
  const AttentionSettings& settings() const { return config_.settings; }

 protected:
  /// With a state, sequence.positions tells where the segment stands.
  virtual Tensor<T> forward_causal(const Tensor<T>& x, const Sequence&, State<T>*) const {
    require_use(false, "causal self-attention");
    return x;
  }

  /// Attention of x to itself as its source, unless a kind has another way.
  virtual Tensor<T> forward_bidirectional(const Tensor<T>& x, const Sequence& sequence) const {
    return attend(x, prepare(x, sequence.lengths.on_device), sequence);
  }

  /// Adds to the model's loss, where anybody asks. The name is one of description().auxiliary_losses.
  void add_loss(const Sequence& sequence, const std::string& name, const Tensor<Accumulate<T>>& loss) const {
    require(std::ranges::count(description_.auxiliary_losses, name) == 1, "attention kind ",
            description_.name, ": its description has no auxiliary loss ", name);
    if (sequence.auxiliary != nullptr) sequence.auxiliary->add(name, loss);
  }

 private:
  void require_use(bool possible, const char* use) const {
    require(possible, "attention kind ", description_.name, ": ", use, " is not possible");
  }

  AttentionDescription description_;
  AttentionConfig config_;
};

}  // namespace memsizer::nn
