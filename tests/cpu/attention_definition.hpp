#pragma once
// Attention by its definition, and a comparison of the CPU's kernels with it.

#include "memsizer/cpu/attention.hpp"

#include "cpu/kernel_test.hpp"

namespace attention_test {

using namespace memsizer;
using namespace kernel_test;

inline constexpr std::uint64_t step_key = 12345;

struct Case {
  Index batch = 2, heads = 2, head_dim = 8, queries = 5, keys = 5;
  bool causal = false;
  std::vector<Id> first_position = {}, key_lengths = {}, first_keys = {};
  double probability = 0;
  Index window = 0, memory = 0;
  DistanceBiasShape bias = {};

  /// The shape of arrays that have gaps between time steps and between rows of the batch.
  AttentionShape shape() const {
    const Index width = heads * head_dim;
    AttentionShape s{.batch = batch, .heads = heads, .head_dim = head_dim, .queries = queries, .keys = keys};
    s.query_time_stride = 3 * width;
    s.query_batch_stride = queries * s.query_time_stride + 5;
    s.key_time_stride = width + 1;
    s.key_batch_stride = (keys + 2) * s.key_time_stride;
    s.value_time_stride = width;
    s.value_batch_stride = keys * width + 3;
    s.output_time_stride = width + 2;
    s.output_batch_stride = queries * s.output_time_stride;
    s.scale = 0.7;
    s.causal = causal;
    s.first_position = first_position.empty() ? nullptr : first_position.data();
    s.key_lengths = key_lengths.empty() ? nullptr : key_lengths.data();
    s.first_keys = first_keys.empty() ? nullptr : first_keys.data();
    s.window = window;
    s.memory = memory;
    s.bias = bias;
    return s;
  }
  Dropout dropout() const { return {static_cast<float>(probability), &step_key, 7}; }
};

inline std::ostream& operator<<(std::ostream& out, const Case& c) {
  return out << c.batch << " x " << c.heads << " x " << c.head_dim << ", " << c.queries << " queries, "
             << c.keys << " keys" << (c.causal ? ", causal" : "")
             << (c.first_position.empty() ? "" : ", shifted") << (c.key_lengths.empty() ? "" : ", ragged")
             << (c.first_keys.empty() ? "" : ", late") << ", window " << c.window << ", memory " << c.memory
             << ", bias of " << c.bias.entries << (c.bias.row_a_query ? " a query" : "") << ", dropout "
             << c.probability;
}

/// One head with vectors of one element, without gaps.
inline AttentionShape shape_of_numbers(Index queries, Index keys) {
  return contiguous_attention({.batch = 1, .heads = 1, .head_dim = 1, .queries = queries, .keys = keys});
}

template <class T>
struct Inputs {
  AttentionShape shape;
  Guarded<T> query, key, value, dy, bias;

  explicit Inputs(const Case& c)
      : shape(c.shape()),
        query(uniform<T>(shape.batch * shape.query_batch_stride, "query")),
        key(uniform<T>(shape.batch * shape.key_batch_stride, "key")),
        value(uniform<T>(shape.batch * shape.value_batch_stride, "value")),
        dy(uniform<T>(shape.batch * shape.output_batch_stride, "dy")),
        bias(uniform<T>(shape.bias_size(), "bias")) {}

  const T* bias_or_null() const { return shape.bias.entries > 0 ? bias.data() : nullptr; }
};

/// Outputs and gradients by the definition. Elements in gaps have the value `gap`.
struct Naive {
  std::vector<double> y, log_sum_exp, dquery, dkey, dvalue, dbias;

  template <class T>
  Naive(const Case& c, const Inputs<T>& in, double gap)
      : y(in.dy.size(), gap),
        log_sum_exp(c.batch * c.heads * c.queries),
        dquery(in.query.size(), gap),
        dkey(in.key.size(), gap),
        dvalue(in.value.size(), gap),
        dbias(in.bias.size()) {
    for (Index b = 0; b < c.batch; ++b)
      for (Index h = 0; h < c.heads; ++h) {
        clear(c, in.shape, b, h);
        for (Index i = 0; i < c.queries; ++i) add_query(c, in, b, h, i);
      }
  }

 private:
  static Index at(Index b, Index batch_stride, Index t, Index time_stride, Index column) {
    return b * batch_stride + t * time_stride + column;
  }

  void clear(const Case& c, const AttentionShape& s, Index b, Index h) {
    for (Index d = h * c.head_dim; d < (h + 1) * c.head_dim; ++d) {
      for (Index i = 0; i < c.queries; ++i) {
        y[at(b, s.output_batch_stride, i, s.output_time_stride, d)] = 0;
        dquery[at(b, s.query_batch_stride, i, s.query_time_stride, d)] = 0;
      }
      for (Index j = 0; j < c.keys; ++j) {
        dkey[at(b, s.key_batch_stride, j, s.key_time_stride, d)] = 0;
        dvalue[at(b, s.value_batch_stride, j, s.value_time_stride, d)] = 0;
      }
    }
  }

  template <class T>
  void add_query(const Case& c, const Inputs<T>& in, Index b, Index h, Index i) {
    const AttentionShape& s = in.shape;
    const Index q = at(b, s.query_batch_stride, i, s.query_time_stride, h * c.head_dim);
    const Index o = at(b, s.output_batch_stride, i, s.output_time_stride, h * c.head_dim);
    const auto k = [&](Index j) { return at(b, s.key_batch_stride, j, s.key_time_stride, h * c.head_dim); };
    const auto v = [&](Index j) {
      return at(b, s.value_batch_stride, j, s.value_time_stride, h * c.head_dim);
    };
    const Index row = (b * c.heads + h) * c.queries + i;
    const Index position = (c.first_position.empty() ? 0 : c.first_position[b]) + c.memory + i;
    std::vector<Index> visible;
    for (Index j = c.first_keys.empty() ? 0 : c.first_keys[b];
         j < (c.key_lengths.empty() ? c.keys : c.key_lengths[b]); ++j)
      if ((!c.causal || j <= position) && (c.window == 0 || j > position - c.window)) visible.push_back(j);
    // The index of a key's bias, and the number that multiplies it.
    const auto entry = [&](Index j) {
      Index place = std::clamp<Index>(position - j - c.bias.first, 0, c.bias.distances - 1);
      if (c.bias.buckets != nullptr) place = c.bias.buckets[place];
      return (c.bias.row_a_query ? row : h) * c.bias.entries + place;
    };
    const auto slope = [&](Index j) {
      return c.bias.is_slope ? -std::abs(static_cast<double>(position - j)) : 1;
    };

    std::vector<double> weight(c.keys), kept(c.keys, 1), dweight(c.keys);
    double sum = 0, delta = 0;
    for (Index j : visible) {
      double score = 0;
      for (Index d = 0; d < c.head_dim; ++d) score += double{in.query[q + d]} * in.key[k(j) + d];
      const double bias = c.bias.entries > 0 ? in.bias[entry(j)] * slope(j) : 0;
      sum += weight[j] = std::exp(s.scale * score + bias);
    }
    log_sum_exp[row] = std::log(sum);
    for (Index j : visible) {
      weight[j] /= sum;
      if (c.probability > 0) kept[j] = factor(c, row, j);
      for (Index d = 0; d < c.head_dim; ++d) {
        y[o + d] += weight[j] * kept[j] * in.value[v(j) + d];
        dvalue[v(j) + d] += weight[j] * kept[j] * in.dy[o + d];
        dweight[j] += kept[j] * in.dy[o + d] * in.value[v(j) + d];
      }
      delta += weight[j] * dweight[j];
    }
    for (Index j : visible) {
      const double dscore = weight[j] * (dweight[j] - delta);
      if (c.bias.entries > 0) dbias[entry(j)] += dscore * slope(j);
      for (Index d = 0; d < c.head_dim; ++d) {
        dquery[q + d] += s.scale * dscore * in.key[k(j) + d];
        dkey[k(j) + d] += s.scale * dscore * in.query[q + d];
      }
    }
  }

  /// Dropout's factor. It depends on 16 bits: half j mod 8 of the four words drawn for the row and j / 8.
  static double factor(const Case& c, Index row, Index j) {
    const std::uint32_t word =
        philox(mix_keys(step_key, 7), static_cast<std::uint64_t>(j / 8), static_cast<std::uint64_t>(row))
            .word[j % 8 / 2];
    const std::uint32_t half = j % 2 == 0 ? word & 0xFFFF : word >> 16;
    const double dropped = std::ceil(c.probability * 0x1p16) * 0x1p-16;
    return half >= c.probability * 0x1p16 ? 1 / (1 - dropped) : 0;
  }
};

/// Checks the backward in both modes. Gaps must keep their value; all other elements are written or added to.
template <class T>
void check_gradients(const Case& c, const Inputs<T>& in, const Naive& naive, const Guarded<T>& y,
                     const Guarded<T>& log_sum_exp) {
  for (bool accumulate : {false, true}) {
    Guarded<T> dquery(in.query.size(), T{0.5}), dkey(in.key.size(), T{0.5}), dvalue(in.value.size(), T{0.5}),
        dbias(in.bias.size(), T{0.5});
    cpu::table<T>().attention.attention_backward(
        cpu::context(), {dquery.data(), accumulate}, {dkey.data(), accumulate}, {dvalue.data(), accumulate},
        {in.bias_or_null() == nullptr ? nullptr : dbias.data(), accumulate}, in.dy.data(), y.data(),
        log_sum_exp.data(), in.query.data(), in.key.data(), in.value.data(), in.bias_or_null(), in.shape,
        c.dropout());
    Naive expected = naive;
    if (accumulate) {
      const Naive before(c, in, 0);
      for (auto [to, from] : {std::pair{&expected.dquery, &before.dquery},
                              {&expected.dkey, &before.dkey},
                              {&expected.dvalue, &before.dvalue},
                              {&expected.dbias, &before.dbias}})
        for (std::size_t i = 0; i < to->size(); ++i) (*to)[i] = (*from)[i] + 0.5;
    }
    check_close(dquery, expected.dquery, 20);
    check_close(dkey, expected.dkey, 20);
    check_close(dvalue, expected.dvalue, 20);
    check_close(dbias, expected.dbias, 20);
  }
}

template <class T>
void check(const Case& c) {
  BOOST_TEST_CONTEXT(c) {
    const Inputs<T> in(c);
    const Naive naive(c, in, 0.5);
    const auto& kernels = cpu::table<T>().attention;
    with_threads([&] {
      Guarded<T> y(in.dy.size(), T{0.5}), log_sum_exp(c.batch * c.heads * c.queries),
          again(in.dy.size(), T{0.5});
      kernels.attention(cpu::context(), y.data(), log_sum_exp.data(), in.query.data(), in.key.data(),
                        in.value.data(), in.bias_or_null(), in.shape, c.dropout());
      kernels.attention(cpu::context(), again.data(), nullptr, in.query.data(), in.key.data(),
                        in.value.data(), in.bias_or_null(), in.shape, c.dropout());
      check_close(y, naive.y, 4);
      check_close(log_sum_exp, naive.log_sum_exp, 4);
      BOOST_TEST(y.same_bits(again));
      check_gradients<T>(c, in, naive, y, log_sum_exp);
    });
  }
}

}  // namespace attention_test
