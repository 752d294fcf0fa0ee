// Cross entropies: the emulated device compared with the CPU.
#include <limits>

#include "emulated/comparison.hpp"

BOOST_AUTO_TEST_SUITE(loss_kernels)

using namespace memsizer;
using namespace comparison;

namespace {

struct LossShape {
  Index rows, classes;
};

constexpr LossShape shapes[] = {{0, 5}, {1, 1}, {31, 2}, {5, 33}, {3, 1023}, {1, 2049}, {2049, 1}};

constexpr LabelSmoothing smoothings[] = {
    {}, {0.1, LabelSmoothing::Over::others}, {0.2, LabelSmoothing::Over::all}};

/// A target for each row: classes in turn, and some rows that are not scored.
Buffer<Id> targets_of(const LossShape& shape) {
  std::vector<Id> targets(static_cast<std::size_t>(shape.rows));
  for (std::size_t i = 0; i < targets.size(); ++i)
    targets[i] = i % 4 == 2 ? -1 : static_cast<Id>(static_cast<Index>(i * 7) % shape.classes);
  return Buffer<Id>(targets, "targets");
}

}  // namespace

BOOST_AUTO_TEST_CASE_TEMPLATE(cross_entropies, T, Types) {
  for (const LossShape& shape : shapes)
    for (const LabelSmoothing& smoothing : smoothings) {
      const Index rows = shape.rows, classes = shape.classes;
      auto logits = input<T>(rows * classes, "logits", -6, 6), dloss = input<T>(rows, "dloss");
      auto targets = targets_of(shape);
      BOOST_TEST_CONTEXT(rows << " x " << classes << ", smoothing " << smoothing.smoothing)
      for (const bool accumulate : {false, true})
        compare<T>(
            {rows, rows, rows, rows * classes}, 16,
            [&](Context& context, const auto& table, const auto& out) {
              table.loss.cross_entropy(context, out[0], out[1], out[2], logits.data(), targets.data(), rows,
                                       classes, smoothing);
              table.loss.cross_entropy_backward(context, {out[3], accumulate}, dloss.data(), out[1], out[2],
                                                logits.data(), targets.data(), rows, classes, smoothing);
            },
            both_ends);
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(targets_outside_the_classes_and_large_logits, T, Types) {
  const T big = std::numeric_limits<T>::max() / 4;
  Buffer<T> logits(std::vector<T>{1, 2, 3, big, 0, -big, big, big, big, 1, 2, 3}, "logits");
  Buffer<Id> targets(std::vector<Id>{3, 0, 2, -5}, "targets");
  auto dloss = input<T>(4, "dloss");
  compare<T>({4, 4, 4, 12}, 4, [&](Context& context, const auto& table, const auto& out) {
    table.loss.cross_entropy(context, out[0], out[1], out[2], logits.data(), targets.data(), 4, 3, {});
    table.loss.cross_entropy_backward(context, {out[3]}, dloss.data(), out[1], out[2], logits.data(),
                                      targets.data(), 4, 3, {});
  });
}

BOOST_AUTO_TEST_CASE_TEMPLATE(an_output_layer_and_its_loss, T, Types) {
  constexpr Index dim = 5;
  for (const LossShape& shape : shapes)
    for (const LabelSmoothing& smoothing : smoothings) {
      const Index rows = shape.rows, classes = shape.classes;
      auto x = input<T>(rows * dim, "x"), weight = input<T>(classes * dim, "weight");
      auto targets = targets_of(shape);
      BOOST_TEST_CONTEXT(rows << " x " << classes << ", smoothing " << smoothing.smoothing)
      for (int wanted = 0; wanted < 4; ++wanted) {
        // The race checker makes each access slow, and a product touches whole tiles. So large shapes, and
        // all smoothings but the first, are tried with both gradients alone.
        if (wanted != 3 && (rows * classes > 500 || &smoothing != smoothings)) continue;
        if (rows * classes > 500 && smoothing.smoothing != 0.2) continue;
        compare<T>(
            {3, rows * dim, classes * dim}, 32, [&](Context& context, const auto& table, const auto& out) {
              const auto gradient = [&](int i) {
                return Output<T>{(wanted >> (i - 1) & 1) != 0 ? out[i] : nullptr, i == wanted};
              };
              table.loss.linear_cross_entropy(context, out[0], gradient(1), gradient(2), x.data(),
                                              weight.data(), targets.data(), rows, dim, classes, smoothing);
            });
      }
    }
}

BOOST_AUTO_TEST_CASE(an_output_layer_of_more_rows_than_a_panel_has) {
  constexpr Index rows = 8300, dim = 2, classes = 3;  // a panel has at most 8,192 rows
  auto x = input<double>(rows * dim, "x"), weight = input<double>(classes * dim, "weight");
  auto targets = targets_of({rows, classes});
  const auto run = [&](Context& context, const auto& table) {
    Buffer<double> total(3, "total"), dx(rows * dim, "dx"), dweight(classes * dim, "dweight");
    table.loss.linear_cross_entropy(context, total.data(), {dx.data()}, {dweight.data()}, x.data(),
                                    weight.data(), targets.data(), rows, dim, classes, {});
    std::vector<double> all = total.values();
    for (const auto& values : {dx.values(), dweight.values()})
      all.insert(all.end(), values.begin(), values.end());
    return all;
  };
  emulated::EmulatedContext context;
  check_close(run(context, emulated::table<double>()), run(cpu::context(), cpu::table<double>()), 64);
}

BOOST_AUTO_TEST_SUITE_END()
