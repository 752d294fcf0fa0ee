#pragma once
// Multi-head attention (Vaswani et al. 2017, arXiv 1706.03762), with a cache of keys and values for
// generation.

#include "memsizer/nn/attention/projections.hpp"

namespace memsizer::nn {

/// y = concat over heads of softmax(q k^T / sqrt(dim / heads)) v, then an output projection. The state holds
/// the keys and values of all tokens so far: it grows with the sequence.
template <class T>
class MultiHeadAttention : public ProjectedAttention<T> {
 public:
  static constexpr AttentionDescription description{.name = "transformer",
                                                    .causal = true,
                                                    .bidirectional = true,
                                                    .cross = true,
                                                    .any_cut = true,
                                                    .settings = {"heads", "attention_dropout"}};

  explicit MultiHeadAttention(const AttentionConfig& config) : ProjectedAttention<T>(description, config) {}

  PreparedSource<T> prepare(const Tensor<T>& source, const Lengths& lengths) const override {
    PreparedSource<T> prepared(source.extent(0), lengths.on_device);
    prepared.set("keys", RowKind::growing, key_.forward(source));
    prepared.set("values", RowKind::growing, value_.forward(source));
    return prepared;
  }

  Tensor<T> attend(const Tensor<T>& x, const PreparedSource<T>& source,
                   const Sequence& sequence) const override {
    AttentionOptions options = this->options(sequence);
    options.key_lengths = source.lengths();
    return output_.forward(attention(query_.forward(x), source.template get<T>("keys"),
                                     source.template get<T>("values"), options));
  }

  Index state_bytes(Index tokens) const override {
    return 2 * tokens * this->config().dim * Index{sizeof(T)} + Index{sizeof(Id)};
  }

  double step_flops(Index before) const override {
    const double dim = static_cast<double>(this->config().dim);
    return 8 * dim * dim + 4 * dim * static_cast<double>(before + 1);
  }

  Index source_bytes(Index tokens) const override { return state_bytes(tokens); }

  double attend_flops(Index tokens) const override {
    const double dim = static_cast<double>(this->config().dim);
    return 4 * dim * dim + 4 * dim * static_cast<double>(tokens);
  }

 protected:
  Tensor<T> forward_causal(const Tensor<T>& x, const Sequence& sequence, State<T>* state) const override {
    AttentionOptions options = this->options(sequence);
    options.causal = true;
    const Tensor<T> query = query_.forward(x);
    Tensor<T> key = key_.forward(x), value = value_.forward(x);
    if (state == nullptr) {
      options.key_lengths = sequence.lengths.on_device;
      return output_.forward(attention(query, key, value, options));
    }
    std::vector<Id> lengths;
    for (std::size_t row = 0; row < state->counts().size(); ++row)
      lengths.push_back(sequence.length_of(row, x.extent(1)));
    const std::vector<Id>& ends = sequence.positions.end.host;
    options.keys = ends.empty() ? 0 : *std::ranges::max_element(ends);
    key = appended(*state, "keys", key, lengths, options.keys);
    value = appended(*state, "values", value, lengths, options.keys);
    options.first_position = sequence.positions.first.on_device;
    options.key_lengths = sequence.positions.end.on_device;
    const Tensor<T> y = output_.forward(attention(query, key, value, options));
    state->set("keys", RowKind::growing, key);
    state->set("values", RowKind::growing, value);
    state->advance(sequence, x.extent(1));
    return y;
  }

 private:
  using ProjectedAttention<T>::query_, ProjectedAttention<T>::key_, ProjectedAttention<T>::value_,
      ProjectedAttention<T>::output_;

  AttentionOptions options(const Sequence& sequence) const {
    return {.heads = this->settings().heads,
            .dropout = sequence.dropout(this->settings().dropout, this->stream("attention_dropout"))};
  }

  /// Appends a segment to one of the state's caches. If the cache has room for `needed` tokens, it is
  /// extended in place; otherwise it is copied into one of at least twice the capacity.
  static Tensor<T> appended(const State<T>& state, const std::string& name, const Tensor<T>& x,
                            const std::vector<Id>& lengths, Index needed) {
    Tensor<T> cache = state.template get<T>(name);
    const std::vector<Id>& starts = state.counts();
    const Index batch = x.extent(0), dim = x.extent(2);
    const Index capacity = cache.defined() ? cache.extent(1) : 0;
    if (needed > capacity || !cache.defined()) {
      const Tensor<T> larger =
          Tensor<T>::zeros({batch, std::max<Index>({needed, 2 * capacity, 16}), dim}, x.device());
      if (capacity > 0)
        append(larger, cache, std::vector<Id>(starts.size(), 0),
               std::vector<Id>(starts.size(), static_cast<Id>(capacity)));
      cache = larger;
    }
    return append(cache, x, starts, lengths);
  }
};

}  // namespace memsizer::nn
