// A library with the functions of cuBLASLt that we call, which computes in the host's memory, so that tests
// need no GPU. Like the real one it sees matrices by columns, and it refuses what the real one refuses, or
// what would not be safe there: wrong sizes, types that do not go together, arrays that are less aligned than
// the algorithm was told, an algorithm of another product.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <numbers>
#include <vector>

#include <cublasLt.h>

#include "cublaslt/fake/state.hpp"

FakeState fake_cublaslt_state;

namespace {

struct Operation {
  cublasComputeType_t compute;
  cudaDataType_t scale;
  std::int32_t transpose[2] = {CUBLAS_OP_N, CUBLAS_OP_N};
  std::uint32_t epilogue = CUBLASLT_EPILOGUE_DEFAULT;
  const void* bias = nullptr;
};

struct Layout {
  cudaDataType_t type;
  std::uint64_t rows, columns;
  std::int64_t leading;
  std::int32_t batch = 1;
  std::int64_t stride = 0;

  bool operator==(const Layout&) const = default;
};

struct Preference {
  std::uint64_t workspace = 0;
  std::uint32_t schemes = CUBLASLT_REDUCTION_SCHEME_MASK;
  std::array<std::uint32_t, 4> alignment = {256, 256, 256, 256};  // of A, B, C and D
};

/// A product: A and B as stored, C and D.
struct Product {
  Operation operation;
  std::array<Layout, 4> layouts;
};

/// What an algorithm was found for.
struct Algorithm {
  Product product;
  Preference preference;
  std::uintptr_t bias_alignment;
};

constexpr std::uint64_t mark = 0x464B4C54;

std::vector<Algorithm>& algorithms() {
  static std::vector<Algorithm> all;
  return all;
}

cublasStatus_t refuse(const char* reason) {
  std::fprintf(stderr, "fake cuBLASLt: %s\n", reason);
  return CUBLAS_STATUS_INVALID_VALUE;
}

template <class Field>
cublasStatus_t assign(Field& field, const void* value, std::size_t size) {
  if (value == nullptr || size != sizeof field) return refuse("an attribute of another size");
  std::memcpy(&field, value, size);
  return CUBLAS_STATUS_SUCCESS;
}

std::uintptr_t alignment_of(const void* address) {
  const auto number = reinterpret_cast<std::uintptr_t>(address);
  return number & (~number + 1);
}

std::uint64_t extent(const Layout& x, bool transposed, bool rows) {
  return rows != transposed ? x.rows : x.columns;
}

/// Why the product cannot be computed; null if it can.
const char* fault_of(const Product& product) {
  const Operation& operation = product.operation;
  const auto& [a, b, c, d] = product.layouts;
  const bool wide = a.type == CUDA_R_64F, narrow = a.type == CUDA_R_16BF;
  if (operation.compute != (wide ? CUBLAS_COMPUTE_64F : CUBLAS_COMPUTE_32F) ||
      operation.scale != (wide ? CUDA_R_64F : CUDA_R_32F))
    return "sums of another type";
  if (b.type != a.type || (c.type != a.type && !(narrow && c.type == CUDA_R_32F)))
    return "types that do not go together";
  if (!(c == d)) return "C and D have other layouts";
  if (wide && operation.epilogue != CUBLASLT_EPILOGUE_DEFAULT) return "an epilogue of doubles";
  if ((operation.epilogue & CUBLASLT_EPILOGUE_BIAS) != 0 && operation.bias == nullptr) return "no bias";
  const bool across_a = operation.transpose[0] == CUBLAS_OP_T,
             across_b = operation.transpose[1] == CUBLAS_OP_T;
  if (extent(a, across_a, true) != d.rows || extent(b, across_b, false) != d.columns ||
      extent(a, across_a, false) != extent(b, across_b, true))
    return "sizes that do not fit";
  for (const Layout& x : product.layouts) {
    if (x.rows == 0 || x.columns == 0) return "an empty matrix";
    if (x.leading < static_cast<std::int64_t>(x.rows)) return "columns that overlap";
    if (x.batch != d.batch) return "batches of other sizes";
  }
  if (d.batch > 1 &&
      d.stride < d.leading * static_cast<std::int64_t>(d.columns - 1) + static_cast<std::int64_t>(d.rows))
    return "results that overlap";
  return nullptr;
}

double read(cudaDataType_t type, const void* data, std::int64_t at) {
  if (type == CUDA_R_64F) return static_cast<const double*>(data)[at];
  if (type == CUDA_R_32F) return static_cast<const float*>(data)[at];
  const std::uint32_t bits = std::uint32_t{static_cast<const std::uint16_t*>(data)[at]} << 16;
  float number;
  std::memcpy(&number, &bits, sizeof number);
  return number;
}

void write(cudaDataType_t type, void* data, std::int64_t at, double value) {
  if (type == CUDA_R_64F) {
    static_cast<double*>(data)[at] = value;
  } else if (type == CUDA_R_32F) {
    static_cast<float*>(data)[at] = static_cast<float>(value);
  } else {
    const auto number = static_cast<float>(value);
    std::uint32_t bits;
    std::memcpy(&bits, &number, sizeof bits);
    bits += 0x7FFF + (bits >> 16 & 1);  // to the nearest, ties to even
    static_cast<std::uint16_t*>(data)[at] = static_cast<std::uint16_t>(bits >> 16);
  }
}

double finished(std::uint32_t epilogue, double x) {
  if ((epilogue & CUBLASLT_EPILOGUE_RELU) != 0) return x > 0 ? x : 0;
  if ((epilogue & CUBLASLT_EPILOGUE_GELU) != 0)
    return 0.5 * x * (1 + std::tanh(std::sqrt(2 / std::numbers::pi) * (x + 0.044715 * x * x * x)));
  return x;
}

/// d = a b + beta c, then the epilogue.
void compute(const Product& product, const void* a, const void* b, double beta, const void* c, void* d) {
  const Operation& operation = product.operation;
  const auto& [of_a, of_b, of_c, of_d] = product.layouts;
  const bool across_a = operation.transpose[0] == CUBLAS_OP_T,
             across_b = operation.transpose[1] == CUBLAS_OP_T;
  const auto inner = static_cast<std::int64_t>(extent(of_a, across_a, false));
  const auto at = [](const Layout& x, bool transposed, std::int64_t batch, std::int64_t row,
                     std::int64_t column) {
    return batch * x.stride + (transposed ? row * x.leading + column : column * x.leading + row);
  };
  for (std::int64_t batch = 0; batch < of_d.batch; ++batch)
    for (std::int64_t column = 0; column < static_cast<std::int64_t>(of_d.columns); ++column)
      for (std::int64_t row = 0; row < static_cast<std::int64_t>(of_d.rows); ++row) {
        double sum = 0;
        for (std::int64_t k = 0; k < inner; ++k)
          sum += read(of_a.type, a, at(of_a, across_a, batch, row, k)) *
                 read(of_b.type, b, at(of_b, across_b, batch, k, column));
        const std::int64_t place = at(of_d, false, batch, row, column);
        if (beta != 0) sum += beta * read(of_c.type, c, place);  // else C may hold anything
        if ((operation.epilogue & CUBLASLT_EPILOGUE_BIAS) != 0) sum += read(of_d.type, operation.bias, row);
        write(of_d.type, d, place, finished(operation.epilogue, sum));
      }
}

template <class Mine, class Theirs>
Mine& mine(Theirs* descriptor) {
  return *reinterpret_cast<Mine*>(descriptor);
}

template <class Mine, class Theirs>
cublasStatus_t create(Theirs** descriptor, Mine made) {
  *descriptor = reinterpret_cast<Theirs*>(new Mine(made));
  return CUBLAS_STATUS_SUCCESS;
}

template <class Mine, class Theirs>
cublasStatus_t destroy(Theirs* descriptor) {
  delete &mine<Mine>(descriptor);
  return CUBLAS_STATUS_SUCCESS;
}

Product product_of(cublasLtMatmulDesc_t operation, cublasLtMatrixLayout_t a, cublasLtMatrixLayout_t b,
                   cublasLtMatrixLayout_t c, cublasLtMatrixLayout_t d) {
  return {mine<Operation>(operation), {mine<Layout>(a), mine<Layout>(b), mine<Layout>(c), mine<Layout>(d)}};
}

/// Whether the algorithm was found for a product like this one, whose bias may lie elsewhere.
bool is_for(const Algorithm& algorithm, const Product& product) {
  const Operation &known = algorithm.product.operation, &now = product.operation;
  return algorithm.product.layouts == product.layouts && known.compute == now.compute &&
         known.epilogue == now.epilogue && std::ranges::equal(known.transpose, now.transpose) &&
         alignment_of(now.bias) >= algorithm.bias_alignment;
}

double factor(const Operation& operation, const void* at) {
  return operation.scale == CUDA_R_64F ? *static_cast<const double*>(at) : *static_cast<const float*>(at);
}

}  // namespace

size_t cublasLtGetVersion(void) {
  return fake_cublaslt_state.fault == FakeFault::old_version ? 110000 : CUBLAS_VERSION;
}

const char* cublasLtGetStatusName(cublasStatus_t status) {
  return status == CUBLAS_STATUS_INTERNAL_ERROR ? "CUBLAS_STATUS_INTERNAL_ERROR"
                                                : "CUBLAS_STATUS_INVALID_VALUE";
}

cublasStatus_t cublasLtCreate(cublasLtHandle_t* handle) {
  if (fake_cublaslt_state.fault == FakeFault::no_context) return CUBLAS_STATUS_INTERNAL_ERROR;
  *handle = reinterpret_cast<cublasLtHandle_t>(&fake_cublaslt_state);
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtDestroy(cublasLtHandle_t) {
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatmulDescCreate(cublasLtMatmulDesc_t* descriptor, cublasComputeType_t compute,
                                        cudaDataType_t scale) {
  return create(descriptor, Operation{.compute = compute, .scale = scale});
}

cublasStatus_t cublasLtMatmulDescDestroy(cublasLtMatmulDesc_t descriptor) {
  return destroy<Operation>(descriptor);
}

cublasStatus_t cublasLtMatmulDescSetAttribute(cublasLtMatmulDesc_t descriptor,
                                              cublasLtMatmulDescAttributes_t attribute, const void* value,
                                              size_t size) {
  auto& operation = mine<Operation>(descriptor);
  switch (attribute) {
    case CUBLASLT_MATMUL_DESC_TRANSA:
      return assign(operation.transpose[0], value, size);
    case CUBLASLT_MATMUL_DESC_TRANSB:
      return assign(operation.transpose[1], value, size);
    case CUBLASLT_MATMUL_DESC_EPILOGUE:
      return assign(operation.epilogue, value, size);
    case CUBLASLT_MATMUL_DESC_BIAS_POINTER:
      return assign(operation.bias, value, size);
    default:
      return refuse("an attribute of products that it does not know");
  }
}

cublasStatus_t cublasLtMatrixLayoutCreate(cublasLtMatrixLayout_t* descriptor, cudaDataType type,
                                          uint64_t rows, uint64_t columns, int64_t leading) {
  return create(descriptor, Layout{.type = type, .rows = rows, .columns = columns, .leading = leading});
}

cublasStatus_t cublasLtMatrixLayoutDestroy(cublasLtMatrixLayout_t descriptor) {
  return destroy<Layout>(descriptor);
}

cublasStatus_t cublasLtMatrixLayoutSetAttribute(cublasLtMatrixLayout_t descriptor,
                                                cublasLtMatrixLayoutAttribute_t attribute, const void* value,
                                                size_t size) {
  auto& layout = mine<Layout>(descriptor);
  if (attribute == CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT) return assign(layout.batch, value, size);
  if (attribute == CUBLASLT_MATRIX_LAYOUT_STRIDED_BATCH_OFFSET) return assign(layout.stride, value, size);
  return refuse("an attribute of layouts that it does not know");
}

cublasStatus_t cublasLtMatmulPreferenceCreate(cublasLtMatmulPreference_t* descriptor) {
  return create(descriptor, Preference{});
}

cublasStatus_t cublasLtMatmulPreferenceDestroy(cublasLtMatmulPreference_t descriptor) {
  return destroy<Preference>(descriptor);
}

cublasStatus_t cublasLtMatmulPreferenceSetAttribute(cublasLtMatmulPreference_t descriptor,
                                                    cublasLtMatmulPreferenceAttributes_t attribute,
                                                    const void* value, size_t size) {
  auto& preference = mine<Preference>(descriptor);
  if (attribute == CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES) return assign(preference.workspace, value, size);
  if (attribute == CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK) return assign(preference.schemes, value, size);
  const int which = attribute - CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES;
  if (which < 0 || which > 3) return refuse("a preference that it does not know");
  return assign(preference.alignment[static_cast<std::size_t>(which)], value, size);
}

cublasStatus_t cublasLtMatmulAlgoGetHeuristic(cublasLtHandle_t, cublasLtMatmulDesc_t operation,
                                              cublasLtMatrixLayout_t a, cublasLtMatrixLayout_t b,
                                              cublasLtMatrixLayout_t c, cublasLtMatrixLayout_t d,
                                              cublasLtMatmulPreference_t preference, int,
                                              cublasLtMatmulHeuristicResult_t results[], int* count) {
  ++fake_cublaslt_state.searches;
  *count = 0;
  if (fake_cublaslt_state.fault == FakeFault::failing_search) return CUBLAS_STATUS_INTERNAL_ERROR;
  if (fake_cublaslt_state.fault == FakeFault::not_supported) return CUBLAS_STATUS_NOT_SUPPORTED;
  if (fake_cublaslt_state.fault == FakeFault::no_algorithm) return CUBLAS_STATUS_SUCCESS;
  const Product product = product_of(operation, a, b, c, d);
  if (const char* fault = fault_of(product)) return refuse(fault);
  const auto& preferred = mine<Preference>(preference);
  if (preferred.schemes != CUBLASLT_REDUCTION_SCHEME_COMPUTE_TYPE)
    return refuse("partial sums may be rounded to the type of the result");
  const void* const bias = product.operation.bias;
  algorithms().push_back(
      {product, preferred, bias == nullptr ? 0 : std::min<std::uintptr_t>(alignment_of(bias), 256)});
  results[0] = {};
  results[0].algo.data[0] = mark;
  results[0].algo.data[1] = algorithms().size() - 1;
  results[0].workspaceSize = preferred.workspace;
  results[0].state = CUBLAS_STATUS_SUCCESS;
  *count = 1;
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatmul(cublasLtHandle_t, cublasLtMatmulDesc_t operation, const void* alpha,
                              const void* a, cublasLtMatrixLayout_t of_a, const void* b,
                              cublasLtMatrixLayout_t of_b, const void* beta, const void* c,
                              cublasLtMatrixLayout_t of_c, void* d, cublasLtMatrixLayout_t of_d,
                              const cublasLtMatmulAlgo_t* algo, void* workspace, size_t bytes, cudaStream_t) {
  if (fake_cublaslt_state.fault == FakeFault::failing_product) return CUBLAS_STATUS_INTERNAL_ERROR;
  if (algo == nullptr || algo->data[0] != mark || algo->data[1] >= algorithms().size())
    return refuse("no algorithm");
  const Algorithm& algorithm = algorithms()[algo->data[1]];
  const Product product = product_of(operation, of_a, of_b, of_c, of_d);
  if (const char* fault = fault_of(product)) return refuse(fault);
  if (!is_for(algorithm, product)) return refuse("the algorithm of another product");
  const void* const arrays[] = {a, b, c, d};
  for (std::size_t i = 0; i < 4; ++i)
    if (alignment_of(arrays[i]) < algorithm.preference.alignment[i])
      return refuse("an array that is less aligned");
  if (bytes < algorithm.preference.workspace) return refuse("a workspace that is too small");
  if (factor(product.operation, alpha) != 1 || c != d) return refuse("what we never ask for");
  std::memset(workspace, 0x5A, bytes);
  compute(product, a, b, factor(product.operation, beta), c, d);
  ++fake_cublaslt_state.products;
  return CUBLAS_STATUS_SUCCESS;
}
