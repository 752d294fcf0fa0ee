// MemSizer's kernels: the emulated device's against the CPU's.
#include "emulated/comparison.hpp"

BOOST_AUTO_TEST_SUITE(memsizer_kernels)

using namespace memsizer;
using namespace comparison;

namespace {

// On both sides of the tokens of a chunk, of the slots that a thread keeps and of the columns of a warp and
// block.
constexpr MemSizerShape shapes[] = {
    {.batch = 0, .time = 3, .slots = 4, .dim = 8},    {.batch = 2, .time = 0, .slots = 4, .dim = 8},
    {.batch = 2, .time = 4, .slots = 3, .dim = 0},    {.batch = 1, .time = 1, .slots = 1, .dim = 1},
    {.batch = 2, .time = 5, .slots = 4, .dim = 33},   {.batch = 1, .time = 31, .slots = 8, .dim = 31},
    {.batch = 2, .time = 33, .slots = 3, .dim = 40},  {.batch = 2, .time = 70, .slots = 16, .dim = 65},
    {.batch = 1, .time = 34, .slots = 33, .dim = 20}, {.batch = 1, .time = 9, .slots = 5, .dim = 129},
    {.batch = 2, .time = 3, .slots = 70, .dim = 7},   {.batch = 1, .time = 1023, .slots = 2, .dim = 3},
    {.batch = 1, .time = 3, .slots = 31, .dim = 1023}};

std::string describe(const MemSizerShape& shape) {
  return concatenate(shape.batch, " x ", shape.time, ", ", shape.slots, " slots, dim ", shape.dim);
}

/// Rows of all lengths from 1 to time, and counts that differ.
class RaggedRows {
 public:
  explicit RaggedRows(const MemSizerShape& shape)
      : lengths_(shape.batch, "lengths"), counts_(shape.batch, "counts") {
    for (Index b = 0; b < shape.batch; ++b) {
      lengths_.data()[b] = static_cast<Id>(shape.time == 0 ? 0 : 1 + (b * 7 + shape.time / 2) % shape.time);
      counts_.data()[b] = static_cast<Id>(11 * b + 5);
    }
  }

  /// The shape with ragged rows.
  MemSizerShape of(MemSizerShape shape) {
    shape.lengths = lengths_.data();
    shape.counts = counts_.data();
    return shape;
  }

 private:
  Buffer<Id> lengths_, counts_;
};

template <class T>
struct Inputs {
  explicit Inputs(const MemSizerShape& s)
      : p(input<T>(s.batch * s.time * s.slots, "p", 0, 1)),
        k(input<T>(s.batch * s.time * s.slots, "k")),
        v(input<T>(s.batch * s.time * s.dim, "v")),
        dy(input<T>(s.batch * s.time * s.dim, "dy")),
        memory(input<T>(s.batch * s.slots * s.dim, "memory")) {}

  Buffer<T> p, k, v, dy, memory;
};

}  // namespace

BOOST_AUTO_TEST_CASE_TEMPLATE(causal_scan, T, Types) {
  for (const MemSizerShape& full : shapes) {
    Inputs<T> in(full);
    RaggedRows ragged(full);
    const Index values = full.batch * full.time * full.dim, memory = full.batch * full.slots * full.dim;
    for (const bool continued : {false, true}) {
      const MemSizerShape shape = continued ? ragged.of(full) : full;
      BOOST_TEST_CONTEXT(describe(full) << (continued ? ", continued" : ""))
      compare<T>({values, memory}, 16, [&](Context& context, const auto& table, const auto& out) {
        // A continued scan advances its memory in place.
        table.memsizer.causal_scan(context, out[0], out[1], in.p.data(), in.k.data(), in.v.data(),
                                   continued ? out[1] : nullptr, shape);
      });
    }
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(causal_scan_that_keeps_no_memory, T, Types) {
  constexpr MemSizerShape shape{.batch = 2, .time = 5, .slots = 4, .dim = 33};
  Inputs<T> in(shape);
  compare<T>({shape.batch * shape.time * shape.dim}, 16,
             [&](Context& context, const auto& table, const auto& out) {
               table.memsizer.causal_scan(context, out[0], nullptr, in.p.data(), in.k.data(), in.v.data(),
                                          in.memory.data(), shape);
             });
}

BOOST_AUTO_TEST_CASE_TEMPLATE(causal_scan_backward, T, Types) {
  for (const MemSizerShape& full : shapes) {
    Inputs<T> in(full);
    RaggedRows ragged(full);
    const Index slots = full.batch * full.time * full.slots, values = full.batch * full.time * full.dim;
    for (const bool continued : {false, true}) {
      const MemSizerShape shape = continued ? ragged.of(full) : full;
      BOOST_TEST_CONTEXT(describe(full) << (continued ? ", continued and added" : ""))
      compare<T>({slots, slots, values}, 64, [&](Context& context, const auto& table, const auto& out) {
        table.memsizer.causal_scan_backward(context, {out[0], continued}, {out[1], continued},
                                            {out[2], continued}, in.dy.data(), in.p.data(), in.k.data(),
                                            in.v.data(), continued ? in.memory.data() : nullptr, shape);
      });
    }
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(gradients_that_are_not_wanted, T, Types) {
  constexpr MemSizerShape shape{.batch = 2, .time = 5, .slots = 34, .dim = 33};
  constexpr Index slots = shape.batch * shape.time * shape.slots,
                  values = shape.batch * shape.time * shape.dim;
  Inputs<T> in(shape);
  for (int wanted = 0; wanted < 8; ++wanted)
    compare<T>({slots, slots, values}, 64, [&](Context& context, const auto& table, const auto& out) {
      const auto gradient = [&](int i) { return Output<T>{(wanted >> i & 1) != 0 ? out[i] : nullptr}; };
      table.memsizer.causal_scan_backward(context, gradient(0), gradient(1), gradient(2), in.dy.data(),
                                          in.p.data(), in.k.data(), in.v.data(), nullptr, shape);
      table.memsizer.key_value_memory_backward(context, gradient(1), gradient(2), in.memory.data(),
                                               in.k.data(), in.v.data(), shape);
    });
}

BOOST_AUTO_TEST_CASE_TEMPLATE(key_value_memory, T, Types) {
  for (const MemSizerShape& full : shapes) {
    Inputs<T> in(full);
    RaggedRows rows(full);
    const Index slots = full.batch * full.time * full.slots, values = full.batch * full.time * full.dim;
    for (const bool ragged : {false, true}) {
      const MemSizerShape shape = ragged ? rows.of(full) : full;
      BOOST_TEST_CONTEXT(describe(full) << (ragged ? ", ragged" : ""))
      compare<T>(
          {in.memory.size(), slots, values}, 16, [&](Context& context, const auto& table, const auto& out) {
            table.memsizer.key_value_memory(context, out[0], in.k.data(), in.v.data(), shape);
            table.memsizer.key_value_memory_backward(context, {out[1], ragged}, {out[2], ragged},
                                                     in.memory.data(), in.k.data(), in.v.data(), shape);
          });
    }
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(slot_weights, T, Types) {
  Buffer<std::uint64_t> key(std::vector<std::uint64_t>{42}, "key");
  struct Shape {
    Index rows, heads, slots;
  };
  constexpr Shape head_shapes[] = {{0, 2, 4},   {3, 2, 0},  {1, 1, 1},  {33, 8, 4},  {31, 3, 5},
                                   {5, 16, 32}, {4, 2, 33}, {2, 5, 70}, {1023, 1, 2}};
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
