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
  /// been first once, and what was put behind stands in that order. No index is known only at run time: an
  /// array with such an index would lie in memory and not in registers.
  __device__ void replace_front(T value) {
    MEMSIZER_UNROLL for (int i = 1; i < count; ++i) {
      (*this)[i - 1] = (*this)[i];
    }
    (*this)[count - 1] = value;
  }
  /// Puts the first element behind the last one.
  __device__ void rotate() { replace_front((*this)[0]); }

  /// Element i becomes f(i), an Accumulate<T>, or if `accumulate` the sum of itself and f(i), and is rounded
  /// once. f is called in the order of the elements. Two neighbours of bfloat16 are rounded by one
  /// instruction, which makes every NaN 7fff.
  template <class F>
  __device__ void contribute(bool accumulate, const F& f) {
    MEMSIZER_UNROLL for (int i = 0; i < count; i += 2) {
      const auto first = summed<T>(accumulate, (*this)[i], f(i)),
                 second = summed<T>(accumulate, (*this)[i + 1], f(i + 1));
      if constexpr (std::is_same_v<T, bfloat16>) {
        const unsigned pair = rounded_pair(first, second);
        (*this)[i] = bfloat16::from_bits(static_cast<std::uint16_t>(pair & 0xffff));
        (*this)[i + 1] = bfloat16::from_bits(static_cast<std::uint16_t>(pair >> 16));
      } else {
        (*this)[i] = first;
        (*this)[i + 1] = second;
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
  __device__ void rotate() {}
};

/// f of one element, or of one element of each input.
template <class A, class F, class X, class Z>
__device__ A mapped(const F& f, const X& x, const Z& z) {
  if constexpr (std::is_same_v<Z, NoInput>)
    return f(static_cast<A>(x));
  else
    return f(static_cast<A>(x), static_cast<A>(z));
}

/// Whether the code of a map's function is long. Then the kernel has it once, and a thread takes the elements
/// of its group one after the other.
template <class F>
inline constexpr bool is_long = false;

/// y (+)= f(x) or f(x, z) for the `count` neighbours from `first` on, which are whole vectors in each array.
template <int count, class To, class X, class Z, class F>
__device__ void map_group(const Output<To>& y, const X* x, const Z* z, const F& f, Index first) {
  using A = Accumulate<To>;
  ElementGroup<X, count> in;
  ElementGroup<Z, count> second;
  ElementGroup<To, count> out;
  in.load(x + first);
  if constexpr (!std::is_same_v<Z, NoInput>) second.load(z + first);
  if (y.accumulate) out.load(y.data + first);
  if constexpr (is_long<F>) {
    MEMSIZER_ROLLED for (int i = 0; i < count; ++i) {
      out.replace_front(contributed<To>(y.accumulate, out[0], mapped<A>(f, in[0], second[0])));
      in.rotate();
      second.rotate();
    }
  } else {
    out.contribute(y.accumulate, [&](int i) { return mapped<A>(f, in[i], second[i]); });
  }
  out.store(y.data + first);
}

/// f maps an Accumulate<To>, or two of them, to another. With a count above 1, all arrays begin at places of
/// vectors.
template <int count, class To, class X, class Z, class F>
__global__ void map_kernel(Output<To> y, const X* x, const Z* z, F f, Index n) {
  using A = Accumulate<To>;
  const Index first = (Index{blockIdx.x} * blockDim.x + threadIdx.x) * count;
  if constexpr (count > 1) {
    if (first + count <= n) {
      map_group<count>(y, x, z, f, first);
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

/// Launches `by_groups` with a thread for each `count` of n elements if the context climbs to the second rung
/// and the arrays are `vectors`, which means that each begins at the place of one; else `by_elements` with a
/// thread for each element.
template <class... Parameters, class... Arguments>
void launch_groups(Context& context, const char* name, Index n, int count, bool vectors,
                   void (*by_elements)(Parameters...), void (*by_groups)(Parameters...),
                   const Arguments&... arguments) {
  if (vectors && context.climbs_to(2))
    launch_elements(context, name, divide_up(n, count), by_groups, arguments...);
  else
    launch_elements(context, name, n, by_elements, arguments...);
}

template <class To, class X, class Z, class F>
void launch_map(Context& context, const char* name, Output<To> y, const X* x, const Z* z, const F& f,
                Index n) {
  static_assert(std::is_same_v<Z, NoInput> || sizeof(Z) == sizeof(X));
  // The elements of a thread on the second rung: those of a vector of the narrower type.
  constexpr int count = 16 / (sizeof(To) < sizeof(X) ? sizeof(To) : sizeof(X));
  const bool vectors = is_vector_place(y.data) && is_vector_place(x) && is_vector_place(z);
  launch_groups(context, name, n, count, vectors, map_kernel<1, To, X, Z, F>, map_kernel<count, To, X, Z, F>,
                y, x, z, f, n);
}

template <class To, class X, class F>
void launch_map(Context& context, const char* name, Output<To> y, const X* x, const F& f, Index n) {
  launch_map(context, name, y, x, static_cast<const NoInput*>(nullptr), f, n);
}

}  // namespace memsizer::MEMSIZER_DEVICE
