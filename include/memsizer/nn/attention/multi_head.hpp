#pragma once
// Multi-head attention (Vaswani et al. 2017, arXiv 1706.03762), with a cache of keys and values while
// generating.

#include "memsizer/nn/attention/attention.hpp"

namespace memsizer::nn {

/// y = concat over heads of softmax(q k^T / sqrt(dim / heads)) v, then an output projection. The state holds
/// the keys and values of all tokens so far: it grows with the sequence.
template <class T>
class MultiHeadAttention : public Attention<T> {
 public:
  explicit MultiHeadAttention(const AttentionConfig& config)
      : Attention<T>(config),
        query_(projection(config.dim)),
        key_(projection(config.dim)),
        value_(projection(config.dim)),
        output_(config.dim, config.dim, xavier_uniform(config.dim, config.dim), zeros()) {
    require(config.dim % config.heads == 0, "attention: dim ", config.dim, " does not split into ",
            config.heads, " heads");
    this->child("q_proj", query_);
    this->child("k_proj", key_);
    this->child("v_proj", value_);
    this->child("out_proj", output_);
  }

  PreparedSource<T> prepare(const Tensor<T>& source, const Tensor<Id>& lengths) const override {
    return {{key_.forward(source), value_.forward(source)}, lengths};
  }

  Tensor<T> attend(const Tensor<T>& x, const PreparedSource<T>& source,
                   const Sequence& sequence) const override {
    AttentionOptions options = this->options(sequence);
    options.key_lengths = source.lengths;
    return output_.forward(attention(query_.forward(x), source.tensors[0], source.tensors[1], options));
  }

  Index state_bytes(Index tokens) const override {
    return 2 * tokens * this->config().dim * Index{sizeof(T)} + Index{sizeof(Id)};
  }

  double step_flops(Index before) const override {
    const double dim = static_cast<double>(this->config().dim);
    return 8 * dim * dim + 4 * dim * static_cast<double>(before + 1);
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
    const Index batch = x.extent(0), time = x.extent(1);
    const std::vector<Id>& starts = state->counts();
    std::vector<Id> lengths, ends;
    for (std::size_t row = 0; row < starts.size(); ++row) {
      lengths.push_back(sequence.length_of(row, time));
      ends.push_back(starts[row] + lengths[row]);
    }
    options.keys = ends.empty() ? 0 : *std::ranges::max_element(ends);
    state->set_growing(true);
    key = remember(*state, "keys", key, lengths, options.keys);
    value = remember(*state, "values", value, lengths, options.keys);
    options.first_position = Tensor<Id>(Shape{batch}, starts, x.device());
    options.key_lengths = Tensor<Id>(Shape{batch}, ends, x.device());
    const Tensor<T> y = output_.forward(attention(query, key, value, options));
    state->advance(sequence, time);
    return y;
  }

 private:
  /// Begins with fairseq's gain for queries, keys and values of one width, and PyTorch's default bias.
  static Linear<T> projection(Index dim) {
    return Linear<T>(dim, dim, xavier_uniform(dim, dim, std::sqrt(0.5)), fan_in_uniform(dim));
  }

  AttentionOptions options(const Sequence& sequence) const {
    return {.heads = this->config().heads,
            .dropout = sequence.dropout(this->config().dropout, this->stream("attention_dropout"))};
  }

  /// Appends a segment to a cache of the state, which doubles where there is no room for `needed` tokens, and
  /// returns all of it.
  static Tensor<T> remember(State<T>& state, const std::string& name, const Tensor<T>& x,
                            const std::vector<Id>& lengths, Index needed) {
    Tensor<T>& cache = state.tensor(name);
    const std::vector<Id>& starts = state.counts();
    const Index batch = x.extent(0), dim = x.extent(2);
    const Index capacity = cache.defined() ? cache.extent(1) : 0;
    if (needed > capacity || !cache.defined()) {
      Tensor<T> larger =
          Tensor<T>::zeros({batch, std::max<Index>({needed, 2 * capacity, 16}), dim}, x.device());
      if (capacity > 0)
        append(larger, cache, std::vector<Id>(starts.size(), 0),
               std::vector<Id>(starts.size(), static_cast<Id>(capacity)));
      cache = larger;
    }
    const Tensor<T> all = append(cache, x, starts, lengths);
    cache = all.detach();
    return all;
  }

  Linear<T> query_, key_, value_, output_;
};

}  // namespace memsizer::nn
