#include "memsizer/metrics/perplexity.hpp"

#include <limits>

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(perplexity_of_text)

using namespace memsizer;
using metrics::perplexity;

BOOST_AUTO_TEST_CASE(follows_from_the_total) {
  // Each token is a coin toss. A word has two tokens, and a token four bytes.
  const double nats = 100 * std::log(2.0);
  const auto result = perplexity({.nats = nats, .tokens = 100, .words = 50, .bytes = 400}, false);
  BOOST_CHECK_CLOSE_FRACTION(result.loss, std::log(2.0), 1e-14);
  BOOST_CHECK_CLOSE_FRACTION(*result.perplexity, 2.0, 1e-14);
  BOOST_CHECK_CLOSE_FRACTION(*result.word_perplexity, 4.0, 1e-14);
  BOOST_CHECK_CLOSE_FRACTION(*result.bits_per_byte, 0.25, 1e-14);
  BOOST_CHECK_EQUAL(result.reason, "");
}

BOOST_AUTO_TEST_CASE(does_not_depend_on_the_tokens) {
  const auto coarse = perplexity({300, 100, 80, 500}, false), fine = perplexity({300, 200, 80, 500}, false);
  BOOST_CHECK(coarse.word_perplexity == fine.word_perplexity && coarse.bits_per_byte == fine.bits_per_byte);
  BOOST_CHECK(coarse.perplexity != fine.perplexity);
}

BOOST_AUTO_TEST_CASE(a_normalizer_that_loses_text_leaves_the_measures_of_tokens) {
  const auto result = perplexity({300, 100, 80, 500}, true);
  BOOST_CHECK_CLOSE_FRACTION(*result.perplexity, std::exp(3.0), 1e-14);
  BOOST_CHECK(!result.word_perplexity && !result.bits_per_byte);
  BOOST_CHECK_NE(result.reason.find("normalizer loses text"), std::string::npos);
}

BOOST_AUTO_TEST_CASE(too_large_a_perplexity_is_absent) {
  const auto result = perplexity({1000, 2, 1, 1}, false);
  BOOST_CHECK(result.perplexity && !result.word_perplexity && result.bits_per_byte);
  BOOST_CHECK_NE(result.reason.find("so large"), std::string::npos);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_measured_is_refused) {
  BOOST_CHECK_THROW(perplexity({0, 0, 1, 1}, false), InputError);
  BOOST_CHECK_THROW(perplexity({0, 1, 0, 1}, false), InputError);
  BOOST_CHECK_THROW(perplexity({0, 1, 1, 0}, false), InputError);
  BOOST_CHECK_THROW(perplexity({std::nan(""), 1, 1, 1}, false), InputError);
  BOOST_CHECK_THROW(perplexity({std::numeric_limits<double>::infinity(), 1, 1, 1}, false), InputError);
}

BOOST_AUTO_TEST_SUITE_END()
