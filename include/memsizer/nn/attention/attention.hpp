#pragma once
// The interface of every attention kind. Blocks and models use a kind through it alone.

#include "memsizer/nn/attention/description.hpp"
#include "memsizer/nn/layers.hpp"
#include "memsizer/nn/state.hpp"

namespace memsizer::nn {

/// The settings of attention that users may choose. Each kind reads those that its description lists. To add
/// a setting, add a field here and a row in models/model_settings.hpp with its name, range and meaning.
struct AttentionSettings {
  Index heads = 1;
  Index slots = 1;
  double dropout = 0;        // on the attention weights
  double q_init_scale = 1;   // MemSizer: Xavier gain scale^-0.5 of the query projection
  double kv_init_scale = 1;  // MemSizer: the same for the key and value projections

  friend bool operator==(const AttentionSettings&, const AttentionSettings&) = default;
};

/// What an attention layer is built from: the user's settings, and what follows from its place in a model.
struct AttentionConfig {
  Index dim = 0;
  AttentionSettings settings = {};
  bool causal = false;
  Initialisation initialisation = Initialisation::fairseq;
  double residual_factor = 1;  // gpt2: factor of the layer's first outputs, 1 / sqrt(sublayers) in a model
};

/// Attention of one kind. forward takes any number of tokens: a step of decoding has one, a prompt or a
/// training segment has many.
template <class T>
class Attention : public Module<T> {
 public:
  /// InputError if a size is below 1, or if the config is causal and the kind cannot be.
  Attention(const AttentionDescription& description, const AttentionConfig& config)
      : description_(description), config_(config) {
    const AttentionSettings& settings = config.settings;
    require(config.dim > 0 && settings.heads > 0 && settings.slots > 0,
            "attention: dim, heads and slots above 0 expected, got ", config.dim, ", ", settings.heads, ", ",
            settings.slots);
    if (config.causal) require_use(description.causal, "causal self-attention");
  }

  /// Self-attention of x [batch, time, dim]. If a causal layer is given a state, it also attends to the
  /// earlier segments that the state remembers, and advances the state. Any other layer sees only the real
  /// tokens of x. InputError if the sequence or the state does not fit x, or if the kind cannot do what is
  /// asked.
  Tensor<T> forward(const Tensor<T>& x, const Sequence& sequence, State<T>* state = nullptr) const {
    require(x.rank() == 3 && x.extent(2) == config_.dim, "attention: x [batch, time, ", config_.dim,
            "] expected, got ", x.shape());
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
    return forward_causal(x, sequence.with_positions_after(state->counts(), x.extent(1), x.device()), state);
  }

  /// Computes what attend() needs from a source [batch, source time, dim] with `lengths` [batch] real tokens
  /// (undefined: all). InputError if the kind does not attend to a source.
  virtual PreparedSource<T> prepare(const Tensor<T>& source, const Lengths& lengths) const {
    require_use(false, "attention to a source");
    return PreparedSource<T>(source.extent(0), lengths.on_device);
  }

  /// Attention of x [batch, time, dim] to a prepared source. InputError if the kind does not attend to a
  /// source.
  virtual Tensor<T> attend(const Tensor<T>& x, const PreparedSource<T>&, const Sequence&) const {
    require_use(false, "attention to a source");
    return x;
  }

  /// Numbers [batch, time, ..] at whose change of sign the layer's derivatives jump: the inputs of a ReLU, or
  /// of an ELU, whose second derivative jumps. Each is computed from its own token of x alone. The gradient
  /// checker draws tokens that keep these numbers away from 0.
  virtual std::vector<Tensor<T>> kinks(const Tensor<T>&) const { return {}; }

  /// The bytes of one sequence's state after `tokens` tokens.
  virtual Index state_bytes(Index tokens) const = 0;

  /// The floating-point operations that decode one token with `before` tokens before it. A multiplication and
  /// the addition of its result count as 2.
  virtual double step_flops(Index before) const = 0;

  /// The same for attention to a source: the bytes of one source of `tokens` tokens as prepare() leaves it
  /// (with its length), and the operations of attend() for one token. InputError if the kind does not attend
  /// to a source, or does not say.
  virtual Index source_bytes(Index) const {
    require_use(false, "counting what attention to a source costs");
    return 0;
  }
  virtual double attend_flops(Index) const {
    require_use(false, "counting what attention to a source costs");
    return 0;
  }

  const AttentionDescription& description() const { return description_; }
  const AttentionConfig& config() const { return config_; }
  const AttentionSettings& settings() const { return config_.settings; }

 protected:
  /// Causal self-attention. If there is a state, sequence.positions holds the positions of the segment.
  virtual Tensor<T> forward_causal(const Tensor<T>& x, const Sequence&, State<T>*) const {
    require_use(false, "causal self-attention");
    return x;
  }

  /// Self-attention to all tokens: x attends to itself as its source, unless a kind overrides this.
  virtual Tensor<T> forward_bidirectional(const Tensor<T>& x, const Sequence& sequence) const {
    return attend(x, prepare(x, sequence.lengths), sequence);
  }

  /// Adds a loss to the model's, if sequence.auxiliary collects losses. The name must be one of
  /// description().auxiliary_losses.
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
