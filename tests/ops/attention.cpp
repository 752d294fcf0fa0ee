// Distances and ranges of keys in attention's arguments. The operation cases of attention test the kernels.
#include "memsizer/ops/attention.hpp"

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(attention_options)

using namespace memsizer;

namespace {

Tensor<double> ones(Shape shape) {
  return Tensor<double>::full(shape, 1);
}

void refuses(const std::string& reason, const AttentionOptions& options,
             const DistanceBias<double>& bias = {}, Index keys = 3) {
  const Tensor<double> query = ones({2, 3, 4}), key = ones({2, keys, 4});
  BOOST_CHECK_EXCEPTION(attention(query, key, key, options, bias), InputError, [&](const InputError& error) {
    BOOST_TEST_MESSAGE(error.what());
    return std::string(error.what()).find(reason) != std::string::npos;
  });
}

}  // namespace

// The expected buckets come from the Python formula of T5's authors.
BOOST_AUTO_TEST_CASE(t5_buckets_are_those_of_the_paper) {
  const std::vector<Index> of_8 = {0, 1, 2, 3, 4, 4, 5, 5, 6, 6, 6, 6, 7, 7, 7, 7, 7, 7};
  for (std::size_t distance = 0; distance < of_8.size(); ++distance)
    BOOST_TEST(t5_bucket(static_cast<Index>(distance), 8, 16) == of_8[distance]);
  const std::vector<Index> begins = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15,
                                     16, 19, 21, 24, 27, 31, 35, 40, 46, 52, 59, 67, 77, 87, 99, 113};
  for (Index distance = 0; distance < 1000; ++distance) {
    const auto next = std::ranges::upper_bound(begins, distance);
    BOOST_TEST(t5_bucket(distance, 32, 128) == next - begins.begin() - 1, "distance " << distance);
    // If keys lie in both directions, each direction has half of the buckets.
    const Index before = t5_bucket(distance, 16, 128);
    BOOST_TEST(t5_bucket(distance, 32, 128, true) == before);
    if (distance > 0) BOOST_TEST(t5_bucket(-distance, 32, 128, true) == 16 + before);
    BOOST_TEST(t5_bucket(-distance, 32, 128) == 0);
  }
}

BOOST_AUTO_TEST_CASE(alibi_slopes_are_those_of_the_paper) {
  const auto check = [](Index heads, const std::vector<double>& expected) {
    const std::vector<double> slopes = alibi_slopes(heads);
    BOOST_TEST(slopes == expected, boost::test_tools::per_element());
  };
  check(1, {0x1p-8});
  check(2, {0x1p-4, 0x1p-8});
  check(8, {0.5, 0.25, 0.125, 0x1p-4, 0x1p-5, 0x1p-6, 0x1p-7, 0x1p-8});
  check(3, {0x1p-4, 0x1p-8, 0x1p-2});
  check(6, {0x1p-2, 0x1p-4, 0x1p-6, 0x1p-8, 0x1p-1, 0x1p-3});
}

BOOST_AUTO_TEST_CASE(what_does_not_fit_is_refused) {
  using Bias = DistanceBias<double>;
  const AttentionOptions causal{.heads = 2, .causal = true};
  refuses("a window needs causal attention", {.heads = 2, .window = 3});
  refuses("window and memory of at least 0 expected, got -1 and 0",
          {.heads = 2, .causal = true, .window = -1});
  refuses("got 0 and -2", {.heads = 2, .memory = -2});
  refuses("first_keys, got", {.heads = 2, .first_keys = Tensor<Id>(Shape{3}, {0, 0, 0})});
  for (const Shape& shape :
       {Shape{3, 5}, Shape{2, 0}, Shape{2}, Shape{}, Shape{2, 2, 4, 5}, Shape{1, 2, 3, 5}})
    refuses("attention: a bias", causal, Bias{.values = ones(shape)});
  refuses("attention: a bias [2]", causal, Bias::alibi(ones({3})));
  BOOST_CHECK_THROW(Bias::alibi(ones({2, 1})), InputError);
  for (const Shape& table : {Shape{2}, Shape{2, 1}, Shape{2, 0}})
    BOOST_CHECK_THROW(Bias::t5(ones(table)), InputError);
  BOOST_CHECK_THROW(Bias::t5(ones({2, 32}), 16), InputError);
  BOOST_CHECK_THROW(Bias::t5(ones({2, 5}), 128, true), InputError);
  BOOST_CHECK_THROW(Bias::t5(ones({2, 2}), 128, true), InputError);
}

BOOST_AUTO_TEST_SUITE_END()
