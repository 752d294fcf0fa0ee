// Strided copies: the emulated device compared with the CPU.
#include "emulated/comparison.hpp"

BOOST_AUTO_TEST_SUITE(copy_kernels)

using namespace memsizer;
using namespace comparison;

namespace {

/// A walk, and the numbers of elements of y and x that it reaches.
struct Copy {
  const char* name;
  Walk walk;
  Index y_size, x_size;
};

const Copy copies[] = {
    {"nothing", {.rank = 2, .extents = {3, 0}, .y_strides = {1, 1}, .a_strides = {1, 1}}, 3, 3},
    {"one", {.rank = 1, .extents = {1}}, 1, 1},
    {"no axis", {}, 1, 1},
    {"in one run", {.rank = 2, .extents = {33, 31}, .y_strides = {31, 1}, .a_strides = {31, 1}}, 1023, 1023},
    {"transposed", {.rank = 2, .extents = {33, 40}, .y_strides = {1, 33}, .a_strides = {40, 1}}, 1320, 1320},
    {"heads before time",
     {.rank = 4, .extents = {2, 5, 3, 33}, .y_strides = {495, 33, 165, 1}, .a_strides = {495, 99, 33, 1}},
     990,
     990},
    {"a slice", {.rank = 2, .extents = {5, 7}, .y_strides = {7, 1}, .a_strides = {40, 1}}, 35, 167},
    {"rows of a table", {.rank = 2, .extents = {5, 16}, .y_strides = {16, 1}, .a_strides = {40, 1}}, 80, 176},
    {"a number a row", {.rank = 2, .extents = {5, 16}, .y_strides = {16, 1}, .a_strides = {1, 0}}, 80, 5},
    {"rows that begin anywhere",
     {.rank = 2, .extents = {3, 8}, .y_strides = {9, 1}, .a_strides = {11, 1}},
     26,
     30},
    {"every other",
     {.rank = 2, .extents = {16, 129}, .y_strides = {129, 1}, .a_strides = {258, 2}},
     2064,
     4127},
    {"six axes",
     {.rank = 6,
      .extents = {2, 3, 2, 3, 2, 3},
      .y_strides = {108, 36, 18, 6, 3, 1},
      .a_strides = {1, 2, 6, 12, 36, 72}},
     216,
     216},
    {"broadcast",
     {.rank = 3, .extents = {4, 31, 9}, .y_strides = {279, 9, 1}, .a_strides = {9, 0, 1}},
     1116,
     36},
    {"one to all", {.rank = 1, .extents = {2049}, .y_strides = {1}, .a_strides = {0}}, 2049, 1},
    {"many to one", {.rank = 1, .extents = {70}, .y_strides = {0}, .a_strides = {1}}, 1, 70},
    {"many to each",
     {.rank = 4, .extents = {3, 5, 2, 33}, .y_strides = {0, 33, 0, 1}, .a_strides = {330, 66, 33, 1}},
     165,
     990},
    {"none to each", {.rank = 2, .extents = {0, 4}, .y_strides = {0, 1}, .a_strides = {4, 1}}, 4, 4}};

}  // namespace

BOOST_AUTO_TEST_CASE_TEMPLATE(elements_go_along_the_walk, T, Types) {
  for (Copy copy : copies)
    for (const bool unused_strides : {false, true}) {
      if (unused_strides)
        for (int axis = 0; axis < copy.walk.rank; ++axis) copy.walk.b_strides[axis] = 7 + axis;
      auto x = input<T>(copy.x_size, "x");
      BOOST_TEST_CONTEXT(copy.name)
      compare<T>(
          {copy.y_size, copy.y_size}, 0,
          [&](Context& context, const auto& table, const auto& out) {
            table.memory.copy_strided(context, {out[0]}, x.data(), copy.walk);
            table.memory.copy_strided(context, {out[1], true}, x.data(), copy.walk);
          },
          both_ends);
    }
}

BOOST_AUTO_TEST_SUITE_END()
