// Matrix products: the emulated device compared with the CPU.
#include "emulated/comparison.hpp"
#include "kernels/matmul.cuh"

BOOST_AUTO_TEST_SUITE(matmul_kernels)

using namespace memsizer;
using namespace comparison;

namespace {

struct Sizes {
  Index batch, rows, columns, inner;
};

// Around a square of a thread, a tile and a depth; with few tiles and a long inner axis, which is cut into
// pieces; and with the large tiles of many rows and columns.
constexpr Sizes sizes[] = {{1, 0, 3, 2},    {1, 2, 0, 3},    {2, 3, 2, 0},    {1, 1, 1, 1},   {3, 4, 5, 6},
                           {1, 33, 31, 17}, {1, 65, 63, 16}, {2, 64, 66, 15}, {1, 5, 3, 513}, {1, 3, 2, 1023},
                           {1, 1, 1, 2049}, {1, 2049, 1, 1}, {1, 1, 2049, 1}};

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
  compare<T>(
      {c, c, c, c}, 4,
      [&](Context& context, const auto& table, const auto& out) {
        table.matmul.matmul(context, {out[0]}, a.data(), b.data(), s, {});
        table.matmul.matmul(context, {out[1], true}, a.data(), b.data(), s, {});
        table.matmul.matmul(
            context, {out[2]}, a.data(), b.data(), s,
            {.bias = bias.data(), .activation = Activation::gelu, .before_activation = out[3]});
      },
      s.inner >= 512 ? std::span(both_ends) : std::span(both_ends).last(1));
}

}  // namespace

// The race checker makes each access slow, so a larger product has one of the transposes, in turn.
BOOST_AUTO_TEST_CASE_TEMPLATE(products, T, Types) {
  int number = 0;
  for (const Sizes& of : sizes)
    for (const bool transpose_a : {false, true})
      for (const bool transpose_b : {false, true})
        if (of.rows * of.columns * of.inner < 1000 || number++ % 3 == 0)
          compare_products<T>(spaced(of, transpose_a, transpose_b));
}

BOOST_AUTO_TEST_CASE(products_in_large_tiles) {
  for (const Sizes& of : {Sizes{33, 129, 130, 17}, Sizes{1, 130, 129, 8200}}) {
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

// The plan takes large tiles for large products alone, which are too slow under every schedule.
BOOST_AUTO_TEST_CASE(a_large_tile_and_its_pieces) {
  const MatmulShape shape = contiguous_product(70, 66, 40);
  const emulated::MatmulPlan plan{
      .tiles = emulated::MatmulTiles::of_128, .row_tiles = 1, .column_tiles = 1, .pieces = 2};
  auto a = input<float>(70 * 40, "a"), b = input<float>(40 * 66, "b");
  Buffer<float> expected(70 * 66, "c");
  cpu::table<float>().matmul.matmul(cpu::context(), {expected.data()}, a.data(), b.data(), shape, {});
  under_every_schedule([&](Context& context) {
    Buffer<float> c(70 * 66, "c"), partial(plan.partial_elements(shape), "partial");
    emulated::multiply(context, plan, partial.data(), Output<float>{c.data()}, a.data(), b.data(), shape,
                       Epilogue<float>{});
    check_close(c.values(), expected.values(), 16);
  });
}

// Tensor cores: with and without 16-byte copies, around their tiles, and in pieces of the inner axis.
BOOST_AUTO_TEST_CASE(products_of_bfloat16) {
  const auto widened = [](const std::vector<bfloat16>& narrow) {
    return std::vector<double>(narrow.begin(), narrow.end());
  };
  for (const Sizes& of : {Sizes{1, 3, 4, 5}, Sizes{1, 16, 16, 16}, Sizes{2, 33, 31, 17},
                          Sizes{1, 130, 136, 40}, Sizes{1, 136, 16, 96}, Sizes{1, 40, 24, 1000}})
    for (int variant = 0; variant < 8; ++variant) {
      const bool transpose_a = (variant & 1) != 0, transpose_b = (variant & 2) != 0;
      MatmulShape shape = (variant & 4) != 0
                              ? spaced(of, transpose_a, transpose_b)
                              : contiguous_product(of.rows, of.columns, of.inner, {transpose_a, transpose_b});
      const Index c = span(shape, shape.c_stride, of.rows, shape.c_leading, of.columns);
      auto a = input<bfloat16>(span(shape, shape.a_stride, transpose_a ? of.inner : of.rows, shape.a_leading,
                                    transpose_a ? of.rows : of.inner),
                               "a");
      auto b = input<bfloat16>(span(shape, shape.b_stride, transpose_b ? of.columns : of.inner,
                                    shape.b_leading, transpose_b ? of.inner : of.columns),
                               "b");
      Buffer<double> exact_a(widened(a.values()), "a"), exact_b(widened(b.values()), "b");
      const std::vector<bfloat16> before = uniform<bfloat16>(c, "c");
      Buffer<double> exact(widened(before), "c");
      cpu::table<double>().matmul.matmul(cpu::context(), {exact.data(), variant % 2 == 1}, exact_a.data(),
                                         exact_b.data(), shape, {});
      const std::vector<double> expected = exact.values();
      BOOST_TEST_CONTEXT(of.rows << " x " << of.columns << " x " << of.inner << ", variant " << variant)
      under_every_schedule([&](Context& context) {
        Buffer<bfloat16> narrow(before, "c");
        emulated::table<bfloat16>().matmul.matmul(context, {narrow.data(), variant % 2 == 1}, a.data(),
                                                  b.data(), shape, {});
        const std::vector<double> got = widened(narrow.values());
        double worst = 0;
        for (std::size_t i = 0; i < expected.size(); ++i)
          worst = std::max(worst, std::abs(got[i] - expected[i]) / (1 + std::abs(expected[i])));
        BOOST_TEST(worst <= 0x1p-8, "off by " << worst);
      });
    }
}

BOOST_AUTO_TEST_CASE(weight_gradients_of_bfloat16_are_float) {
  // The first shape is small, since its kernels meet all schedules there.
  for (const LinearShape& shape : {LinearShape{.rows = 33, .inputs = 8, .outputs = 8},
                                   LinearShape{.rows = 1023, .inputs = 24, .outputs = 40}}) {
    auto x = input<bfloat16>(shape.rows * shape.inputs, "x"),
         dy = input<bfloat16>(shape.rows * shape.outputs, "dy");
    const auto widened = [](const std::vector<bfloat16>& narrow) {
      return std::vector<float>(narrow.begin(), narrow.end());
    };
    Buffer<float> exact_x(widened(x.values()), "x"), exact_dy(widened(dy.values()), "dy");
    const auto gradients = [&](Context& context, const auto& table, auto& x_of, auto& dy_of) {
      Buffer<float> dweight(shape.outputs * shape.inputs, "dweight"), dbias(shape.outputs, "dbias");
      table.matmul.linear_weight_backward(context, {dweight.data()}, {dbias.data()}, dy_of.data(),
                                          x_of.data(), shape);
      std::vector<float> all = dweight.values();
      for (const float value : dbias.values()) all.push_back(value);
      return all;
    };
    const std::vector<float> expected = gradients(cpu::context(), cpu::table<float>(), exact_x, exact_dy);
    under_every_schedule([&](Context& context) {
      check_close(gradients(context, emulated::table<bfloat16>(), x, dy), expected, 8);
    });
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
  for (const LinearShape& shape : {LinearShape{0, 3, 2}, LinearShape{1, 1, 1}, LinearShape{33, 5, 65},
                                   LinearShape{1023, 7, 3}, LinearShape{2049, 1, 1}}) {
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
