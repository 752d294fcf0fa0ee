#pragma once
// Embedding: rows of a table by id, with positions added, and the gradients of both tables.

#include <limits>
#include <vector>

#include "memsizer/cpu/parallel.hpp"

namespace memsizer::cpu {

inline Index position_of(const EmbeddingShape& shape, Index place) {
  const Index first = shape.first_position == nullptr ? 0 : shape.first_position[place / shape.time];
  return first + place % shape.time;
}

inline bool within(Index index, Index rows) {
  return index >= 0 && index < rows;
}

/// An id or position outside its table gives NaN, which no later step hides.
template <class T>
void embedding(Context& context, T* y, const Id* ids, const T* table, const T* position_table,
               const EmbeddingShape& shape, double scale) {
  parallel_rows(context, shape.batch * shape.time, shape.dim, [=](Index place) {
    auto out = array(y + place * shape.dim, shape.dim);
    const Index position = position_of(shape, place);
    if (!within(ids[place], shape.vocab) || (position_table != nullptr && !within(position, shape.positions)))
      out = std::numeric_limits<T>::quiet_NaN();
    else if (position_table == nullptr)
      out = array(table + ids[place] * shape.dim, shape.dim) * static_cast<T>(scale);
    else
      out = array(table + ids[place] * shape.dim, shape.dim) * static_cast<T>(scale) +
            array(position_table + position * shape.dim, shape.dim);
  });
}

/// dtable[row_of(place)] (+)= scale * dy[place] over the places in order; rows outside the table get nothing.
/// The places are sorted by row (a counting sort keeps their order), and threads own rows.
template <class T, class RowOf>
void scatter_add(Context& context, Gradient<Accumulate<T>> dtable, Index rows, const T* dy, Index places,
                 Index dim, double scale, const RowOf& row_of) {
  using A = Accumulate<T>;
  std::vector<Index> ends(static_cast<std::size_t>(rows) + 1, 0), sorted(static_cast<std::size_t>(places));
  for (Index place = 0; place < places; ++place)
    if (within(row_of(place), rows)) ++ends[row_of(place) + 1];
  for (Index row = 0; row < rows; ++row) ends[row + 1] += ends[row];
  for (Index place = 0; place < places; ++place)
    if (within(row_of(place), rows)) sorted[ends[row_of(place)]++] = place;
  // Now ends[row] is the end of the row's places, which begin where those of the row before end.
  parallel_rows(context, rows, dim, [&](Index row) {
    auto out = array(dtable.data + row * dim, dim);
    if (!dtable.accumulate) out.setZero();
    for (Index i = row == 0 ? 0 : ends[row - 1]; i < ends[row]; ++i)
      out += array(dy + sorted[i] * dim, dim).template cast<A>() * static_cast<A>(scale);
  });
}

template <class T>
void embedding_backward(Context& context, Gradient<Accumulate<T>> dtable, Gradient<Accumulate<T>> dpositions,
                        const T* dy, const Id* ids, const EmbeddingShape& shape, double scale) {
  const Index places = shape.batch * shape.time;
  if (dtable)
    scatter_add(context, dtable, shape.vocab, dy, places, shape.dim, scale,
                [=](Index place) -> Index { return ids[place]; });
  if (dpositions)
    scatter_add(context, dpositions, shape.positions, dy, places, shape.dim, 1.0,
                [=](Index place) { return position_of(shape, place); });
}

template <class T>
inline constexpr EmbeddingKernels<T> embedding_kernels{.embedding = embedding<T>,
                                                       .embedding_backward = embedding_backward<T>};

}  // namespace memsizer::cpu
