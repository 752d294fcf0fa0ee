#pragma once
// The context of a CUDA device: a stream, a workspace that grows, and perhaps a library for matrix products.

#include <unordered_map>

#include <cuda_runtime.h>

#include "memsizer/base/checked.hpp"
#include "memsizer/device/context.hpp"

#include "kernels/product_library.hpp"

namespace memsizer::cuda {

/// Throws SystemError, which names `what`, unless the call succeeded.
inline void check(cudaError_t result, const char* what) {
  if (result == cudaSuccess) return;
  cudaGetLastError();  // clears the error: the next launch must not report it again
  throw SystemError(concatenate("CUDA: ", what, ": ", cudaGetErrorString(result)));
}

class CudaContext : public Context {
 public:
  CudaContext() { check(cudaStreamCreateWithFlags(&stream_, cudaStreamNonBlocking), "creating a stream"); }
  ~CudaContext() override {
    cudaFree(workspace_);
    cudaStreamDestroy(stream_);
  }

  /// Computes the products that it takes; null: our kernels compute all. It must outlive the context.
  ProductLibrary* products = nullptr;

  cudaStream_t stream() const { return stream_; }

  /// Lets a kernel have this much dynamic shared memory, beyond what every kernel may have. The driver is
  /// told once, and not at each launch.
  void allow_shared_memory(const void* kernel, std::size_t bytes, const char* name) {
    std::size_t& allowed = allowed_shared_bytes_[kernel];
    if (bytes <= allowed) return;
    check(cudaFuncSetAttribute(kernel, cudaFuncAttributeMaxDynamicSharedMemorySize, static_cast<int>(bytes)),
          name);
    allowed = bytes;
  }

  /// At least `bytes` bytes of device memory. Kernels on one stream run one after another, so one block
  /// serves all of them. If it is too small, a larger one replaces it once the kernels that use it are done.
  void* workspace(Index bytes) {
    if (bytes > workspace_bytes_) {
      check(cudaStreamSynchronize(stream_), "waiting for the workspace");
      check(cudaFree(workspace_), "giving the workspace back");
      workspace_ = nullptr;
      workspace_bytes_ = 0;
      check(cudaMalloc(&workspace_, static_cast<std::size_t>(bytes)), "allocating a workspace");
      workspace_bytes_ = bytes;
    }
    return workspace_;
  }

 private:
  cudaStream_t stream_ = nullptr;
  void* workspace_ = nullptr;
  Index workspace_bytes_ = 0;
  std::unordered_map<const void*, std::size_t> allowed_shared_bytes_;
};

inline CudaContext& as_cuda(Context& context) {
  return static_cast<CudaContext&>(context);
}

inline ProductLibrary* product_library(Context& context) {
  return as_cuda(context).products;
}

}  // namespace memsizer::cuda
