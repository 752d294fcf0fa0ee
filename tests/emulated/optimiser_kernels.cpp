// The gradient's norm, clipping and the updates: the emulated device compared with the CPU.
#include <set>
#include <tuple>

#include "emulated/comparison.hpp"
#include "kernels/optimiser.cuh"

BOOST_AUTO_TEST_SUITE(optimiser_kernels)

using namespace memsizer;
using namespace comparison;

namespace {

constexpr Index sizes[] = {0, 1, 31, 33, 1023, 2049, 5000};

// The settings that change a formula, each with a step that shows it.
constexpr AdamSettings adam_settings[] = {
    {},
    {.beta1 = 0.8, .beta2 = 0.98, .epsilon = 1e-3, .weight_decay = 0.1},
    {.beta2 = 0.98, .weight_decay = 0.1, .decoupled = true, .rate_factor = 0.25}};
constexpr NesterovSettings nesterov_settings[] = {
    {}, {.momentum = 0.99, .weight_decay = 0.1, .rate_factor = 0.25}};

template <class T>
OptimiserStep<T> step_number(Index step, bool finite = true) {
  return {.learning_rate = T(0.01), .step = step, .gradient_scale = T(0.3), .finite = T(finite ? 1 : 0)};
}

/// Calls body(step) for the first step, in which 1 - beta^t is smallest, a later one, and one that failed.
template <class T, class Body>
void for_each_step(const Body& body) {
  for (const auto& one : {step_number<T>(1), step_number<T>(1000), step_number<T>(7, false)}) {
    Buffer<OptimiserStep<T>> step({&one, 1}, "step");
    BOOST_TEST_CONTEXT("step " << one.step) body(step.data());
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE_TEMPLATE(gradient_norm, T, Types) {
  for (const Index n : {Index{0}, Index{1}, Index{31}, Index{33}, Index{1023}, Index{2049}, Index{70001}}) {
    auto gradient = input<T>(n, "gradient");
    BOOST_TEST_CONTEXT("n " << n)
    compare<T>({1}, 1, [&](Context& context, const auto& table, const auto& out) {
      table.optimiser.gradient_norm(context, out[0], gradient.data(), n);
    });
  }
}

// A resumed run, or one on another GPU, must compute the same bits.
BOOST_AUTO_TEST_CASE(the_norm_has_equal_bits_under_every_schedule) {
  auto gradient = input<float>(5000, "gradient");
  std::set<float> norms;
  under_every_schedule([&](Context& context) {
    Buffer<float> norm(1, "norm");
    emulated::table<float>().optimiser.gradient_norm(context, norm.data(), gradient.data(), gradient.size());
    norms.insert(norm.values()[0]);
  });
  BOOST_TEST(norms.size() == 1u);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_norm_that_is_not_finite, T, Types) {
  for (const T bad : {std::numeric_limits<T>::infinity(), std::numeric_limits<T>::quiet_NaN()}) {
    auto gradient = input<T>(1500, "gradient");
    gradient.data()[1200] = bad;
    compare<T>({1}, 1, [&](Context& context, const auto& table, const auto& out) {
      table.optimiser.gradient_norm(context, out[0], gradient.data(), 1500);
    });
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(clip, T, Types) {
  const T infinity = std::numeric_limits<T>::infinity(), nan = std::numeric_limits<T>::quiet_NaN();
  struct Case {
    T norm, loss;
    bool has_loss;
    double limit;
    Index failed;
  };
  const Case cases[] = {{4, 1, true, 1, 0},   {0.5, 1, true, 1, 0},     {4, 1, true, 0, 0},
                        {0, 1, false, 1, 0},  {nan, 1, true, 1, 0},     {infinity, 1, true, 1, 0},
                        {4, nan, true, 1, 0}, {4, nan, false, 1, 0},    {4, 1, true, 1, 3},
                        {nan, 1, true, 1, 3}, {4, infinity, true, 1, 0}};
  for (const Case& c : cases) {
    Buffer<T> norm(std::vector<T>{c.norm}, "norm"), loss(std::vector<T>{c.loss}, "loss");
    const auto run = [&](Context& context, const KernelTable<T>& table) {
      const OptimiserStep<T> before{.learning_rate = T(0.01), .step = 9, .gradient_scale = 5, .finite = 5};
      Buffer<OptimiserStep<T>> step({&before, 1}, "step");
      Buffer<Index> failed({&c.failed, 1}, "failed step");
      table.optimiser.clip(context, step.data(), failed.data(), norm.data(),
                           c.has_loss ? loss.data() : nullptr, c.limit);
      const OptimiserStep<T> after = step.values()[0];
      return std::tuple(after.learning_rate, after.step, after.gradient_scale, after.finite,
                        failed.values()[0]);
    };
    BOOST_TEST_CONTEXT("norm " << c.norm << ", loss " << c.loss << ", limit " << c.limit)
    under_every_schedule([&](Context& context) {
      BOOST_TEST((run(context, emulated::table<T>()) == run(cpu::context(), cpu::table<T>())));
    });
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(adam, T, Types) {
  for (const Index n : sizes)
    for (const AdamSettings& settings : adam_settings)
      for (const bool with_master : {false, true})
        BOOST_TEST_CONTEXT("n " << n << ", decoupled " << settings.decoupled << ", master " << with_master)
  for_each_step<T>([&](const OptimiserStep<T>* step) {
    auto gradient = input<T>(n, "gradient"), second = input<T>(n, "second", 0, 2);
    compare<T>(
        {n, n, n, n}, 1,
        [&](Context& context, const auto& table, const auto& out) {
          std::copy_n(second.data(), n, out[3]);  // a second moment is never negative
          table.optimiser.adam(context, out[0], with_master ? out[1] : nullptr, out[2], out[3],
                               gradient.data(), step, n, settings);
        },
        both_ends);
  });
}

BOOST_AUTO_TEST_CASE_TEMPLATE(nesterov, T, Types) {
  for (const Index n : sizes)
    for (const NesterovSettings& settings : nesterov_settings)
      for (const bool with_master : {false, true})
        BOOST_TEST_CONTEXT("n " << n << ", momentum " << settings.momentum << ", master " << with_master)
  for_each_step<T>([&](const OptimiserStep<T>* step) {
    auto gradient = input<T>(n, "gradient");
    compare<T>(
        {n, n, n}, 1,
        [&](Context& context, const auto& table, const auto& out) {
          table.optimiser.nesterov(context, out[0], with_master ? out[1] : nullptr, out[2], gradient.data(),
                                   step, n, settings);
        },
        both_ends);
  });
}

// The first step from zero moments moves every weight by the rate, whatever the gradient's size.
BOOST_AUTO_TEST_CASE(the_first_step_of_adam) {
  emulated::EmulatedContext context;
  const OptimiserStep<double> one{.learning_rate = 0.01, .step = 1};
  Buffer<OptimiserStep<double>> step({&one, 1}, "step");
  Buffer<double> weight(std::vector<double>{1, 1, 1}, "weight"),
      gradient(std::vector<double>{1e-4, -2, 0}, "g"), first(std::vector<double>(3), "first"),
      second(std::vector<double>(3), "second");
  emulated::table<double>().optimiser.adam(context, weight.data(), nullptr, first.data(), second.data(),
                                           gradient.data(), step.data(), 3, {.epsilon = 1e-16});
  const auto weights = weight.values();
  BOOST_TEST(std::abs(weights[0] - 0.99) < 1e-12);
  BOOST_TEST(std::abs(weights[1] - 1.01) < 1e-12);
  BOOST_TEST(weights[2] == 1);
}

// The masters of bfloat16 move as float weights do, and the weights are the masters rounded.
BOOST_AUTO_TEST_CASE(updates_of_bfloat16) {
  constexpr Index n = 70;
  emulated::EmulatedContext context;
  const auto one = step_number<float>(3);
  Buffer<OptimiserStep<float>> step({&one, 1}, "step");
  auto gradient = input<float>(n, "gradient");
  const auto update = [&](auto* weight, float* master, float* first, float* second, bool with_adam) {
    if (with_adam)
      emulated::adam(context, weight, master, first, second, gradient.data(), step.data(), n, AdamSettings{});
    else
      emulated::nesterov(context, weight, master, first, gradient.data(), step.data(), n, NesterovSettings{});
  };
  for (const bool with_adam : {false, true}) {
    auto expected = input<float>(n, "weight"), master = input<float>(n, "weight");
    auto first = input<float>(n, "first"), same_first = input<float>(n, "first");
    auto second = input<float>(n, "second", 0, 1), same_second = input<float>(n, "second", 0, 1);
    Buffer<bfloat16> weight(n, "bfloat16 weight");
    update(expected.data(), nullptr, first.data(), second.data(), with_adam);
    update(weight.data(), master.data(), same_first.data(), same_second.data(), with_adam);
    BOOST_TEST(master.values() == expected.values(), boost::test_tools::per_element());
    for (Index i = 0; i < n; ++i) BOOST_TEST(weight.data()[i].bits() == bfloat16(master.data()[i]).bits());
    BOOST_CHECK_THROW(update(weight.data(), nullptr, first.data(), second.data(), with_adam), InputError);
  }
}

// Wherever the arrays begin and end, the second rung computes the first one's bits. It takes groups where
// each array begins at a place of a vector.
BOOST_AUTO_TEST_CASE_TEMPLATE(updates_by_groups, T, AllTypes) {
  using A = memsizer::Accumulate<T>;
  constexpr int count = 16 / static_cast<int>(sizeof(T));
  const auto one = step_number<A>(3);
  Buffer<OptimiserStep<A>> step({&one, 1}, "step");
  for (const bool with_master : {false, true})
    for (const bool with_adam : {false, true})
      for (const Index n : {1, count - 1, count, count + 1, 8 * count, 999})
        for (int shifted = 0; shifted <= 5; ++shifted) {  // the array that begins one element later; 0: none
          if (!with_master && (!memsizer::accumulates_itself<T> || shifted == 2)) continue;
          if (!with_adam && shifted == 4) continue;
          const auto updated = [&](emulated::EmulatedContext& context) {
            const auto from = [&](int array) { return array == shifted ? 1 : 0; };
            auto weight = input<T>(n + from(1), "weight");
            auto master = input<A>(n + from(2), "master"), first = input<A>(n + from(3), "first");
            auto second = input<A>(n + from(4), "second", 0, 1), gradient = input<A>(n + from(5), "gradient");
            A* const masters = with_master ? master.data() + from(2) : nullptr;
            if (with_adam)
              emulated::adam(context, weight.data() + from(1), masters, first.data() + from(3),
                             second.data() + from(4), gradient.data() + from(5), step.data(), n,
                             adam_settings[1]);
            else
              emulated::nesterov(context, weight.data() + from(1), masters, first.data() + from(3),
                                 gradient.data() + from(5), step.data(), n, nesterov_settings[1]);
            return std::tuple(weight.values(), master.values(), first.values(), second.values());
          };
          emulated::EmulatedContext lowest;
          lowest.highest_rung = 1;
          const auto expected = updated(lowest);
          under_every_schedule([&](Context& context) {
            emulated::EmulatedContext& climbing = emulated::as_emulated(context);
            BOOST_TEST((updated(climbing) == expected));
            const auto has_run = [&](auto* kernel) {
              return climbing.kernels.contains(reinterpret_cast<const void*>(kernel));
            };
            const bool by_groups =
                with_adam ? has_run(emulated::update_kernel<count, T, emulated::AdamFormula<A>>)
                          : has_run(emulated::update_kernel<count, T, emulated::NesterovFormula<A>>);
            BOOST_TEST(by_groups == (shifted == 0));
          });
        }
}

BOOST_AUTO_TEST_SUITE_END()
