// The CUDA device: the kernels compiled for the GPU, and its memory.
#include "kernels/cuda/device.hpp"
#include "kernels/product_choice.hpp"
#include "kernels/table.cuh"
#if __has_include(<cublasLt.h>)
#include "kernels/cuda/cublaslt.hpp"
#endif

namespace memsizer::cuda {

namespace {

void copy(Context& context, void* to, const void* from, Index bytes, cudaMemcpyKind kind) {
  const cudaStream_t stream = as_cuda(context).stream();
  check(cudaMemcpyAsync(to, from, static_cast<std::size_t>(bytes), kind, stream), "copying");
  check(cudaStreamSynchronize(stream), "waiting for a copy");
}

void* allocate(Context&, Index bytes) {
  void* block = nullptr;
  check(cudaMalloc(&block, static_cast<std::size_t>(bytes)), "allocating");
  return block;
}

const DeviceMemory& memory() {
  static const DeviceMemory memory{
      .allocate = allocate,
      .release = [](Context&, void* block) { cudaFree(block); },
      .from_host = [](Context& context, void* to, const void* from,
                      Index bytes) { copy(context, to, from, bytes, cudaMemcpyHostToDevice); },
      .to_host = [](Context& context, void* to, const void* from,
                    Index bytes) { copy(context, to, from, bytes, cudaMemcpyDeviceToHost); },
      .copy =
          [](Context& context, void* to, const void* from, Index bytes) {
            check(cudaMemcpyAsync(to, from, static_cast<std::size_t>(bytes), cudaMemcpyDeviceToDevice,
                                  as_cuda(context).stream()),
                  "copying");
          },
      .host_readable = false};
  return memory;
}

/// cuBLASLt with a workspace of its own, opened by the first call.
ProductLibrary& cublaslt(CudaContext& context) {
#if __has_include(<cublasLt.h>)
  static ProductLibrary& library = [&]() -> ProductLibrary& {
    const CublasLtFunctions functions = open_cublaslt();
    CublasLt::Workspace workspace{.data = nullptr, .bytes = CublasLt::Workspace::usual_bytes};
    check(cudaMalloc(&workspace.data, workspace.bytes), "allocating a workspace for cuBLASLt");
    return *new CublasLt(functions, context.stream(), workspace);
  }();
  return library;
#else
  throw InputError(
      "cuBLASLt: the program was compiled without <cublasLt.h>, which NVIDIA's cuBLAS has (--matmul own "
      "does without it)");
#endif
}

}  // namespace

bool present() {
  int count = 0;
  return cudaGetDeviceCount(&count) == cudaSuccess && count > 0;
}

template <>
const KernelTable<float>& table<float>() {
  return filled_table<float>;
}

template <>
const KernelTable<double>& table<double>() {
  return filled_table<double>;
}

template <>
const KernelTable<bfloat16>& table<bfloat16>() {
  return filled_table<bfloat16>;
}

template <>
std::span<const std::string_view> not_yet<float>() {
  return not_yet_kernels;
}

template <>
std::span<const std::string_view> not_yet<double>() {
  return not_yet_kernels;
}

template <>
std::span<const std::string_view> not_yet<bfloat16>() {
  return not_yet_kernels;
}

Device& device() {
  static CudaContext& context = *new CudaContext;
  static Device& device =
      *new Device("cuda", context, memory(), table<float>(), table<double>(), table<bfloat16>());
  return device;
}

void use_products(Products by) {
  CudaContext& context = as_cuda(device().context());
  context.products = nullptr;
  if (by == Products::own || (by == Products::automatic && faster_by_cublaslt.empty())) return;
  static ChosenProducts chosen(cublaslt(context), faster_by_cublaslt);
  context.products = by == Products::automatic ? &chosen : &cublaslt(context);
}

}  // namespace memsizer::cuda
