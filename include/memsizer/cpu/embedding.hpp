#pragma once
// Embedding: rows of a table by id, with positions added, and the gradients of both tables.

#include <limits>
#include <numeric>
#include <vector>

#include "memsizer/cpu/memory.hpp"

namespace memsizer::cpu {

inline bool within(Index index, Index rows) {
  return index >= 0 && index < rows;
}

/// An id or position outside its table yields NaN, which no later operation hides.
template <class T>
void embedding(Context& context, T* y, const Id* ids, const T* table, const T* position_table,
               const EmbeddingShape& shape, double scale) {
  parallel_rows(context, shape.batch * shape.time, shape.dim, [=](Index place) {
    const auto out = array(y + place * shape.dim, shape.dim);
    const Index position = shape.position(place);
    if (!within(ids[place], shape.vocab) || (position_table != nullptr && !within(position, shape.positions)))
      out = std::numeric_limits<T>::quiet_NaN();
    else if (position_table == nullptr)
      out = array(table + ids[place] * shape.dim, shape.dim) * static_cast<T>(scale);
    else
      out = array(table + ids[place] * shape.dim, shape.dim) * static_cast<T>(scale) +
            array(position_table + position * shape.dim, shape.dim);
  });
}

/// The places whose row is in the table, sorted by row by a counting sort; places of one row keep their
/// order.
template <class RowOf>
std::vector<Index> sort_by_row(Index places, Index rows, const RowOf& row_of) {
  std::vector<Index> begins(static_cast<std::size_t>(rows) + 1, 0);
  const auto row_at = [&](Index place) { return static_cast<std::size_t>(row_of(place)); };
  for (Index place = 0; place < places; ++place)
    if (within(row_of(place), rows)) ++begins[row_at(place) + 1];
  std::partial_sum(begins.begin(), begins.end(), begins.begin());
  std::vector<Index> sorted(static_cast<std::size_t>(begins.back()));
  for (Index place = 0; place < places; ++place)
    if (within(row_of(place), rows)) sorted[static_cast<std::size_t>(begins[row_at(place)]++)] = place;
  return sorted;
}

/// dtable[row_of(place)] (+)= scale * dy[place] over the places in order; a place whose row is outside the
/// table is skipped. Threads share the places and not the rows, since a few rows have most of the places. All
/// places of a row stay in one thread.
template <class T, class RowOf>
void scatter_add(Context& context, Output<Accumulate<T>> dtable, Index rows, const T* dy, Index places,
                 Index dim, double scale, const RowOf& row_of) {
  using A = Accumulate<T>;
  if (!dtable.accumulate) fill(context, dtable.data, A{0}, rows * dim);
  const std::vector<Index> sorted = sort_by_row(places, rows, row_of);
  const Index n = static_cast<Index>(sorted.size());
  const auto place_of = [&](Index i) { return sorted[static_cast<std::size_t>(i)]; };
  const auto next_row = [&](Index i) {
    while (i > 0 && i < n && row_of(place_of(i)) == row_of(place_of(i - 1))) ++i;
    return i;
  };
  parallel_for(context, n, dim, [&](Index begin, Index end) {
    const Index last = next_row(end);
    for (Index i = next_row(begin); i < last; ++i)
      array(dtable.data + row_of(place_of(i)) * dim, dim) +=
          converted<A>(array(dy + place_of(i) * dim, dim)) * static_cast<A>(scale);
  });
}

template <class T>
void embedding_backward(Context& context, Output<Accumulate<T>> dtable, Output<Accumulate<T>> dpositions,
                        const T* dy, const Id* ids, const EmbeddingShape& shape, double scale) {
  const Index places = shape.batch * shape.time;
  if (dtable)
    scatter_add(context, dtable, shape.vocab, dy, places, shape.dim, scale,
                [=](Index place) -> Index { return ids[place]; });
  if (dpositions)
    scatter_add(context, dpositions, shape.positions, dy, places, shape.dim, 1.0,
                [=](Index place) { return shape.position(place); });
}

template <class T>
inline constexpr EmbeddingKernels<T> embedding_kernels{.embedding = embedding<T>,
                                                       .embedding_backward = embedding_backward<T>};

}  // namespace memsizer::cpu
