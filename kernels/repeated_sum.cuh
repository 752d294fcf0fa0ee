#pragma once
// Sums, and other reductions, over the repeated axes of a walk: gradients of broadcast operands, sums of
// columns and of rows. A long reduction is cut into pieces by the sizes alone, and a second kernel combines
// the pieces, so the order of the operations does not depend on the launch.

#include <algorithm>

#include "memsizer/device/walk.hpp"

#include "kernels/reduction.cuh"

namespace memsizer::MEMSIZER_DEVICE {

/// The larger of two numbers; NaN if one of them is NaN.
struct Larger {
  template <class A>
  __device__ A operator()(A a, A b) const {
    return b > a || std::isnan(b) ? b : a;
  }
};

/// The result of no terms.
template <class A>
__device__ A neutral(Sum) {
  return 0;
}
template <class A>
__device__ A neutral(Larger) {
  return -static_cast<A>(INFINITY);
}

/// The elements of x, which the walk's y strides lay out.
template <class T>
struct ElementTerms {
  const T* x;

  __device__ Accumulate<T> operator()(const Offsets& at) const { return static_cast<Accumulate<T>>(x[at.y]); }
};

/// How many neighbouring terms one load brings, at most 16 bytes.
template <class Terms>
inline constexpr int terms_of_load = 1;
template <class T>
inline constexpr int terms_of_load<ElementTerms<T>> = Vector<T>::size;

/// Combines `value` with the terms from `at` on: as many as one load brings, or as many as are left.
template <class A, class T, class Combine>
__device__ A combine_next(A value, const ElementTerms<T>& terms, const Offsets& at, Index left,
                          Combine combine) {
  constexpr int count = Vector<T>::size;
  const T* const next = terms.x + at.y;
  if (left >= count && is_vector_place(next)) {
    const Vector<T> loaded = load_vector(next);
    MEMSIZER_UNROLL for (int i = 0; i < count; ++i) value = combine(value, static_cast<A>(loaded.element[i]));
  } else {
    for (int i = 0; i < count && i < left; ++i) value = combine(value, static_cast<A>(next[i]));
  }
  return value;
}

/// What a reduction takes and how it is cut: `kept` results, each of `repeated` terms in `pieces` pieces.
struct RepeatedShape {
  SplitWalk split;
  Index kept, repeated, pieces;

  explicit RepeatedShape(const Walk& walk)
      : split(split_axes(walk)), kept(size(split.kept)), repeated(size(split.repeated)), pieces(1) {
    // A thread should have at least 64 terms in columns, a lane 32 in rows. More threads than a GPU keeps
    // busy would only make more partial results.
    const Index least_terms = split.innermost_is_kept ? 64 : 1024;
    const Index most_partial = split.innermost_is_kept ? 262144 : 4096;
    constexpr Index most_pieces = 2048;
    pieces = std::min({repeated / least_terms, most_partial / std::max<Index>(kept, 1), most_pieces});
    pieces = std::max<Index>(pieces, 1);
  }

  /// Pieces begin where a load of 16 bytes can, if their row does.
  __device__ Index begin(Index piece) const {
    return piece == pieces ? repeated : repeated * piece / pieces / 8 * 8;
  }

  /// Whether the terms of a piece lie side by side.
  bool is_contiguous() const { return split.repeated.rank == 1 && split.repeated.y_strides[0] == 1; }
};

/// out (+)= scale * term, if no axis is repeated. Each thread has one element.
template <class Out, class Terms>
__global__ void write_terms_kernel(Output<Out> out, Walk walk, Index n, Accumulate<Out> scale, Terms terms) {
  const Index i = Index{blockIdx.x} * blockDim.x + threadIdx.x;
  if (i >= n) return;
  const Offsets at = offsets_of(walk, i);
  contribute(out, at.a, scale * terms(at));
}

/// Writes the result of one piece to `partial` [kept, pieces], or to the output if there is only this piece.
template <class Out>
__device__ void write_piece(const Output<Out>& out, Accumulate<Out>* partial, const RepeatedShape& shape,
                            Index piece, Index kept, const Offsets& at, Accumulate<Out> scale,
                            Accumulate<Out> value) {
  if (shape.pieces == 1)
    contribute(out, at.a, scale * value);
  else
    partial[kept * shape.pieces + piece] = value;
}

/// Each thread has a piece of one result. Neighbouring threads have neighbouring results, which lie side by
/// side if the innermost axis is kept.
template <class Out, class Terms, class Combine>
__global__ void reduce_columns_kernel(Output<Out> out, Accumulate<Out>* partial, RepeatedShape shape,
                                      Accumulate<Out> scale, Terms terms, Combine combine) {
  using A = Accumulate<Out>;
  const Index thread = Index{blockIdx.x} * blockDim.x + threadIdx.x;
  if (thread >= shape.kept * shape.pieces) return;
  const Index kept = thread % shape.kept, piece = thread / shape.kept;
  const Offsets at = offsets_of(shape.split.kept, kept);
  A value = neutral<A>(combine);
  for (Index r = shape.begin(piece); r < shape.begin(piece + 1); ++r)
    value = combine(value, terms(at + offsets_of(shape.split.repeated, r)));
  write_piece(out, partial, shape, piece, kept, at, scale, value);
}

/// Each warp has a piece of one result. Its lanes take turns at the terms, which lie side by side if the
/// innermost axis is repeated: at one term, or on the second rung (`in_vectors`) at those of a load. The
/// order of the terms is the same whether a row begins at a multiple of 16 bytes or not.
template <bool in_vectors, class Out, class Terms, class Combine>
__global__ void reduce_rows_kernel(Output<Out> out, Accumulate<Out>* partial, RepeatedShape shape,
                                   Accumulate<Out> scale, Terms terms, Combine combine) {
  using A = Accumulate<Out>;
  const Index row = WarpPerRow::row();
  if (row >= shape.kept * shape.pieces) return;
  const Index kept = row / shape.pieces, piece = row % shape.pieces;
  const Offsets at = offsets_of(shape.split.kept, kept);
  A value = neutral<A>(combine);
  constexpr Index count = in_vectors ? terms_of_load<Terms> : 1;
  const Index first = shape.begin(piece) + WarpPerRow::first() * count, end = shape.begin(piece + 1);
  for (Index r = first; r < end; r += WarpPerRow::step() * count) {
    const Offsets next = at + offsets_of(shape.split.repeated, r);
    if constexpr (in_vectors)
      value = combine_next(value, terms, next, end - r, combine);
    else
      value = combine(value, terms(next));
  }
  value = combine_lanes(value, combine);
  if (WarpPerRow::first() == 0) write_piece(out, partial, shape, piece, kept, at, scale, value);
}

/// out (+)= scale * the pieces combined. Each warp has one result.
template <class Out, class Combine>
__global__ void combine_pieces_kernel(Output<Out> out, const Accumulate<Out>* partial, RepeatedShape shape,
                                      Accumulate<Out> scale, Combine combine) {
  using A = Accumulate<Out>;
  const Index kept = WarpPerRow::row();
  if (kept >= shape.kept) return;
  A value = neutral<A>(combine);
  for (Index piece = WarpPerRow::first(); piece < shape.pieces; piece += WarpPerRow::step())
    value = combine(value, partial[kept * shape.pieces + piece]);
  value = combine_lanes(value, combine);
  if (WarpPerRow::first() == 0) contribute(out, offsets_of(shape.split.kept, kept).a, scale * value);
}

/// Launches the highest rung of reduce_rows_kernel that the terms allow.
template <class Out, class Terms, class Combine>
void launch_reduction_of_rows(Context& context, const char* name, const Output<Out>& out,
                              Accumulate<Out>* partial, const RepeatedShape& shape, Accumulate<Out> scale,
                              const Terms& terms, Combine combine) {
  const auto launch_kernel = [&](auto kernel) {
    launch(context, warp_a_row(context, name, shape.kept * shape.pieces), kernel, out, partial, shape, scale,
           terms, combine);
  };
  constexpr bool has_vectors = terms_of_load<Terms> != 1;
  if constexpr (has_vectors)
    if (context.climbs_to(2) && shape.is_contiguous())
      return launch_kernel(reduce_rows_kernel<true, Out, Terms, Combine>);
  launch_kernel(reduce_rows_kernel<false, Out, Terms, Combine>);
}

/// out, laid out by the walk's a strides, (+)= scale * the combined terms over the axes in which the a stride
/// is 0. `terms` is plain data; its terms(offsets) returns an Accumulate<Out> on the device.
template <class Out, class Terms, class Combine>
void reduce_repeated(Context& context, const char* name, const Output<Out>& out, const Walk& walk,
                     double scale, const Terms& terms, Combine combine) {
  using A = Accumulate<Out>;
  const RepeatedShape shape(merge_axes(walk));
  const A factor = static_cast<A>(scale);
  if (shape.kept == 0) return;
  if (shape.repeated == 1) {
    launch_elements(context, name, shape.kept, write_terms_kernel<Out, Terms>, out, shape.split.kept,
                    shape.kept, factor, terms);
    return;
  }
  const Index results = shape.kept * shape.pieces;
  A* const partial = shape.pieces > 1 ? workspace<A>(context, results) : nullptr;
  if (shape.split.innermost_is_kept)
    launch_elements(context, name, results, reduce_columns_kernel<Out, Terms, Combine>, out, partial, shape,
                    factor, terms, combine);
  else
    launch_reduction_of_rows(context, name, out, partial, shape, factor, terms, combine);
  if (shape.pieces > 1)
    launch(context, warp_a_row(context, "combine_pieces", shape.kept), combine_pieces_kernel<Out, Combine>,
           out, partial, shape, factor, combine);
}

/// out (+)= scale * the sum of the terms over the axes in which the a stride is 0.
template <class Out, class Terms>
void sum_repeated(Context& context, const char* name, const Output<Out>& out, const Walk& walk, double scale,
                  const Terms& terms) {
  reduce_repeated(context, name, out, walk, scale, terms, Sum());
}

}  // namespace memsizer::MEMSIZER_DEVICE
