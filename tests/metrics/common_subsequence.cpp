#include "memsizer/metrics/common_subsequence.hpp"

#include <random>

#include <boost/test/unit_test.hpp>

#include "files/temporary_folder.hpp"

BOOST_AUTO_TEST_SUITE(common_subsequences)

using namespace memsizer;
using namespace memsizer::metrics;
using Positions = std::vector<std::size_t>;

namespace {

/// The length by trying all: with or without each symbol of the first text.
std::size_t longest_by_trial(std::u32string_view a, std::u32string_view b) {
  if (a.empty() || b.empty()) return 0;
  const std::size_t without = longest_by_trial(a.substr(1), b);
  const std::size_t at = b.find(a[0]);
  return at == b.npos ? without : std::max(without, 1 + longest_by_trial(a.substr(1), b.substr(at + 1)));
}

}  // namespace

BOOST_AUTO_TEST_CASE(positions_are_those_of_the_reference) {
  BOOST_TEST((common_subsequence(U"the old cat", U"eodca") == Positions{2, 4, 6, 8, 9}));
  BOOST_TEST(common_subsequence(U"", U"a").empty());
  BOOST_TEST(common_subsequence(U"a", U"").empty());
  BOOST_TEST(common_subsequence(U"ab", U"cd").empty());
}

BOOST_AUTO_TEST_CASE(of_equally_long_ones_the_reference_is_left_first) {
  BOOST_TEST((common_subsequence(U"ab", U"ba") == Positions{0}));
  BOOST_TEST((common_subsequence(U"ba", U"ab") == Positions{0}));
}

BOOST_AUTO_TEST_CASE(none_is_longer) {
  std::mt19937 random(7);
  const auto text = [&] {
    std::u32string symbols;
    for (auto length = random() % 10; length > 0; --length) symbols += U"abc"[random() % 3];
    return symbols;
  };
  for (int trial = 0; trial < 300; ++trial) {
    const std::u32string reference = text(), other = text();
    const Positions positions = common_subsequence(reference, other);
    BOOST_TEST(positions.size() == longest_by_trial(reference, other));
    std::size_t at = 0;  // of the other text, in which the symbols follow one another as well
    for (const std::size_t p : positions) {
      at = other.find(reference.at(p), at);
      BOOST_TEST_REQUIRE(at != other.npos);
      ++at;
    }
    BOOST_TEST((std::ranges::adjacent_find(positions, std::greater_equal<>()) == positions.end()));
  }
}

BOOST_AUTO_TEST_CASE(texts_that_are_too_long_are_refused) {
  const std::u32string text(40'000, U'a');
  CHECK_THROWS_SAYING(common_subsequence(text, text), InputError,
                      "a product of at most 268435456, got 40000 and 40000 words");
}

BOOST_AUTO_TEST_SUITE_END()
