#include "memsizer/device/arguments.hpp"

#include <cmath>

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(arguments)

using namespace memsizer;

BOOST_AUTO_TEST_CASE(the_threshold_is_the_least_word_that_is_kept) {
  const auto threshold = [](float probability) { return Dropout{.probability = probability}.threshold(); };
  static_assert(Dropout{.probability = 0.5f}.threshold() == 0x80000000u);
  BOOST_TEST(threshold(0) == 0u);
  BOOST_TEST(threshold(0x1p-32f) == 1u);
  for (const float word : {0.5f, 1.5f, 2.25f, 1000.75f, 0x1p22f + 0.5f, 0x1.fffffep22f}) {
    BOOST_TEST(threshold(word * 0x1p-32f) == static_cast<std::uint32_t>(std::floor(word)) + 1, word);
    BOOST_TEST(threshold(std::floor(word) * 0x1p-32f) == static_cast<std::uint32_t>(std::floor(word)), word);
  }
  BOOST_TEST(threshold(1e-45f) == 1u);
  BOOST_TEST(threshold(0.1f) == static_cast<std::uint32_t>(std::ceil(0.1f * 0x1p32)));
  BOOST_TEST(threshold(1 - 0x1p-24f) == 0xFFFFFF00u);
}

BOOST_AUTO_TEST_CASE(probabilities_that_operations_refuse_give_no_undefined_behaviour) {
  for (const float probability : {1.0f, 2.0f, INFINITY}) {
    const Dropout dropout{.probability = probability};
    BOOST_TEST(dropout.threshold() == 0xFFFFFFFFu);
    BOOST_TEST(dropout.scale() == 0);  // so the one word that is kept gives 0 as well
  }
  BOOST_TEST(Dropout{.probability = NAN}.threshold() == 0u);
  BOOST_TEST(Dropout{.probability = -1}.threshold() == 0u);
}

BOOST_AUTO_TEST_CASE(a_contiguous_product_has_the_rows_of_its_factors_as_they_are_stored) {
  for (const bool a : {false, true})
    for (const bool b : {false, true}) {
      const MatmulShape shape = contiguous_product(2, 3, 5, {a, b});
      BOOST_TEST((shape.transpose_a == a && shape.transpose_b == b));
      BOOST_TEST(shape.a_leading == (a ? 2 : 5));
      BOOST_TEST(shape.b_leading == (b ? 5 : 3));
      BOOST_TEST(shape.c_leading == 3);
    }
}

BOOST_AUTO_TEST_SUITE_END()
