#pragma once
// Matrix products on all threads. Each thread takes a panel of rows, or of columns if there are more columns
// than rows, and multiplies it alone. Bias and activation are applied while the result is in cache.

#include <Eigen/Core>

#include "memsizer/cpu/parallel.hpp"
#include "memsizer/cpu/product.hpp"
#include "memsizer/cpu/row_product.hpp"

namespace memsizer::cpu {

/// Products in one thread by this library's own loops. Another class of this form makes another backend of
/// the family.
struct PacketProduct {
  /// Whether the sum of an element has the same order, whatever part of the product is computed at once.
  static constexpr bool any_part = true;

  template <class T>
  static void multiply(T* c, bool accumulate, const T* a, const T* b, const MatmulShape& shape,
                       const Epilogue<T>& epilogue) {
    product(c, accumulate, a, b, shape, epilogue);
  }
};

/// The part of a batch of products with rows (columns, if `by_column`) begin .. end of each matrix, as a
/// product of its own.
template <class Product, class T>
void multiply_panel(Output<T> c, const T* a, const T* b, MatmulShape shape, Epilogue<T> epilogue,
                    bool by_column, Index begin, Index end) {
  const Index offset = by_column ? begin : begin * shape.c_leading;
  // We decide by the rows of the whole product, because the two ways sum in different orders, and a panel's
  // rows depend on the number of threads.
  const bool few = shape.rows <= few_rows;
  if (by_column) {
    b += shape.transpose_b ? begin * shape.b_leading : begin;
    shape.columns = end - begin;
    if (epilogue.bias != nullptr) epilogue.bias += begin;
  } else {
    a += shape.transpose_a ? begin : begin * shape.a_leading;
    shape.rows = end - begin;
  }
  if (epilogue.before_activation != nullptr) epilogue.before_activation += offset;
  if (!few) {
    Product::multiply(c.data + offset, c.accumulate, a, b, shape, epilogue);
    return;
  }
  row_product(c.data + offset, c.accumulate, a, b, shape);
  if (!c.accumulate)
    apply_epilogue(c.data + offset, epilogue, shape.c_leading, 0, shape.rows, 0, shape.columns);
}

template <class T, class Product = PacketProduct>
void matmul(Context& context, Output<T> c, const T* a, const T* b, const MatmulShape& shape,
            const Epilogue<T>& epilogue) {
  if (shape.batch == 0 || shape.rows == 0 || shape.columns == 0) return;
  const bool by_column = shape.columns > shape.rows;
  const Index extent = by_column ? shape.columns : shape.rows;
  const bool bound_by_memory = shape.rows <= few_rows;
  // If panels may be joined, a thread multiplies all of its panels at once. Else each panel is a product of
  // its own, and large enough to be one. Either way the result does not depend on the number of threads.
  const bool may_join = Product::any_part || bound_by_memory;
  const Index tile = by_column ? Tile<T>::columns : Tile<T>::rows;
  const Index panel = may_join ? tile : round_up(std::max<Index>(128, divide_up(extent, 8)), tile);
  const Index panels = divide_up(extent, panel);
  const Index work = (by_column ? shape.rows : shape.columns) * panel * std::max<Index>(shape.inner, 1);
  parallel_for(
      context, shape.batch * panels, bound_by_memory ? work : work / 16, [&](Index first, Index last) {
        for (Index next; first < last; first = next) {
          const Index batch = first / panels, begin = first % panels;
          next = may_join ? std::min(last, (batch + 1) * panels) : first + 1;
          Epilogue<T> finish = epilogue;
          if (finish.before_activation != nullptr) finish.before_activation += batch * shape.c_stride;
          multiply_panel<Product>(Output<T>{c.data + batch * shape.c_stride, c.accumulate},
                                  a + batch * shape.a_stride, b + batch * shape.b_stride, shape, finish,
                                  by_column, begin * panel, std::min(extent, (begin + next - first) * panel));
        }
      });
}

/// sums [columns] (+)= the column sums of x [rows, columns]: first within blocks of rows, then over the
/// blocks, so that long sums keep their precision.
template <class A, class T>
void add_column_sums(A* sums, const T* x, Index leading, Index rows, Index columns) {
  struct Block;
  constexpr Index block = 64;
  const auto part = array(scratch<A, Block>(columns), columns);
  for (Index first = 0; first < rows; first += block) {
    part = A(0);
    for (Index row = first; row < std::min(rows, first + block); ++row)
      part += converted<A>(array(x + row * leading, columns));
    array(sums, columns) += part;
  }
}

template <class T, class Product = PacketProduct>
void linear_weight_backward(Context& context, Output<Accumulate<T>> dweight, Output<Accumulate<T>> dbias,
                            const T* dy, const T* x, const LinearShape& shape) {
  if (dweight)
    matmul<T, Product>(context, dweight, dy, x,
                       contiguous_product(shape.outputs, shape.inputs, shape.rows, {.a = true}),
                       Epilogue<T>{});
  if (!dbias) return;
  parallel_for(context, shape.outputs, shape.rows, [&](Index begin, Index end) {
    if (!dbias.accumulate) array(dbias.data + begin, end - begin) = Accumulate<T>(0);
    add_column_sums(dbias.data + begin, dy + begin, shape.outputs, shape.rows, end - begin);
  });
}

template <class T, class Product = PacketProduct>
inline constexpr MatmulKernels<T> matmul_kernels{
    .matmul = matmul<T, Product>, .linear_weight_backward = linear_weight_backward<T, Product>};

}  // namespace memsizer::cpu
