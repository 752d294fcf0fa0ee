#pragma once
// Embedding: rows of a table by id, with positions added, and the gradients of both tables.

#include "kernels/elementwise.cuh"
#include "kernels/sort_by_row.cuh"

namespace memsizer::MEMSIZER_DEVICE {

/// A warp has a place.
template <class T>
__global__ void embedding_kernel(T* y, const Id* ids, const T* table, const T* position_table,
                                 EmbeddingShape shape, Accumulate<T> scale) {
  using A = Accumulate<T>;
  const Index place = WarpPerRow::row();
  if (place >= shape.batch * shape.time) return;
  const Index id = ids[place], position = position_table == nullptr ? 0 : shape.position(place);
  const bool known = id >= 0 && id < shape.vocab &&
                     (position_table == nullptr || (position >= 0 && position < shape.positions));
  for (Index i = WarpPerRow::first(); i < shape.dim; i += WarpPerRow::step()) {
    A value = known ? static_cast<A>(table[id * shape.dim + i]) * scale : static_cast<A>(NAN);
    if (known && position_table != nullptr) value += static_cast<A>(position_table[position * shape.dim + i]);
    y[place * shape.dim + i] = static_cast<T>(value);
  }
}

template <class T>
void embedding(Context& context, T* y, const Id* ids, const T* table, const T* position_table,
               const EmbeddingShape& shape, double scale) {
  const Index places = shape.batch * shape.time;
  if (places == 0) return;
  launch(context, warp_a_row(context, "embedding", places), embedding_kernel<T>, y, ids, table,
         position_table, shape, scale);
}

struct RowOfId {
  const Id* ids;
  __device__ Index operator()(Index place) const { return ids[place]; }
};

struct RowOfPosition {
  EmbeddingShape shape;
  __device__ Index operator()(Index place) const { return shape.position(place); }
};

/// The sorted places, cut into pieces. A piece may hold whole rows; the rows at its ends may go on in the
/// pieces before and after.
struct SortedPieces {
  const PlaceOfRow* sorted;
  Index places, rows;
  static constexpr Index piece_places = 64;

  MEMSIZER_HOST_DEVICE Index count() const { return divide_up(places, piece_places); }
  __device__ Index begin(Index piece) const { return piece * piece_places; }
  __device__ Index end(Index piece) const { return begin(piece + 1) < places ? begin(piece + 1) : places; }
  /// Whether places i - 1 and i are of one row.
  __device__ bool joined(Index i) const { return i > 0 && i < places && sorted[i - 1].row == sorted[i].row; }
};

/// Adds up dy over the places of each row in a piece; a thread has a column. The sum of a row that lies
/// within the piece goes to dtable. The sum of a row that came from the piece before goes to `continued`, of
/// a row that begins here and goes on to `begun`; both are [pieces, dim].
template <class T>
__global__ void sum_pieces_kernel(Output<Accumulate<T>> dtable, Accumulate<T>* begun,
                                  Accumulate<T>* continued, const T* dy, SortedPieces pieces, Index dim,
                                  Accumulate<T> scale) {
  using A = Accumulate<T>;
  const Index thread = Index{blockIdx.x} * blockDim.x + threadIdx.x;
  const Index piece = thread / dim, column = thread % dim;
  if (piece >= pieces.count()) return;
  const Index end = pieces.end(piece);
  bool came = pieces.joined(pieces.begin(piece));
  A sum = 0;
  for (Index i = pieces.begin(piece); i < end; ++i) {
    const PlaceOfRow entry = pieces.sorted[i];
    if (entry.row == pieces.rows) return;  // outside the table, as are all that follow
    sum += static_cast<A>(dy[entry.place * dim + column]);
    const bool goes_on = pieces.joined(i + 1);
    if (goes_on && i + 1 < end) continue;
    if (came)
      continued[thread] = sum;
    else if (goes_on)
      begun[thread] = sum;
    else
      contribute(dtable, entry.row * dim + column, scale * sum);
    came = false;
    sum = 0;
  }
}

/// Adds up the pieces, in order, of each row that lies in several, in the thread of the piece in which the
/// row begins.
template <class A>
__global__ void join_pieces_kernel(Output<A> dtable, const A* begun, const A* continued, SortedPieces pieces,
                                   Index dim, A scale) {
  const Index thread = Index{blockIdx.x} * blockDim.x + threadIdx.x;
  const Index piece = thread / dim, column = thread % dim;
  if (piece >= pieces.count()) return;
  const Index begin = pieces.begin(piece), end = pieces.end(piece), row = pieces.sorted[end - 1].row;
  if (row == pieces.rows || !pieces.joined(end)) return;
  if (pieces.sorted[begin].row == row && pieces.joined(begin)) return;  // it began in an earlier piece
  Index last = piece + 1;
  while (pieces.sorted[pieces.end(last) - 1].row == row && pieces.joined(pieces.end(last))) ++last;
  A sum = begun[thread];
  for (Index next = piece + 1; next <= last; ++next) sum += continued[next * dim + column];
  contribute(dtable, row * dim + column, scale * sum);
}

/// The memory of a gradient's computation: for the sort, and for the sums that pieces share.
template <class A>
struct ScatterMemory {
  SortMemory sort;
  A *begun, *continued;

  static ScatterMemory of(Context& context, Index places, Index dim) {
    const Index sort_size = divide_up(SortMemory::bytes(places), Index{sizeof(A)});
    const Index sums = divide_up(places, SortedPieces::piece_places) * dim;
    A* memory = workspace<A>(context, sort_size + 2 * sums);
    A* begun = memory + sort_size;
    return {.sort = SortMemory::within(memory, places), .begun = begun, .continued = begun + sums};
  }
};

/// dtable[row_of(place)] (+)= scale * sum of dy[place] over the places in order; a place whose row is outside
/// the table is skipped. dy is read once. Pieces of 64 places keep all threads busy even if one row has most
/// of the places.
template <class T, class RowOf>
void scatter_add(Context& context, Output<Accumulate<T>> dtable, Index rows, const T* dy, Index places,
                 Index dim, double scale, const RowOf& row_of, const ScatterMemory<Accumulate<T>>& memory) {
  using A = Accumulate<T>;
  if (!dtable.accumulate) fill(context, dtable.data, A{0}, rows * dim);
  const SortedPieces pieces{sort_by_row(context, memory.sort, row_of, places, rows), places, rows};
  const Output<A> sums{dtable.data, true};
  const Index n = pieces.count() * dim;
  launch_elements(context, "sum_pieces", n, sum_pieces_kernel<T>, sums, memory.begun, memory.continued, dy,
                  pieces, dim, scale);
  launch_elements(context, "join_pieces", n, join_pieces_kernel<A>, sums, memory.begun, memory.continued,
                  pieces, dim, scale);
}

template <class T>
void embedding_backward(Context& context, Output<Accumulate<T>> dtable, Output<Accumulate<T>> dpositions,
                        const T* dy, const Id* ids, const EmbeddingShape& shape, double scale) {
  const Index places = shape.batch * shape.time;
  const auto memory = ScatterMemory<Accumulate<T>>::of(context, places, shape.dim);
  if (dtable) scatter_add(context, dtable, shape.vocab, dy, places, shape.dim, scale, RowOfId{ids}, memory);
  if (dpositions)
    scatter_add(context, dpositions, shape.positions, dy, places, shape.dim, 1, RowOfPosition{shape}, memory);
}

template <class T>
inline constexpr EmbeddingKernels<T> embedding_kernels{.embedding = embedding<T>,
                                                       .embedding_backward = embedding_backward<T>};

}  // namespace memsizer::MEMSIZER_DEVICE
