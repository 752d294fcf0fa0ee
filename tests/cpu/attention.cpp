#include "cpu/attention_definition.hpp"

BOOST_AUTO_TEST_SUITE(attention)

using namespace attention_test;

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
      // The rows see the whole memory, none of it, and its last half. The first key of the last row lies
      // beyond all keys.
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
