#include "memsizer/base/random.hpp"

#include <vector>

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(random_numbers)

using namespace memsizer;

namespace {

void check_words(const RandomWords& words, const std::array<std::uint32_t, 4>& expected) {
  for (int i = 0; i < 4; ++i) BOOST_TEST(words.word[i] == expected[i]);
}

/// Pearson's statistic of `draws` draws over equally likely bins: about bins - 1, with deviation
/// sqrt(2 (bins - 1)).
template <class Draw>
double chi_square(int bins, int draws, const Draw& draw) {
  std::vector<int> counts(bins, 0);
  for (int i = 0; i < draws; ++i) ++counts.at(draw());
  const double expected = static_cast<double>(draws) / bins;
  double sum = 0;
  for (int count : counts) sum += (count - expected) * (count - expected) / expected;
  return sum;
}

constexpr int draws = 200000;

}  // namespace

// The three lines "philox4x32 10" of kat_vectors in the authors' Random123 library.
BOOST_AUTO_TEST_CASE(philox_gives_the_known_answers) {
  check_words(philox(0, 0, 0), {0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  check_words(philox(~0ull, ~0ull, ~0ull), {0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  check_words(philox(0x299f31d0a4093822, 0x85a308d3243f6a88, 0x0370734413198a2e),
              {0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

BOOST_AUTO_TEST_CASE(philox_is_a_constant_expression) {
  static_assert(philox(0, 0, 0).word[0] == 0x6627e8d5);
  static_assert(RandomStream(1).uniform() < 1);
}

// The first outputs of SplitMix64 from seed 0, and FNV-1a's published examples.
BOOST_AUTO_TEST_CASE(keys_follow_their_published_functions) {
  BOOST_TEST(mix_keys(0, 0) == 0xe220a8397b1dcdafu);
  BOOST_TEST(mix_keys(0, 1) == 0x6e789e6aa1b965f4u);
  BOOST_TEST(mix_keys(0, 2) == 0x06c45d188009454fu);
  BOOST_TEST(name_key("") == 0xcbf29ce484222325u);
  BOOST_TEST(name_key("a") == 0xaf63dc4c8601ec8cu);
  BOOST_TEST(name_key("foobar") == 0x85944171f73967e8u);
}

BOOST_AUTO_TEST_CASE(a_position_of_a_stream_is_fixed) {
  RandomStream whole(7);
  std::vector<std::uint64_t> bits;
  for (int i = 0; i < 10; ++i) bits.push_back(whole.next_bits());
  BOOST_TEST(whole.position() == 10u);
  RandomStream late(7, 4);
  for (int i = 4; i < 10; ++i) BOOST_TEST(late.next_bits() == bits[i]);
  BOOST_TEST(RandomStream(8).next_bits() != bits[0]);
}

BOOST_AUTO_TEST_CASE(uniform_lies_in_its_interval) {
  BOOST_TEST(uniform_from_bits(0) == 0);
  BOOST_TEST(uniform_from_bits(~0ull) < 1);
  BOOST_TEST(uniform_from_bits(~0ull) > 1 - 1e-15);
}

BOOST_AUTO_TEST_CASE(draws_are_uniform) {
  RandomStream random(name_key("uniform"));
  const auto plausible = [](double statistic, int bins) {
    return std::abs(statistic - (bins - 1)) < 5 * std::sqrt(2.0 * (bins - 1));
  };
  for (int bins : {2, 7, 64, 1000}) {
    BOOST_TEST(
        plausible(chi_square(bins, draws, [&] { return static_cast<int>(random.uniform() * bins); }), bins));
    BOOST_TEST(
        plausible(chi_square(bins, draws, [&] { return static_cast<int>(random.below(bins)); }), bins));
  }
  for (int word = 0; word < 4; ++word) {
    std::uint64_t counter = 0;
    BOOST_TEST(plausible(
        chi_square(256, draws, [&] { return static_cast<int>(philox(3, counter++).word[word] >> 24); }),
        256));
  }
}

BOOST_AUTO_TEST_CASE(below_reaches_its_ends_and_nothing_else) {
  RandomStream random(1);
  for (int i = 0; i < 100; ++i) BOOST_TEST(random.below(1) == 0u);
  const std::uint64_t large = (std::uint64_t{1} << 63) + 1;  // about half of all draws are refused
  for (int i = 0; i < 1000; ++i) BOOST_TEST(random.below(large) < large);
  std::vector<int> seen(5, 0);
  for (int i = 0; i < 1000; ++i) ++seen.at(random.below(5));
  for (int count : seen) BOOST_TEST(count > 100);
}

BOOST_AUTO_TEST_CASE(normal_has_the_moments_of_the_distribution) {
  RandomStream random(name_key("normal"));
  double sum[5] = {};
  for (int i = 0; i < draws; ++i) {
    const double x = random.normal();
    for (int power = 1; power <= 4; ++power) sum[power] += std::pow(x, power) / draws;
  }
  BOOST_TEST(std::abs(sum[1]) < 0.01);
  BOOST_TEST(std::abs(sum[2] - 1) < 0.02);
  BOOST_TEST(std::abs(sum[3]) < 0.05);
  BOOST_TEST(std::abs(sum[4] - 3) < 0.15);
}

BOOST_AUTO_TEST_SUITE_END()
