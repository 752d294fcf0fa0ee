#include "memsizer/text/merge_queue.hpp"

#include <algorithm>
#include <random>
#include <set>
#include <utility>
#include <vector>

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(merge_queue)

using memsizer::text::detail::MergeCandidate;
using memsizer::text::detail::MergeQueue;

BOOST_AUTO_TEST_CASE(candidates_come_in_their_order) {
  std::mt19937 random(8);
  MergeQueue queue;
  for (const auto& [ranks, bytes] : std::vector<std::pair<size_t, size_t>>{{1, 5000},
                                                                           {2, 5000},
                                                                           {65536, 40},
                                                                           {255, 5000},
                                                                           {256, 5000},
                                                                           {2, 40},
                                                                           {257, 5000},
                                                                           {1000, 5000},
                                                                           {50000, 40},
                                                                           {50000, 5000},
                                                                           {65536, 5000}}) {
    std::multiset<MergeCandidate> expected;
    const size_t end = ranks;
    const auto draw = [&](size_t least) {
      const size_t rank = least + random() % (end - least);
      const MergeCandidate candidate{static_cast<std::int32_t>(rank),
                                     static_cast<std::int32_t>(random() % 9)};
      expected.insert(candidate);
      return candidate;
    };
    std::vector<MergeCandidate> at_first;
    for (int i = 0; i < 300; ++i) at_first.push_back(draw(0));
    queue.begin(ranks, bytes, [&](const auto& use) { std::ranges::for_each(at_first, use); });
    int wrong = 0;
    for (MergeCandidate first{}; queue.pop(first);) {
      wrong += expected.empty() || first < *expected.begin() || *expected.begin() < first;
      expected.erase(expected.begin());
      // Most that arrive later have a higher rank, but not all.
      if (random() % 3 == 0) queue.push(draw(random() % 4 == 0 ? 0 : static_cast<size_t>(first.rank)));
    }
    BOOST_TEST(wrong == 0);
    BOOST_TEST(expected.empty());
  }
}

BOOST_AUTO_TEST_CASE(a_queue_that_was_left_begins_empty) {
  MergeQueue queue;
  queue.begin(100, 5000, [](const auto& use) {
    use({7, 1});
    use({90, 2});
  });
  MergeCandidate first{};
  BOOST_TEST(queue.pop(first));
  queue.begin(100, 5000, [](const auto&) {});
  BOOST_TEST(!queue.pop(first));
}

BOOST_AUTO_TEST_SUITE_END()
