#pragma once
// The ways to go over a row of a matrix more than once. A kernel is written for any of them:
//
//   using Row = ..;                             // ReadRow or KeptRow
//   const typename Row::Values in(x, columns);  // the row at x
//   Row::for_each_place(columns, [&](auto place) { sum += in[place]; });
//   sum = Row::Threads::sum(sum);
//   typename Row::Results out(y, begin, columns);
//   Row::for_each_place(columns, [&](auto place) { out.set(place, in[place] / sum); });
//
// The length of a row alone decides which way it goes, so two runs give the same bits.

#include "kernels/reduction.cuh"

namespace memsizer::MEMSIZER_DEVICE {

/// The launch bound of kernels of rows. With more threads a thread would have too few registers for its part.
inline constexpr unsigned most_row_threads = 256;

/// The first rung: each pass reads the row again, though only the first one from memory; then it is in the
/// cache. A warp has a row, or a block.
template <class T, bool whole_block>
struct ReadRow {
  using Threads = RowThreads<whole_block>;

  /// Calls body(column) for the columns of the thread.
  template <class Body>
  static __device__ void for_each_place(Index columns, const Body& body) {
    for (Index i = Threads::first(); i < columns; i += Threads::step()) body(i);
  }
  static __device__ Index column_of(Index place) { return place; }

  class Values {
   public:
    __device__ Values(const T* row, Index) : row_(row) {}
    __device__ Accumulate<T> operator[](Index column) const {
      return static_cast<Accumulate<T>>(row_[column]);
    }

   private:
    const T* row_;
  };

  /// The row of an output that begins with its element `begin`.
  class Results {
   public:
    __device__ Results(const Output<T>& output, Index begin, Index) : output_(output), begin_(begin) {}
    __device__ void set(Index column, Accumulate<T> value) { contribute(output_, begin_ + column, value); }

   private:
    Output<T> output_;
    Index begin_;
  };
};

/// The second rung: the row is read once, 16 bytes at a time, and stays in registers. Each thread has
/// `vectors` vectors of neighbouring columns; those of its warp or block stand side by side. If the row does
/// not begin at a multiple of 16 bytes, its elements are read one by one and added in the same order.
template <class T, int vectors, bool whole_block>
struct KeptRow {
  using Threads = RowThreads<whole_block>;
  static constexpr int size = Vector<T>::size;

  /// Whether `threads` threads, those of a warp or of a block, can keep a row.
  static bool keeps(Index columns, unsigned threads) { return columns <= Index{vectors} * threads * size; }

  struct Place {
    int column, vector, element;
  };

  /// Calls body(place) for the columns of the thread.
  template <class Body>
  static __device__ void for_each_place(Index columns, const Body& body) {
    MEMSIZER_UNROLL for (int vector = 0; vector < vectors; ++vector) {
      MEMSIZER_UNROLL for (int element = 0; element < size; ++element) {
        const Place place{begin_of(vector) + element, vector, element};
        if (place.column < columns) body(place);
      }
    }
  }
  static __device__ Index column_of(Place place) { return place.column; }

  class Values {
   public:
    __device__ Values(const T* row, Index columns) {
      MEMSIZER_UNROLL for (int vector = 0; vector < vectors; ++vector) {
        const int begin = begin_of(vector);
        if (is_whole(row, begin, columns)) {
          kept_[vector] = load_vector(row + begin);
        } else {
          MEMSIZER_UNROLL for (int element = 0; element < size; ++element) {
            if (begin + element < columns) kept_[vector].element[element] = row[begin + element];
          }
        }
      }
    }
    __device__ Accumulate<T> operator[](Place place) const {
      return static_cast<Accumulate<T>>(kept_[place.vector].element[place.element]);
    }

   private:
    Vector<T> kept_[vectors];
  };

  /// The row of an output that begins with its element `begin`. Each place must be set, in order.
  class Results {
   public:
    __device__ Results(const Output<T>& output, Index begin, Index columns)
        : output_(output), begin_(begin), columns_(columns) {}

    __device__ void set(Place place, Accumulate<T> value) {
      T* const row = output_.data + begin_;
      const int begin = place.column - place.element;
      if (!is_whole(row, begin, columns_)) return contribute(output_, begin_ + place.column, value);
      if (place.element == 0 && output_.accumulate) next_ = load_vector(row + begin);
      T& next = next_.element[place.element];
      next = contributed<T>(output_.accumulate, next, value);
      if (place.element == size - 1) store_vector(row + begin, next_);
    }

   private:
    Output<T> output_;
    Index begin_, columns_;
    Vector<T> next_;
  };

 private:
  /// The first column of a thread's vector.
  static __device__ int begin_of(int vector) {
    return (vector * static_cast<int>(Threads::step()) + static_cast<int>(Threads::first())) * size;
  }

  /// Whether one instruction can load or store the vector that begins with this column.
  static __device__ bool is_whole(const T* row, int begin, Index columns) {
    return begin + size <= columns && is_vector_place(row + begin);
  }
};

/// Launches the kernel that kernel_of(row) names for the way that suits rows of this length: kernel_of gets a
/// KeptRow or a ReadRow, whose type counts. `inputs` rows are kept at a time, so that each has its share of
/// the registers.
template <class T, int inputs, class KernelOf, class... Arguments>
void launch_any_rows(Context& context, const char* name, Index rows, Index columns, const KernelOf& kernel_of,
                     const Arguments&... arguments) {
  using OfWarp = KeptRow<T, 4, false>;
  using OfBlock = KeptRow<T, std::max(4 / inputs, 1), true>;
  if (rows == 0) return;
  const auto launch_bounded = [&](LaunchShape shape, auto row) {
    shape.most_threads = most_row_threads;
    launch(context, shape, kernel_of(row), arguments...);
  };
  const auto with_warps = [&](auto row) { launch_bounded(warp_a_row(context, name, rows), row); };
  const auto with_blocks = [&](auto row) { launch_bounded(block_a_row(context, name, rows), row); };
  if constexpr (sizeof(Accumulate<T>) == 4)
    if (context.climbs_to(2)) {
      if (OfWarp::keeps(columns, warp_threads)) return with_warps(OfWarp());
      if (OfBlock::keeps(columns, threads_per_block(context, most_row_threads)))
        return with_blocks(OfBlock());
    }
  if (columns <= longest_warp_row)
    with_warps(ReadRow<T, false>());
  else
    with_blocks(ReadRow<T, true>());
}

/// The maximum of a row, which every thread of the row gets.
template <class Row, class A>
__device__ A maximum_of_row(const typename Row::Values& in, Index columns) {
  A maximum = -static_cast<A>(INFINITY);
  Row::for_each_place(columns, [&](auto place) { maximum = Maximum()(maximum, in[place]); });
  return Row::Threads::maximum(maximum);
}

/// The sum of exp(x - maximum), likewise.
template <class Row, class A>
__device__ A sum_of_exponentials(const typename Row::Values& in, Index columns, A maximum) {
  A sum = 0;
  Row::for_each_place(columns, [&](auto place) { sum += std::exp(in[place] - maximum); });
  return Row::Threads::sum(sum);
}

}  // namespace memsizer::MEMSIZER_DEVICE
