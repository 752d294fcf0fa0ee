#pragma once
// What the CPU bodies share: loops over all threads, views of arrays, and outputs.

#include <Eigen/Core>
#include <cmath>

#include "memsizer/cpu/table.hpp"

namespace memsizer::cpu {

/// Below this many elements a loop is not worth a second thread.
inline constexpr Index parallel_grain = 8192;

/// body(begin, end) over 0 .. n - 1 on the context's threads; `work` is the number of elements behind one
/// index.
template <class Body>
void parallel_for(Context& context, Index n, Index work, const Body& body) {
  const Index grain = std::max<Index>(1, parallel_grain / std::max<Index>(work, 1));
  static_cast<CpuContext&>(context).threads().parallel_for(n, grain, body);
}

/// How many threads the context's loops run on.
inline int thread_count(Context& context) {
  return static_cast<CpuContext&>(context).threads().size();
}

/// body(row) for every row, `columns` elements each.
template <class Body>
void parallel_rows(Context& context, Index rows, Index columns, const Body& body) {
  parallel_for(context, rows, columns, [&](Index begin, Index end) {
    for (Index row = begin; row < end; ++row) body(row);
  });
}

/// The larger of two, NaN if one is.
template <class T>
T larger(T a, T b) {
  return b > a || std::isnan(b) ? b : a;
}

/// n contiguous elements as an Eigen array, for vectorised expressions.
template <class T>
auto array(T* data, Index n) {
  using Array = Eigen::Array<std::remove_const_t<T>, Eigen::Dynamic, 1>;
  return Eigen::Map<std::conditional_t<std::is_const_v<T>, const Array, Array>>(data, n);
}

/// A [rows, columns] row-major matrix with rows `leading` elements apart.
template <class T>
auto matrix(T* data, Index rows, Index columns, Index leading) {
  using Matrix = Eigen::Matrix<std::remove_const_t<T>, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  return Eigen::Map<std::conditional_t<std::is_const_v<T>, const Matrix, Matrix>, Eigen::Unaligned,
                    Eigen::OuterStride<>>(data, rows, columns, Eigen::OuterStride<>(leading));
}

/// Writes or adds an expression to an output from element `offset` on.
template <class T, class Expression>
void contribute(const Output<T>& output, Index offset, const Expression& expression) {
  auto target = array(output.data + offset, expression.size());
  if (output.accumulate)
    target += expression;
  else
    target = expression;
}

}  // namespace memsizer::cpu
