#pragma once
// The context of the emulated device: the order in which threads and blocks run, the kernels' workspace, and
// perhaps a library for matrix products.

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string_view>

#include "memsizer/device/context.hpp"

#include "kernels/emulated/memory.hpp"
#include "kernels/product_library.hpp"

namespace memsizer::emulated {

/// One possible order of events. Equal schedules give equal runs.
struct Schedule {
  /// 0: threads and blocks run in the order of their numbers. Any other seed: each choice is random.
  std::uint64_t seed = 0;
  /// 0: the number that each kernel prefers. Kernels take any multiple of 32 up to 1024 or
  /// their launch bound.
  unsigned threads_per_block = 0;
  /// In a checking build, a thread is interrupted after about this many memory accesses; 0: never.
  unsigned accesses_per_switch = 8;
};

/// The GPU to whose limits launches are held.
struct Gpu {
  const char* name;
  std::size_t most_shared_bytes;  // of a block, for a launch with much dynamic memory
};
inline constexpr Gpu ampere{"sm_80", 163 * 1024}, hopper{"sm_90", 227 * 1024};

class EmulatedContext : public Context {
 public:
  Schedule schedule;
  Gpu gpu = ampere;                                 // the smallest for which the kernels are compiled
  std::map<const void*, std::string_view> kernels;  // the functions launched so far, with their names
  ProductLibrary* products = nullptr;               // as of a CudaContext; it computes in the host's memory

  /// Memory for the running operation's partial results: `count` uninitialised elements, valid until the next
  /// call.
  template <class T>
  T* workspace(Index count) {
    workspace_ = std::make_unique<Buffer<std::byte>>(count * Index{sizeof(T)}, "workspace");
    return reinterpret_cast<T*>(workspace_->data());
  }

 private:
  std::unique_ptr<Buffer<std::byte>> workspace_;
};

inline EmulatedContext& as_emulated(Context& context) {
  return static_cast<EmulatedContext&>(context);
}

inline ProductLibrary* product_library(Context& context) {
  return as_emulated(context).products;
}

/// Like EmulatedContext::workspace, for launchers, which know only the base class of their context.
template <class T>
T* workspace(Context& context, Index count) {
  return as_emulated(context).workspace<T>(count);
}

}  // namespace memsizer::emulated
