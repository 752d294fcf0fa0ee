#include "memsizer/cpu/walk.hpp"

#include "cpu/kernel_test.hpp"

BOOST_AUTO_TEST_SUITE(walk)

using namespace memsizer;
using namespace memsizer::cpu;

BOOST_AUTO_TEST_CASE(contiguous_axes_merge_into_one) {
  const Walk merged = merge_axes({.rank = 3,
                                  .extents = {4, 5, 6},
                                  .y_strides = {30, 6, 1},
                                  .a_strides = {30, 6, 1},
                                  .b_strides = {0, 0, 0}});
  BOOST_TEST(merged.rank == 1);
  BOOST_TEST(merged.extents[0] == 120);
  BOOST_TEST(merged.a_strides[0] == 1);
  BOOST_TEST(merged.b_strides[0] == 0);
}

BOOST_AUTO_TEST_CASE(axes_that_an_operand_crosses_differently_stay_apart) {
  const Walk merged = merge_axes({.rank = 3,
                                  .extents = {4, 5, 6},
                                  .y_strides = {30, 6, 1},
                                  .a_strides = {30, 6, 1},
                                  .b_strides = {6, 0, 1}});
  BOOST_TEST(merged.rank == 3);
  const Walk row = merge_axes({.rank = 3,
                               .extents = {4, 5, 6},
                               .y_strides = {30, 6, 1},
                               .a_strides = {30, 6, 1},
                               .b_strides = {0, 0, 1}});
  BOOST_TEST(row.rank == 2);
  BOOST_TEST(row.extents[0] == 20);
  BOOST_TEST(row.extents[1] == 6);
}

BOOST_AUTO_TEST_CASE(single_extents_vanish_and_one_axis_remains) {
  const Walk merged =
      merge_axes({.rank = 4, .extents = {1, 7, 1, 1}, .y_strides = {9, 1, 5, 3}, .a_strides = {2, 1, 4, 8}});
  BOOST_TEST(merged.rank == 1);
  BOOST_TEST(merged.extents[0] == 7);
  BOOST_TEST(merge_axes({.rank = 2, .extents = {1, 1}}).rank == 1);
  BOOST_TEST(size(merge_axes({.rank = 0})) == 1);
  BOOST_TEST(size(merge_axes({.rank = 2, .extents = {3, 0}, .y_strides = {0, 1}})) == 0);
}

BOOST_AUTO_TEST_CASE(runs_cover_any_range_in_order) {
  const Walk walk{.rank = 3,
                  .extents = {3, 4, 5},
                  .y_strides = {20, 5, 1},
                  .a_strides = {100, 10, 2},
                  .b_strides = {0, 1, 0}};
  for (Index begin = 0; begin <= 60; ++begin)
    for (Index end = begin; end <= 60; end += 7) {
      Index next = begin;
      for_each_run(walk, begin, end, [&](const Offsets& at, Index n) {
        for (Index i = 0; i < n; ++i, ++next) {
          BOOST_TEST_REQUIRE(at.y + i == next);
          BOOST_TEST_REQUIRE(at.a + 2 * i == next / 20 * 100 + next / 5 % 4 * 10 + next % 5 * 2);
          BOOST_TEST_REQUIRE(at.b == next / 5 % 4);
        }
      });
      BOOST_TEST_REQUIRE(next == end);
    }
}

BOOST_AUTO_TEST_CASE(a_strided_run_becomes_contiguous) {
  const float data[] = {1, 2, 3, 4, 5, 6};
  float buffer[chunk_size];
  BOOST_TEST(contiguous_run(data, 1, 6, buffer) == data);
  const float* strided = contiguous_run(data, 2, 3, buffer);
  BOOST_TEST((strided[0] == 1 && strided[1] == 3 && strided[2] == 5));
  const float* repeated = contiguous_run(data + 3, 0, 4, buffer);
  BOOST_TEST((repeated[0] == 4 && repeated[3] == 4));
}

BOOST_AUTO_TEST_SUITE_END()
