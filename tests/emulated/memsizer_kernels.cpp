// MemSizer's slot weights: the emulated device compared with the CPU.
#include "emulated/comparison.hpp"

BOOST_AUTO_TEST_SUITE(memsizer_kernels)

using namespace memsizer;
using namespace comparison;

BOOST_AUTO_TEST_CASE_TEMPLATE(slot_weights, T, Types) {
  Buffer<std::uint64_t> key(std::vector<std::uint64_t>{42}, "key");
  struct Shape {
    Index rows, heads, slots;
  };
  constexpr Shape head_shapes[] = {{0, 2, 4},    {3, 2, 0},    {1, 1, 1},   {33, 8, 4},
                                   {31, 3, 5},   {5, 16, 32},  {4, 2, 33},  {2, 5, 70},
                                   {1023, 1, 2}, {2049, 1, 1}, {1, 1, 2049}};
  for (const Shape& shape : head_shapes)
    for (const float probability : {0.0f, 0.3f}) {
      const Index rows = shape.rows, heads = shape.heads, slots = shape.slots, width = rows * heads * slots;
      auto logits = input<T>(width, "logits"), dp = input<T>(rows * slots, "dp");
      const Dropout dropout{.probability = probability, .step_key = key.data(), .stream = 7};
      BOOST_TEST_CONTEXT(rows << " x " << heads << " x " << slots << ", dropout " << probability)
      compare<T>({rows * slots, width, width}, 4, [&](Context& context, const auto& table, const auto& out) {
        table.memsizer.slot_weights(context, out[0], logits.data(), rows, heads, slots, dropout);
        table.memsizer.slot_weights_backward(context, {out[1]}, dp.data(), logits.data(), rows, heads, slots,
                                             dropout);
        table.memsizer.slot_weights_backward(context, {out[2], true}, dp.data(), logits.data(), rows, heads,
                                             slots, dropout);
      });
    }
}

BOOST_AUTO_TEST_SUITE_END()
