// Binary operations with broadcasting and their gradients: the emulated device compared with the CPU.
#include "emulated/comparison.hpp"

BOOST_AUTO_TEST_SUITE(binary_kernels)

using namespace memsizer;
using namespace comparison;

namespace {

/// Extents of the result, and along which axes a and b have only one element.
struct Broadcast {
  std::vector<Index> extents;
  std::vector<int> a_repeats, b_repeats;
};

struct Plan {
  Walk walk;
  Index y_size = 1, a_size = 1, b_size = 1;
};

Plan plan(const Broadcast& broadcast) {
  Plan plan;
  plan.walk.rank = static_cast<int>(broadcast.extents.size());
  const auto stride = [](const std::vector<int>& repeats, int axis, Index extent, Index& size) -> Index {
    if (std::find(repeats.begin(), repeats.end(), axis) != repeats.end()) return 0;
    return std::exchange(size, size * extent);
  };
  for (int axis = plan.walk.rank - 1; axis >= 0; --axis) {
    const Index extent = broadcast.extents[static_cast<std::size_t>(axis)];
    plan.walk.extents[axis] = extent;
    plan.walk.y_strides[axis] = stride({}, axis, extent, plan.y_size);
    plan.walk.a_strides[axis] = stride(broadcast.a_repeats, axis, extent, plan.a_size);
    plan.walk.b_strides[axis] = stride(broadcast.b_repeats, axis, extent, plan.b_size);
  }
  return plan;
}

/// The walk over y alone, in the place of all operands.
Walk one_to_one(const Plan& plan) {
  Walk walk = plan.walk;
  std::copy_n(walk.y_strides, max_rank, walk.a_strides);
  std::copy_n(walk.y_strides, max_rank, walk.b_strides);
  return walk;
}

const Broadcast broadcasts[] = {{{}, {}, {}},
                                {{0}, {}, {}},
                                {{3, 0}, {1}, {}},
                                {{0, 3}, {0}, {0}},
                                {{1}, {}, {}},
                                {{1023}, {}, {}},
                                {{33, 31}, {}, {0}},
                                {{33, 31}, {}, {1}},
                                {{7, 130}, {0}, {1}},
                                {{300, 5}, {}, {0}},
                                {{2049}, {}, {0}},
                                {{5000}, {0}, {0}},
                                {{5, 40}, {}, {0}},
                                {{5, 40}, {1}, {0}},
                                {{3, 2, 31, 4}, {1}, {0, 2}},
                                {{2, 3, 4, 5}, {0, 2}, {1, 3}},
                                {{2, 130, 2}, {1}, {0, 2}},
                                {{2, 2, 2, 2, 2, 3}, {0, 2, 4}, {1, 3, 5}}};

}  // namespace

BOOST_AUTO_TEST_CASE_TEMPLATE(functions_and_gradients, T, Types) {
  for (const Broadcast& broadcast : broadcasts) {
    const Plan at = plan(broadcast);
    // Maps and groups of neighbours have two rungs.
    const bool has_rungs = (broadcast.a_repeats.empty() && broadcast.b_repeats.empty()) ||
                           at.walk.extents[at.walk.rank - 1] % 4 == 0;
    auto a = input<T>(at.a_size, "a"), b = input<T>(at.b_size, "b", 0.5, 2), dy = input<T>(at.y_size, "dy");
    for (const BinaryFunction f :
         {BinaryFunction::add, BinaryFunction::subtract, BinaryFunction::multiply, BinaryFunction::divide})
      BOOST_TEST_CONTEXT("walk " << &broadcast - broadcasts << ", function " << static_cast<int>(f))
    for (const bool accumulate : {false, true})
      compare<T>(
          {at.y_size, at.a_size, at.b_size}, 8,
          [&](Context& context, const auto& table, const auto& out) {
            table.elementwise.binary(context, out[0], a.data(), b.data(), f, at.walk);
            table.elementwise.binary_backward(context, {out[1], accumulate}, {out[2], accumulate}, dy.data(),
                                              a.data(), b.data(), f, at.walk);
          },
          has_rungs ? std::span(both_ends) : std::span(both_ends).last(1));
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(operands_and_gradients_that_are_not_wanted_may_be_null, T, Types) {
  for (const Plan& at : {plan({{5, 33}, {0}, {1}}), plan({{5, 33}, {}, {}})}) {
    auto a = input<T>(at.a_size, "a"), b = input<T>(at.b_size, "b", 0.5, 2), dy = input<T>(at.y_size, "dy");
    for (const BinaryFunction f :
         {BinaryFunction::add, BinaryFunction::subtract, BinaryFunction::multiply, BinaryFunction::divide})
      for (int wanted = 0; wanted < 4; ++wanted) {
        const bool da = (wanted & 1) != 0, db = (wanted & 2) != 0;
        const bool sum = f == BinaryFunction::add || f == BinaryFunction::subtract;
        const T* left = sum || !db ? nullptr : a.data();
        const T* right = sum || (f == BinaryFunction::multiply && !da) ? nullptr : b.data();
        BOOST_TEST_CONTEXT("function " << static_cast<int>(f) << ", wanted " << wanted)
        compare<T>({at.a_size, at.b_size}, 8, [&](Context& context, const auto& table, const auto& out) {
          table.elementwise.binary_backward(context, {da ? out[0] : nullptr}, {db ? out[1] : nullptr},
                                            dy.data(), left, right, f, at.walk);
        });
      }
  }
}

// In bfloat16 too, and where nothing begins at a multiple of 16 bytes.
BOOST_AUTO_TEST_CASE_TEMPLATE(groups_of_neighbours_give_the_bits_of_single_elements, T, AllTypes) {
  for (const Plan& at : {plan({{5, 40}, {}, {0}}), plan({{5, 40}, {1}, {}}), plan({{3, 2, 16}, {1}, {0, 2}})})
    for (const Index off : {0, 1}) {
      auto a = input<T>(at.a_size + off, "a"), b = input<T>(at.b_size + off, "b", 0.5, 2);
      const auto values = [&](Context& context) {
        const auto& table = emulated::table<T>();
        Buffer<T> y(uniform<T>(at.y_size + off, "y"), "y"), copy(uniform<T>(at.y_size + off, "copy"), "copy");
        table.elementwise.binary(context, y.data() + off, a.data() + off, b.data() + off,
                                 BinaryFunction::divide, at.walk);
        Walk one = at.walk;
        std::fill_n(one.b_strides, max_rank, Index{0});
        table.memory.copy_strided(context, {copy.data() + off}, a.data() + off, one);
        table.memory.copy_strided(context, {copy.data() + off, true}, y.data() + off, one_to_one(at));
        std::vector<T> both = y.values();
        for (const T value : copy.values()) both.push_back(value);
        return both;
      };
      emulated::EmulatedContext simple;
      simple.highest_rung = 1;
      const std::vector<T> expected = values(simple);
      BOOST_TEST_CONTEXT("off by " << off)
      under_every_schedule([&](Context& context) { BOOST_TEST((values(context) == expected)); });
    }
}

BOOST_AUTO_TEST_SUITE_END()
