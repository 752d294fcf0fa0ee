#pragma once
// Linear attention (Katharopoulos et al. 2020, arXiv 2006.16236): softmax's exp(q k) replaced by a product of
// features, so that the past is a sum of fixed size.

#include "memsizer/nn/attention/projections.hpp"

namespace memsizer::nn {

/// In each head, with phi(x) = elu(x) + 1,
///   y_t = phi(q_t) S_t / (phi(q_t) . z_t + 1e-6),  S_t = sum_j phi(k_j) v_j^T,  z_t = sum_j phi(k_j),
/// where j <= t in causal attention, and j runs over the source's tokens in cross attention. An output
/// projection follows. The state is S and z; its size does not depend on how many tokens were seen.
template <class T>
class LinearAttention : public ProjectedAttention<T> {
 public:
  static constexpr AttentionDescription description{.name = "linear",
                                                    .causal = true,
                                                    .bidirectional = true,
                                                    .cross = true,
                                                    .any_cut = true,
                                                    .settings = {"heads"}};

  /// InputError unless dim is divisible by heads.
  explicit LinearAttention(const AttentionConfig& config) : ProjectedAttention<T>(description, config) {}

  PreparedSource<T> prepare(const Tensor<T>& source, const Lengths& lengths) const override {
    const SourceMemory<T> memory =
        key_value_memory(elu_plus_one(key_.forward(source)), value_.forward(source), this->settings().heads,
                         lengths.on_device);
    PreparedSource<T> prepared(source.extent(0), lengths.on_device);
    prepared.set("sum", RowKind::fixed, memory.memory);
    prepared.set("normaliser", RowKind::fixed, memory.sums);
    return prepared;
  }

  Tensor<T> attend(const Tensor<T>& x, const PreparedSource<T>& source, const Sequence&) const override {
    const SourceMemory<T> memory{source.template get<A>("sum"), source.template get<A>("normaliser")};
    return output_.forward(read_memory(elu_plus_one(query_.forward(x)), memory, {.normaliser = normaliser}));
  }

  /// ELU's second derivative jumps at 0.
  std::vector<Tensor<T>> kinks(const Tensor<T>& x) const override {
    return {query_.forward(x), key_.forward(x)};
  }

  Index state_bytes(Index) const override {
    const Index dim = this->config().dim, features = dim / this->settings().heads;
    return (features * dim + dim) * Index{sizeof(A)} + Index{sizeof(Id)};
  }

  double step_flops(Index) const override {
    const double dim = static_cast<double>(this->config().dim);
    const double features = dim / static_cast<double>(this->settings().heads);
    return 8 * dim * dim + 4 * features * dim;
  }

  Index source_bytes(Index tokens) const override { return state_bytes(tokens); }

  double attend_flops(Index) const override {
    const double dim = static_cast<double>(this->config().dim);
    const double features = dim / static_cast<double>(this->settings().heads);
    return 4 * dim * dim + 2 * features * dim;
  }

 protected:
  Tensor<T> forward_causal(const Tensor<T>& x, const Sequence& sequence, State<T>* state) const override {
    const Tensor<T> q = elu_plus_one(query_.forward(x)), k = elu_plus_one(key_.forward(x));
    const Tensor<T> v = value_.forward(x);
    const ScanOptions<T> options{
        .heads = this->settings().heads, .normaliser = normaliser, .lengths = sequence.lengths.on_device};
    if (state == nullptr) return output_.forward(causal_scan(q, k, v, options));
    const Index batch = x.extent(0), heads = options.heads, features = this->config().dim / heads;
    const Tensor<A> sum = state->copy_or_zeros("sum", {batch, heads, features, features}, x.device());
    const Tensor<A> sums = state->copy_or_zeros("normaliser", {batch, heads, features}, x.device());
    const Tensor<T> y =
        output_.forward(causal_scan(q, k, v, options, ScanState<T>{.memory = sum, .sums = sums}));
    state->set("sum", RowKind::fixed, sum);
    state->set("normaliser", RowKind::fixed, sums);
    state->advance(sequence, x.extent(1));
    return y;
  }

 private:
  using A = Accumulate<T>;
  using ProjectedAttention<T>::query_, ProjectedAttention<T>::key_, ProjectedAttention<T>::value_,
      ProjectedAttention<T>::output_;

  static constexpr ScanNormaliser normaliser{ScanNormaliser::Guard::plus, 1e-6};
};

}  // namespace memsizer::nn
