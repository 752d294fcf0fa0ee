#pragma once
// Rows of a table, looked up by token.

#include "memsizer/autograd/record.hpp"
#include "memsizer/ops/broadcast.hpp"

namespace memsizer {

/// y [batch, time, dim] = scale * table[ids[b, t]] + positions[first_position[b] + t]. table is [vocab, dim];
/// positions [length, dim] may be undefined: then none are added, and ids may have any shape [..]; y is
/// [.., dim]. first_position [batch] may be undefined: then every row begins at position 0. InputError for an
/// id outside the table, or a position beyond `positions`, where the host can read the device's memory. On
/// other devices the kernel makes the result NaN.
template <class T>
Tensor<T> embedding(const Tensor<Id>& ids, const Tensor<T>& table, const Tensor<T>& any_positions = {},
                    const Tensor<Id>& first_position = {}, double scale = 1) {
  require_same_device("embedding", ids, table, any_positions, first_position);
  const Tensor<T> positions = apart_from(any_positions, table);
  const bool has_rows = positions.defined() || first_position.defined();
  require(table.rank() == 2 && (ids.rank() == 2 || !has_rows),
          "embedding: ids [batch, time] and a table [vocab, dim] expected, got ", ids.shape(), " and ",
          table.shape());
  require(!positions.defined() || (positions.rank() == 2 && positions.extent(1) == table.extent(1)),
          "embedding: positions [length, ", table.extent(1), "] expected, got ",
          positions.defined() ? positions.shape() : Shape{});
  require_ids("embedding", ids, 0, table.extent(0));
  const Index batch = ids.rank() == 2 ? ids.extent(0) : 1;
  require(!first_position.defined() || first_position.shape() == Shape{batch},
          "embedding: one first position a row expected");
  EmbeddingShape shape{.batch = batch,
                       .time = ids.rank() == 2 ? ids.extent(1) : ids.size(),
                       .dim = table.extent(1),
                       .vocab = table.extent(0)};
  if (positions.defined()) {
    shape.positions = positions.extent(0);
    require(shape.time <= shape.positions, "embedding: ", shape.time, " tokens do not fit ", shape.positions,
            " positions");
    if (first_position.defined())
      require_ids("embedding: first positions", first_position, 0, shape.positions - shape.time + 1);
  }
  if (first_position.defined()) shape.first_position = first_position.data();
  std::vector<Index> extents(ids.shape().extents().begin(), ids.shape().extents().end());
  extents.push_back(shape.dim);
  Tensor<T> y(Shape(extents), table.device());
  launch(table.device(), "embedding", table.kernels().embedding.embedding, y.data(), ids.data(), table.data(),
         positions.defined() ? positions.data() : nullptr, shape, scale);
  record(
      "embedding", y,
      [=, dtable = parameter_target(table), dpositions = parameter_target(positions), ids = Saved(ids),
       first_position = Saved(first_position)](const Tensor<T>& dy) {
        EmbeddingShape sizes = shape;
        sizes.first_position = first_position.data_or_null();
        launch(dy.device(), "embedding_backward", dy.kernels().embedding.embedding_backward, dtable(),
               dpositions(), dy.data(), ids.data(), sizes, scale);
      },
      table, positions);
  return y;
}

}  // namespace memsizer
