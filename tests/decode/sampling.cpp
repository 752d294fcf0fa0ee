#include "memsizer/decode/sampling.hpp"

#include <map>

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(sampling)

using namespace memsizer;
using decode::SamplingOptions;

namespace {

/// The logarithms of 0.5, 0.25, 0.15 and 0.1, in another order.
const std::vector<double> logits = {std::log(0.15), std::log(0.5), std::log(0.1), std::log(0.25)};

/// How often each token is drawn.
std::map<Id, double> frequencies(const SamplingOptions& options, int draws = 40000) {
  std::map<Id, double> counts;
  for (int i = 0; i < draws; ++i)
    counts[decode::sample<double>(logits, options, decode::sampling_number(options.seed, 7, i))] +=
        1.0 / draws;
  return counts;
}

/// The tolerance 0.0125 is five standard deviations of a frequency of 0.5 in 40,000 draws.
void check_frequencies(const SamplingOptions& options, const std::map<Id, double>& expected) {
  const std::map<Id, double> found = frequencies(options);
  BOOST_TEST(found.size() == expected.size());
  for (const auto& [token, frequency] : expected)
    BOOST_TEST(std::abs(found.at(token) - frequency) < 0.0125, token << ": " << found.at(token));
}

}  // namespace

BOOST_AUTO_TEST_CASE(temperature_0_takes_the_most_likely) {
  check_frequencies({}, {{1, 1.0}});
}

BOOST_AUTO_TEST_CASE(frequencies_are_the_probabilities) {
  check_frequencies({.temperature = 1}, {{0, 0.15}, {1, 0.5}, {2, 0.1}, {3, 0.25}});
}

BOOST_AUTO_TEST_CASE(temperature_sharpens_and_flattens) {
  const double sharp = 0.25 + 0.0625 + 0.0225 + 0.01;
  check_frequencies({.temperature = 0.5},
                    {{0, 0.0225 / sharp}, {1, 0.25 / sharp}, {2, 0.01 / sharp}, {3, 0.0625 / sharp}});
  check_frequencies({.temperature = 1e6}, {{0, 0.25}, {1, 0.25}, {2, 0.25}, {3, 0.25}});
  check_frequencies({.temperature = 1e-300}, {{1, 1.0}});
}

BOOST_AUTO_TEST_CASE(top_k_keeps_the_k_most_likely) {
  check_frequencies({.temperature = 1, .top_k = 1}, {{1, 1.0}});
  check_frequencies({.temperature = 1, .top_k = 2}, {{1, 2.0 / 3}, {3, 1.0 / 3}});
  check_frequencies({.temperature = 1, .top_k = 99}, {{0, 0.15}, {1, 0.5}, {2, 0.1}, {3, 0.25}});
}

BOOST_AUTO_TEST_CASE(top_p_keeps_the_smallest_set_that_is_likely_enough) {
  check_frequencies({.temperature = 1, .top_p = 1e-9}, {{1, 1.0}});
  check_frequencies({.temperature = 1, .top_p = 0.49}, {{1, 1.0}});
  check_frequencies({.temperature = 1, .top_p = 0.51}, {{1, 2.0 / 3}, {3, 1.0 / 3}});
  check_frequencies({.temperature = 1, .top_p = 0.999999}, {{0, 0.15}, {1, 0.5}, {2, 0.1}, {3, 0.25}});
}

BOOST_AUTO_TEST_CASE(top_p_counts_what_top_k_left) {
  // 0.5 is two thirds of 0.5 + 0.25.
  check_frequencies({.temperature = 1, .top_k = 2, .top_p = 0.66}, {{1, 1.0}});
  check_frequencies({.temperature = 1, .top_k = 2, .top_p = 0.67}, {{1, 2.0 / 3}, {3, 1.0 / 3}});
}

BOOST_AUTO_TEST_CASE(top_p_of_a_large_vocabulary_keeps_the_smallest_set) {
  RandomStream random(5);
  for (const double scale : {0.01, 1.0, 5.0}) {  // nearly all tokens are needed; some hundreds; a few
    std::vector<double> many(3000);
    for (double& logit : many) logit = scale * random.normal();
    std::vector<Id> order(many.size());
    std::iota(order.begin(), order.end(), 0);
    std::ranges::stable_sort(order, std::greater<>(),
                             [&](Id token) { return many[static_cast<std::size_t>(token)]; });
    for (const double p : {0.1, 0.5, 0.9, 0.9999}) {
      const double total = std::exp(decode::log_sum_exp<double>(many));
      double sum = 0;
      std::size_t needed = 0;
      while (sum < p * total) sum += std::exp(many[static_cast<std::size_t>(order[needed++])]);
      const SamplingOptions options{.temperature = 1, .top_p = p};
      // The last of the set is drawn at the end of the interval, the first at its beginning.
      BOOST_TEST(decode::sample<double>(many, options, 0.0) == order[0]);
      BOOST_TEST(decode::sample<double>(many, options, std::nextafter(1.0, 0.0)) == order[needed - 1]);
    }
  }
}

BOOST_AUTO_TEST_CASE(of_equal_tokens_top_k_keeps_the_first) {
  const std::vector<double> equal(5, 0.0);
  for (const double uniform : {0.0, 0.49, 0.51, 0.999999})
    BOOST_TEST(decode::sample<double>(equal, {.temperature = 1, .top_k = 2}, uniform) ==
               (uniform < 0.5 ? 0 : 1));
}

BOOST_AUTO_TEST_CASE(impossible_tokens_are_never_drawn) {
  const double none = -std::numeric_limits<double>::infinity();
  const std::vector<double> masked = {none, 0, none, 0, none};
  const double almost_one = std::nextafter(1.0, 0.0);
  for (const SamplingOptions& options :
       {SamplingOptions{.temperature = 1}, SamplingOptions{.temperature = 1, .top_k = 4},
        SamplingOptions{.temperature = 1, .top_p = 0.9999}}) {
    BOOST_TEST(decode::sample<double>(masked, options, 0.0) == 1);
    BOOST_TEST(decode::sample<double>(masked, options, almost_one) == 3);
  }
}

BOOST_AUTO_TEST_CASE(a_number_depends_on_seed_stream_and_position) {
  const double number = decode::sampling_number(1, 2, 3);
  BOOST_TEST(number == decode::sampling_number(1, 2, 3));
  BOOST_TEST(number != decode::sampling_number(2, 2, 3));
  BOOST_TEST(number != decode::sampling_number(1, 3, 3));
  BOOST_TEST(number != decode::sampling_number(1, 2, 4));
}

BOOST_AUTO_TEST_CASE(options_out_of_range_are_refused) {
  decode::require_valid({.temperature = 0.7, .top_k = 40, .top_p = 0.9});
  for (const SamplingOptions& options :
       {SamplingOptions{.temperature = -1}, SamplingOptions{.temperature = std::nan("")},
        SamplingOptions{.top_k = -1}, SamplingOptions{.top_p = 0}, SamplingOptions{.top_p = 1.01},
        SamplingOptions{.top_p = std::nan("")}})
    BOOST_CHECK_THROW(decode::require_valid(options), InputError);
}

BOOST_AUTO_TEST_SUITE_END()
