#include "memsizer/data/pair_batches.hpp"

#include <set>

#include <boost/test/unit_test.hpp>

#include "memsizer/data/response_batch.hpp"

#include "data/numbered_pairs.hpp"
#include "files/temporary_folder.hpp"

BOOST_AUTO_TEST_SUITE(pair_batches)

using namespace memsizer;
using namespace memsizer::data;
using numbered_pairs::tokens;

namespace {

PairBatches<TwoSides> make(const EncodedPairs& pairs, const PairBatchOptions& options,
                           const PairLimits& limits = {}) {
  return PairBatches(TwoSides(pairs, tokens, limits), options);
}

/// The pairs of each batch of an epoch.
std::vector<std::vector<Index>> pairs_of_epoch(PairBatches<TwoSides>& batches, Index epoch) {
  batches.restore({.epoch = epoch});
  std::vector<std::vector<Index>> all;
  PairBatch batch;
  for (Index i = 0; i < batches.batches(); ++i) {
    batches.next(batch);
    all.push_back(batch.pairs);
  }
  BOOST_CHECK((batches.position() == PairPosition{epoch + 1, 0}));
  return all;
}

/// Checks that the tokens of a batch are those of its pairs.
void check_tokens(const PairBatch& batch, const EncodedPairs& pairs) {
  for (Index row = 0; row < batch.rows; ++row) {
    const Index pair = batch.pairs[static_cast<std::size_t>(row)];
    BOOST_REQUIRE_EQUAL(batch.source_lengths[static_cast<std::size_t>(row)], pairs.source_length(pair));
    BOOST_REQUIRE_EQUAL(batch.target_lengths[static_cast<std::size_t>(row)], pairs.target_length(pair));
    for (const Index side : {0, 1}) {
      const auto& ids = side == 0 ? batch.source : batch.decoder_output;
      const Index padded = side == 0 ? batch.source_length : batch.target_length,
                  length = side == 0 ? pairs.source_length(pair) : pairs.target_length(pair);
      for (Index i = 0; i < padded; ++i)
        BOOST_REQUIRE_EQUAL(ids[static_cast<std::size_t>(row * padded + i)],
                            i < length - 1    ? numbered_pairs::token(pair, side, i)
                            : i == length - 1 ? tokens.end
                            : side == 0       ? tokens.padding
                                              : -1);
    }
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(an_epoch_has_each_pair_once_in_a_constant_number_of_batches) {
  const EncodedPairs pairs = numbered_pairs::make(numbered_pairs::alike(700, 60, 3));
  for (const PairBatchOptions& options :
       {PairBatchOptions{.batch_tokens = 200, .seed = 5}, PairBatchOptions{.batch_tokens = 61},
        PairBatchOptions{.batch = 16}, PairBatchOptions{.batch = 1}, PairBatchOptions{.batch = 1000}}) {
    auto batches = make(pairs, options);
    BOOST_CHECK_EQUAL(batches.pairs(), 700);
    for (Index epoch = 0; epoch < 4; ++epoch) {
      std::vector<int> seen(700);
      Index count = 0;
      PairBatch batch;
      for (; batches.position().epoch == epoch; ++count) {
        batches.next(batch);
        check_tokens(batch, pairs);
        for (const Index pair : batch.pairs) ++seen[static_cast<std::size_t>(pair)];
        const Index padded = batch.rows * std::max(batch.source_length, batch.target_length);
        BOOST_REQUIRE(options.batch_tokens == 0 ? batch.rows <= options.batch
                                                : padded <= options.batch_tokens);
      }
      BOOST_CHECK_EQUAL(count, batches.batches());
      BOOST_CHECK(seen == std::vector<int>(700, 1));
    }
  }
}

BOOST_AUTO_TEST_CASE(little_of_a_batch_is_padding) {
  const EncodedPairs pairs = numbered_pairs::make(numbered_pairs::alike(20000, 60, 1));
  auto batches = make(pairs, {.batch_tokens = 2000});
  double real = 0, padded = 0, budget = 0;
  PairBatch batch;
  while (batches.position().epoch == 0) {
    batches.next(batch);
    for (const TokenId length : batch.source_lengths) real += length;
    for (const TokenId length : batch.target_lengths) real += length;
    padded += static_cast<double>(batch.source.size() + batch.decoder_input.size());
    budget += 2 * 2000;
  }
  BOOST_CHECK_GT(real / padded, 0.9);    // a random order has about half
  BOOST_CHECK_GT(padded / budget, 0.8);  // the shorter side fills less
}

BOOST_AUTO_TEST_CASE(seed_and_epoch_decide_the_order) {
  const EncodedPairs pairs = numbered_pairs::make(numbered_pairs::alike(500, 20, 2));
  auto one = make(pairs, {.batch_tokens = 200, .seed = 1}),
       same = make(pairs, {.batch_tokens = 200, .seed = 1}),
       other = make(pairs, {.batch_tokens = 200, .seed = 2});
  const auto first = pairs_of_epoch(one, 0), second = pairs_of_epoch(one, 1);
  BOOST_CHECK(first == pairs_of_epoch(same, 0) && second == pairs_of_epoch(same, 1));
  BOOST_CHECK(first != second && first != pairs_of_epoch(other, 0));
  // Not only the order of the batches changes but also what stands together.
  const auto as_set = [](const auto& epoch) {
    std::set<std::set<Index>> sets;
    for (const auto& batch : epoch) sets.emplace(batch.begin(), batch.end());
    return sets;
  };
  const auto before = as_set(first), after = as_set(second);
  const auto kept = std::ranges::count_if(after, [&](const auto& batch) { return before.contains(batch); });
  BOOST_CHECK_LT(kept, std::ssize(second) / 4);
}

BOOST_AUTO_TEST_CASE(a_restored_position_goes_on_the_same) {
  const EncodedPairs pairs = numbered_pairs::make(numbered_pairs::alike(100, 20, 4));
  const PairBatchOptions options{.batch_tokens = 100, .seed = 9};
  auto run = make(pairs, options);
  PairBatch expected, got;
  while (run.position().epoch < 3) {
    auto resumed = make(pairs, options);
    resumed.restore(run.position());
    run.next(expected);
    resumed.next(got);
    BOOST_REQUIRE(got.pairs == expected.pairs && got.source == expected.source &&
                  got.decoder_input == expected.decoder_input &&
                  got.decoder_output == expected.decoder_output);
    BOOST_REQUIRE(resumed.position() == run.position());
  }
}

BOOST_AUTO_TEST_CASE(long_and_empty_pairs_are_left_out_and_counted) {
  const EncodedPairs pairs =
      numbered_pairs::make({{5, 5}, {6, 5}, {5, 8}, {0, 5}, {5, 0}, {0, 0}, {2, 7}, {9, 9}, {1, 1}});
  const auto kept = [&](const PairBatchOptions& options, const PairLimits& limits, Index too_long,
                        Index empty) {
    auto batches = make(pairs, options, limits);
    BOOST_CHECK_EQUAL(batches.too_long(), too_long);
    BOOST_CHECK_EQUAL(batches.empty(), empty);
    std::set<Index> all;
    for (const auto& batch : pairs_of_epoch(batches, 0)) all.insert(batch.begin(), batch.end());
    BOOST_CHECK_EQUAL(static_cast<Index>(all.size()), batches.pairs());
    return all;
  };
  BOOST_CHECK((kept({.batch = 2}, {}, 0, 3) == std::set<Index>{0, 1, 2, 6, 7, 8}));
  BOOST_CHECK((kept({.batch = 2}, {.source = 6, .target = 8}, 3, 3) == std::set<Index>{0, 6, 8}));
  BOOST_CHECK((kept({.batch = 2}, {.target = 6}, 3, 3) == std::set<Index>{0, 1, 8}));
  BOOST_CHECK((kept({.batch_tokens = 6}, {}, 4, 3) == std::set<Index>{0, 8}));
  CHECK_THROWS_SAYING(make(pairs, {.batch_tokens = 1}), InputError,
                      "expected pairs to train on, got 9, of which 8 are too long and 1 have an empty side");
}

BOOST_AUTO_TEST_CASE(long_pairs_are_cut_and_counted_if_they_are_to_stay) {
  const EncodedPairs pairs = numbered_pairs::make({{5, 5}, {9, 5}, {5, 8}, {9, 9}, {0, 9}});
  auto batches =
      make(pairs, {.batch_tokens = 30, .long_pairs = LongPairs::are_cut}, {.source = 7, .target = 8});
  BOOST_CHECK_EQUAL(batches.pairs(), 4);
  BOOST_CHECK_EQUAL(batches.too_long(), 0);
  BOOST_CHECK_EQUAL(batches.empty(), 1);
  BOOST_CHECK_EQUAL(batches.cut_sources(), 2);
  BOOST_CHECK_EQUAL(batches.cut_targets(), 2);
  PairBatch batch;
  for (Index i = 0; i < batches.batches(); ++i) {
    batches.next(batch);
    BOOST_CHECK(batch.source_length <= 7 && batch.target_length <= 8);
  }
}

BOOST_AUTO_TEST_CASE(one_sequence_counts_both_sides_in_the_budget) {
  const EncodedPairs pairs = numbered_pairs::make(numbered_pairs::alike(300, 30, 8));
  PairBatches batches(OneSequence(pairs, tokens, 40),
                      {.batch_tokens = 200, .long_pairs = LongPairs::are_cut, .seed = 1});
  std::vector<int> seen(300);
  ResponseBatch batch;
  for (Index i = 0; i < batches.batches(); ++i) {
    batches.next(batch);
    BOOST_REQUIRE_LE(batch.rows * batch.length, 200);
    for (const Index pair : batch.pairs) ++seen[static_cast<std::size_t>(pair)];
  }
  BOOST_CHECK(seen == std::vector<int>(300, 1));
  BOOST_CHECK_GT(batches.cut_sources(), 0);
}

BOOST_AUTO_TEST_CASE(the_processes_of_a_world_share_an_epoch) {
  const EncodedPairs pairs = numbered_pairs::make(numbered_pairs::alike(300, 20, 6));
  auto whole = make(pairs, {.batch_tokens = 150, .seed = 3});
  const auto all = pairs_of_epoch(whole, 2);
  constexpr Index world = 4;
  BOOST_REQUIRE_NE(whole.batches() % world, 0);
  for (Index rank = 0; rank < world; ++rank) {
    auto own = make(pairs, {.batch_tokens = 150, .seed = 3, .rank = rank, .world = world});
    const auto part = pairs_of_epoch(own, 2);
    BOOST_CHECK_EQUAL(static_cast<Index>(part.size()), (whole.batches() + world - 1) / world);
    for (std::size_t i = 0; i < part.size(); ++i)
      BOOST_CHECK(part[i] == all[(i * world + static_cast<std::size_t>(rank)) % all.size()]);
  }
}

BOOST_AUTO_TEST_CASE(buckets_grow_with_the_length) {
  const memsizer::data::detail::LengthBuckets buckets(100);
  for (Index length = 1; length <= 100; ++length) {
    const Index end = buckets.end(buckets.bucket(length));
    BOOST_CHECK(end >= length && end * 10 <= length * 11);
    if (length < 10) BOOST_CHECK_EQUAL(end, length);
  }
  BOOST_CHECK_EQUAL(buckets.end(buckets.bucket(40)), buckets.end(buckets.bucket(41)));
}

BOOST_AUTO_TEST_CASE(what_does_not_fit_is_refused) {
  const EncodedPairs pairs = numbered_pairs::make({{5, 5}, {6, 6}});
  CHECK_THROWS_SAYING(make(pairs, {.batch = 0}), InputError,
                      "expected a positive batch, got 0 pairs and 0 tokens");
  CHECK_THROWS_SAYING(make(pairs, {.batch_tokens = -1}), InputError, "got 1 pairs and -1 tokens");
  CHECK_THROWS_SAYING(make(pairs, {}, {.source = -1}), InputError,
                      "expected limits of 0 or more, got -1 and 0");
  CHECK_THROWS_SAYING(make(pairs, {.rank = 1}), InputError, "expected a rank below 1, got 1");
  CHECK_THROWS_SAYING(make(numbered_pairs::make({}), {}), InputError, "expected pairs to train on, got 0");
  auto batches = make(pairs, {});
  CHECK_THROWS_SAYING(batches.restore({0, 2}), InputError,
                      "expected a position among 2 batches, got epoch 0, batch 2");
  CHECK_THROWS_SAYING(batches.restore({-1, 0}), InputError, "got epoch -1");
}

BOOST_AUTO_TEST_SUITE_END()
