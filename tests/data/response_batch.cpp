#include "memsizer/data/response_batch.hpp"

#include <boost/test/unit_test.hpp>

#include "data/numbered_pairs.hpp"
#include "files/temporary_folder.hpp"

BOOST_AUTO_TEST_SUITE(response_batch)

using namespace memsizer;
using namespace memsizer::data;
using Ids = std::vector<TokenId>;

namespace {

/// Reads the pairs: ids a b | c d, and e f g h i | j.
ResponseBatch read_two(Index sequence) {
  const Ids ids{11, 12, 2, 21, 22, 2, 31, 32, 33, 34, 35, 2, 41, 2};
  const EncodedPairs pairs(std::make_unique<IdsInMemory>(ids), 2, 2, 0);
  ResponseBatch batch;
  OneSequence(pairs, {.end = 2, .padding = 0}, sequence).read(std::vector<std::uint32_t>{0, 1}, batch);
  return batch;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_pair_is_one_row_and_only_its_response_is_scored) {
  const ResponseBatch batch = read_two(100);
  BOOST_CHECK(batch.rows == 2 && batch.length == 8);
  BOOST_CHECK((batch.input == Ids{2, 11, 12, 2, 21, 22, 0, 0, 2, 31, 32, 33, 34, 35, 2, 41}));
  BOOST_CHECK((batch.output == Ids{-1, -1, -1, 21, 22, 2, -1, -1, -1, -1, -1, -1, -1, -1, 41, 2}));
  BOOST_CHECK((batch.lengths == Ids{6, 8}) && (batch.pairs == std::vector<Index>{0, 1}));
  BOOST_CHECK_EQUAL(batch.scored(), 5);
}

BOOST_AUTO_TEST_CASE(a_long_prompt_loses_its_beginning) {
  const ResponseBatch batch = read_two(6);
  BOOST_CHECK((batch.input == Ids{2, 11, 12, 2, 21, 22, 2, 33, 34, 35, 2, 41}));
  BOOST_CHECK((batch.output == Ids{-1, -1, -1, 21, 22, 2, -1, -1, -1, -1, 41, 2}));
}

BOOST_AUTO_TEST_CASE(a_long_response_loses_its_end_and_what_tells_the_end) {
  const Ids ids{11, 12, 2, 21, 22, 23, 24, 25, 2};
  const EncodedPairs pairs(std::make_unique<IdsInMemory>(ids), 2, 1, 0);
  ResponseBatch batch;
  OneSequence(pairs, {.end = 2, .padding = 0}, 6).read(std::vector<std::uint32_t>{0}, batch);
  BOOST_CHECK((batch.input == Ids{2, 11, 12, 2, 21, 22}));
  BOOST_CHECK((batch.output == Ids{-1, -1, -1, 21, 22, 23}));
}

BOOST_AUTO_TEST_CASE(what_fits_stays_and_the_longer_side_yields) {
  const auto fit = [](Index prompt, Index response, Index sequence) {
    const RowLengths rows = fit_response(prompt, response, sequence);
    BOOST_TEST(rows.source + rows.target == std::min(prompt + response, sequence));
    BOOST_TEST((rows.source >= 1 && rows.source <= prompt && rows.target >= 1 && rows.target <= response));
    return rows.source;
  };
  BOOST_TEST(fit(300, 100, 256) == 156);
  BOOST_TEST(fit(100, 300, 256) == 100);
  BOOST_TEST(fit(300, 300, 256) == 128);
  BOOST_TEST(fit(300, 300, 255) == 127);
  BOOST_TEST(fit(100, 156, 256) == 100);
  for (Index prompt = 1; prompt < 12; ++prompt)
    for (Index response = 1; response < 12; ++response)
      for (Index sequence = 2; sequence < 24; ++sequence) fit(prompt, response, sequence);
}

BOOST_AUTO_TEST_CASE(the_end_of_a_text_is_kept) {
  Ids ids{1, 2, 3};
  BOOST_CHECK(!cut_beginning_to(ids, 3) && ids.size() == 3);
  BOOST_CHECK(cut_beginning_to(ids, 2) && (ids == Ids{2, 3}));
}

BOOST_AUTO_TEST_CASE(a_sequence_without_room_is_refused) {
  const EncodedPairs one = numbered_pairs::make({{1, 1}});
  CHECK_THROWS_SAYING(OneSequence(one, numbered_pairs::tokens, 1), InputError,
                      "expected a sequence of 2 tokens or more");
}

BOOST_AUTO_TEST_SUITE_END()
