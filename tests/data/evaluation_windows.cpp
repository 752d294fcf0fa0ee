#include "memsizer/data/evaluation_windows.hpp"

#include <algorithm>

#include <boost/test/unit_test.hpp>

#include "data/counting_ids.hpp"
#include "files/temporary_folder.hpp"

BOOST_AUTO_TEST_SUITE(evaluation_windows)

using namespace memsizer;
using namespace memsizer::data;

BOOST_AUTO_TEST_CASE(every_token_is_scored_once_with_enough_before_it) {
  for (Index size : sizes)
    for (Index sequence : {1, 2, 3, 8, 32, 100, 300})
      for (Index stride = 1; stride <= sequence; stride += 1 + stride / 3) {
        const IdsInMemory ids = counting(size);
        const EvaluationWindows windows(ids, end_of_text, sequence, stride);
        std::vector<int> scored(static_cast<size_t>(size));
        Batch batch;
        for (Index w = 0; w < windows.count(); ++w) {
          const Window window = windows.window(w);
          windows.read(w, 1, batch);
          BOOST_REQUIRE_LE(window.length, sequence);
          BOOST_REQUIRE_GT(window.scored(), 0);
          for (Index i = 0; i < window.length; ++i) {
            const TokenId target = batch.targets[static_cast<size_t>(i)];
            BOOST_REQUIRE_EQUAL(target, window.begin + i);
            BOOST_REQUIRE_EQUAL(batch.inputs[static_cast<size_t>(i)], before(target));
            if (i < window.first_scored) continue;
            ++scored[static_cast<size_t>(target)];
            BOOST_REQUIRE_GE(i, std::min<Index>(target, sequence - stride));
          }
        }
        BOOST_REQUIRE(scored == std::vector<int>(static_cast<size_t>(size), 1));
      }
}

BOOST_AUTO_TEST_CASE(windows_of_equal_length_make_a_batch) {
  const IdsInMemory ids = counting(22);
  const EvaluationWindows windows(ids, end_of_text, 8, 3);
  BOOST_CHECK_EQUAL(windows.count(), 6);
  BOOST_CHECK((windows.window(0) == Window{0, 8, 0}));
  BOOST_CHECK((windows.window(1) == Window{3, 8, 5}));
  BOOST_CHECK((windows.window(5) == Window{15, 7, 5}));
  BOOST_CHECK_EQUAL(windows.batch_rows(0, 4), 4);
  BOOST_CHECK_EQUAL(windows.batch_rows(4, 4), 1);
  BOOST_CHECK_EQUAL(windows.batch_rows(5, 4), 1);
  BOOST_CHECK_EQUAL(EvaluationWindows(ids, end_of_text, 8, 7).batch_rows(0, 10), 3);  // all have equal length
  Batch batch;
  windows.read(0, 2, batch);
  BOOST_CHECK((batch.targets == std::vector<TokenId>{0, 1, 2, 3, 4, 5, 6, 7, 3, 4, 5, 6, 7, 8, 9, 10}));
  CHECK_THROWS_SAYING(windows.read(4, 2, batch), InputError, "equal length");
}

BOOST_AUTO_TEST_CASE(what_makes_no_windows_is_refused) {
  const IdsInMemory ids = counting(5), none = counting(0);
  CHECK_THROWS_SAYING(EvaluationWindows(ids, end_of_text, 4, 5), InputError,
                      "a stride from 1 to the sequence of 4, got 5");
  CHECK_THROWS_SAYING(EvaluationWindows(ids, end_of_text, 4, 0), InputError, "got 0");
  CHECK_THROWS_SAYING(EvaluationWindows(ids, end_of_text, 0, 0), InputError, "positive sequence");
  CHECK_THROWS_SAYING(EvaluationWindows(none, end_of_text, 4, 4), InputError, "got no tokens");
  CHECK_THROWS_SAYING(EvaluationWindows(ids, end_of_text, 4, 4).window(2), InputError,
                      "a window below 2, got 2");
}

BOOST_AUTO_TEST_SUITE_END()
