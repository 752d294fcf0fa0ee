#include "memsizer/cpu/optimiser.hpp"

#include "cpu/kernel_test.hpp"

BOOST_AUTO_TEST_SUITE(optimiser)

using namespace memsizer;
using namespace kernel_test;

namespace {

/// Adam as PyTorch's documentation states it, for one parameter in double.
struct NaiveAdam {
  double weight, first = 0, second = 0;

  void step(double g, double t, double rate, const AdamSettings& s) {
    if (s.decoupled)
      weight -= rate * s.weight_decay * weight;
    else
      g += s.weight_decay * weight;
    first = s.beta1 * first + (1 - s.beta1) * g;
    second = s.beta2 * second + (1 - s.beta2) * g * g;
    const double first_hat = first / (1 - std::pow(s.beta1, t)),
                 second_hat = second / (1 - std::pow(s.beta2, t));
    weight -= rate * first_hat / (std::sqrt(second_hat) + s.epsilon);
  }
};

template <class T>
std::vector<double> doubles(const Guarded<T>& array) {
  return {array.begin(), array.end()};
}

}  // namespace

BOOST_AUTO_TEST_CASE_TEMPLATE(the_norm_of_odd_sizes, T, Types) {
  for (Index n : {0, 1, 31, 33, 1023, 1025, 100003}) {
    const auto gradient = uniform<T>(n, "gradient");
    double sum = 0;
    for (double g : gradient) sum += g * g;
    std::vector<T> norms;
    with_threads([&] {
      Guarded<T> norm(1);
      cpu::table<T>().optimiser.gradient_norm(cpu::context(), norm.data(), gradient.data(), n);
      check_close(norm, {std::sqrt(sum)});
      norms.push_back(norm[0]);
    });
    for (T norm : norms) BOOST_TEST(norm == norms[0]);
  }
}

BOOST_AUTO_TEST_CASE(a_float_norm_of_millions_keeps_its_digits) {
  const Guarded<float> gradient(4000000, 0.1f);
  float norm = 0;
  cpu::table<float>().optimiser.gradient_norm(cpu::context(), &norm, gradient.data(), gradient.size());
  BOOST_TEST(std::abs(norm / (double{0.1f} * 2000) - 1) < 2e-7);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(clipping_and_finiteness, T, Types) {
  const auto clipped = [](double norm, double limit) {
    const T value = static_cast<T>(norm);
    OptimiserStep<T> step{.step = 1};
    Index failed_step = 0;
    cpu::table<T>().optimiser.clip(cpu::context(), &step, &failed_step, &value, nullptr, limit);
    return step;
  };
  BOOST_TEST(clipped(2, 0.5).gradient_scale == static_cast<T>(0.5 / (2 + 1e-6)));
  BOOST_TEST(clipped(0.25, 0.5).gradient_scale == 1);
  BOOST_TEST(clipped(0, 0.5).gradient_scale == 1);
  BOOST_TEST(clipped(1e9, 0).gradient_scale == 1);
  BOOST_TEST(clipped(1e9, 0).finite == 1);
  for (double bad : {std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()})
    for (double limit : {0.0, 1.0}) BOOST_TEST(clipped(bad, limit).finite == 0);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(the_first_step_that_fails_is_remembered, T, Types) {
  const T bad_values[] = {std::numeric_limits<T>::infinity(), -std::numeric_limits<T>::infinity(),
                          std::numeric_limits<T>::quiet_NaN()};
  const T good = 1;
  for (const T bad : bad_values)
    for (const auto& [norm, loss] : {std::pair{&bad, &good}, {&good, &bad}, {&bad, &bad}}) {
      Index failed_step = 0;
      const auto finite_after = [&](Index number, const T* norm, const T* loss) {
        OptimiserStep<T> step{.step = number};
        cpu::table<T>().optimiser.clip(cpu::context(), &step, &failed_step, norm, loss, 1.0);
        return step.finite != 0;
      };
      BOOST_TEST(finite_after(1, &good, &good));
      BOOST_TEST(finite_after(2, &good, nullptr));
      BOOST_TEST(failed_step == 0);
      BOOST_TEST(!finite_after((Index{1} << 40) + 1, norm, loss));
      BOOST_TEST(!finite_after((Index{1} << 40) + 2, &good, &good));
      BOOST_TEST(!finite_after((Index{1} << 40) + 3, norm, loss));
      BOOST_TEST(failed_step == (Index{1} << 40) + 1);
      failed_step = 0;
      BOOST_TEST(finite_after(7, &good, &good));
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(adam_follows_the_formula, T, Types) {
  const AdamSettings settings[] = {
      {},
      {.beta1 = 0.9, .beta2 = 0.98, .epsilon = 1e-3, .weight_decay = 0.1},
      {.beta1 = 0.8, .beta2 = 0.95, .epsilon = 1e-8, .weight_decay = 0.1, .decoupled = true},
  };
  for (const AdamSettings& setting : settings)
    for (Index n : {0, 1, 31, 33, 1023, 20001})
      with_threads([&] {
        auto weight = uniform<T>(n, "weight");
        Guarded<T> first(n), second(n);
        std::vector<NaiveAdam> naive;
        for (T w : weight) naive.push_back({w});
        for (int t = 1; t <= 5; ++t) {
          const auto gradient = uniform<T>(n, "gradient " + std::to_string(t));
          const OptimiserStep<T> step{.learning_rate = T(0.01), .step = t, .gradient_scale = T(0.5)};
          cpu::table<T>().optimiser.adam(cpu::context(), weight.data(), nullptr, first.data(), second.data(),
                                         gradient.data(), &step, n, setting);
          for (Index i = 0; i < n; ++i)
            naive[i].step(0.5 * gradient[i], t, static_cast<double>(T(0.01)), setting);
        }
        std::vector<double> weights, firsts, seconds;
        for (const NaiveAdam& one : naive) {
          weights.push_back(one.weight);
          firsts.push_back(one.first);
          seconds.push_back(one.second);
        }
        check_close(weight, weights);
        check_close(first, firsts);
        check_close(second, seconds);
      });
}

BOOST_AUTO_TEST_CASE_TEMPLATE(nesterov_follows_the_formula, T, Types) {
  for (double decay : {0.0, 0.1})
    for (Index n : {0, 1, 31, 33, 1023, 20001})
      with_threads([&] {
        auto weight = uniform<T>(n, "weight");
        Guarded<T> velocity(n);
        std::vector<double> weights = doubles(weight), velocities(n);
        for (int t = 1; t <= 5; ++t) {
          const auto gradient = uniform<T>(n, "gradient " + std::to_string(t));
          const OptimiserStep<T> step{.learning_rate = T(0.01), .step = t, .gradient_scale = T(0.5)};
          cpu::table<T>().optimiser.nesterov(cpu::context(), weight.data(), nullptr, velocity.data(),
                                             gradient.data(), &step, n,
                                             {.momentum = 0.9, .weight_decay = decay});
          for (Index i = 0; i < n; ++i) {
            const double g = 0.5 * gradient[i] + decay * weights[i];
            velocities[i] = 0.9 * velocities[i] + g;
            weights[i] -= static_cast<double>(T(0.01)) * (g + 0.9 * velocities[i]);
          }
        }
        check_close(weight, weights);
        check_close(velocity, velocities);
      });
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_step_that_is_not_finite_changes_nothing, T, Types) {
  const auto start = uniform<T>(1023, "start");
  auto weight = start, first = start, second = start;
  const OptimiserStep<T> step{.learning_rate = 1, .step = 1, .finite = 0};
  const Guarded<T> gradient(1023, std::numeric_limits<T>::quiet_NaN());
  cpu::table<T>().optimiser.adam(cpu::context(), weight.data(), nullptr, first.data(), second.data(),
                                 gradient.data(), &step, 1023, {.weight_decay = 1, .decoupled = true});
  cpu::table<T>().optimiser.nesterov(cpu::context(), weight.data(), nullptr, first.data(), gradient.data(),
                                     &step, 1023, {});
  for (const auto* array : {&weight, &first, &second}) BOOST_TEST(array->same_bits(start));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(masters_lead_and_weights_follow, T, Types) {
  const auto start = uniform<T>(1023, "start"), gradient = uniform<T>(1023, "gradient");
  auto plain = start, master = start;
  Guarded<T> weight(1023, T{99}), first(1023), second(1023), first_twin(1023), second_twin(1023);
  const OptimiserStep<T> step{.learning_rate = 1, .step = 1};
  const auto& kernels = cpu::table<T>().optimiser;
  kernels.adam(cpu::context(), plain.data(), nullptr, first.data(), second.data(), gradient.data(), &step,
               1023, {});
  kernels.adam(cpu::context(), weight.data(), master.data(), first_twin.data(), second_twin.data(),
               gradient.data(), &step, 1023, {});
  BOOST_TEST(master.same_bits(plain));
  BOOST_TEST(weight.same_bits(plain));
}

BOOST_AUTO_TEST_CASE(narrow_weights_are_rounded_from_their_masters) {
  const auto start = uniform<float>(1023, "start"), gradient = uniform<float>(1023, "gradient");
  const OptimiserStep<float> step{.learning_rate = 1e-3f, .step = 1};
  const auto check = [&](const auto& update) {
    auto plain = start, master = start;
    std::vector<bfloat16> weight(1023, bfloat16(99));
    update(plain.data(), static_cast<float*>(nullptr));
    update(weight.data(), master.data());
    BOOST_TEST(master.same_bits(plain));
    for (Index i = 0; i < 1023; ++i) BOOST_TEST(weight[i].bits() == bfloat16(plain[i]).bits());
    BOOST_CHECK_THROW(update(weight.data(), static_cast<float*>(nullptr)), InputError);
  };
  check([&](auto* weight, float* master) {
    Guarded<float> first(1023), second(1023);
    cpu::adam(cpu::context(), weight, master, first.data(), second.data(), gradient.data(), &step, 1023, {});
  });
  check([&](auto* weight, float* master) {
    Guarded<float> velocity(1023);
    cpu::nesterov(cpu::context(), weight, master, velocity.data(), gradient.data(), &step, 1023, {});
  });
}

BOOST_AUTO_TEST_SUITE_END()
