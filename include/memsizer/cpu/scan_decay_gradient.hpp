#pragma once
// The gradient of the causal scan's decay. The gradient of token t's decay is the part of the loss that
// passes through the memory from before t to t or later, without the factor g_t itself. In a chunk let
//   W[j, i] = what token j reads of token i's part, before any decay: (q_j . k_i) (du_j . v_i),
// with one more column for the state before the chunk and one more row for the gradient of the state behind
// it. Then, with E the decay after t,
//   dg_t = sum over j >= t of E(t, j) R_j(t),  R_j(t + 1) = g_t R_j(t) + W[j, t].
// Nothing is divided by g, so that a decay of 0 (a document begins) has its gradient too.

#include "memsizer/cpu/scan_row.hpp"

namespace memsizer::cpu {

/// The numbers that the gradient of the decay collects during the two scans of a head.
template <class T>
class ScanDecayGradient {
 public:
  ScanDecayGradient(const ScanShape& shape, const ScanRow& row, Index chunks, const T* decay)
      : state_(shape.features * (shape.dim + 1)), length_(row.length), decay_(decay) {
    struct States;
    struct Reads;
    states_ = scratch<T, States>(chunks * state_);
    reads_ = scratch<T, Reads>(2 * length_);
    std::fill_n(reads_, 2 * length_, T(0));
  }

  /// Keeps the state before a chunk: the memory, followed by the sums.
  void keep(Index chunk, const T* state) { std::copy_n(state, state_, states_ + chunk * state_); }

  /// What a token reads from the state before its chunk, before any decay.
  T& read(Index token) { return reads_[token]; }
  /// What is read of a token's part behind the token's chunk, before any decay.
  T& added(Index token) { return reads_[length_ + token]; }

  /// The gradients of the decays of a chunk's n tokens. `past` [n, n] holds W of the tokens, null: 0;
  /// `dstate` is the gradient of the state behind the chunk.
  void write(const Output<T>& ddecay, Index chunk, Index token, Index n, const T* past, const T* dstate) {
    struct Ways;
    const Index width = n + 1;
    T* const ways = scratch<T, Ways>(width * width);
    for (Index j = 0; j < n; ++j) {
      ways[j * width] = read(token + j);
      for (Index i = 0; i < j; ++i) ways[j * width + i + 1] = past == nullptr ? T(0) : past[j * n + i];
      ways[n * width + j + 1] = added(token + j);
    }
    ways[n * width] = dot(states_ + chunk * state_, dstate, state_);
    const T* const g = decay_ + token;
    for (Index j = 0; j < width; ++j)
      for (Index t = 0; t < std::min(j, n - 1); ++t)
        ways[j * width + t + 1] += g[t] * ways[j * width + t];  // R_j(t + 1)
    for (Index t = 0; t < n; ++t) {
      T sum = ways[n * width + t] + ways[(n - 1) * width + t];
      for (Index j = n - 1; j-- > t;) sum = ways[j * width + t] + g[j + 1] * sum;
      ddecay.data[t] = ddecay.accumulate ? ddecay.data[t] + sum : sum;
    }
  }

 private:
  Index state_, length_;
  const T* decay_;
  T *states_, *reads_;
};

}  // namespace memsizer::cpu
