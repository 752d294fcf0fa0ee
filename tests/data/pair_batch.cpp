#include "memsizer/data/pair_batch.hpp"

#include <boost/test/unit_test.hpp>

#include "data/numbered_pairs.hpp"

BOOST_AUTO_TEST_SUITE(pair_batch)

using namespace memsizer;
using namespace memsizer::data;
using Ids = std::vector<TokenId>;

namespace {

/// Reads all of three pairs: ids a b | c, d | e f g, and an empty pair.
PairBatch read_three(const PairLimits& limits) {
  const Ids ids{11, 12, 2, 21, 2, 31, 2, 41, 42, 43, 2, 2, 2};
  const EncodedPairs pairs(std::make_unique<IdsInMemory>(ids), 2, 3, 0);
  PairBatch batch;
  TwoSides(pairs, {.end = 2, .padding = 0}, limits).read(std::vector<std::uint32_t>{1, 0, 2}, batch);
  return batch;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_batch_has_the_convention_of_fairseq) {
  const PairBatch batch = read_three({});
  BOOST_CHECK(batch.rows == 3 && batch.source_length == 3 && batch.target_length == 4);
  BOOST_CHECK((batch.source == Ids{31, 2, 0, 11, 12, 2, 2, 0, 0}));
  BOOST_CHECK((batch.decoder_input == Ids{2, 41, 42, 43, 2, 21, 0, 0, 2, 0, 0, 0}));
  BOOST_CHECK((batch.decoder_output == Ids{41, 42, 43, 2, 21, 2, -1, -1, 2, -1, -1, -1}));
  BOOST_CHECK((batch.source_lengths == Ids{2, 3, 1}) && (batch.target_lengths == Ids{4, 2, 1}));
  BOOST_CHECK((batch.pairs == std::vector<Index>{1, 0, 2}));
  BOOST_CHECK_EQUAL(batch.scored(), 7);
}

BOOST_AUTO_TEST_CASE(long_sentences_are_cut_before_their_end) {
  const PairBatch batch = read_three({.source = 2, .target = 3});
  BOOST_CHECK(batch.source_length == 2 && batch.target_length == 3);
  BOOST_CHECK((batch.source == Ids{31, 2, 11, 2, 2, 0}));
  BOOST_CHECK((batch.decoder_input == Ids{2, 41, 42, 2, 21, 0, 2, 0, 0}));
  BOOST_CHECK((batch.decoder_output == Ids{41, 42, 2, 21, 2, -1, 2, -1, -1}));
  BOOST_CHECK((read_three({.source = 1}).source == Ids{2, 2, 2}));
}

BOOST_AUTO_TEST_CASE(a_batch_is_reused) {
  const EncodedPairs pairs = numbered_pairs::make({{3, 2}, {1, 1}});
  PairBatch batch;
  const TwoSides layout(pairs, numbered_pairs::tokens);
  layout.read(std::vector<std::uint32_t>{0, 1}, batch);
  layout.read(std::vector<std::uint32_t>{1}, batch);
  BOOST_CHECK(batch.rows == 1 && batch.source.size() == 2 && batch.decoder_output.size() == 2);
  BOOST_CHECK((batch.source_lengths == Ids{2}) && (batch.pairs == std::vector<Index>{1}));
}

BOOST_AUTO_TEST_SUITE_END()
