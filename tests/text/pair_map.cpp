#include "memsizer/text/pair_map.hpp"

#include <limits>
#include <map>
#include <random>
#include <utility>

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(pair_map)

using namespace memsizer::text;

BOOST_AUTO_TEST_CASE(agrees_with_a_sorted_map) {
  std::mt19937 random(3);
  PairMap<int> pairs;
  std::map<std::pair<TokenId, TokenId>, int> expected;
  for (int i = 0; i < 20'000; ++i) {
    const auto left = static_cast<TokenId>(random() % 300), right = static_cast<TokenId>(random() % 300);
    ++pairs(left, right);
    ++expected[{left, right}];
  }
  BOOST_TEST(pairs.size() == expected.size());
  int wrong = 0;
  for (TokenId left = 0; left < 300; ++left)
    for (TokenId right = 0; right < 300; ++right) {
      const int* value = std::as_const(pairs).find(left, right);
      const auto place = expected.find({left, right});
      wrong += (value != nullptr) != (place != expected.end());
      if (value && place != expected.end()) wrong += *value != place->second;
    }
  BOOST_TEST(wrong == 0);
}

BOOST_AUTO_TEST_CASE(an_empty_map_finds_nothing) {
  const PairMap<int> pairs;
  BOOST_TEST(pairs.size() == 0u);
  BOOST_TEST(pairs.find(0, 0) == nullptr);
}

BOOST_AUTO_TEST_CASE(the_order_of_a_pair_and_large_ids_count) {
  constexpr TokenId largest = std::numeric_limits<TokenId>::max();
  PairMap<int> pairs(2);
  pairs(0, largest) = 1;
  pairs(largest, 0) = 2;
  pairs(largest, largest) = 3;
  BOOST_TEST(*pairs.find(0, largest) == 1);
  BOOST_TEST(*pairs.find(largest, 0) == 2);
  BOOST_TEST(*pairs.find(largest, largest) == 3);
  BOOST_TEST(pairs.find(0, 0) == nullptr);
}

BOOST_AUTO_TEST_SUITE_END()
