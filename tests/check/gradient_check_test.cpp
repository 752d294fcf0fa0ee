// The checker itself: right backwards pass, and it catches every wrong one that we seed.
#include "memsizer/check/gradient_check.hpp"

#include <csignal>
#include <limits>
#include <sstream>

#include <boost/test/unit_test.hpp>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "memsizer/ops/ops.hpp"

BOOST_AUTO_TEST_SUITE(gradient_check)

using namespace memsizer;

namespace {

Tensor<double> random_tensor(Shape shape, std::uint64_t seed = 3) {
  RandomStream random(seed);
  return Tensor<double>(shape, check::detail::random_normal(shape.size(), random));
}

/// Whether a backward adds, given the accumulate flag. A right backward returns the flag itself.
using FlagUse = bool (*)(bool accumulate);

/// y = x^2 + x (two terms), with a backward that is spoiled on purpose: dx = spoil(2 x dy, dy).
Tensor<double> spoiled(
    const Tensor<double>& x, double (*spoil)(double, double, Index),
    FlagUse adds = [](bool accumulate) { return accumulate; }) {
  std::vector<double> values = x.to_vector();
  for (double& value : values) value = value * value + value;
  Tensor<double> y(x.shape(), values);
  record(
      "spoilt", y,
      [=, dx = GradientTarget(x), x = x.detach()](const Tensor<double>& dy) {
        const Output<double> gradient = dx();
        for (Index i = 0; i < x.size(); ++i) {
          const double value = spoil(2 * x.data()[i] * dy.data()[i], dy.data()[i], i);
          gradient.data[i] = adds(gradient.accumulate) ? gradient.data[i] + value : value;
        }
      },
      x);
  return y;
}

check::GradientReport report_of(double (*spoil)(double, double, Index), Shape shape) {
  return check::check_gradient([=](const auto& x) { return spoiled(x[0], spoil); }, {random_tensor(shape)});
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_right_backward_passes) {
  for (Shape shape : {Shape{1}, Shape{8}, Shape{40, 50}})
    BOOST_TEST(
        report_of([](double square, double linear, Index) { return square + linear; }, shape).passed());
}

BOOST_AUTO_TEST_CASE(wrong_backwards_are_caught) {
  const std::pair<const char*, double (*)(double, double, Index)> wrongs[] = {
      {"zero", [](double, double, Index) { return 0.0; }},
      {"times 1000", [](double a, double b, Index) { return 1000 * (a + b); }},
      {"sign", [](double a, double b, Index) { return -(a + b); }},
      {"one missing term", [](double a, double, Index) { return a; }},
      {"the other missing term", [](double, double b, Index) { return b; }},
      {"NaN", [](double, double, Index) { return std::numeric_limits<double>::quiet_NaN(); }},
      {"NaN in one element", [](double a, double b, Index i) { return i == 3 ? std::nan("") : a + b; }},
      {"one element missing", [](double a, double b, Index i) { return i == 3 ? 0 : a + b; }},
      {"one in a million off", [](double a, double b, Index) { return (a + b) * (1 + 1e-6); }}};
  for (Shape shape : {Shape{8}, Shape{40, 50}})
    for (const auto& [name, wrong] : wrongs)
      BOOST_TEST(!report_of(wrong, shape).passed(), name << " at " << shape);
}

BOOST_AUTO_TEST_CASE(a_softmax_backward_times_1000_is_caught) {
  // With a plain sum as the loss this backward would pass: each row of a softmax sums to one, so the gradient
  // is 0, and 1000 times 0 is 0.
  const auto wrong = [](const Tensor<double>& x) {
    Tensor<double> y = softmax(x.detach());
    record(
        "softmax", y,
        [dx = GradientTarget(x), y = y](const Tensor<double>& dy) {
          const auto columns = y.extent(-1);
          y.kernels().softmax.softmax_backward(y.device().context(), dx(), (dy * 1000.0).data(), y.data(),
                                               y.size() / columns, columns);
        },
        x);
    return y;
  };
  BOOST_TEST(
      !check::check_gradient([&](const auto& x) { return wrong(x[0]); }, {random_tensor({3, 5})}).passed());
}

BOOST_AUTO_TEST_CASE(a_wrong_use_of_the_accumulate_flag_is_caught) {
  const auto report = [](FlagUse adds) {
    return check::check_gradient(
        [=](const auto& x) {
          return spoiled(
              x[0], [](double square, double linear, Index) { return square + linear; }, adds);
        },
        {random_tensor({9})});
  };
  BOOST_TEST(report([](bool accumulate) { return accumulate; }).passed());
  BOOST_TEST(!report([](bool) { return false; }).passed());  // loses the earlier contribution
  BOOST_TEST(!report([](bool) { return true; }).passed());   // adds to memory that was never written
  BOOST_TEST(!report([](bool accumulate) { return !accumulate; }).passed());
  std::ostringstream text;
  text << report([](bool) { return false; });
  BOOST_TEST(text.str().find("must add") != std::string::npos, text.str());
}

/// a b. The backward calls `with`, which gets the targets of both gradients.
template <class Backward>
Tensor<double> product(const Tensor<double>& a, const Tensor<double>& b, Backward with) {
  Tensor<double> y = (a.detach() * b.detach());
  record(
      "product", y,
      [=, da = GradientTarget(a), db = GradientTarget(b), a = Saved(a),
       b = Saved(b)](const Tensor<double>& dy) { with(dy, da(), *b, db(), *a); },
      a, b);
  return y;
}

/// dx (+)= dy other. Does nothing if dx is not wanted.
void add_product(const Tensor<double>& dy, Output<double> dx, const Tensor<double>& other) {
  for (Index i = 0; dx && i < dy.size(); ++i)
    dx.data[i] = (dx.accumulate ? dx.data[i] : 0) + dy.data()[i] * other.data()[i];
}

check::GradientReport check_product(auto with) {
  return check::check_gradient([=](const auto& in) { return product(in[0], in[1], with); },
                               {random_tensor({3}), random_tensor({3}, 5)});
}

BOOST_AUTO_TEST_CASE(each_input_alone_without_a_gradient_is_checked) {
  BOOST_TEST(check_product([](const auto& dy, auto da, const auto& b, auto db, const auto& a) {
               add_product(dy, da, b);
               add_product(dy, db, a);
             }).passed());
  // This backward gives up if one of the two gradients is not wanted.
  const auto lazy = check_product([](const auto& dy, auto da, const auto& b, auto db, const auto& a) {
    if (!da || !db) return;
    add_product(dy, da, b);
    add_product(dy, db, a);
  });
  BOOST_TEST(!lazy.passed());
  BOOST_TEST(lazy.place.find("wants no gradient") != std::string::npos, lazy.place);
}

#ifndef MEMSIZER_ASAN
BOOST_AUTO_TEST_CASE(a_backward_that_writes_through_a_null_output_crashes_with_a_sentence) {
  int ends[2];
  BOOST_TEST_REQUIRE(::pipe(ends) == 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const rlimit no_core{0, 0};
    ::setrlimit(RLIMIT_CORE, &no_core);
    ::dup2(ends[1], STDERR_FILENO);
    std::signal(SIGSEGV, SIG_DFL);
    check_product([](const auto& dy, auto da, const auto& b, auto db, const auto& a) {
      for (Index i = 0; i < dy.size(); ++i) {
        da.data[i] = (da.accumulate ? da.data[i] : 0) + dy.data()[i] * b.data()[i];
        db.data[i] = (db.accumulate ? db.data[i] : 0) + dy.data()[i] * a.data()[i];
      }
    });
    ::_exit(0);
  }
  ::close(ends[1]);
  std::string told;
  char letter;
  while (::read(ends[0], &letter, 1) == 1) told += letter;
  ::close(ends[0]);
  int status = 0;
  ::waitpid(child, &status, 0);
  BOOST_TEST(WIFSIGNALED(status));
  BOOST_TEST(told.find("where one input wants no gradient") != std::string::npos, told);
}
#endif

namespace {

/// The check of the function f of single numbers, at x, where a backward gives the derivative `claimed`.
check::GradientReport check_claim(double (*f)(double), double x, double claimed) {
  const auto function = [=](const std::vector<Tensor<double>>& in) {
    std::vector<double> values = in[0].to_vector();
    for (double& value : values) value = f(value);
    Tensor<double> y(in[0].shape(), values);
    record(
        "claim", y,
        [=, dx = GradientTarget(in[0])](const Tensor<double>& dy) {
          const Output<double> gradient = dx();
          gradient.data[0] = (gradient.accumulate ? gradient.data[0] : 0) + claimed * dy.data()[0];
        },
        in[0]);
    return y;
  };
  return check::check_gradient(function, {Tensor<double>({1}, {x})});
}

double inverse(double x) {
  return 1 / x;
}

std::string text_of(const check::GradientReport& report) {
  std::ostringstream text;
  text << report;
  return text.str();
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_right_gradient_passes_where_the_function_curves_strongly) {
  // With the step 0.001 alone the differences of 1 / x are wrong by 2.5e-5 at 0.02, and by 1.6e-4 at 0.0125.
  for (const double x : {0.0125, 0.02, 0.03, 0.1}) {
    const auto report = check_claim(inverse, x, -1 / (x * x));
    BOOST_TEST(report.passed(), "1 / " << x << ": " << report);
  }
  const Tensor<double> x({2, 2}, {0.01, 0.3, 0.012, 2});
  const auto report = check::check_gradient([](const auto& in) { return in[1] / (relu(in[0]) + 0.01); },
                                            {x, random_tensor({2, 2})});
  BOOST_TEST(report.passed(), report);
}

BOOST_AUTO_TEST_CASE(a_wrong_gradient_fails_where_the_function_curves_strongly) {
  for (const double x : {0.0125, 0.02, 0.03, 0.1, 1.0})
    for (const double factor : {-1.0, 0.0, 0.5, 1 + 1e-4, 1 - 1e-4, 1 + 1e-6, 1 - 1e-6}) {
      const auto report = check_claim(inverse, x, factor * -1 / (x * x));
      BOOST_TEST(!report.passed(), "1 / " << x << ", times " << factor);
      BOOST_TEST(report.differences_converge, text_of(report));
    }
  // The derivative that the differences of the full step give is wrong too.
  const double x = 0.02, h = 1e-3;
  const double seen =
      (8 * (inverse(x + h / 2) - inverse(x - h / 2)) - inverse(x + h) + inverse(x - h)) / (6 * h);
  BOOST_TEST(!check_claim(inverse, x, seen).passed());
}

BOOST_AUTO_TEST_CASE(a_missing_term_fails_where_the_function_curves_strongly) {
  // Of y = a / b, the backward forgets that b = x + 0.01 depends on x through one of two ways.
  const auto quotient = [](const auto& in) { return (in[0] + 1.0) / (in[0].detach() + 0.01); };
  BOOST_TEST(!check::check_gradient(quotient, {Tensor<double>({1}, {0.01})}).passed());
}

BOOST_AUTO_TEST_CASE(a_wrong_gradient_between_two_kinks_fails) {
  // Slope 0 between the kinks, -1 and 2 beside them. Where the left kink is twice as far as the right one,
  // the differences with all steps are equal, so that they converge, but not to the derivative.
  static double left, right;
  const auto f = [](double x) { return x < -left ? -x - left : x > right ? 2 * (x - right) : 0; };
  for (const auto& [a, b] : {std::pair{2e-5, 1e-5},
                             {1e-5, 2e-5},
                             {1e-4, 1e-4},
                             {6e-4, 3e-4},
                             {6e-4, 4e-4},
                             {9e-4, 9e-4},
                             {1.8e-3, 1.2e-3},
                             {1.9e-3, 1e-5}}) {
    left = a, right = b;
    for (const double claimed : {-1.0, 2.0, 1.0, 1e-4, -1e-4})
      BOOST_TEST(!check_claim(f, 0, claimed).passed(), "kinks at -" << a << ", " << b << ": " << claimed);
  }
  left = 1e-4, right = 1.2e-3;
  const std::string text = text_of(check_claim(f, 0, 2));
  BOOST_TEST(text.find("is a kink within two steps?") != std::string::npos, text);
}

BOOST_AUTO_TEST_CASE(inputs_come_back_unchanged) {
  const Tensor<double> x = random_tensor({100});
  const std::vector<double> before = x.to_vector();
  check::check_gradient([](const auto& in) { return square(in[0]); }, {x});
  BOOST_TEST(x.to_vector() == before);
  BOOST_TEST(!x.requires_gradient());
}

BOOST_AUTO_TEST_CASE(an_output_that_ignores_an_input_has_gradient_zero) {
  BOOST_TEST(check::check_gradient([](const auto& in) { return square(in[0]); },
                                   {random_tensor({4}), random_tensor({4}, 5)})
                 .passed());
}

BOOST_AUTO_TEST_SUITE_END()
