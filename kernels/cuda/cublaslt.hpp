#pragma once
// Matrix products by NVIDIA's cuBLASLt, in the place of our kernels.

#include <cstdint>
#include <map>
#include <memory>
#include <optional>

#include "kernels/cuda/cublaslt_library.hpp"
#include "kernels/cuda/cublaslt_product.hpp"

namespace memsizer::cuda {

/// Computes products on a stream. The algorithm of a product is the first that cuBLASLt's heuristics name for
/// its shape, and stays; with a workspace that no other stream has, the same algorithm gives the same bits on
/// one GPU with one version of the library (cuBLAS guide, "Results Reproducibility").
class CublasLt : public ProductLibrary {
 public:
  /// Memory of the device for partial sums.
  struct Workspace {
    static constexpr std::size_t usual_bytes = std::size_t{32} << 20;
    void* data;
    std::size_t bytes;
  };

  CublasLt(const CublasLtFunctions& functions, cudaStream_t stream, Workspace workspace)
      : functions_(functions), stream_(stream), workspace_(workspace) {
    check(functions_.create(&handle_), "creating its context");
  }
  CublasLt(const CublasLt&) = delete;
  CublasLt& operator=(const CublasLt&) = delete;
  ~CublasLt() override {
    plans_.clear();
    functions_.destroy(handle_);
  }

  /// Returns false if cuBLASLt has no algorithm for the product.
  bool multiply(ProductCall& call) override {
    ProductCall rest = call;
    const std::optional<CublasLtProduct> product = cublaslt_product(rest);
    if (!product) return false;
    auto found = plans_.find(*product);
    if (found == plans_.end()) found = plans_.emplace(*product, make_plan(*product, call.bias)).first;
    const Plan& plan = found->second;
    if (!plan.algorithm) return false;
    run(*product, plan, call, rest.c);
    call = rest;
    return true;
  }

 private:
  template <class Opaque>
  using Descriptor = std::unique_ptr<Opaque, cublasStatus_t (*)(Opaque*)>;
  using Operation = Descriptor<cublasLtMatmulDescOpaque_t>;
  using Layout = Descriptor<cublasLtMatrixLayoutOpaque_t>;

  /// A product's descriptors, and its algorithm if there is one.
  struct Plan {
    Operation operation;
    Layout first, second, result;
    std::optional<cublasLtMatmulAlgo_t> algorithm = std::nullopt;
  };

  void check(cublasStatus_t status, const char* what) const { functions_.check(status, what); }

  template <class Opaque, class Attribute, class Value>
  void set(cublasStatus_t (*setter)(Opaque*, Attribute, const void*, std::size_t), Opaque* descriptor,
           Attribute attribute, const Value& value) const {
    check(setter(descriptor, attribute, &value, sizeof value), "setting an attribute");
  }

  Operation describe(const CublasLtProduct& product, const void* bias) const {
    cublasLtMatmulDescOpaque_t* made = nullptr;
    check(functions_.create_operation(&made, product.compute, product.scale), "describing a product");
    Operation operation(made, functions_.destroy_operation);
    const auto transposes = [](const CublasLtMatrix& x) {
      return static_cast<std::int32_t>(x.transpose ? CUBLAS_OP_T : CUBLAS_OP_N);
    };
    set(functions_.set_operation, made, CUBLASLT_MATMUL_DESC_TRANSA, transposes(product.first));
    set(functions_.set_operation, made, CUBLASLT_MATMUL_DESC_TRANSB, transposes(product.second));
    set(functions_.set_operation, made, CUBLASLT_MATMUL_DESC_EPILOGUE,
        static_cast<std::uint32_t>(product.epilogue));
    // The heuristics read the pointer's alignment.
    if (product.adds_bias()) set(functions_.set_operation, made, CUBLASLT_MATMUL_DESC_BIAS_POINTER, bias);
    return operation;
  }

  Layout lay_out(const CublasLtMatrix& x, Index batch) const {
    cublasLtMatrixLayoutOpaque_t* made = nullptr;
    check(functions_.create_layout(&made, x.type, static_cast<std::uint64_t>(x.rows),
                                   static_cast<std::uint64_t>(x.columns), x.leading),
          "describing a matrix");
    Layout layout(made, functions_.destroy_layout);
    if (batch > 1) {
      set(functions_.set_layout, made, CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT, static_cast<std::int32_t>(batch));
      set(functions_.set_layout, made, CUBLASLT_MATRIX_LAYOUT_STRIDED_BATCH_OFFSET, x.stride);
    }
    return layout;
  }

  Plan make_plan(const CublasLtProduct& product, const void* bias) const {
    Plan plan{.operation = describe(product, bias),
              .first = lay_out(product.first, product.batch),
              .second = lay_out(product.second, product.batch),
              .result = lay_out(product.result, product.batch)};
    plan.algorithm = find_algorithm(product, plan);
    return plan;
  }

  std::optional<cublasLtMatmulAlgo_t> find_algorithm(const CublasLtProduct& product, const Plan& plan) const {
    cublasLtMatmulPreferenceOpaque_t* made = nullptr;
    check(functions_.create_preference(&made), "creating a preference");
    const Descriptor<cublasLtMatmulPreferenceOpaque_t> preference(made, functions_.destroy_preference);
    const auto prefer = [&](cublasLtMatmulPreferenceAttributes_t attribute, const auto& value) {
      set(functions_.set_preference, made, attribute, value);
    };
    prefer(CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, std::uint64_t{workspace_.bytes});
    // Partial sums stay in float; the other schemes round them to the output's type.
    prefer(CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK,
           static_cast<std::uint32_t>(CUBLASLT_REDUCTION_SCHEME_COMPUTE_TYPE));
    prefer(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES, product.first.alignment);
    prefer(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES, product.second.alignment);
    prefer(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES, product.result.alignment);
    prefer(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES, product.result.alignment);
    cublasLtMatmulHeuristicResult_t result{};
    int count = 0;
    const cublasStatus_t status =
        functions_.find_algorithms(handle_, plan.operation.get(), plan.first.get(), plan.second.get(),
                                   plan.result.get(), plan.result.get(), made, 1, &result, &count);
    if (status == CUBLAS_STATUS_NOT_SUPPORTED) return std::nullopt;
    functions_.check(status, "finding an algorithm for " + text_of(product));
    if (count == 0 || result.state != CUBLAS_STATUS_SUCCESS) return std::nullopt;
    return result.algo;
  }

  /// result = first second + beta result, with beta 1 if the call accumulates, else 0.
  void run(const CublasLtProduct& product, const Plan& plan, const ProductCall& call, void* result) const {
    if (product.adds_bias())
      set(functions_.set_operation, plan.operation.get(), CUBLASLT_MATMUL_DESC_BIAS_POINTER, call.bias);
    const double wide_factors[2] = {1, call.accumulate ? 1.0 : 0.0};
    const float factors[2] = {1, call.accumulate ? 1.0f : 0.0f};
    const bool wide = product.scale == CUDA_R_64F;
    const void* const alpha = wide ? static_cast<const void*>(&wide_factors[0]) : &factors[0];
    const void* const beta = wide ? static_cast<const void*>(&wide_factors[1]) : &factors[1];
    const cublasStatus_t status =
        functions_.multiply(handle_, plan.operation.get(), alpha, call.b, plan.first.get(), call.a,
                            plan.second.get(), beta, result, plan.result.get(), result, plan.result.get(),
                            &*plan.algorithm, workspace_.data, workspace_.bytes, stream_);
    if (status != CUBLAS_STATUS_SUCCESS) functions_.check(status, text_of(product));
  }

  /// "the product of 1 x [3, 4] [4, 5] in 16 bits", in our order.
  static std::string text_of(const CublasLtProduct& product) {
    const CublasLtMatrix& b = product.first;
    const Index inner = b.transpose ? b.rows : b.columns;
    const int bits = b.type == CUDA_R_64F ? 64 : b.type == CUDA_R_32F ? 32 : 16;
    return concatenate("the product of ", product.batch, " x [", product.result.columns, ", ", inner, "] [",
                       inner, ", ", product.result.rows, "] in ", bits, " bits");
  }

  CublasLtFunctions functions_;
  cudaStream_t stream_;
  Workspace workspace_;
  cublasLtHandle_t handle_ = nullptr;
  std::map<CublasLtProduct, Plan> plans_;
};

}  // namespace memsizer::cuda
