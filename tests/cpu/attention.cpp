#include "memsizer/cpu/attention.hpp"

#include "cpu/kernel_test.hpp"

BOOST_AUTO_TEST_SUITE(attention)

using namespace memsizer;
using namespace kernel_test;

namespace {

constexpr std::uint64_t step_key = 12345;

struct Case {
  Index batch = 2, heads = 2, head_dim = 8, queries = 5, keys = 5;
  bool causal = false;
  std::vector<Id> first_position = {}, key_lengths = {}, first_keys = {};
  double probability = 0;
  Index window = 0, memory = 0;
  DistanceBiasShape bias = {};

  /// Arrays with gaps between time steps and between rows of the batch.
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

std::ostream& operator<<(std::ostream& out, const Case& c) {
  return out << c.batch << " x " << c.heads << " x " << c.head_dim << ", " << c.queries << " queries, "
             << c.keys << " keys" << (c.causal ? ", causal" : "")
             << (c.first_position.empty() ? "" : ", shifted") << (c.key_lengths.empty() ? "" : ", ragged")
             << (c.first_keys.empty() ? "" : ", late") << ", window " << c.window << ", memory " << c.memory
             << ", bias of " << c.bias.entries << (c.bias.row_a_query ? " a query" : "") << ", dropout "
             << c.probability;
}

/// One head over vectors of one element, without gaps.
AttentionShape shape_of_numbers(Index queries, Index keys) {
  return {.batch = 1,
          .heads = 1,
          .head_dim = 1,
          .queries = queries,
          .keys = keys,
          .query_time_stride = 1,
          .key_time_stride = 1,
          .value_time_stride = 1,
          .output_time_stride = 1};
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

/// Outputs and gradients by the definition; what lies in gaps keeps `gap`.
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
    // Where the bias of a key lies, and what it is multiplied by.
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

  /// Half j mod 8 of the words that belong to the row and to j / 8.
  static double factor(const Case& c, Index row, Index j) {
    const std::uint32_t word =
        philox(mix_keys(step_key, 7), static_cast<std::uint64_t>(j / 8), static_cast<std::uint64_t>(row))
            .word[j % 8 / 2];
    const std::uint32_t half = j % 2 == 0 ? word & 0xFFFF : word >> 16;
    const double dropped = std::ceil(c.probability * 0x1p16) * 0x1p-16;
    return half >= c.probability * 0x1p16 ? 1 / (1 - dropped) : 0;
  }
};

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

/// Backward in both modes: gaps keep their value, the rest is written or added to.
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

}  // namespace

BOOST_AUTO_TEST_CASE_TEMPLATE(odd_sizes, T, Types) {
  for (bool causal : {false, true}) {
    for (Index n : {0, 1, 3, 31, 33}) check<T>({.queries = n, .keys = n, .causal = causal});
    check<T>({.heads = 3, .head_dim = 33, .queries = 65, .keys = 65, .causal = causal});
    check<T>({.batch = 1, .heads = 1, .head_dim = 5, .queries = 300, .keys = 300, .causal = causal});
    check<T>({.batch = 0, .causal = causal});
    check<T>({.head_dim = 0, .causal = causal});
    check<T>({.heads = 0, .causal = causal});
  }
  check<T>({.queries = 40, .keys = 0});
  check<T>({.queries = 7, .keys = 200});
  check<T>({.queries = 200, .keys = 7});
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_segment_after_a_cache, T, Types) {
  for (Index queries : {1, 2, 20, 70})
    check<T>({.queries = queries,
              .keys = 270,
              .causal = true,
              .first_position = {static_cast<Id>(270 - queries), 3}});
}

BOOST_AUTO_TEST_CASE_TEMPLATE(ragged_keys, T, Types) {
  for (Index queries : {1, 4, 33})
    for (bool causal : {false, true})
      check<T>(
          {.batch = 4, .queries = queries, .keys = 150, .causal = causal, .key_lengths = {150, 1, 0, 131}});
}

BOOST_AUTO_TEST_CASE_TEMPLATE(queries_that_see_no_key_get_zero, T, Types) {
  for (Index queries : {3, 40})
    check<T>({.queries = queries, .keys = 40, .causal = true, .first_position = {-2, -100}});
}

BOOST_AUTO_TEST_CASE_TEMPLATE(dropped_weights_follow_the_key, T, Types) {
  for (bool causal : {false, true})
    for (Index queries : {2, 37})
      check<T>({.queries = queries, .keys = 141, .causal = causal, .probability = 0.25});
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_window_of_positions, T, Types) {
  for (Index window : {1, 2, 31, 40, 130, 500})
    for (Index queries : {1, 3, 33, 130}) {
      check<T>({.queries = queries, .keys = queries, .causal = true, .window = window});
      check<T>({.queries = queries,
                .keys = queries + 45,
                .causal = true,
                .first_position = {-1, 3},
                .key_lengths = {static_cast<Id>(queries + 40), static_cast<Id>(queries)},
                .probability = 0.25,
                .window = window,
                .memory = 40});
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_memory_before_the_segment, T, Types) {
  for (Index queries : {1, 4, 33, 70})
    for (Index memory : {1, 7, 64, 300}) {
      const Index keys = queries + memory;
      check<T>({.queries = queries, .keys = keys, .causal = true, .memory = memory});
      // Of a memory only the last part is there, or nothing, and no more than is stored.
      check<T>(
          {.batch = 4,
           .queries = queries,
           .keys = keys,
           .causal = true,
           .first_keys = {0, static_cast<Id>(memory), static_cast<Id>(memory / 2), static_cast<Id>(keys + 9)},
           .probability = 0.25,
           .memory = memory});
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(what_is_before_the_first_key_is_not_read, T, Types) {
  for (Index queries : {1, 4, 33}) {
    AttentionShape shape = shape_of_numbers(queries, queries + 20);
    const Id first = 20;
    shape.causal = true;
    shape.memory = 20;
    shape.first_keys = &first;
    const auto query = uniform<T>(queries, "query");
    auto key = uniform<T>(queries + 20, "key"), value = uniform<T>(queries + 20, "value");
    std::fill_n(key.data(), first, std::numeric_limits<T>::quiet_NaN());
    std::fill_n(value.data(), first, std::numeric_limits<T>::quiet_NaN());
    const auto& kernels = cpu::table<T>().attention;
    Guarded<T> y(queries), log_sum_exp(queries), dquery(queries), dkey(queries + 20), dvalue(queries + 20);
    kernels.attention(cpu::context(), y.data(), log_sum_exp.data(), query.data(), key.data(), value.data(),
                      nullptr, shape, {});
    kernels.attention_backward(cpu::context(), {dquery.data()}, {dkey.data()}, {dvalue.data()}, {}, y.data(),
                               y.data(), log_sum_exp.data(), query.data(), key.data(), value.data(), nullptr,
                               shape, {});
    for (const auto* result : {&y, &dquery, &dkey, &dvalue})
      BOOST_TEST(std::ranges::all_of(*result, [](T x) { return std::isfinite(x); }));
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(biases_by_distance, T, Types) {
  const std::vector<Id> buckets = {0, 1, 1, 2, 0, 3, 3, 3, 3};
  const DistanceBiasShape biases[] = {
      {.entries = 4, .distances = 9, .buckets = buckets.data()},
      {.entries = 4, .distances = 9, .first = -4, .buckets = buckets.data()},
      {.entries = 7, .distances = 7},
      {.entries = 200, .distances = 200, .first = -60},
      {.entries = 1, .distances = 1, .is_slope = true},
      {.entries = 5, .distances = 5, .first = -2, .row_a_query = true},
      {.entries = 200, .distances = 200, .row_a_query = true},
      {.entries = 4, .distances = 9, .buckets = buckets.data(), .row_a_query = true}};
  for (const DistanceBiasShape& bias : biases)
    for (Index queries : {0, 1, 4, 33, 150}) {
      check<T>({.queries = queries, .keys = queries + 5, .bias = bias});
      check<T>({.queries = queries, .keys = queries, .causal = true, .bias = bias});
      check<T>({.batch = 3,
                .heads = 3,
                .head_dim = 5,
                .queries = queries,
                .keys = queries + 40,
                .causal = true,
                .first_position = {0, -3, 5},
                .key_lengths = {static_cast<Id>(queries + 40), 7, 40},
                .probability = 0.3,
                .window = 35,
                .memory = 40,
                .bias = bias});
    }
  check<T>({.batch = 0, .bias = biases[0]});
  check<T>({.queries = 40, .keys = 0, .bias = biases[0]});
}

BOOST_AUTO_TEST_CASE_TEMPLATE(results_do_not_depend_on_threads, T, Types) {
  const Case c{.batch = 1, .heads = 3, .head_dim = 16, .queries = 130, .keys = 130, .causal = true};
  const Inputs<T> in(c);
  std::vector<Guarded<T>> results;
  with_threads([&] {
    Guarded<T>& y = results.emplace_back(in.dy.size());
    cpu::table<T>().attention.attention(cpu::context(), y.data(), nullptr, in.query.data(), in.key.data(),
                                        in.value.data(), nullptr, in.shape, {});
  });
  for (const auto& result : results) BOOST_TEST(result.same_bits(results[0]));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(large_scores_do_not_overflow, T, Types) {
  for (Index n : {2, 40}) {
    const AttentionShape shape = shape_of_numbers(n, n);
    const Guarded<T> large(n, T{1000}), value = uniform<T>(n, "value");
    Guarded<T> y(n);
    cpu::table<T>().attention.attention(cpu::context(), y.data(), nullptr, large.data(), large.data(),
                                        value.data(), nullptr, shape, {});
    double mean = 0;
    for (double v : value) mean += v / static_cast<double>(n);
    check_close(y, std::vector<double>(n, mean));
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(what_is_hidden_weighs_nothing, T, Types) {
  constexpr Index n = 40;
  AttentionShape shape = shape_of_numbers(n, n);
  shape.causal = true;
  const auto query = uniform<T>(n, "query"), key = uniform<T>(n, "key");
  Guarded<T> value(n, std::numeric_limits<T>::max() / 2), y(n);
  value[0] = 1;
  cpu::table<T>().attention.attention(cpu::context(), y.data(), nullptr, query.data(), key.data(),
                                      value.data(), nullptr, shape, {});
  BOOST_TEST(y[0] == T{1});
}

BOOST_AUTO_TEST_CASE_TEMPLATE(nan_is_kept, T, Types) {
  for (Index queries : {1, 4, 5})
    for (Index keys : {1, 5, 300})
      for (int place : {0, 1, 2}) {
        const AttentionShape shape = shape_of_numbers(queries, keys);
        auto query = uniform<T>(queries, "query"), key = uniform<T>(keys, "key");
        auto value = uniform<T>(keys, "value");
        (place == 0 ? query : place == 1 ? key : value)[0] = std::numeric_limits<T>::quiet_NaN();
        Guarded<T> y(queries), log_sum_exp(queries);
        cpu::table<T>().attention.attention(cpu::context(), y.data(), log_sum_exp.data(), query.data(),
                                            key.data(), value.data(), nullptr, shape, {});
        BOOST_TEST_CONTEXT(queries << " queries, " << keys << " keys, NaN in argument " << place)
        for (Index i = 0; i < queries; ++i) {
          BOOST_TEST(std::isnan(y[i]) == (place > 0 || i == 0));
          BOOST_TEST(std::isnan(log_sum_exp[i]) == (place == 1 || (place == 0 && i == 0)));
        }
      }
}

BOOST_AUTO_TEST_SUITE_END()
