#pragma once
// y (+)= f(x), element by element: a thread has one element, or on the second rung as many as its loads or
// stores of 16 bytes hold.

#include "kernels/reduction.cuh"

namespace memsizer::MEMSIZER_DEVICE {

/// `count` neighbouring elements in registers, loaded and stored as whole vectors.
template <class T, int count>
class ElementGroup {
 public:
  /// `at` must be a place of a vector (is_vector_place).
  __device__ void load(const T* at) {
    MEMSIZER_UNROLL for (int i = 0; i < vectors; ++i) part_[i] = load_vector(at + i * size);
  }
  __device__ void store(T* at) const {
    MEMSIZER_UNROLL for (int i = 0; i < vectors; ++i) store_vector(at + i * size, part_[i]);
  }
  __device__ T& operator[](int i) { return part_[i / size].element[i % size]; }

 private:
  static constexpr int size = Vector<T>::size, vectors = count / size;
  static_assert(count % size == 0);

  Vector<T> part_[vectors];
};

/// The elements of a thread on the second rung: those of a vector of the narrower type.
template <class To, class From>
inline constexpr int mapped_elements = 16 / (sizeof(To) < sizeof(From) ? sizeof(To) : sizeof(From));

/// f maps an Accumulate<To> to another.
template <int count, class To, class From, class F>
__global__ void map_kernel(Output<To> y, const From* x, F f, Index n) {
  using A = Accumulate<To>;
  const Index first = (Index{blockIdx.x} * blockDim.x + threadIdx.x) * count;
  if constexpr (count > 1) {
    if (first + count <= n && is_vector_place(x + first) && is_vector_place(y.data + first)) {
      ElementGroup<From, count> in;
      ElementGroup<To, count> out;
      in.load(x + first);
      if (y.accumulate) out.load(y.data + first);
      MEMSIZER_UNROLL for (int i = 0; i < count; ++i) {
        const A value = f(static_cast<A>(in[i]));
        out[i] = static_cast<To>(y.accumulate ? static_cast<A>(out[i]) + value : value);
      }
      out.store(y.data + first);
      return;
    }
  }
  for (Index i = first; i < first + count && i < n; ++i) contribute(y, i, f(static_cast<A>(x[i])));
}

template <class To, class From, class F>
void launch_map(Context& context, const char* name, Output<To> y, const From* x, const F& f, Index n) {
  constexpr int count = mapped_elements<To, From>;
  if (context.climbs_to(2))
    launch_elements(context, name, divide_up(n, count), map_kernel<count, To, From, F>, y, x, f, n);
  else
    launch_elements(context, name, n, map_kernel<1, To, From, F>, y, x, f, n);
}

}  // namespace memsizer::MEMSIZER_DEVICE
