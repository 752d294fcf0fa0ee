// Filling, y (+)= scale x + shift, dropout, conversions, gathered rows and functions of each element: the
// emulated device compared with the CPU.
#include <limits>
#include <numbers>

#include "emulated/comparison.hpp"

BOOST_AUTO_TEST_SUITE(elementwise_kernels)

using namespace memsizer;
using namespace comparison;

BOOST_AUTO_TEST_CASE_TEMPLATE(fill_and_affine, T, Types) {
  for (const Index n : {0, 1, 31, 33, 257, 1023, 2049}) {
    auto x = input<T>(n, "x");
    BOOST_TEST_CONTEXT(n << " elements")
    compare<T>(
        {n, n, n}, 1,
        [&](Context& context, const auto& table, const auto& out) {
          table.memory.fill(context, out[0], T(0.5), n);
          table.elementwise.affine(context, {out[1]}, x.data(), 0.7, -0.3, n);
          table.elementwise.affine(context, {out[2], true}, x.data(), 0.7, -0.3, n);
        },
        both_ends);
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(scaling_by_a_number_of_the_device, T, Types) {
  Buffer<T> scale(std::vector<T>{T(-1.7)}, "scale");
  for (const Index n : {0, 1, 31, 33, 257, 1023, 2049}) {
    auto x = input<T>(n, "x");
    BOOST_TEST_CONTEXT(n << " elements")
    compare<T>(
        {n, n}, 1,
        [&](Context& context, const auto& table, const auto& out) {
          table.elementwise.scale_by(context, {out[0]}, x.data(), scale.data(), n);
          table.elementwise.scale_by(context, {out[1], true}, x.data(), scale.data(), n);
        },
        both_ends);
  }
}

// What lies off by one element cannot be read 16 bytes at a time.
BOOST_AUTO_TEST_CASE_TEMPLATE(views_off_by_one_element, T, Types) {
  for (const Index n : {1, 31, 33, 257}) {
    auto x = input<T>(n + 1, "x");
    BOOST_TEST_CONTEXT(n << " elements")
    compare<T>({n + 1, n + 1, n, n + 1, n}, 1, [&](Context& context, const auto& table, const auto& out) {
      using enum UnaryFunction;
      table.elementwise.affine(context, {out[0] + 1, true}, x.data() + 1, 0.7, -0.3, n);
      table.elementwise.affine(context, {out[1] + 1}, x.data(), 0.7, -0.3, n);
      table.elementwise.widen(context, {out[2]}, x.data() + 1, n);
      table.elementwise.unary(context, out[3] + 1, x.data() + 1, square, n);
      table.elementwise.unary_backward(context, {out[4], true}, x.data() + 1, x.data(), square, n);
    });
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(dropout_of_each_element, T, Types) {
  Buffer<std::uint64_t> key(std::vector<std::uint64_t>{42}, "key");
  for (const float probability : {0.0f, 0.1f, 0.75f, 1.0f})
    for (const Index n : {0, 1, 3, 31, 33, 257, 1023, 2049}) {
      const memsizer::Dropout places{probability, key.data(), 7};
      auto x = input<T>(n, "x");
      BOOST_TEST_CONTEXT(n << " elements, probability " << probability)
      compare<T>({n, n}, 1, [&](Context& context, const auto& table, const auto& out) {
        table.elementwise.dropout(context, {out[0]}, x.data(), places, n);
        table.elementwise.dropout(context, {out[1], true}, x.data(), places, n);
      });
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(conversions, T, Types) {
  for (const Index n : {0, 1, 31, 33, 257, 1023, 2049}) {
    auto x = input<T>(n, "x");
    BOOST_TEST_CONTEXT(n << " elements")
    compare<T>(
        {n, n, n, n}, 1,
        [&](Context& context, const auto& table, const auto& out) {
          table.elementwise.widen(context, {out[0]}, x.data(), n);
          table.elementwise.widen(context, {out[1], true}, x.data(), n);
          table.elementwise.narrow(context, {out[2]}, x.data(), n);
          table.elementwise.narrow(context, {out[3], true}, x.data(), n);
        },
        both_ends);
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(rows_are_gathered, T, Types) {
  using memsizer::Id;
  for (const Index columns : {0, 1, 3, 33})
    for (const std::vector<Id>& order :
         {std::vector<Id>{}, std::vector<Id>{4}, std::vector<Id>{2, 0, 2, 3, 1, 4, 4}}) {
      auto x = input<T>(5 * columns, "x");
      Buffer<Id> rows(order, "rows");
      const auto count = static_cast<Index>(order.size()), bytes = columns * Index{sizeof(T)};
      BOOST_TEST_CONTEXT(count << " rows of " << columns)
      compare<T>({count * columns, count * columns, count * columns}, 0,
                 [&](Context& context, const auto& table, const auto& out) {
                   table.memory.gather_rows(context, out[0], x.data(), rows.data(), count, bytes, bytes);
                   // Rows of a number of bytes that fits no element, so the kernel must copy single bytes.
                   const Index odd = bytes > 0 ? bytes - 1 : 0;
                   table.memory.gather_rows(context, out[1], x.data(), rows.data(), count, odd, odd);
                   // The beginnings of rows; what follows them in the output stays.
                   table.memory.gather_rows(context, out[2], x.data(), rows.data(), count, bytes, bytes / 2);
                 });
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(functions_of_each_element, T, Types) {
  for (int f = 0; f <= static_cast<int>(UnaryFunction::cosine); ++f)
    for (const Index n : {0, 1, 31, 33, 257, 1023, 2049}) {
      const auto function = static_cast<UnaryFunction>(f);
      const bool positive = function == UnaryFunction::log || function == UnaryFunction::sqrt ||
                            function == UnaryFunction::reciprocal;
      auto x = input<T>(n, "x", positive ? 0.5 : -6, 6), dy = input<T>(n, "dy");
      BOOST_TEST_CONTEXT("function " << f << " of " << n << " elements")
      compare<T>(
          {n, n, n}, 4,
          [&](Context& context, const auto& table, const auto& out) {
            table.elementwise.unary(context, out[0], x.data(), function, n);
            table.elementwise.unary_backward(context, {out[1]}, dy.data(), x.data(), function, n);
            table.elementwise.unary_backward(context, {out[2], true}, dy.data(), x.data(), function, n);
          },
          both_ends);
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(functions_of_corners_of_far_numbers_and_of_none, T, Types) {
  using enum UnaryFunction;
  const T far = std::numeric_limits<T>::max(), none = std::numeric_limits<T>::quiet_NaN();
  for (const UnaryFunction function : {absolute, tanh, sigmoid, relu, gelu, gelu_tanh, elu_plus_one})
    for (const std::vector<T>& places :
         {std::vector<T>{0, 1, -1, none}, std::vector<T>{100, -100, 200, -200}, std::vector<T>{far, -far}}) {
      const Index n = static_cast<Index>(places.size());
      Buffer<T> x(places, "x"), dy(std::vector<T>(places.size(), T{0.5}), "dy");
      BOOST_TEST_CONTEXT("function " << static_cast<int>(function) << " from " << places[0])
      compare<T>({n, n}, 4, [&](Context& context, const auto& table, const auto& out) {
        table.elementwise.unary(context, out[0], x.data(), function, n);
        table.elementwise.unary_backward(context, {out[1]}, dy.data(), x.data(), function, n);
      });
    }
}

// Powers of two from 2^-50 (2^-21 in float) on, each of which meets other digits of 2 / pi, and neighbours of
// multiples of pi / 2, where most digits cancel.
template <class T>
std::vector<T> angles() {
  using Limits = std::numeric_limits<T>;
  std::vector<T> all{T(0), T(-0.0), Limits::denorm_min(), Limits::infinity(), -Limits::infinity(), T(NAN)};
  for (int e = 3 - Limits::digits; e < Limits::max_exponent; ++e)
    for (const double m : {1.0, -1.37, 1.999}) all.push_back(std::ldexp(static_cast<T>(m), e));
  for (int k = 1; k < 300; ++k) {
    const T quarters = static_cast<T>(k) * std::numbers::pi_v<T> / 2;
    for (const T side : {T(0), Limits::infinity()}) all.push_back(std::nextafter(quarters, side));
  }
  return all;
}

// The CPU's sine and cosine are the host library's, whose last place may be wrong, too.
BOOST_AUTO_TEST_CASE_TEMPLATE(sines_of_numbers_of_any_size, T, Types) {
  Buffer<T> x(angles<T>(), "x");
  const auto places = x.values();
  const auto n = static_cast<Index>(places.size());
  const T units = sizeof(T) == 4 ? 2 : 4;
  for (const UnaryFunction function : {UnaryFunction::sine, UnaryFunction::cosine}) {
    Buffer<T> expected(places, "expected"), actual(places, "actual");
    memsizer::cpu::table<T>().elementwise.unary(memsizer::cpu::context(), expected.data(), x.data(), function,
                                                n);
    memsizer::emulated::table<T>().elementwise.unary(memsizer::emulated::context(), actual.data(), x.data(),
                                                     function, n);
    const std::vector<T> all_expected = expected.values(), all_ours = actual.values();
    for (std::size_t i = 0; i < places.size(); ++i) {
      const T y = all_expected[i], ours = all_ours[i];
      const T last_place = std::nextafter(std::abs(y), T(2)) - std::abs(y);
      BOOST_TEST_CONTEXT((function == UnaryFunction::sine ? "sine of " : "cosine of ") << places[i])
      BOOST_TEST((std::isnan(y) ? std::isnan(ours) : std::abs(ours - y) <= units * last_place),
                 ours << ", " << y);
      BOOST_TEST((y != 0 || std::signbit(ours) == std::signbit(y)));
    }
  }
}

// No float and no double comes nearer to a multiple of pi / 2 than the first two; the others lie just before
// one, where the digits of the fraction of a quarter are nearly all ones. The expected numbers are from whole
// numbers of 2,400 bits; glibc 2.36 gets 14 digits of the second one.
BOOST_AUTO_TEST_CASE(cosines_next_to_a_multiple_of_a_right_angle) {
  const auto cosine_of = []<class T>(T number) {
    Buffer<T> x(std::vector<T>{number}, "x"), y(std::vector<T>{0}, "y");
    memsizer::emulated::table<T>().elementwise.unary(memsizer::emulated::context(), y.data(), x.data(),
                                                     UnaryFunction::cosine, 1);
    return y.values()[0];
  };
  BOOST_TEST(cosine_of(std::ldexp(16367173.0f, 72)) == -1.6147697982476211e-09f);
  for (const auto& [x, expected] : {std::pair(std::ldexp(6381956970095103.0, 797), -4.687165924254628e-19),
                                    {0x1.b951f1572eba5p+23, -0x1.f54f5227a4e84p-60},
                                    {0x1.61a3db8c8d129p+1021, -0x1.dd15f96b823f2p-58}})
    BOOST_TEST(cosine_of(x) == expected, boost::test_tools::tolerance(4e-16));
}

BOOST_AUTO_TEST_SUITE_END()
