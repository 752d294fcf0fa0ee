#include "memsizer/cpu/loss.hpp"

#include "cpu/kernel_test.hpp"

BOOST_AUTO_TEST_SUITE(loss)

using namespace memsizer;
using namespace kernel_test;

namespace {

constexpr LabelSmoothing smoothings[] = {
    {}, {0.1, LabelSmoothing::Over::others}, {0.1, LabelSmoothing::Over::all}};

std::vector<Id> some_targets(Index rows, Index classes) {
  RandomStream random(name_key("targets"));
  std::vector<Id> targets(rows);
  for (Id& target : targets)
    target = random.uniform() < 0.2 ? -1 : static_cast<Id>(random.below(static_cast<std::uint64_t>(classes)));
  return targets;
}

/// The probability that the smoothed target gives to one class: to the right one, or to any other.
double target_mass(const LabelSmoothing& smoothing, Index classes, bool right) {
  const double s = smoothing.smoothing, v = static_cast<double>(classes);
  if (smoothing.over == LabelSmoothing::Over::all) return (right ? 1 - s : 0) + s / v;
  return right ? 1 - s : s / (v - 1);
}

/// By the definition: the losses, and the gradients of their sum.
struct Naive {
  std::vector<double> loss, maximum, log_sum, dlogits;

  Naive(const std::vector<double>& logits, const std::vector<Id>& targets, Index classes,
        const LabelSmoothing& smoothing)
      : loss(targets.size()),
        maximum(targets.size(), -std::numeric_limits<double>::infinity()),
        log_sum(targets.size()),
        dlogits(logits.size()) {
    for (std::size_t row = 0; row < targets.size(); ++row) {
      const double* x = logits.data() + row * classes;
      for (Index c = 0; c < classes; ++c) maximum[row] = std::max(maximum[row], x[c]);
      double sum = 0;
      for (Index c = 0; c < classes; ++c) sum += std::exp(x[c] - maximum[row]);
      log_sum[row] = std::log(sum);
      if (targets[row] < 0) continue;
      for (Index c = 0; c < classes; ++c) {
        const double mass = target_mass(smoothing, classes, c == targets[row]);
        const double log_probability = (x[c] - maximum[row]) - log_sum[row];
        loss[row] -= mass * log_probability;
        dlogits[row * classes + c] = std::exp(log_probability) - mass;
      }
    }
  }
};

template <class T>
std::vector<double> doubles(const Guarded<T>& array) {
  return {array.begin(), array.end()};
}

}  // namespace

BOOST_AUTO_TEST_CASE_TEMPLATE(losses_and_gradients_of_odd_sizes, T, Types) {
  const auto& kernels = cpu::table<T>().loss;
  for (Index rows : {0, 1, 33, 65})
    for (Index classes : {2, 31, 1023})
      for (const LabelSmoothing& smoothing : smoothings) {
        const auto logits = uniform<T>(rows * classes, "logits", -5, 5), dloss = uniform<T>(rows, "dloss");
        const std::vector<Id> targets = some_targets(rows, classes);
        Naive naive(doubles(logits), targets, classes, smoothing);
        for (Index i = 0; i < rows * classes; ++i) naive.dlogits[i] *= dloss[i / classes];
        with_threads([&] {
          Guarded<T> loss(rows), maximum(rows), log_sum(rows);
          kernels.cross_entropy(cpu::context(), loss.data(), maximum.data(), log_sum.data(), logits.data(),
                                targets.data(), rows, classes, smoothing);
          check_close(loss, naive.loss, 2);
          check_close(maximum, naive.maximum, 2);
          check_close(log_sum, naive.log_sum, 2);
          check_gradient<T>(naive.dlogits, 2, [&](Output<T> dlogits) {
            kernels.cross_entropy_backward(cpu::context(), dlogits, dloss.data(), maximum.data(),
                                           log_sum.data(), logits.data(), targets.data(), rows, classes,
                                           smoothing);
          });
        });
      }
}

// A softmax does not change when the same number is added to all logits.
BOOST_AUTO_TEST_CASE_TEMPLATE(large_shifts_of_the_logits_change_nothing, T, Types) {
  const auto& kernels = cpu::table<T>().loss;
  const Index classes = 300, dim = 1;
  const Id target = 1;
  const T dloss = 1;
  for (const LabelSmoothing& smoothing : smoothings)
    for (const T shift : {T{0}, T{1e4}, T{-1e5}, T{4e6}}) {
      // The logits are multiples of a half, so that T holds them exactly even after the shift.
      std::vector<double> logits(classes);
      for (Index c = 0; c < classes; ++c) logits[c] = 0.5 * static_cast<double>(c % 17);
      const Naive expected(logits, {target}, classes, smoothing);
      Guarded<T> shifted(classes), loss(1), maximum(1), log_sum(1), dlogits(classes), total(3);
      for (Index c = 0; c < classes; ++c) shifted[c] = static_cast<T>(logits[c]) + shift;
      kernels.cross_entropy(cpu::context(), loss.data(), maximum.data(), log_sum.data(), shifted.data(),
                            &target, 1, classes, smoothing);
      kernels.cross_entropy_backward(cpu::context(), {dlogits.data()}, &dloss, maximum.data(), log_sum.data(),
                                     shifted.data(), &target, 1, classes, smoothing);
      // The shifted logits serve as the weights of an output layer whose input is 1.
      const Guarded<T> one(1, T{1});
      Guarded<T> dweight(classes);
      kernels.linear_cross_entropy(cpu::context(), total.data(), {}, {dweight.data()}, one.data(),
                                   shifted.data(), &target, 1, dim, classes, smoothing);
      BOOST_TEST_CONTEXT("shift " << shift) {
        check_close(loss, expected.loss, 4);
        check_close(dlogits, expected.dlogits, 1);
        check_close(total, {expected.loss[0], 1, Naive(logits, {target}, classes, {}).loss[0]}, 4);
        check_close(dweight, expected.dlogits, 1);
      }
    }
}

namespace {

/// Checks the totals and the gradients of an output layer against the naive ones.
template <class T>
void check_layer(Index rows, Index dim, Index classes, const std::vector<Id>& targets,
                 const LabelSmoothing& smoothing) {
  const auto x = uniform<T>(rows * dim, "x"), weight = uniform<T>(classes * dim, "weight");
  std::vector<double> logits(rows * classes), dx(rows * dim), dweight(classes * dim);
  for (Index row = 0; row < rows; ++row)
    for (Index c = 0; c < classes; ++c)
      for (Index i = 0; i < dim; ++i)
        logits[row * classes + c] += double{x[row * dim + i]} * weight[c * dim + i];
  const Naive naive(logits, targets, classes, smoothing);
  const Naive plain(logits, targets, classes, {});
  double total = 0, scored = 0, plain_total = 0;
  for (Index row = 0; row < rows; ++row) {
    total += naive.loss[row];
    plain_total += plain.loss[row];
    scored += targets[row] >= 0;
  }
  for (Index row = 0; row < rows && scored > 0; ++row)
    for (Index c = 0; c < classes; ++c)
      for (Index i = 0; i < dim; ++i) {
        const double gradient = naive.dlogits[row * classes + c] / scored;
        dx[row * dim + i] += gradient * weight[c * dim + i];
        dweight[c * dim + i] += gradient * x[row * dim + i];
      }
  const auto run = [&](Output<T> dx, Output<T> dweight) {
    Guarded<T> out(3);
    cpu::table<T>().loss.linear_cross_entropy(cpu::context(), out.data(), dx, dweight, x.data(),
                                              weight.data(), targets.data(), rows, dim, classes, smoothing);
    check_close(out, {total, scored, plain_total}, 4);
  };
  BOOST_TEST_CONTEXT(rows << " x " << dim << ", " << classes << " classes")
  with_threads([&] {
    run({}, {});
    check_gradient<T>(dx, 4, [&](Output<T> gradient) { run(gradient, {}); });
    check_gradient<T>(dweight, 4, [&](Output<T> gradient) { run({}, gradient); });
  });
}

}  // namespace

BOOST_AUTO_TEST_CASE_TEMPLATE(the_output_layer_in_one, T, Types) {
  for (const LabelSmoothing& smoothing : smoothings) {
    for (Index rows : {0, 1, 33})
      for (Index dim : {0, 1, 31})
        for (Index classes : {2, 31, 65})
          check_layer<T>(rows, dim, classes, some_targets(rows, classes), smoothing);
    check_layer<T>(300, 9, 1300, some_targets(300, 1300), smoothing);  // several panels, blocks and parts
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(no_scored_row, T, Types) {
  check_layer<T>(40, 8, 100, std::vector<Id>(40, -1), {});
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_target_beyond_the_classes_gives_nan_and_no_gradient, T, Types) {
  const auto& kernels = cpu::table<T>().loss;
  const Index rows = 4, dim = 3, classes = 70;
  const std::vector<Id> targets = {1, 70, std::numeric_limits<Id>::max(), -1};
  const auto logits = uniform<T>(rows * classes, "logits");
  Guarded<T> loss(rows), maximum(rows), log_sum(rows), dlogits(rows * classes), dloss(rows, T{1});
  kernels.cross_entropy(cpu::context(), loss.data(), maximum.data(), log_sum.data(), logits.data(),
                        targets.data(), rows, classes, smoothings[1]);
  kernels.cross_entropy_backward(cpu::context(), {dlogits.data()}, dloss.data(), maximum.data(),
                                 log_sum.data(), logits.data(), targets.data(), rows, classes, smoothings[1]);
  BOOST_TEST((loss[0] > 0 && std::isnan(loss[1]) && std::isnan(loss[2]) && loss[3] == 0));
  const auto x = uniform<T>(rows * dim, "x"), weight = uniform<T>(classes * dim, "weight");
  Guarded<T> total(3), dx(rows * dim), dweight(classes * dim);
  kernels.linear_cross_entropy(cpu::context(), total.data(), {dx.data()}, {dweight.data()}, x.data(),
                               weight.data(), targets.data(), rows, dim, classes, smoothings[1]);
  BOOST_TEST((std::isnan(total[0]) && total[1] == 3 && std::isnan(total[2])));
  for (const Guarded<T>* gradient : {&dlogits, &dx, &dweight}) {
    BOOST_TEST(gradient->intact());
    BOOST_TEST(std::ranges::all_of(*gradient, [](T g) { return std::isfinite(g); }));
  }
  const auto is_zero = [](const Guarded<T>& gradient, Index columns) {
    return std::all_of(gradient.begin() + columns, gradient.end(), [](T g) { return g == 0; });
  };
  BOOST_TEST((is_zero(dlogits, classes) && is_zero(dx, dim) && dlogits[0] != 0 && dx[0] != 0));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(both_gradients_at_once_equal_each_alone, T, Types) {
  const Index rows = 70, dim = 33, classes = 700;
  const auto x = uniform<T>(rows * dim, "x"), weight = uniform<T>(classes * dim, "weight");
  const auto targets = some_targets(rows, classes);
  const auto run = [&](Output<T> dx, Output<T> dweight) {
    T total[3];
    cpu::table<T>().loss.linear_cross_entropy(cpu::context(), total, dx, dweight, x.data(), weight.data(),
                                              targets.data(), rows, dim, classes, {});
  };
  Guarded<T> dx(rows * dim), dweight(classes * dim), dx_alone(rows * dim), dweight_alone(classes * dim);
  run({dx.data()}, {dweight.data()});
  run({dx_alone.data()}, {});
  run({}, {dweight_alone.data()});
  BOOST_TEST(dx.same_bits(dx_alone));
  BOOST_TEST(dweight.same_bits(dweight_alone));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(rows_without_classes, T, Types) {
  const std::vector<Id> targets = {-1, 0};
  Guarded<T> loss(2), maximum(2), log_sum(2);
  cpu::table<T>().loss.cross_entropy(cpu::context(), loss.data(), maximum.data(), log_sum.data(), nullptr,
                                     targets.data(), 2, 0, {});
  check_close(loss, {0, std::nan("")});
  check_close(maximum, std::vector<double>(2, -std::numeric_limits<double>::infinity()));
}

BOOST_AUTO_TEST_SUITE_END()
