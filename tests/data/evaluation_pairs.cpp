#include "memsizer/data/evaluation_pairs.hpp"

#include <boost/test/unit_test.hpp>

#include "data/numbered_pairs.hpp"
#include "files/temporary_folder.hpp"

BOOST_AUTO_TEST_SUITE(evaluation_pairs)

using namespace memsizer;
using namespace memsizer::data;
using numbered_pairs::tokens;

BOOST_AUTO_TEST_CASE(each_pair_comes_once_and_long_ones_first) {
  auto sizes = numbered_pairs::alike(200, 50, 3);
  sizes[7] = {0, 0}, sizes[8] = {0, 30}, sizes[9] = {30, 0};
  const EncodedPairs pairs = numbered_pairs::make(sizes);
  for (const EvaluationPairOptions& options :
       {EvaluationPairOptions{}, EvaluationPairOptions{.batch = 7},
        EvaluationPairOptions{.batch_tokens = 130}, EvaluationPairOptions{.batch_tokens = 5},
        EvaluationPairOptions{.batch_tokens = 130, .first_pairs = 50}}) {
    const EvaluationPairs evaluation(TwoSides(pairs, tokens), options);
    const Index count = options.first_pairs == 0 ? 200 : options.first_pairs;
    BOOST_CHECK_EQUAL(evaluation.pairs(), count);
    std::vector<int> seen(static_cast<std::size_t>(count));
    Index longest = 1000;
    PairBatch batch;
    for (Index i = 0; i < evaluation.batches(); ++i) {
      evaluation.read(i, batch);
      BOOST_CHECK_LE(batch.source_length, longest);
      longest = batch.source_length;
      for (const Index pair : batch.pairs) ++seen.at(static_cast<std::size_t>(pair));
      const Index padded = batch.rows * std::max(batch.source_length, batch.target_length);
      BOOST_CHECK(batch.rows == 1 ||
                  (options.batch_tokens == 0 ? batch.rows <= options.batch : padded <= options.batch_tokens));
    }
    BOOST_CHECK(seen == std::vector<int>(static_cast<std::size_t>(count), 1));
    BOOST_CHECK_EQUAL(evaluation.cut_sources() + evaluation.cut_targets(), 0);
  }
}

BOOST_AUTO_TEST_CASE(long_sentences_are_cut_and_counted) {
  const EncodedPairs pairs = numbered_pairs::make({{5, 3}, {9, 4}, {2, 8}, {4, 4}});
  const EvaluationPairs evaluation(TwoSides(pairs, tokens, {.source = 5, .target = 8}), {.batch = 4});
  BOOST_CHECK_EQUAL(evaluation.cut_sources(), 2);
  BOOST_CHECK_EQUAL(evaluation.cut_targets(), 1);
  PairBatch batch;
  evaluation.read(0, batch);
  BOOST_CHECK((batch.pairs == std::vector<Index>{1, 3, 0, 2}));
  BOOST_CHECK((batch.source_lengths == std::vector<TokenId>{5, 5, 5, 3}));
  BOOST_CHECK((batch.target_lengths == std::vector<TokenId>{5, 5, 4, 8}));
  BOOST_CHECK_EQUAL(batch.source[3], numbered_pairs::token(1, 0, 3));
  BOOST_CHECK_EQUAL(batch.source[4], tokens.end);
  const TwoSides short_sources(pairs, tokens, {.source = 5});
  BOOST_CHECK_EQUAL(EvaluationPairs(short_sources, {.first_pairs = 1}).cut_sources(), 1);
}

BOOST_AUTO_TEST_CASE(what_does_not_fit_is_refused) {
  const EncodedPairs none = numbered_pairs::make({}), one = numbered_pairs::make({{1, 1}});
  const TwoSides nothing(none, tokens), layout(one, tokens);
  using Pairs = EvaluationPairs<TwoSides>;
  CHECK_THROWS_SAYING(Pairs(nothing, {}), InputError, "expected pairs to evaluate, got none");
  CHECK_THROWS_SAYING(Pairs(layout, {.batch = 0}), InputError, "expected a positive batch");
  CHECK_THROWS_SAYING(Pairs(layout, {.first_pairs = -1}), InputError, "the first -1 pairs");
  PairBatch batch;
  CHECK_THROWS_SAYING(Pairs(layout, {}).read(1, batch), InputError, "expected a batch below 1, got 1");
}

BOOST_AUTO_TEST_SUITE_END()
