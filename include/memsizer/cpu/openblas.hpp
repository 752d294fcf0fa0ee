#pragma once
// OpenBLAS as another backend of the matrix products: device.use(openblas_table<float>(),
// openblas_table<double>()). A program that includes this header links the target memsizer::openblas.

#include <algorithm>
#include <limits>

// OpenBLAS declares a global type bfloat16, which `using namespace memsizer` would make ambiguous with ours.
#define bfloat16 openblas_bfloat16
#include <cblas.h>
#undef bfloat16

#include "memsizer/cpu/context.hpp"
#include "memsizer/cpu/matmul.hpp"

namespace memsizer::cpu {

/// Products in one thread by OpenBLAS, or by our own loops if a size is more than OpenBLAS can count.
struct OpenblasProduct {
  static constexpr bool any_part = false;  // OpenBLAS chooses an order of summation by the sizes

  template <class T>
  static void multiply(T* c, bool accumulate, const T* a, const T* b, const MatmulShape& shape,
                       const Epilogue<T>& epilogue) {
    if (!can_count(shape)) return PacketProduct::multiply(c, accumulate, a, b, shape, epilogue);
    const bool finishes =
        !accumulate && (epilogue.bias != nullptr || epilogue.activation != Activation::none ||
                        epilogue.before_activation != nullptr);
    const Index panel = finishes ? panel_rows : std::max<Index>(shape.rows, 1);
    for (Index row = 0; row < shape.rows; row += panel) {
      MatmulShape part = shape;
      part.rows = std::min(panel, shape.rows - row);
      multiply_rows(c + row * shape.c_leading, accumulate,
                    a + (shape.transpose_a ? row : row * shape.a_leading), b, part);
      if (finishes) apply_epilogue(c, epilogue, shape.c_leading, row, part.rows, 0, shape.columns);
    }
  }

 private:
  static constexpr Index panel_rows = 256;  // stay in cache until bias and activation are applied

  static bool can_count(const MatmulShape& shape) {
    return std::max({shape.rows, shape.columns, shape.inner, shape.a_leading, shape.b_leading,
                     shape.c_leading}) <= std::numeric_limits<blasint>::max();
  }

  template <class T>
  static void multiply_rows(T* c, bool accumulate, const T* a, const T* b, const MatmulShape& shape) {
    const auto size = [](Index n) { return static_cast<blasint>(n); };
    const auto transposed = [](bool transpose) { return transpose ? CblasTrans : CblasNoTrans; };
    // BLAS wants leading dimensions of at least 1, even for an empty matrix.
    const auto leading = [&](Index n) { return size(std::max<Index>(n, 1)); };
    const auto call = [&](auto gemm) {
      gemm(CblasRowMajor, transposed(shape.transpose_a), transposed(shape.transpose_b), size(shape.rows),
           size(shape.columns), size(shape.inner), T(1), a, leading(shape.a_leading), b,
           leading(shape.b_leading), T(accumulate ? 1 : 0), c, leading(shape.c_leading));
    };
    if constexpr (sizeof(T) == sizeof(float))
      call(cblas_sgemm);
    else
      call(cblas_dgemm);
  }
};

/// The kernels of the CPU with OpenBLAS's matrix products. OpenBLAS is set to one thread, since our threads
/// divide the work.
template <class T>
const KernelTable<T>& openblas_table() {
  static const KernelTable<T> filled = [] {
    openblas_set_num_threads(1);
    KernelTable<T> changed = table<T>();
    changed.matmul = matmul_kernels<T, OpenblasProduct>;
    return changed;
  }();
  return filled;
}

}  // namespace memsizer::cpu
