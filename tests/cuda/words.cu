// A kernel for each word with a body of PTX, also for those that no kernel of ours uses yet.
#include "kernels/portable.cuh"

namespace memsizer::cuda {

__global__ void vectors(float* y, const float* x, bfloat16* z) {
  MEMSIZER_SHARED(Vector<float>, shared, 32);
  store_vector(shared[threadIdx.x].element, load_vector(x + 4 * threadIdx.x));
  __syncthreads();
  store_vector(y + 4 * threadIdx.x, load_vector(shared[31 - threadIdx.x].element));
  store_vector(z + 8 * threadIdx.x, load_vector(z + 256 + 8 * threadIdx.x));
}

__global__ void pairs(bfloat16* y, const bfloat16* x, const float* z) {
  const int at = 2 * static_cast<int>(threadIdx.x);
  const unsigned pair = load_pair(x + at);
  store_pair(y + at, rounded_pair(lower(pair) * z[at], upper(pair) * z[at + 1]));
}

__global__ void named_barriers(float* y, const float* x) {
  MEMSIZER_SHARED(float, buffer, 32);
  if (threadIdx.x < 32) {
    buffer[threadIdx.x] = x[threadIdx.x];
    named_barrier_arrive(1, 64);
  } else {
    named_barrier_sync(1, 64);
    y[threadIdx.x - 32] = buffer[63 - threadIdx.x];
  }
}

__global__ void fragments(float* d, const bfloat16* x) {
  MEMSIZER_SHARED(Vector<bfloat16>, shared, 32);
  copy_16_bytes_async(shared + threadIdx.x, x + 8 * threadIdx.x, true);
  close_copy_group();
  wait_for_copies<0>();
  __syncwarp();
  unsigned a[4], b[4];
  float sums[4] = {};
  load_matrices(a, shared[threadIdx.x].element);
  load_matrices_transposed(b, shared[threadIdx.x].element);
  multiply_16x8x16(sums, a, {b[0], b[1]});
  for (int i = 0; i < 4; ++i) d[4 * threadIdx.x + i] = sums[i];
}

}  // namespace memsizer::cuda
