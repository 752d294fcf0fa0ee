#include "memsizer/cpu/matmul.hpp"

#include <array>
#include <numbers>
#include <ostream>

#include "cpu/kernel_test.hpp"

BOOST_AUTO_TEST_SUITE(matmul)

using namespace memsizer;
using namespace kernel_test;

namespace {

double activated(double z, Activation activation) {
  if (activation == Activation::relu) return std::max(z, 0.0);
  if (activation == Activation::gelu) return z * 0.5 * std::erfc(-z / std::numbers::sqrt2);
  if (activation == Activation::gelu_tanh)
    return 0.5 * z * (1 + std::tanh(std::sqrt(2 / std::numbers::pi) * (z + 0.044715 * z * z * z)));
  return z;
}

/// The number of elements that an operand spans, gaps included.
Index span(Index batch, Index stride, Index rows, Index leading) {
  return batch == 0 || rows == 0 ? 0 : (batch - 1) * stride + rows * leading;
}

struct Operands {
  Index a, b, c;

  explicit Operands(const MatmulShape& s)
      : a(span(s.batch, s.a_stride, s.transpose_a ? s.inner : s.rows, s.a_leading)),
        b(span(s.batch, s.b_stride, s.transpose_b ? s.columns : s.inner, s.b_leading)),
        c(span(s.batch, s.c_stride, s.rows, s.c_leading)) {}
};

/// A shape with gaps between rows and between matrices.
MatmulShape spaced(Index batch, Index rows, Index columns, Index inner, bool transpose_a, bool transpose_b) {
  MatmulShape shape{.batch = batch,
                    .rows = rows,
                    .columns = columns,
                    .inner = inner,
                    .transpose_a = transpose_a,
                    .transpose_b = transpose_b,
                    .a_leading = (transpose_a ? rows : inner) + 3,
                    .b_leading = (transpose_b ? inner : columns) + 1,
                    .c_leading = columns + 2};
  shape.a_stride = (transpose_a ? inner : rows) * shape.a_leading + 5;
  shape.b_stride = (transpose_b ? columns : inner) * shape.b_leading;
  shape.c_stride = rows * shape.c_leading + 7;
  return shape;
}

/// Calls body(index in c, element of op(a) op(b), column) for every element of the product.
template <class Body>
void for_each_product(const MatmulShape& s, const auto& a, const auto& b, const Body& body) {
  for (Index batch = 0; batch < s.batch; ++batch)
    for (Index row = 0; row < s.rows; ++row)
      for (Index column = 0; column < s.columns; ++column) {
        double sum = 0;
        for (Index p = 0; p < s.inner; ++p)
          sum +=
              double{
                  a[batch * s.a_stride + (s.transpose_a ? p * s.a_leading + row : row * s.a_leading + p)]} *
              b[batch * s.b_stride + (s.transpose_b ? column * s.b_leading + p : p * s.b_leading + column)];
        body(batch * s.c_stride + row * s.c_leading + column, sum, column);
      }
}

template <class T>
void check_product(const MatmulShape& shape) {
  const Operands size(shape);
  const auto a = uniform<T>(size.a, "a"), b = uniform<T>(size.b, "b"), before = uniform<T>(size.c, "c");
  std::vector<double> written(before.begin(), before.end()), added = written;
  for_each_product(shape, a, b, [&](Index at, double sum, Index) {
    written[at] = sum;
    added[at] += sum;
  });
  BOOST_TEST_CONTEXT(shape.batch << " x [" << shape.rows << ", " << shape.inner << "] [" << shape.inner
                                 << ", " << shape.columns << "], transposed " << shape.transpose_a
                                 << shape.transpose_b)
  with_threads([&] {
    for (bool accumulate : {false, true}) {
      Guarded<T> c(size.c);
      std::copy(before.begin(), before.end(), c.data());
      cpu::table<T>().matmul.matmul(cpu::context(), {c.data(), accumulate}, a.data(), b.data(), shape, {});
      check_close(c, accumulate ? added : written, 4);
    }
  });
}

}  // namespace

BOOST_AUTO_TEST_CASE_TEMPLATE(products_of_odd_sizes_and_strides, T, Types) {
  for (bool transpose_a : {false, true})
    for (bool transpose_b : {false, true}) {
      for (Index rows : {0, 1, 3, 33})
        for (Index columns : {0, 1, 31, 65})
          for (Index inner : {0, 1, 33})
            check_product<T>(spaced(2, rows, columns, inner, transpose_a, transpose_b));
      check_product<T>(spaced(1, 65, 700, 300, transpose_a, transpose_b));
      check_product<T>(spaced(1, 1, 1023, 513, transpose_a, transpose_b));
      check_product<T>(spaced(5, 64, 64, 64, transpose_a, transpose_b));
      check_product<T>(spaced(0, 4, 4, 4, transpose_a, transpose_b));
    }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_stride_of_zero_repeats_a_matrix, T, Types) {
  MatmulShape shape = spaced(3, 31, 33, 17, false, true);
  shape.b_stride = 0;
  check_product<T>(shape);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(epilogues, T, Types) {
  for (Index rows : {0, 1, 4, 70})
    for (Activation activation :
         {Activation::none, Activation::relu, Activation::gelu, Activation::gelu_tanh})
      for (bool biased : {false, true}) {
        const MatmulShape shape = spaced(2, rows, 600, 40, false, true);
        const Operands size(shape);
        const auto a = uniform<T>(size.a, "a"), b = uniform<T>(size.b, "b"), bias = uniform<T>(600, "bias");
        std::vector<double> y(size.c, 9), z = y;
        for_each_product(shape, a, b, [&](Index at, double sum, Index column) {
          z[at] = sum + (biased ? bias[column] : 0);
          y[at] = activated(z[at], activation);
        });
        with_threads([&] {
          Guarded<T> c(size.c, T{9}), before(size.c, T{9});
          const Epilogue<T> epilogue{biased ? bias.data() : nullptr, activation, before.data()};
          cpu::table<T>().matmul.matmul(cpu::context(), {c.data()}, a.data(), b.data(), shape, epilogue);
          check_close(c, y, 4);
          check_close(before, z, 4);
        });
      }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(results_do_not_depend_on_threads, T, Types) {
  // With 33 rows the last thread gets a single one.
  for (const auto& [rows, columns, inner] : {std::array<Index, 3>{200, 300, 700}, {33, 32, 4096}}) {
    const MatmulShape shape = contiguous_product(rows, columns, inner);
    const auto a = uniform<T>(rows * inner, "a"), b = uniform<T>(inner * columns, "b");
    std::vector<Guarded<T>> results;
    with_threads([&] {
      Guarded<T>& c = results.emplace_back(shape.rows * shape.columns);
      cpu::table<T>().matmul.matmul(cpu::context(), {c.data()}, a.data(), b.data(), shape, {});
    });
    for (const auto& result : results) BOOST_TEST(result.same_bits(results[0]));
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(gradients_of_weight_and_bias, T, Types) {
  for (Index rows : {0, 1, 33, 500})
    for (const auto& [inputs, outputs] : {std::pair<Index, Index>{1, 1}, {31, 65}, {65, 1}, {0, 3}, {3, 0}}) {
      const auto dy = uniform<T>(rows * outputs, "dy"), x = uniform<T>(rows * inputs, "x");
      std::vector<double> dweight(outputs * inputs), dbias(outputs);
      for (Index row = 0; row < rows; ++row)
        for (Index o = 0; o < outputs; ++o) {
          dbias[o] += dy[row * outputs + o];
          for (Index i = 0; i < inputs; ++i)
            dweight[o * inputs + i] += double{dy[row * outputs + o]} * x[row * inputs + i];
        }
      const LinearShape shape{rows, inputs, outputs};
      const auto& kernel = cpu::table<T>().matmul.linear_weight_backward;
      with_threads([&] {
        check_gradient<T>(dweight, 4, [&](Output<T> gradient) {
          kernel(cpu::context(), gradient, {}, dy.data(), x.data(), shape);
        });
        check_gradient<T>(dbias, 4, [&](Output<T> gradient) {
          kernel(cpu::context(), {}, gradient, dy.data(), x.data(), shape);
        });
      });
    }
}

BOOST_AUTO_TEST_SUITE_END()
