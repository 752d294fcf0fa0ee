// Benchmarks of Eigen's own product on the same panels, to compare with the loops of cpu/product.hpp.
#include <Eigen/Core>

#include "memsizer/cpu/matmul.hpp"

#include "bench/matmul.hpp"

namespace {

using namespace memsizer;

/// A [rows, columns] row-major matrix with rows `leading` elements apart.
template <class T>
auto matrix(T* data, Index rows, Index columns, Index leading) {
  using Matrix = Eigen::Matrix<std::remove_const_t<T>, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  return Eigen::Map<std::conditional_t<std::is_const_v<T>, const Matrix, Matrix>, Eigen::Unaligned,
                    Eigen::OuterStride<>>(data, rows, columns, Eigen::OuterStride<>(leading));
}

struct EigenProduct {
  static constexpr bool any_part = true;  // a product may take all panels of a thread, as ours may

  template <class T>
  static void multiply(T* c, bool accumulate, const T* a, const T* b, const MatmulShape& shape,
                       const Epilogue<T>& epilogue) {
    with_factor(a, shape.transpose_a, shape.rows, shape.inner, shape.a_leading, [&](const auto& left) {
      with_factor(b, shape.transpose_b, shape.inner, shape.columns, shape.b_leading, [&](const auto& right) {
        auto result = matrix(c, shape.rows, shape.columns, shape.c_leading);
        if (accumulate)
          result.noalias() += left * right;
        else
          result.noalias() = left * right;
      });
    });
    if (!accumulate) cpu::apply_epilogue(c, epilogue, shape.c_leading, 0, shape.rows, 0, shape.columns);
  }

 private:
  /// Calls f with the factor [rows, columns] as an Eigen expression. `transposed` says that x holds the
  /// transposed factor.
  template <class T, class F>
  static void with_factor(const T* x, bool transposed, Index rows, Index columns, Index leading, const F& f) {
    if (transposed)
      f(matrix(x, columns, rows, leading).transpose());
    else
      f(matrix(x, rows, columns, leading));
  }
};

[[maybe_unused]] const bool registered = [] {
  bench::add_matmul<float>("float/eigen", cpu::matmul_kernels<float, EigenProduct>);
  return true;
}();

}  // namespace
