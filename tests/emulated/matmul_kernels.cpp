// Matrix products: the emulated device compared with the CPU.
#include "emulated/comparison.hpp"

BOOST_AUTO_TEST_SUITE(matmul_kernels)

using namespace memsizer;
using namespace comparison;

namespace {

struct Sizes {
  Index batch, rows, columns, inner;
};

// Around a square of a thread, a tile and a depth; with few tiles and a long inner axis, which is cut into
// pieces; and with the large tiles of many rows and columns.
constexpr Sizes sizes[] = {{1, 0, 3, 2},    {1, 2, 0, 3},    {2, 3, 2, 0},    {1, 1, 1, 1},
                           {3, 4, 5, 6},    {1, 33, 31, 17}, {1, 65, 63, 16}, {2, 64, 130, 15},
                           {1, 5, 70, 513}, {1, 3, 2, 1023}};

/// A shape with gaps between rows and between matrices.
MatmulShape spaced(const Sizes& of, bool transpose_a, bool transpose_b) {
  MatmulShape shape{.batch = of.batch,
                    .rows = of.rows,
                    .columns = of.columns,
                    .inner = of.inner,
                    .transpose_a = transpose_a,
                    .transpose_b = transpose_b,
                    .a_leading = (transpose_a ? of.rows : of.inner) + 3,
                    .b_leading = (transpose_b ? of.inner : of.columns) + 1,
                    .c_leading = of.columns + 2};
  shape.a_stride = (transpose_a ? of.inner : of.rows) * shape.a_leading + 5;
  shape.b_stride = (transpose_b ? of.columns : of.inner) * shape.b_leading;
  shape.c_stride = of.rows * shape.c_leading + 7;
  return shape;
}

/// The elements of an operand from its first to its last, gaps included.
Index span(const MatmulShape& shape, Index stride, Index lines, Index leading, Index length) {
  if (shape.batch == 0 || lines == 0 || length == 0) return 0;
  return (shape.batch - 1) * stride + (lines - 1) * leading + length;
}

template <class T>
void compare_products(const MatmulShape& s) {
  auto a = input<T>(
      span(s, s.a_stride, s.transpose_a ? s.inner : s.rows, s.a_leading, s.transpose_a ? s.rows : s.inner),
      "a");
  auto b = input<T>(span(s, s.b_stride, s.transpose_b ? s.columns : s.inner, s.b_leading,
                         s.transpose_b ? s.inner : s.columns),
                    "b");
  auto bias = input<T>(s.columns, "bias");
  const Index c = span(s, s.c_stride, s.rows, s.c_leading, s.columns);
  BOOST_TEST_CONTEXT(s.batch << " x [" << s.rows << ", " << s.inner << "] [" << s.inner << ", " << s.columns
                             << "], transposed " << s.transpose_a << s.transpose_b)
  compare<T>({c, c, c, c}, 4, [&](Context& context, const auto& table, const auto& out) {
    table.matmul.matmul(context, {out[0]}, a.data(), b.data(), s, {});
    table.matmul.matmul(context, {out[1], true}, a.data(), b.data(), s, {});
    table.matmul.matmul(context, {out[2]}, a.data(), b.data(), s,
                        {.bias = bias.data(), .activation = Activation::gelu, .before_activation = out[3]});
  });
}

}  // namespace

BOOST_AUTO_TEST_CASE_TEMPLATE(products, T, Types) {
  for (const Sizes& of : sizes)
    for (const bool transpose_a : {false, true})
      for (const bool transpose_b : {false, true}) compare_products<T>(spaced(of, transpose_a, transpose_b));
}

BOOST_AUTO_TEST_CASE(products_in_large_tiles) {
  for (const Sizes& of : {Sizes{40, 129, 140, 33}, Sizes{1, 140, 129, 8200}}) {
    MatmulShape shape = spaced(of, of.inner % 3 == 0, of.inner % 2 == 0);
    if (of.batch > 1) shape.b_stride = 0;  // one matrix for the whole batch
    const Sizes size{of.batch, of.rows, of.columns, of.inner};
    auto a = input<float>(span(shape, shape.a_stride, shape.transpose_a ? size.inner : size.rows,
                               shape.a_leading, shape.transpose_a ? size.rows : size.inner),
                          "a");
    auto b = input<float>((shape.transpose_b ? size.columns : size.inner) * shape.b_leading, "b");
    const Index c = span(shape, shape.c_stride, size.rows, shape.c_leading, size.columns);
    const auto multiplied = [&](Context& context, const auto& table) {
      Buffer<float> out(c, "c");
      table.matmul.matmul(context, {out.data()}, a.data(), b.data(), shape, {});
      std::vector<float> values = out.values();
      for (Index i = 0; i < c; ++i)  // gaps keep what they held, which is not a number
        if (i % shape.c_stride % shape.c_leading >= size.columns ||
            i % shape.c_stride >= size.rows * shape.c_leading)
          values[static_cast<std::size_t>(i)] = 0;
      return values;
    };
    emulated::EmulatedContext context;
    check_close(multiplied(context, emulated::table<float>()),
                multiplied(cpu::context(), cpu::table<float>()), 16);
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(activations, T, Types) {
  using enum Activation;
  auto a = input<T>(5 * 3, "a"), b = input<T>(3 * 7, "b");
  for (const Activation activation : {none, relu, gelu, gelu_tanh})
    compare<T>({35}, 4, [&](Context& context, const auto& table, const auto& out) {
      table.matmul.matmul(context, {out[0]}, a.data(), b.data(), contiguous_product(5, 7, 3),
                          {.activation = activation});
    });
}

BOOST_AUTO_TEST_CASE_TEMPLATE(gradients_of_weight_and_bias, T, Types) {
  for (const LinearShape& shape :
       {LinearShape{0, 3, 2}, LinearShape{1, 1, 1}, LinearShape{33, 5, 65}, LinearShape{1023, 7, 3}}) {
    auto x = input<T>(shape.rows * shape.inputs, "x"), dy = input<T>(shape.rows * shape.outputs, "dy");
    for (int wanted = 0; wanted < 4; ++wanted)
      for (const bool accumulate : {false, true})
        compare<T>({shape.outputs * shape.inputs, shape.outputs}, 8,
                   [&](Context& context, const auto& table, const auto& out) {
                     const auto gradient = [&](int i) {
                       return Output<T>{(wanted >> i & 1) != 0 ? out[i] : nullptr, accumulate};
                     };
                     table.matmul.linear_weight_backward(context, gradient(0), gradient(1), dy.data(),
                                                         x.data(), shape);
                   });
  }
}

BOOST_AUTO_TEST_SUITE_END()
