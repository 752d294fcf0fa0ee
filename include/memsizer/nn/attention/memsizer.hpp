#pragma once
// MemSizer: attention replaced by a key-value memory of fixed size (Zhang and Cai 2022, arXiv 2203.12644).

#include "memsizer/nn/attention/attention.hpp"

namespace memsizer::nn {

/// p_t = mean over heads of softmax(W_q,h x_t + b_q,h) over slots, k_j = LayerNorm(W_k y_j + b_k) in R^slots,
/// v_j = LayerNorm(W_v y_j + b_v) in R^dim.
///   causal: out_t = (t + 1)^-1/2 p_t sum_{j <= t} k_j v_j^T   (y = x)
///   cross:  out_t = n^-1/2 p_t sum_{j < n} k_j v_j^T          (y the source, with n real tokens)
/// There is no output projection. The state is the memory [slots, dim] before scaling and the count; its size
/// does not depend on how many tokens were seen. Under GPT-2's initialisation the residual factor is the
/// first value of the weight of v's norm, to which the first outputs are proportional.
template <class T>
class MemSizerAttention : public Attention<T> {
 public:
  static constexpr AttentionDescription description{
      .name = "memsizer",
      .causal = true,
      .bidirectional = true,
      .cross = true,
      .any_cut = true,
      .settings = {"heads", "slots", "attention_dropout", "q_init_scale", "kv_init_scale"}};

  explicit MemSizerAttention(const AttentionConfig& config)
      : Attention<T>(description, config),
        query_(config.dim, config.settings.heads * config.settings.slots,
               start(config, config.settings.heads * config.settings.slots, config.settings.q_init_scale)),
        key_(config.dim, config.settings.slots,
             start(config, config.settings.slots, config.settings.kv_init_scale)),
        value_(config.dim, config.dim, start(config, config.dim, config.settings.kv_init_scale)),
        key_norm_(config.settings.slots),
        value_norm_(config.dim, 1e-5, constant(is_gpt2(config) ? config.residual_factor : 1)) {
    this->child("q_proj", query_);
    this->child("k_proj", key_);
    this->child("v_proj", value_);
    this->child("k_norm", key_norm_);
    this->child("v_norm", value_norm_);
  }

  PreparedSource<T> prepare(const Tensor<T>& source, const Lengths& lengths) const override {
    PreparedSource<T> prepared(source.extent(0), lengths.on_device);
    const SourceMemory<T> memory = key_value_memory(keys(source), values(source), 1, lengths.on_device);
    // If all tokens are real, n is the same for all rows, and the memory is scaled here, once.
    const double scale =
        lengths.defined() ? 1 : 1 / std::sqrt(static_cast<double>(std::max<Index>(1, source.extent(1))));
    prepared.set("memory", RowKind::fixed, scale == 1 ? memory.memory : memory.memory * scale);
    prepared.set("sums", RowKind::fixed, memory.sums);
    return prepared;
  }

  Tensor<T> attend(const Tensor<T>& x, const PreparedSource<T>& source,
                   const Sequence& sequence) const override {
    return read_memory(weights(x, sequence),
                       SourceMemory<T>{source.template get<A>("memory"), source.template get<A>("sums")},
                       {.inverse_root_count = source.lengths().defined(), .counts = source.lengths()});
  }

  Index state_bytes(Index) const override {
    return this->settings().slots * this->config().dim * Index{sizeof(Accumulate<T>)} + Index{sizeof(Id)};
  }

  double step_flops(Index) const override {
    const double dim = static_cast<double>(this->config().dim),
                 slots = static_cast<double>(this->settings().slots);
    const double heads = static_cast<double>(this->settings().heads);
    return 2 * dim * (heads * slots + slots + dim) + 4 * slots * dim;
  }

  /// The prepared memory, and the sums of its keys.
  Index source_bytes(Index tokens) const override {
    return state_bytes(tokens) + this->settings().slots * Index{sizeof(Accumulate<T>)};
  }

  double attend_flops(Index) const override {
    const double dim = static_cast<double>(this->config().dim),
                 slots = static_cast<double>(this->settings().slots);
    return 2 * dim * static_cast<double>(this->settings().heads) * slots + 2 * slots * dim;
  }

 protected:
  Tensor<T> forward_causal(const Tensor<T>& x, const Sequence& sequence, State<T>* state) const override {
    const Tensor<T> p = weights(x, sequence), k = keys(x), v = values(x);
    const ScanOptions<T> options{.inverse_root_count = true, .lengths = sequence.lengths.on_device};
    if (state == nullptr) return causal_scan(p, k, v, options);
    const Shape shape{x.extent(0), 1, this->settings().slots, this->config().dim};
    const Tensor<A> memory = state->copy_or_zeros("memory", shape, x.device());
    const Tensor<T> y = causal_scan(
        p, k, v, options, ScanState<T>{.memory = memory, .counts = sequence.positions.first.on_device});
    state->set("memory", RowKind::fixed, memory);
    state->advance(sequence, x.extent(1));
    return y;
  }

 private:
  using A = Accumulate<T>;

  static bool is_gpt2(const AttentionConfig& config) { return config.initialisation == Initialisation::gpt2; }

  /// The first values of a projection: the authors', with Xavier gain scale^-0.5 and bias 0, or GPT-2's.
  static LinearStart start(const AttentionConfig& config, Index outputs, double scale) {
    if (is_gpt2(config)) return gpt2_start();
    return {xavier_uniform(config.dim, outputs, 1 / std::sqrt(scale)), zeros()};
  }

  Tensor<T> weights(const Tensor<T>& x, const Sequence& sequence) const {
    return slot_weights(query_.forward(x), this->settings().heads,
                        sequence.dropout(this->settings().dropout, this->stream("attention_dropout")));
  }
  Tensor<T> keys(const Tensor<T>& x) const { return key_norm_.forward(key_.forward(x)); }
  Tensor<T> values(const Tensor<T>& x) const { return value_norm_.forward(value_.forward(x)); }

  Linear<T> query_, key_, value_;
  LayerNorm<T> key_norm_, value_norm_;
};

}  // namespace memsizer::nn
