#include "memsizer/cpu/elementwise.hpp"

#include <limits>
#include <numbers>

#include "cpu/kernel_test.hpp"

BOOST_AUTO_TEST_SUITE(elementwise)

using namespace memsizer;
using namespace kernel_test;

namespace {

struct Case {
  const char* name;
  UnaryFunction function;
  double (*value)(double);
  double (*derivative)(double);
  double low = -6, high = 6;
};

double normal_cdf(double x) {
  return 0.5 * std::erfc(-x / std::numbers::sqrt2);
}
double gelu_tanh_u(double x) {
  return std::sqrt(2 / std::numbers::pi) * (x + 0.044715 * x * x * x);
}
double sigmoid(double x) {
  return 1 / (1 + std::exp(-x));
}

const Case cases[] = {
    {"negate", UnaryFunction::negate, [](double x) { return -x; }, [](double) { return -1.0; }},
    {"exp", UnaryFunction::exp, [](double x) { return std::exp(x); }, [](double x) { return std::exp(x); }},
    {"log", UnaryFunction::log, [](double x) { return std::log(x); }, [](double x) { return 1 / x; }, 0.1, 9},
    {"sqrt", UnaryFunction::sqrt, [](double x) { return std::sqrt(x); },
     [](double x) { return 0.5 / std::sqrt(x); }, 0.1, 9},
    {"reciprocal", UnaryFunction::reciprocal, [](double x) { return 1 / x; },
     [](double x) { return -1 / (x * x); }, -5, -0.3},
    {"square", UnaryFunction::square, [](double x) { return x * x; }, [](double x) { return 2 * x; }},
    {"absolute", UnaryFunction::absolute, [](double x) { return std::abs(x); },
     [](double x) { return x < 0 ? -1.0 : 1.0; }},
    {"tanh", UnaryFunction::tanh, [](double x) { return std::tanh(x); },
     [](double x) { return 1 / (std::cosh(x) * std::cosh(x)); }},
    {"sigmoid", UnaryFunction::sigmoid, sigmoid, [](double x) { return sigmoid(x) * sigmoid(-x); }, -30, 30},
    {"relu", UnaryFunction::relu, [](double x) { return std::max(x, 0.0); },
     [](double x) { return x > 0 ? 1.0 : 0.0; }},
    {"gelu", UnaryFunction::gelu, [](double x) { return x * normal_cdf(x); },
     [](double x) { return normal_cdf(x) + x * std::exp(-x * x / 2) / std::sqrt(2 * std::numbers::pi); }},
    {"gelu_tanh", UnaryFunction::gelu_tanh,
     [](double x) { return 0.5 * x * (1 + std::tanh(gelu_tanh_u(x))); },
     [](double x) {
       const double t = std::tanh(gelu_tanh_u(x));
       const double slope = std::sqrt(2 / std::numbers::pi) * (1 + 3 * 0.044715 * x * x);
       return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * slope;
     }},
    {"elu_plus_one", UnaryFunction::elu_plus_one, [](double x) { return x > 0 ? x + 1 : std::exp(x); },
     [](double x) { return x > 0 ? 1 : std::exp(x); }},
    {"sine", UnaryFunction::sine, [](double x) { return std::sin(x); }, [](double x) { return std::cos(x); }},
    {"cosine", UnaryFunction::cosine, [](double x) { return std::cos(x); },
     [](double x) { return -std::sin(x); }},
};

}  // namespace

BOOST_AUTO_TEST_CASE_TEMPLATE(unary_functions_of_odd_sizes, T, Types) {
  for (const Case& test : cases)
    for (Index n : {0, 1, 31, 33, 1023, 40001}) {
      const auto x = uniform<T>(n, test.name, test.low, test.high);
      std::vector<double> expected(n);
      for (Index i = 0; i < n; ++i) expected[i] = test.value(x[i]);
      BOOST_TEST_CONTEXT(test.name << " of " << n)
      with_threads([&] {
        Guarded<T> y(n);
        cpu::table<T>().elementwise.unary(cpu::context(), y.data(), x.data(), test.function, n);
        check_close(y, expected);
      });
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(unary_gradients_of_odd_sizes, T, Types) {
  for (const Case& test : cases)
    for (Index n : {0, 1, 31, 33, 1023, 40001}) {
      const auto x = uniform<T>(n, test.name, test.low, test.high), dy = uniform<T>(n, "dy");
      std::vector<double> expected(n);
      for (Index i = 0; i < n; ++i) expected[i] = test.derivative(x[i]) * dy[i];
      BOOST_TEST_CONTEXT(test.name << " of " << n)
      with_threads([&] {
        check_gradient<T>(expected, 4, [&](Output<T> dx) {
          cpu::table<T>().elementwise.unary_backward(cpu::context(), dx, dy.data(), x.data(), test.function,
                                                     n);
        });
      });
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(far_arguments_stay_finite, T, Types) {
  const double largest = std::numeric_limits<T>::max();
  for (UnaryFunction f : {UnaryFunction::tanh, UnaryFunction::sigmoid, UnaryFunction::relu,
                          UnaryFunction::gelu, UnaryFunction::gelu_tanh, UnaryFunction::elu_plus_one})
    for (double far : {20.0, 100.0, 1000.0, 1e10, 1e14, 1e25, largest}) {
      const bool bounded = f == UnaryFunction::tanh || f == UnaryFunction::sigmoid;
      Guarded<T> x(66, static_cast<T>(far)), y(66), dx(66);
      const Guarded<T> dy(66, T{1});
      for (Index i = 33; i < 66; ++i) x[i] = static_cast<T>(-far);
      cpu::table<T>().elementwise.unary(cpu::context(), y.data(), x.data(), f, 66);
      cpu::table<T>().elementwise.unary_backward(cpu::context(), {dx.data()}, dy.data(), x.data(), f, 66);
      const double low = f == UnaryFunction::tanh ? -1 : 0, slope = bounded ? 0 : 1;
      for (Index i = 0; i < 33; ++i) {
        BOOST_TEST_CONTEXT("function " << static_cast<int>(f) << " at " << far) {
          const double high = f == UnaryFunction::elu_plus_one ? far + 1 : bounded ? 1 : far;
          BOOST_TEST(std::abs(y[i] / static_cast<T>(high) - 1) < 1e-6);
          BOOST_TEST(std::abs(y[33 + i] - low) < 1e-6);
          BOOST_TEST(std::abs(dx[i] - slope) < 1e-6);
          BOOST_TEST(std::abs(dx[33 + i]) < 1e-6);
        }
      }
    }
}

// In packets, too: 9 numbers fill one of eight floats.
BOOST_AUTO_TEST_CASE_TEMPLATE(square_roots_are_those_of_ieee, T, Types) {
  using Limits = std::numeric_limits<T>;
  const T smallest = Limits::denorm_min(), infinity = Limits::infinity();
  const std::vector<T> x = {infinity, smallest, Limits::min() / 2, 0,        Limits::max(),
                            2,        3,        T(1e-3),           -smallest};
  std::vector<T> y(x.size());
  cpu::table<T>().elementwise.unary(cpu::context(), y.data(), x.data(), UnaryFunction::sqrt,
                                    static_cast<Index>(x.size()));
  for (std::size_t i = 0; i + 1 < x.size(); ++i) BOOST_TEST(y[i] == std::sqrt(x[i]), x[i]);
  BOOST_TEST(std::isnan(y.back()));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(not_a_number_is_never_hidden, T, Types) {
  for (const Case& test : cases) {
    Guarded<T> x(67, T{1}), y(67);
    for (Index i : {0, 40, 66}) x[i] = std::numeric_limits<T>::quiet_NaN();
    cpu::table<T>().elementwise.unary(cpu::context(), y.data(), x.data(), test.function, 67);
    for (Index i : {0, 40, 66}) BOOST_TEST(std::isnan(y[i]), test.name << " hides NaN at " << i);
    BOOST_TEST(std::isfinite(y[1]));
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(gradients_are_not_lost_where_a_square_overflows, T, Types) {
  const double far = 10 * std::sqrt(std::numeric_limits<T>::max());
  const Guarded<T> x(33, static_cast<T>(far)), dy(33, std::numeric_limits<T>::max() / 4);
  Guarded<T> dx(33);
  cpu::table<T>().elementwise.unary_backward(cpu::context(), {dx.data()}, dy.data(), x.data(),
                                             UnaryFunction::reciprocal, 33);
  check_close(dx, std::vector<double>(33, -1.0 / 400));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_gradient_at_what_is_not_a_number_is_none, T, Types) {
  Guarded<T> x(67, std::numeric_limits<T>::quiet_NaN()), dx(67);
  const Guarded<T> dy(67, T{1});
  for (UnaryFunction f :
       {UnaryFunction::exp, UnaryFunction::square, UnaryFunction::tanh, UnaryFunction::sigmoid,
        UnaryFunction::gelu, UnaryFunction::gelu_tanh, UnaryFunction::elu_plus_one}) {
    cpu::table<T>().elementwise.unary_backward(cpu::context(), {dx.data()}, dy.data(), x.data(), f, 67);
    BOOST_TEST(std::ranges::all_of(dx, [](T value) { return std::isnan(value); }),
               "function " << static_cast<int>(f));
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(derivatives_at_corners_are_pytorchs, T, Types) {
  const Guarded<T> x(33, T{0}), dy(33, T{3});
  Guarded<T> dx(33, T{1});
  for (UnaryFunction f : {UnaryFunction::relu, UnaryFunction::absolute}) {
    cpu::table<T>().elementwise.unary_backward(cpu::context(), {dx.data()}, dy.data(), x.data(), f, 33);
    check_close(dx, std::vector<double>(33, 0));
  }
  // A ReLU with a negative input stops even an infinite gradient.
  const Guarded<T> off(33, T{-1}), infinite(33, std::numeric_limits<T>::infinity());
  cpu::table<T>().elementwise.unary_backward(cpu::context(), {dx.data()}, infinite.data(), off.data(),
                                             UnaryFunction::relu, 33);
  check_close(dx, std::vector<double>(33, 0));
}

// Elements at the ends of an array, beside the whole packets, get the same values as elements inside a
// packet.
BOOST_AUTO_TEST_CASE_TEMPLATE(a_value_does_not_depend_on_its_place, T, Types) {
  const auto& kernels = cpu::table<T>().elementwise;
  constexpr Index n = 300;
  for (const Case& test : cases) {
    const auto x = uniform<T>(n, test.name, test.low, test.high), dy = uniform<T>(n, "dy");
    Guarded<T> y(n), dx(n), part(n), dpart(n);
    kernels.unary(cpu::context(), y.data(), x.data(), test.function, n);
    kernels.unary_backward(cpu::context(), {dx.data()}, dy.data(), x.data(), test.function, n);
    for (Index begin = 0; begin < 20; ++begin)
      for (Index end : {begin + 1, begin + 7, begin + 33, n - 3}) {
        kernels.unary(cpu::context(), part.data() + begin, x.data() + begin, test.function, end - begin);
        kernels.unary_backward(cpu::context(), {dpart.data() + begin}, dy.data() + begin, x.data() + begin,
                               test.function, end - begin);
        BOOST_TEST(std::equal(y.begin() + begin, y.begin() + end, part.begin() + begin), test.name);
        BOOST_TEST(std::equal(dx.begin() + begin, dx.begin() + end, dpart.begin() + begin), test.name);
      }
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(any_number_of_threads_gives_the_same_bits, T, Types) {
  const auto& kernels = cpu::table<T>().elementwise;
  for (Index n : {40001, 70003})
    for (const Case& test : cases) {
      const auto x = uniform<T>(n, test.name, test.low, test.high), dy = uniform<T>(n, "dy");
      std::vector<Guarded<T>> values, gradients;
      with_threads([&] {
        kernels.unary(cpu::context(), values.emplace_back(n).data(), x.data(), test.function, n);
        kernels.unary_backward(cpu::context(), {gradients.emplace_back(n).data()}, dy.data(), x.data(),
                               test.function, n);
      });
      for (std::size_t i = 1; i < values.size(); ++i)
        BOOST_TEST((values[i].same_bits(values[0]) && gradients[i].same_bits(gradients[0])), test.name);
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(exponentials_end_at_zero_and_infinity, T, Types) {
  using Limits = std::numeric_limits<T>;
  const T largest = std::log(Limits::max()), smallest = std::log(Limits::min());
  for (Index n : {1, 15, 16, 33})
    for (const auto& [at, expected] : {std::pair{-Limits::infinity(), T{0}},
                                       {Limits::lowest(), T{0}},
                                       {2 * smallest, T{0}},
                                       {Limits::infinity(), Limits::infinity()},
                                       {Limits::max(), Limits::infinity()},
                                       {largest + 1, Limits::infinity()},
                                       {T{0}, T{1}},
                                       {-T{0}, T{1}}}) {
      const Guarded<T> x(n, at);
      Guarded<T> y(n);
      cpu::table<T>().elementwise.unary(cpu::context(), y.data(), x.data(), UnaryFunction::exp, n);
      BOOST_TEST(std::ranges::count(y, expected) == n, "exp(" << at << ") is " << y[0] << ", " << y[n - 1]);
    }
  // Near both ends the values still agree with the standard library.
  for (const T at : {smallest + T{0.01}, smallest + 1, T{87.5}, T{88.5}, largest - 1, largest - T{0.01}}) {
    const Guarded<T> x(33, at);
    Guarded<T> y(33);
    cpu::table<T>().elementwise.unary(cpu::context(), y.data(), x.data(), UnaryFunction::exp, 33);
    for (const T value : y)
      BOOST_TEST(std::abs(value / std::exp(at) - 1) < 16 * Limits::epsilon(),
                 "exp(" << at << ") is " << value);
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(affine_and_scale_by, T, Types) {
  for (Index n : odd_sizes) {
    const auto x = uniform<T>(n, "x");
    std::vector<double> shifted(n), scaled(n);
    for (Index i = 0; i < n; ++i) shifted[i] = 1.5 * x[i] - 0.25, scaled[i] = 2.5 * x[i];
    const T scale = 2.5;
    check_gradient<T>(shifted, 1, [&](Output<T> y) {
      cpu::table<T>().elementwise.affine(cpu::context(), y, x.data(), 1.5, -0.25, n);
    });
    check_gradient<T>(scaled, 1, [&](Output<T> y) {
      cpu::table<T>().elementwise.scale_by(cpu::context(), y, x.data(), &scale, n);
    });
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(dropout_is_a_function_of_key_and_element, T, Types) {
  const std::uint64_t key = 42;
  const Dropout place{.probability = 0.3f, .step_key = &key, .stream = name_key("blocks.0.dropout")};
  for (Index n : {0, 1, 31, 33, 1023, 40001}) {
    const auto x = uniform<T>(n, "x");
    std::vector<double> expected(n);
    Index kept = 0;
    for (Index i = 0; i < n; ++i) {
      const RandomWords words = philox(mix_keys(key, place.stream), static_cast<std::uint64_t>(i) / 4);
      const bool keep = words.word[i % 4] >= double{0.3f} * 4294967296.0;
      expected[i] = keep ? x[i] / (1 - double{0.3f}) : 0;
      kept += keep;
    }
    with_threads([&] {
      check_gradient<T>(expected, 1, [&](Output<T> y) {
        cpu::table<T>().elementwise.dropout(cpu::context(), y, x.data(), place, n);
      });
    });
    if (n > 40000) BOOST_TEST(std::abs(static_cast<double>(kept) / n - 0.7) < 0.01);
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(dropout_of_nothing_and_of_everything, T, Types) {
  const std::uint64_t key = 1;
  const auto x = uniform<T>(99, "x");
  check_gradient<T>(std::vector<double>(x.begin(), x.end()), 1, [&](Output<T> y) {
    cpu::table<T>().elementwise.dropout(cpu::context(), y, x.data(), Dropout{}, 99);
  });
  check_gradient<T>(std::vector<double>(99, 0), 1, [&](Output<T> y) {
    cpu::table<T>().elementwise.dropout(cpu::context(), y, x.data(), {.probability = 1, .step_key = &key},
                                        99);
  });
}

BOOST_AUTO_TEST_CASE(conversions_round_and_add) {
  for (Index n : {0, 1, 31, 33, 20001}) {
    const auto x = uniform<float>(n, "x");
    std::vector<bfloat16> narrow(n), sum(n, bfloat16(1));
    cpu::convert(cpu::context(), Output<bfloat16>{narrow.data()}, x.data(), n);
    cpu::convert(cpu::context(), Output<bfloat16>{sum.data(), true}, x.data(), n);
    std::vector<float> wide(n), wide_sum(n, 1);
    cpu::convert(cpu::context(), Output<float>{wide.data()}, narrow.data(), n);
    cpu::convert(cpu::context(), Output<float>{wide_sum.data(), true}, narrow.data(), n);
    for (Index i = 0; i < n; ++i) {
      const float rounded = bfloat16(x[i]);
      BOOST_TEST_REQUIRE((float{narrow[i]} == rounded && sum[i].bits() == bfloat16(1 + x[i]).bits() &&
                          wide[i] == rounded && wide_sum[i] == 1 + rounded));
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
