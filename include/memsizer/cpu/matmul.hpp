#pragma once
// Matrix products: one Eigen product a thread and panel of rows (of columns where rows are few), with bias
// and activation applied while the panel is in cache.

#include <Eigen/Core>

#include "memsizer/cpu/activation.hpp"
#include "memsizer/cpu/parallel.hpp"

namespace memsizer::cpu {

/// c (+)= op(a) op(b) in the calling thread. The only place that instantiates Eigen's large products.
template <class T>
[[gnu::noinline]] void product(T* c, bool accumulate, const T* a, const T* b, const MatmulShape& shape) {
  auto out = matrix(c, shape.rows, shape.columns, shape.c_leading);
  if (!accumulate) out.setZero();
  if (shape.inner == 0) return;
  const auto left = matrix(a, shape.transpose_a ? shape.inner : shape.rows,
                           shape.transpose_a ? shape.rows : shape.inner, shape.a_leading);
  const auto right = matrix(b, shape.transpose_b ? shape.columns : shape.inner,
                            shape.transpose_b ? shape.inner : shape.columns, shape.b_leading);
  if (!shape.transpose_a && !shape.transpose_b) out.noalias() += left * right;
  if (!shape.transpose_a && shape.transpose_b) out.noalias() += left * right.transpose();
  if (shape.transpose_a && !shape.transpose_b) out.noalias() += left.transpose() * right;
  if (shape.transpose_a && shape.transpose_b) out.noalias() += left.transpose() * right.transpose();
}

/// Applies the epilogue to [rows, columns] of c; bias and before_activation begin at the same place as c.
template <class T>
void apply_epilogue(T* c, const Epilogue<T>& epilogue, Index rows, Index columns, Index leading) {
  for (Index row = 0; row < rows; ++row) {
    auto out = array(c + row * leading, columns);
    if (epilogue.bias != nullptr) out += array(epilogue.bias, columns);
    if (epilogue.before_activation != nullptr)
      array(epilogue.before_activation + row * leading, columns) = out;
    activate(out.data(), out.data(), epilogue.activation, columns);
  }
}

/// The part of a product that begins at (row, column) of c.
template <class T>
void product_block(Gradient<T> c, const T* a, const T* b, MatmulShape shape, Epilogue<T> epilogue, Index row,
                   Index rows, Index column, Index columns) {
  const Index offset = row * shape.c_leading + column;
  a += shape.transpose_a ? row : row * shape.a_leading;
  b += shape.transpose_b ? column * shape.b_leading : column;
  shape.rows = rows;
  shape.columns = columns;
  product(c.data + offset, c.accumulate, a, b, shape);
  if (c.accumulate) return;
  if (epilogue.bias != nullptr) epilogue.bias += column;
  if (epilogue.before_activation != nullptr) epilogue.before_activation += offset;
  apply_epilogue(c.data + offset, epilogue, rows, columns, shape.c_leading);
}

template <class T>
void matmul(Context& context, Gradient<T> c, const T* a, const T* b, const MatmulShape& shape,
            const Epilogue<T>& epilogue) {
  for (Index batch = 0; batch < shape.batch; ++batch) {
    const Gradient<T> out{c.data + batch * shape.c_stride, c.accumulate};
    const T *left = a + batch * shape.a_stride, *right = b + batch * shape.b_stride;
    Epilogue<T> finish = epilogue;
    if (finish.before_activation != nullptr) finish.before_activation += batch * shape.c_stride;
    if (shape.rows >= shape.columns)
      parallel_for(context, shape.rows, shape.columns * shape.inner / 16, [&](Index begin, Index end) {
        product_block(out, left, right, shape, finish, begin, end - begin, 0, shape.columns);
      });
    else
      parallel_for(context, shape.columns, shape.rows * shape.inner / 16, [&](Index begin, Index end) {
        product_block(out, left, right, shape, finish, 0, shape.rows, begin, end - begin);
      });
  }
}

template <class T>
void linear_weight_backward(Context& context, Gradient<Accumulate<T>> dweight, Gradient<Accumulate<T>> dbias,
                            const T* dy, const T* x, const LinearShape& shape) {
  if (dweight)
    matmul(context, dweight, dy, x,
           MatmulShape{.rows = shape.outputs,
                       .columns = shape.inputs,
                       .inner = shape.rows,
                       .transpose_a = true,
                       .a_leading = shape.outputs,
                       .b_leading = shape.inputs,
                       .c_leading = shape.inputs},
           Epilogue<T>{});
  if (!dbias) return;
  parallel_for(context, shape.outputs, shape.rows, [&](Index begin, Index end) {
    if (!dbias.accumulate) array(dbias.data + begin, end - begin).setZero();
    for (Index row = 0; row < shape.rows; ++row)
      array(dbias.data + begin, end - begin) += array(dy + row * shape.outputs + begin, end - begin);
  });
}

template <class T>
inline constexpr MatmulKernels<T> matmul_kernels{.matmul = matmul<T>,
                                                 .linear_weight_backward = linear_weight_backward<T>,
                                                 .activation_backward = activation_backward<T>};

}  // namespace memsizer::cpu
