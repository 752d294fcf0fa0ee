#pragma once
// y (+)= f(x) or f(x, z), element by element: a thread has one element, or on the second rung as many as its
// loads or stores of 16 bytes hold.

#include <type_traits>

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
  /// Puts `value` behind the last element and takes out the first one. After `count` calls each element has
  /// been first once and the values stand in their order, although no index was known only at run time: an
  /// array with such an index would lie in memory and not in registers.
  __device__ void replace_front(T value) {
    MEMSIZER_UNROLL for (int i = 1; i < count; ++i)(*this)[i - 1] = (*this)[i];
    (*this)[count - 1] = value;
  }

  /// Each element i becomes f(i), or f(i) more, where f gives an Accumulate<T>. It is rounded once; two
  /// neighbours of bfloat16 are rounded by one instruction.
  template <class F>
  __device__ void contribute(bool accumulate, const F& f) {
    const auto sum = [&](int i) {
      const Accumulate<T> value = f(i);
      return accumulate ? static_cast<Accumulate<T>>((*this)[i]) + value : value;
    };
    MEMSIZER_UNROLL for (int i = 0; i < count; i += 2) {
      if constexpr (std::is_same_v<T, bfloat16>) {
        const unsigned pair = rounded_pair(sum(i), sum(i + 1));
        (*this)[i] = bfloat16::from_bits(static_cast<std::uint16_t>(pair & 0xffff));
        (*this)[i + 1] = bfloat16::from_bits(static_cast<std::uint16_t>(pair >> 16));
      } else {
        (*this)[i] = sum(i);
        (*this)[i + 1] = sum(i + 1);
      }
    }
  }

 private:
  static constexpr int size = Vector<T>::size, vectors = count / size;
  static_assert(count % size == 0 && size % 2 == 0);

  Vector<T> part_[vectors];
};

/// Loads a group of neighbours, or one element in their place if it `repeats`. They may lie anywhere.
template <class T, int count>
__device__ void load_group(ElementGroup<T, count>& group, const T* at, bool repeats = false) {
  if (!repeats && is_vector_place(at)) {
    group.load(at);
    return;
  }
  MEMSIZER_UNROLL for (int i = 0; i < count; ++i) group[i] = at[repeats ? 0 : i];
}

/// Stores a group of neighbours, anywhere.
template <class T, int count>
__device__ void store_group(T* at, ElementGroup<T, count>& group) {
  if (is_vector_place(at)) {
    group.store(at);
    return;
  }
  MEMSIZER_UNROLL for (int i = 0; i < count; ++i) at[i] = group[i];
}

/// Whether the innermost axis of a walk consists of whole groups of `count` elements: those of y lie side by
/// side, and those of an operand too, or they are one element.
inline bool has_groups(const Walk& walk, Index count) {
  const int last = walk.rank - 1;
  const auto fits = [](Index stride) { return stride == 0 || stride == 1; };
  return walk.extents[last] % count == 0 && walk.y_strides[last] == 1 && fits(walk.a_strides[last]) &&
         fits(walk.b_strides[last]);
}

/// The walk over the first elements of its groups.
inline Walk groups_of(Walk walk, Index count) {
  const int last = walk.rank - 1;
  walk.extents[last] /= count;
  for (Index* strides : {walk.y_strides, walk.a_strides, walk.b_strides}) strides[last] *= count;
  return walk;
}

/// Stands for the second input of a map that has one input.
struct NoInput {};

template <int count>
class ElementGroup<NoInput, count> {
 public:
  __device__ NoInput operator[](int) const { return {}; }
};

/// f of one element, or of one element of each input.
template <class A, class F, class X, class Z>
__device__ A mapped(const F& f, const X& x, const Z& z) {
  if constexpr (std::is_same_v<Z, NoInput>)
    return f(static_cast<A>(x));
  else
    return f(static_cast<A>(x), static_cast<A>(z));
}

/// The elements of a thread on the second rung: those of a vector of the narrower type.
template <class To, class From>
inline constexpr int mapped_elements = 16 / (sizeof(To) < sizeof(From) ? sizeof(To) : sizeof(From));

/// f maps an Accumulate<To>, or two of them, to another.
template <int count, class To, class X, class Z, class F>
__global__ void map_kernel(Output<To> y, const X* x, const Z* z, F f, Index n) {
  using A = Accumulate<To>;
  const Index first = (Index{blockIdx.x} * blockDim.x + threadIdx.x) * count;
  if constexpr (count > 1) {
    if (first + count <= n && is_vector_place(x + first) && is_vector_place(y.data + first) &&
        (std::is_same_v<Z, NoInput> || is_vector_place(z + first))) {
      ElementGroup<X, count> in;
      ElementGroup<Z, count> second;
      ElementGroup<To, count> out;
      in.load(x + first);
      if constexpr (!std::is_same_v<Z, NoInput>) second.load(z + first);
      if (y.accumulate) out.load(y.data + first);
      out.contribute(y.accumulate, [&](int i) { return mapped<A>(f, in[i], second[i]); });
      out.store(y.data + first);
      return;
    }
  }
  for (Index i = first; i < first + count && i < n; ++i) {
    if constexpr (std::is_same_v<Z, NoInput>)
      contribute(y, i, mapped<A>(f, x[i], NoInput()));
    else
      contribute(y, i, mapped<A>(f, x[i], z[i]));
  }
}

template <class To, class X, class Z, class F>
void launch_map(Context& context, const char* name, Output<To> y, const X* x, const Z* z, const F& f,
                Index n) {
  static_assert(std::is_same_v<Z, NoInput> || sizeof(Z) == sizeof(X));
  constexpr int count = mapped_elements<To, X>;
  if (context.climbs_to(2))
    launch_elements(context, name, divide_up(n, count), map_kernel<count, To, X, Z, F>, y, x, z, f, n);
  else
    launch_elements(context, name, n, map_kernel<1, To, X, Z, F>, y, x, z, f, n);
}

template <class To, class X, class F>
void launch_map(Context& context, const char* name, Output<To> y, const X* x, const F& f, Index n) {
  launch_map(context, name, y, x, static_cast<const NoInput*>(nullptr), f, n);
}

}  // namespace memsizer::MEMSIZER_DEVICE
