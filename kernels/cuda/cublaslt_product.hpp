#pragma once
// How cuBLASLt is told of our matrix products.
//
// cuBLASLt stores matrices by columns and we store them by rows, so it sees each of our arrays transposed. It
// computes C^T = op(B)^T op(A)^T: its first matrix is our B, its second our A, and a bias for each column of
// C is one for each row of C^T. Nothing here touches the arrays or calls the library.

#include <algorithm>
#include <bit>
#include <compare>
#include <cstdint>
#include <limits>
#include <optional>

#include <cublasLt.h>

#include "kernels/product_library.hpp"

namespace memsizer::cuda {

/// An array as cuBLASLt sees it: [rows, columns], stored by columns, which lie `leading` elements apart.
struct CublasLtMatrix {
  cudaDataType_t type;
  Index rows, columns, leading, stride;
  std::uint32_t alignment;  // of the first element, in bytes
  bool transpose = false;   // the product takes the transposed matrix

  auto operator<=>(const CublasLtMatrix&) const = default;
};

/// All of a product that decides how cuBLASLt computes it. What differs from one call to the next is not
/// here: the addresses, and whether it adds.
struct CublasLtProduct {
  cublasComputeType_t compute;
  cudaDataType_t scale;  // of the factors alpha and beta
  Index batch;
  CublasLtMatrix first, second, result;
  cublasLtEpilogue_t epilogue = CUBLASLT_EPILOGUE_DEFAULT;
  std::uint32_t bias_alignment = 0;

  auto operator<=>(const CublasLtProduct&) const = default;

  bool adds_bias() const { return (epilogue & CUBLASLT_EPILOGUE_BIAS) != 0; }
};

/// What the address is a multiple of: a power of two, at most 256, to which memory of a GPU is aligned.
inline std::uint32_t alignment_of(const void* address) {
  const auto number = reinterpret_cast<std::uintptr_t>(address);
  return std::uint32_t{1} << std::min(std::countr_zero(number), 8);
}

inline cudaDataType_t cuda_type(ElementType type) {
  switch (type) {
    case ElementType::float32:
      return CUDA_R_32F;
    case ElementType::float64:
      return CUDA_R_64F;
    case ElementType::bfloat16:
      return CUDA_R_16BF;
  }
  throw Error("cuda_type: no such type");
}

/// An operand of our product, [lines, length] by rows, that may be stored transposed.
inline CublasLtMatrix cublaslt_matrix(const void* data, ElementType type, Index lines, Index length,
                                      bool transpose, Index leading, Index stride) {
  const Index stored_lines = transpose ? length : lines, stored_length = transpose ? lines : length;
  return {
      .type = cuda_type(type),
      .rows = stored_length,
      .columns = stored_lines,
      // The distance between lines means nothing if there is one line, and cuBLASLt checks it all the same.
      .leading = stored_lines == 1 ? std::max(leading, stored_length) : leading,
      .stride = stride,
      .alignment = alignment_of(data),
      .transpose = transpose};
}

/// Whether cuBLASLt takes the matrix: its sizes are 32 bits wide, and columns may not overlap.
inline bool is_matrix_of_cublaslt(const CublasLtMatrix& x) {
  constexpr Index most = std::numeric_limits<std::int32_t>::max();
  return x.rows > 0 && x.columns > 0 && x.rows <= most && x.columns <= most && x.leading >= x.rows &&
         x.leading <= most;
}

/// Chooses cuBLASLt's epilogue, and takes out of the call what it does. cuBLASLt has none for doubles. Its
/// GELU is the one with tanh. A number before its activation cannot be had beside the result in general, so
/// the product then goes to before_activation, and the activation is left to our kernel.
inline cublasLtEpilogue_t take_epilogue(ProductCall& call) {
  if (call.inputs == ElementType::float64) return CUBLASLT_EPILOGUE_DEFAULT;
  int epilogue = 0;
  if (call.bias != nullptr) epilogue |= CUBLASLT_EPILOGUE_BIAS;
  call.bias = nullptr;
  if (call.before_activation != nullptr) {
    call.c = call.before_activation;
    call.before_activation = nullptr;
  } else if (call.activation == Activation::relu) {
    epilogue |= CUBLASLT_EPILOGUE_RELU;
    call.activation = Activation::none;
  } else if (call.activation == Activation::gelu_tanh) {
    epilogue |= CUBLASLT_EPILOGUE_GELU;
    call.activation = Activation::none;
  }
  return epilogue == 0 ? CUBLASLT_EPILOGUE_DEFAULT : static_cast<cublasLtEpilogue_t>(epilogue);
}

/// The product as cuBLASLt computes it, and in `call` what is then left to do. Nothing if cuBLASLt cannot
/// take it; then the call may be changed all the same.
inline std::optional<CublasLtProduct> cublaslt_product(ProductCall& call) {
  const MatmulShape& s = call.shape;
  const bool wide = call.inputs == ElementType::float64;
  const std::uint32_t bias_alignment = call.bias == nullptr ? 0 : alignment_of(call.bias);
  const cublasLtEpilogue_t epilogue = take_epilogue(call);
  CublasLtProduct product{
      .compute = wide ? CUBLAS_COMPUTE_64F : CUBLAS_COMPUTE_32F,  // float is not rounded to TF32
      .scale = wide ? CUDA_R_64F : CUDA_R_32F,
      .batch = s.batch,
      .first =
          cublaslt_matrix(call.b, call.inputs, s.inner, s.columns, s.transpose_b, s.b_leading, s.b_stride),
      .second = cublaslt_matrix(call.a, call.inputs, s.rows, s.inner, s.transpose_a, s.a_leading, s.a_stride),
      .result = cublaslt_matrix(call.c, call.outputs, s.rows, s.columns, false, s.c_leading, s.c_stride),
      .epilogue = epilogue};
  if (product.adds_bias()) product.bias_alignment = bias_alignment;
  const bool fits = s.batch <= std::numeric_limits<std::int32_t>::max() &&
                    is_matrix_of_cublaslt(product.first) && is_matrix_of_cublaslt(product.second) &&
                    is_matrix_of_cublaslt(product.result);
  return fits ? std::optional(product) : std::nullopt;
}

}  // namespace memsizer::cuda
