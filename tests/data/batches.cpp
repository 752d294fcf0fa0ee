#include "memsizer/data/batches.hpp"

#include <algorithm>
#include <numeric>

#include <boost/test/unit_test.hpp>

#include "data/counting_ids.hpp"
#include "files/temporary_folder.hpp"

BOOST_AUTO_TEST_SUITE(batches)

using namespace memsizer;
using namespace memsizer::data;

BOOST_AUTO_TEST_CASE(a_small_text_in_full) {
  const IdsInMemory ids = counting(11);
  LanguageModelBatches batches(ids, end_of_text, {.batch = 2, .sequence = 2});
  BOOST_CHECK_EQUAL(batches.segments(), 2);
  BOOST_CHECK_EQUAL(batches.tokens_per_epoch(), 8);
  Batch batch;
  batches.next(batch);
  BOOST_CHECK((batch.inputs == std::vector<TokenId>{end_of_text, 0, 3, 4}));
  BOOST_CHECK((batch.targets == std::vector<TokenId>{0, 1, 4, 5}));
  BOOST_CHECK(!batches.at_epoch_start());
  batches.next(batch);
  BOOST_CHECK((batch.inputs == std::vector<TokenId>{1, 2, 5, 6}));
  BOOST_CHECK((batch.targets == std::vector<TokenId>{2, 3, 6, 7}));
  BOOST_CHECK(batches.at_epoch_start());
  BOOST_CHECK((batches.position() == BatchPosition{1, 0}));
}

BOOST_AUTO_TEST_CASE(segments_continue_and_no_token_comes_twice_in_an_epoch) {
  for (Index size : sizes)
    for (Index rows : {1, 2, 5})
      for (Index sequence : {1, 3, 8, 300}) {
        if (size < rows) continue;
        const IdsInMemory ids = counting(size);
        LanguageModelBatches batches(ids, end_of_text, {rows, sequence, 7});
        std::vector<int> seen(static_cast<size_t>(size));
        for (Index epoch = 0; epoch < 3; ++epoch) {
          std::vector<TokenId> last(static_cast<size_t>(rows), -1);
          std::fill(seen.begin(), seen.end(), 0);
          do {
            Batch batch;
            const bool starts = batches.at_epoch_start();
            batches.next(batch);
            for (Index row = 0; row < rows; ++row) {
              const auto inputs = batch.input_row(row), targets = batch.target_row(row);
              for (size_t i = 0; i < targets.size(); ++i) {
                BOOST_REQUIRE_EQUAL(inputs[i], before(targets[i]));
                if (i > 0 || !starts) BOOST_REQUIRE_EQUAL(targets[i], last[static_cast<size_t>(row)] + 1);
                last[static_cast<size_t>(row)] = targets[i];
                ++seen[static_cast<size_t>(targets[i])];
              }
            }
          } while (!batches.at_epoch_start());
          BOOST_REQUIRE_EQUAL(*std::max_element(seen.begin(), seen.end()), 1);
          BOOST_REQUIRE_EQUAL(std::accumulate(seen.begin(), seen.end(), Index{0}),
                              batches.tokens_per_epoch());
          BOOST_REQUIRE_LT(size - batches.tokens_per_epoch(), rows * std::min(sequence, size / rows));
          if (epoch == 0) BOOST_REQUIRE_EQUAL(seen[0], 1);
        }
      }
}

BOOST_AUTO_TEST_CASE(all_tokens_get_their_turn_over_the_epochs) {
  const IdsInMemory ids = counting(49);
  LanguageModelBatches batches(ids, end_of_text, {.batch = 5, .sequence = 5});  // an epoch has 25 tokens
  std::vector<int> seen(49);
  Batch batch;
  while (batches.position().epoch < 100) {
    batches.next(batch);
    for (const TokenId token : batch.targets) ++seen[static_cast<size_t>(token)];
  }
  BOOST_CHECK_GT(*std::min_element(seen.begin(), seen.end()), 0);
}

BOOST_AUTO_TEST_CASE(the_processes_of_a_world_share_the_rows_of_one) {
  const IdsInMemory ids = counting(100);
  for (Index epoch : {0, 1, 5}) {
    LanguageModelBatches whole(ids, end_of_text, {.batch = 6, .sequence = 4, .seed = 3});
    whole.restore({epoch, 2});
    Batch all, part;
    whole.next(all);
    std::vector<TokenId> joined;
    for (Index rank = 0; rank < 3; ++rank) {
      LanguageModelBatches own(ids, end_of_text,
                               {.batch = 2, .sequence = 4, .seed = 3, .rank = rank, .world = 3});
      own.restore({epoch, 2});
      own.next(part);
      joined.insert(joined.end(), part.targets.begin(), part.targets.end());
    }
    BOOST_CHECK(joined == all.targets);
  }
}

BOOST_AUTO_TEST_CASE(a_restored_position_goes_on_the_same) {
  const IdsInMemory ids = counting(1000);
  const BatchOptions options{.batch = 3, .sequence = 10, .seed = 5};
  LanguageModelBatches run(ids, end_of_text, options);
  Batch expected, got;
  for (int step = 0; step < 100; ++step) {
    LanguageModelBatches resumed(ids, end_of_text, options);
    resumed.restore(run.position());
    for (int more = 0; more < 3; ++more) {
      resumed.next(got);
      if (more > 0) continue;
      run.next(expected);
      BOOST_REQUIRE(got.inputs == expected.inputs && got.targets == expected.targets);
    }
  }
}

BOOST_AUTO_TEST_CASE(the_seed_moves_later_epochs_only) {
  const IdsInMemory ids = counting(1999);
  Batch a, b;
  int different = 0;
  for (Index epoch = 0; epoch < 20; ++epoch) {
    for (std::uint64_t seed : {1, 2}) {
      LanguageModelBatches batches(ids, end_of_text, {.batch = 1, .sequence = 1000, .seed = seed});
      batches.restore({epoch, 0});
      batches.next(seed == 1 ? a : b);
    }
    if (epoch == 0) BOOST_CHECK(a.inputs == b.inputs);
    different += a.inputs != b.inputs;
  }
  BOOST_CHECK_GT(different, 15);
}

BOOST_AUTO_TEST_CASE(what_does_not_fit_is_refused) {
  const IdsInMemory ids = counting(5);
  const auto make = [&](const BatchOptions& options) {
    return LanguageModelBatches(ids, end_of_text, options);
  };
  CHECK_THROWS_SAYING(make({.batch = 6}), InputError, "at least 6 tokens, one a row of the batch, got 5");
  CHECK_THROWS_SAYING(make({.batch = 3, .world = 2}), InputError, "at least 6 tokens");
  CHECK_THROWS_SAYING(make({.batch = 0}), InputError, "expected a positive batch");
  CHECK_THROWS_SAYING(make({.sequence = -1}), InputError, "expected a positive batch and sequence");
  CHECK_THROWS_SAYING(make({.rank = 1}), InputError, "expected a rank below 1, got 1");
  CHECK_THROWS_SAYING(make({.batch = Index{1} << 40, .world = Index{1} << 40}), InputError, "overflows");
  auto batches = make({});
  CHECK_THROWS_SAYING(batches.restore({0, 5}), InputError, "expected a position among 5 segments");
  CHECK_THROWS_SAYING(batches.restore({-1, 0}), InputError, "got epoch -1");
  std::vector<TokenId> few(3);
  CHECK_THROWS_SAYING(ids.read(3, few), InputError, "expected ids within 5, got 3 from 3");
  CHECK_THROWS_SAYING(ids.read(-1, few), InputError, "from -1");
}

BOOST_AUTO_TEST_SUITE_END()
