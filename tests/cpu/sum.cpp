#include "memsizer/cpu/sum.hpp"

#include "cpu/kernel_test.hpp"

BOOST_AUTO_TEST_SUITE(sum)

using namespace memsizer;
using namespace memsizer::cpu;
using namespace kernel_test;

BOOST_AUTO_TEST_CASE(axes_are_split_by_the_output_stride) {
  const SplitWalk split =
      split_axes({.rank = 3, .extents = {4, 5, 6}, .y_strides = {30, 6, 1}, .a_strides = {6, 0, 1}});
  BOOST_TEST(size(split.kept) == 24);
  BOOST_TEST(size(split.repeated) == 5);
  BOOST_TEST(split.innermost_is_kept);
  const SplitWalk all = split_axes({.rank = 1, .extents = {7}, .y_strides = {1}});
  BOOST_TEST(size(all.kept) == 1);
  BOOST_TEST(!all.innermost_is_kept);
}

BOOST_AUTO_TEST_CASE(a_long_float_sum_keeps_its_digits) {
  const Index n = 3000000;
  const Guarded<float> x(n, 0.1f);
  for (const Walk& walk :
       {Walk{.rank = 1, .extents = {n}, .y_strides = {1}},
        Walk{.rank = 2, .extents = {n / 3, 3}, .y_strides = {3, 1}, .a_strides = {0, 1}}}) {
    Guarded<float> y(3);
    sum_repeated<float>(context(), {y.data(), false}, walk, 1.0,
                        [&](float*, const Offsets& at, Index) { return x.data() + at.y; });
    const double expected = double{0.1f} * static_cast<double>(walk.rank == 1 ? n : n / 3);
    BOOST_TEST(std::abs(y[0] / expected - 1) < 1e-6);
  }
}

BOOST_AUTO_TEST_CASE(the_result_does_not_depend_on_the_threads) {
  const auto x = uniform<float>(1000003, "x");
  std::vector<float> sums;
  with_threads([&] {
    float y = 0;
    sum_repeated<float>(context(), {&y, false}, {.rank = 1, .extents = {x.size()}, .y_strides = {1}}, 1.0,
                        [&](float*, const Offsets& at, Index) { return x.data() + at.y; });
    sums.push_back(y);
  });
  for (float sum : sums) BOOST_TEST(sum == sums[0]);
}

BOOST_AUTO_TEST_SUITE_END()
