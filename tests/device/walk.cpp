#include "memsizer/device/walk.hpp"

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(device_walk)

using namespace memsizer;

BOOST_AUTO_TEST_CASE(axes_that_lie_one_after_another_become_one) {
  const Walk plain{.rank = 3, .extents = {2, 3, 4}, .y_strides = {12, 4, 1}, .a_strides = {12, 4, 1}};
  BOOST_TEST(size(plain) == 24);
  BOOST_TEST(merge_axes(plain).rank == 1);
  BOOST_TEST(merge_axes(plain).extents[0] == 24);
  Walk repeats = plain;
  repeats.a_strides[0] = 0;  // a is repeated along the first axis
  BOOST_TEST(merge_axes(repeats).rank == 2);
  BOOST_TEST(merge_axes(repeats).extents[1] == 12);
}

BOOST_AUTO_TEST_CASE(no_axis_is_one_of_one_element) {
  BOOST_TEST(merge_axes(Walk{}).rank == 1);
  BOOST_TEST(merge_axes(Walk{}).extents[0] == 1);
  const Walk ones{.rank = 2, .extents = {1, 1}};
  BOOST_TEST(merge_axes(ones).rank == 1);
}

BOOST_AUTO_TEST_CASE(axes_are_split_by_the_strides_of_a) {
  const Walk walk{.rank = 3, .extents = {5, 6, 7}, .y_strides = {42, 7, 1}, .a_strides = {7, 0, 1}};
  const SplitWalk split = split_axes(walk);
  BOOST_TEST(size(split.kept) == 35);
  BOOST_TEST(size(split.repeated) == 6);
  BOOST_TEST(split.innermost_is_kept);
  Offsets at;
  advance(at, walk, 1, 3);
  BOOST_TEST(at.y == 21);
  BOOST_TEST(at.a == 0);
}

BOOST_AUTO_TEST_SUITE_END()
