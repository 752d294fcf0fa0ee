#pragma once
// Named barriers, for CUDA: one PTX instruction each (PTX ISA, bar.sync and bar.arrive).
// kernels/emulated/named_barriers.hpp says what they do.

namespace memsizer::cuda {

__device__ inline void named_barrier_sync(int id, int threads) {
  asm volatile("bar.sync %0, %1;" ::"r"(id), "r"(threads) : "memory");
}

__device__ inline void named_barrier_arrive(int id, int threads) {
  asm volatile("bar.arrive %0, %1;" ::"r"(id), "r"(threads) : "memory");
}

}  // namespace memsizer::cuda
