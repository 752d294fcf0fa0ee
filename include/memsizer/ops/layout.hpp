#pragma once
// Operations that move elements and compute nothing: reshape, permute, slice, concatenate, broadcast, append.

#include <numeric>

#include "memsizer/autograd/record.hpp"
#include "memsizer/base/linkage.hpp"
#include "memsizer/device/walk.hpp"
#include "memsizer/ops/broadcast.hpp"

namespace memsizer {

/// x with another shape of the same size. The result shares its elements with x.
template <class T>
Tensor<T> reshape(const Tensor<T>& x, const Shape& shape) {
  require(shape.size() == x.size(), "reshape: ", x.size(), " elements of shape ", x.shape(), " do not fill ",
          shape);
  Tensor<T> y = x.view(0, shape);
  if constexpr (is_element<T>)
    record(
        "reshape", y, [dx = GradientTarget(x)](const Tensor<T>& dy) { pass_on("reshape", dx(), dy); }, x);
  return y;
}

/// x with another shape of the same size. One extent may be -1; it follows from the others.
template <class T>
Tensor<T> reshape(const Tensor<T>& x, std::initializer_list<AnyIndex> extents) {
  std::vector<Index> target(extents.begin(), extents.end());
  Index known = 1, unknown = -1;
  for (std::size_t i = 0; i < target.size(); ++i)
    if (target[i] == -1 && unknown < 0)
      unknown = static_cast<Index>(i);
    else
      known = checked_product(known, target[i], "reshape");
  if (unknown >= 0 && known > 0) target[static_cast<std::size_t>(unknown)] = x.size() / known;
  return reshape(x, Shape(target));
}

/// Copies x to y along the walk's a and y strides, or adds if y accumulates.
template <class T>
void copy_strided(const char* name, Output<T> y, const Tensor<T>& x, Index x_offset, const Walk& walk) {
  launch(x.device(), name, x.kernels().memory.copy_strided, y, x.data() + x_offset, walk);
}

/// Room for elements that are moved. Ids begin as zeros, because copy_part reads them all.
template <class T>
Tensor<T> room_for(const Shape& shape, Device& device) {
  if constexpr (is_element<T>)
    return Tensor<T>(shape, device);
  else
    return Tensor<T>::zeros(shape, device);
}

/// Copies x, from x_offset on, to y, from y_offset on, along the walk's a and y strides. The host moves ids,
/// for which devices have no kernels.
template <class T>
void copy_part(const char* name, Tensor<T>& y, Index y_offset, const Tensor<T>& x, Index x_offset,
               const Walk& walk) {
  if constexpr (is_element<T>) {
    copy_strided(name, Output<T>{y.data() + y_offset}, x, x_offset, walk);
  } else {
    const std::vector<T> from = x.to_vector();
    std::vector<T> to = y.to_vector();
    for (Index i = 0; i < size(walk); ++i) {
      const Offsets at = offsets_of(walk, i);
      to[static_cast<std::size_t>(y_offset + at.y)] = from[static_cast<std::size_t>(x_offset + at.a)];
    }
    y.copy_from(to);
  }
}

/// The walk with source and destination swapped.
inline Walk reversed(Walk walk) {
  std::swap(walk.y_strides, walk.a_strides);
  return walk;
}

/// y[i_order[0], i_order[1], ...] = x[i_0, i_1, ...]: axis k of the result is axis order[k] of x.
template <class T>
Tensor<T> permute(const Tensor<T>& x, std::initializer_list<int> order) {
  return permute(x, std::span<const int>(order.begin(), order.size()));
}
template <class T>
Tensor<T> permute(const Tensor<T>& x, std::span<const int> order) {
  require(static_cast<int>(order.size()) == x.rank(), "permute: ", x.rank(), " axes of shape ", x.shape(),
          " expected in the order, got ", order.size());
  Walk walk{.rank = x.rank()};
  Index strides[max_rank], extents[max_rank];
  bool used[max_rank] = {};
  x.shape().row_major_strides(strides);
  int k = 0;
  for (int axis : order) {
    axis = x.shape().checked_axis(axis);
    require(!std::exchange(used[axis], true), "permute: axis ", axis, " appears twice");
    walk.extents[k] = extents[k] = x.extent(axis);
    walk.a_strides[k++] = strides[axis];
  }
  Tensor<T> y = room_for<T>(Shape(std::span<const Index>(extents, order.size())), x.device());
  y.shape().row_major_strides(walk.y_strides);
  copy_part("permute", y, 0, x, 0, walk);
  if constexpr (is_element<T>)
    record(
        "permute", y,
        [=, dx = GradientTarget(x)](const Tensor<T>& dy) {
          copy_strided("permute", dx(), dy, 0, reversed(walk));
        },
        x);
  return y;
}

/// x with its last two axes swapped.
template <class T>
Tensor<T> transpose(const Tensor<T>& x) {
  require(x.rank() >= 2, "transpose: at least 2 axes expected, got shape ", x.shape());
  const Index batch = x.size() / std::max<Index>(1, x.extent(-1) * x.extent(-2));
  const Tensor<T> y = permute(reshape(x, Shape{batch, x.extent(-2), x.extent(-1)}), {0, 2, 1});
  return reshape(y, x.shape().with(-2, x.extent(-1)).with(-1, x.extent(-2)));
}

/// Two axes swapped.
template <class T>
Tensor<T> transpose(const Tensor<T>& x, Index first, Index second) {
  std::vector<int> order(static_cast<std::size_t>(x.rank()));
  std::iota(order.begin(), order.end(), 0);
  std::swap(order[static_cast<std::size_t>(x.shape().checked_axis(first))],
            order[static_cast<std::size_t>(x.shape().checked_axis(second))]);
  return permute(x, std::span<const int>(order));
}

/// x with an axis of extent 1 before axis `axis` of the result: unsqueeze(x, 0) is a batch of one,
/// unsqueeze(x, -1) a column.
template <class T>
Tensor<T> unsqueeze(const Tensor<T>& x, Index axis) {
  require(axis >= -x.rank() - 1 && axis <= x.rank(), "unsqueeze: axis ", axis, " of a result with ",
          x.rank() + 1, " axes");
  std::vector<Index> extents(x.shape().extents().begin(), x.shape().extents().end());
  extents.insert(extents.begin() + (axis < 0 ? axis + x.rank() + 1 : axis), 1);
  return reshape(x, Shape(std::span<const Index>(extents)));
}

/// x without an axis of extent 1. InputError where the extent is another.
template <class T>
Tensor<T> squeeze(const Tensor<T>& x, Index axis) {
  require(x.extent(axis) == 1, "squeeze: an extent of 1 expected at axis ", axis, " of shape ", x.shape());
  std::vector<Index> extents(x.shape().extents().begin(), x.shape().extents().end());
  extents.erase(extents.begin() + x.shape().checked_axis(axis));
  return reshape(x, Shape(std::span<const Index>(extents)));
}

/// The walk between a part of x, [begin, end) of an axis, and a contiguous tensor of the part's shape.
Walk slice_walk(const Shape& whole, const Shape& part);

/// The elements of x from `begin` up to, but without, `end` along one axis. A number below 0 counts from the
/// end: slice(x, 0, 0, -1) leaves the last row out.
template <class T>
Tensor<T> slice(const Tensor<T>& x, Index axis, Index begin, Index end) {
  axis = x.shape().checked_axis(axis);
  if (begin < 0) begin += x.extent(axis);
  if (end < 0) end += x.extent(axis);
  require(0 <= begin && begin <= end && end <= x.extent(axis), "slice: ", begin, " to ", end,
          " does not lie in axis ", axis, " of shape ", x.shape());
  Tensor<T> y = room_for<T>(x.shape().with(axis, end - begin), x.device());
  const Walk walk = slice_walk(x.shape(), y.shape());
  const Index offset = begin * walk.a_strides[axis];
  copy_part("slice", y, 0, x, offset, walk);
  if constexpr (is_element<T>)
    record(
        "slice", y,
        [=, dx = GradientTarget(x)](const Tensor<T>& dy) {
          Output<T> part = dx.cleared("slice");
          part.data += offset;
          copy_strided("slice", part, dy, 0, reversed(walk));
        },
        x);
  return y;
}

/// Joins the tensors along an axis. All other extents must be equal.
template <class T>
Tensor<T> concatenate(const std::vector<Tensor<T>>& parts, Index axis = 0) {
  require(!parts.empty(), "concatenate: at least one tensor expected");
  axis = parts[0].shape().checked_axis(axis);
  Index extent = 0;
  std::vector<GraphEdge> inputs;
  for (const Tensor<T>& part : parts) {
    require_same_device("concatenate", parts[0], part);
    require(part.rank() == parts[0].rank() && part.shape().with(axis, 0) == parts[0].shape().with(axis, 0),
            "concatenate: shapes ", parts[0].shape(), " and ", part.shape(), " differ outside axis ", axis);
    extent = checked_sum(extent, part.extent(axis), "concatenate");
    if (part.requires_gradient()) inputs.push_back(GraphEdge::of(part));
  }
  Tensor<T> y = room_for<T>(parts[0].shape().with(axis, extent), parts[0].device());
  struct Part {
    GradientTarget<T> gradient;
    Walk walk;
    Index offset;
  };
  std::vector<Part> places;
  Index begin = 0;
  for (const Tensor<T>& part : parts) {
    const Walk walk = slice_walk(y.shape(), part.shape());
    places.push_back({GradientTarget(part), walk, begin * walk.a_strides[axis]});
    copy_part("concatenate", y, places.back().offset, part, 0, reversed(walk));
    begin += part.extent(axis);
  }
  if constexpr (is_element<T>) {
    const auto backward = [places](const Tensor<T>& dy) {
      for (const Part& part : places)
        if (part.gradient.wanted()) copy_strided("concatenate", part.gradient(), dy, part.offset, part.walk);
    };
    record_edges("concatenate", y, backward, std::move(inputs));
  }
  return y;
}

/// The same for tensors in braces: concatenate({x, y}, 0); and by PyTorch's name.
template <class T>
Tensor<T> concatenate(std::initializer_list<Tensor<T>> parts, Index axis = 0) {
  return concatenate(std::vector<Tensor<T>>(parts), axis);
}
template <class T>
Tensor<T> cat(std::initializer_list<Tensor<T>> parts, Index axis = 0) {
  return concatenate(parts, axis);
}
template <class T>
Tensor<T> cat(const std::vector<Tensor<T>>& parts, Index axis = 0) {
  return concatenate(parts, axis);
}

/// Tensors of one shape along a new axis: two of shape [3] stacked along axis 0 are [2, 3].
template <class T>
Tensor<T> stack(const std::vector<Tensor<T>>& parts, Index axis = 0) {
  std::vector<Tensor<T>> rows;
  for (const Tensor<T>& part : parts) {
    require(part.shape() == parts[0].shape(), "stack: shapes ", parts[0].shape(), " and ", part.shape(),
            " differ");
    rows.push_back(unsqueeze(part, axis));
  }
  return concatenate(rows, axis);
}
template <class T>
Tensor<T> stack(std::initializer_list<Tensor<T>> parts, Index axis = 0) {
  return stack(std::vector<Tensor<T>>(parts), axis);
}

/// InputError unless cache [batch, capacity, dim] has room from row starts[b] on for the first lengths[b]
/// rows of x [batch, time, dim].
void require_room(const Shape& cache, const Shape& x, const std::vector<Id>& starts,
                  const std::vector<Id>& lengths);

/// The rows that one copy of an append moves.
struct AppendedPart {
  Walk walk;
  Index cache_offset, x_offset;
};

/// The copies of an append: one for each row of the batch, or one for all rows if they have the same start
/// and length.
std::vector<AppendedPart> appended_parts(const Shape& cache, const Shape& x, const std::vector<Id>& starts,
                                         const std::vector<Id>& lengths);

/// Writes the first lengths[b] rows of x [batch, time, dim] to cache [batch, capacity, dim] from row
/// starts[b] on, and returns the whole cache. This happens in place, unless a tape records x: then the result
/// is a copy, and no gradient reaches the cache. An earlier operation whose backward needs the cache then
/// refuses it.
template <class T>
Tensor<T> append(const Tensor<T>& cache, const Tensor<T>& x, const std::vector<Id>& starts,
                 const std::vector<Id>& lengths) {
  require_same_device("append", cache, x);
  require_room(cache.shape(), x.shape(), starts, lengths);
  const std::vector<AppendedPart> parts = appended_parts(cache.shape(), x.shape(), starts, lengths);
  Tensor<T> y = is_recorded(x) ? cache.clone() : cache.detach();
  y.mark_changed();
  for (const AppendedPart& part : parts)
    copy_strided("append", Output<T>{y.data() + part.cache_offset}, x, part.x_offset, part.walk);
  record(
      "append", y,
      [=, dx = GradientTarget(x)](const Tensor<T>& dy) {
        const Output<T> gradient = dx.cleared("append");
        for (const AppendedPart& part : parts)
          copy_strided("append", Output<T>{gradient.data + part.x_offset, true}, dy, part.cache_offset,
                       reversed(part.walk));
      },
      x);
  return y;
}

/// x repeated to a shape that it broadcasts to.
template <class T>
Tensor<T> broadcast_to(const Tensor<T>& x, const Shape& shape) {
  require(broadcast_shape("broadcast_to", x.shape(), shape) == shape, "broadcast_to: shape ", x.shape(),
          " does not repeat to ", shape);
  Tensor<T> y = room_for<T>(shape, x.device());
  const Walk walk = broadcast_walk(shape, x.shape(), shape);
  copy_part("broadcast_to", y, 0, x, 0, walk);
  if constexpr (is_element<T>)
    record(
        "broadcast_to", y,
        [=, dx = GradientTarget(x)](const Tensor<T>& dy) {
          // This is the gradient of x in x + 0: the sum over all repetitions of x.
          launch(dy.device(), "broadcast_to", dy.kernels().elementwise.binary_backward, dx(), Output<T>{},
                 dy.data(), nullptr, nullptr, BinaryFunction::add, walk);
        },
        x);
  return y;
}

#if MEMSIZER_CORE_HAS_BODIES

MEMSIZER_CORE_FUNCTION Walk slice_walk(const Shape& whole, const Shape& part) {
  Walk walk{.rank = whole.rank()};
  std::ranges::copy(part.extents(), walk.extents);
  part.row_major_strides(walk.y_strides);
  whole.row_major_strides(walk.a_strides);
  return walk;
}

MEMSIZER_CORE_FUNCTION void require_room(const Shape& cache, const Shape& x, const std::vector<Id>& starts,
                                         const std::vector<Id>& lengths) {
  require(cache.rank() == 3 && x.rank() == 3 && cache[0] == x[0] && cache[2] == x[2],
          "append: cache [batch, capacity, dim] and x [batch, time, dim] expected, got ", cache, " and ", x);
  const auto batch = static_cast<std::size_t>(x[0]);
  require(starts.size() == batch && lengths.size() == batch, "append: one start and length for each of ",
          batch, " rows expected");
  for (std::size_t row = 0; row < batch; ++row) {
    const Index begin = starts[row], end = begin + lengths[row];
    require(0 <= begin && begin <= end && end <= cache[1] && lengths[row] <= x[1], "append: rows ", begin,
            " to ", end, " of ", x[1], " given do not lie in a capacity of ", cache[1]);
  }
}

MEMSIZER_CORE_FUNCTION std::vector<AppendedPart> appended_parts(const Shape& cache, const Shape& x,
                                                                const std::vector<Id>& starts,
                                                                const std::vector<Id>& lengths) {
  const Index batch = x[0], time = x[1], dim = x[2], capacity = cache[1];
  const bool uniform = std::ranges::all_of(starts, [&](Id start) { return start == starts[0]; }) &&
                       std::ranges::all_of(lengths, [&](Id length) { return length == lengths[0]; });
  const Index copies = uniform ? std::min<Index>(batch, 1) : batch;
  std::vector<AppendedPart> parts;
  for (Index row = 0; row < copies; ++row) {
    const auto i = static_cast<std::size_t>(row);
    parts.push_back({.walk = {.rank = 3,
                              .extents = {uniform ? batch : 1, lengths[i], dim},
                              .y_strides = {capacity * dim, dim, 1},
                              .a_strides = {time * dim, dim, 1}},
                     .cache_offset = (row * capacity + starts[i]) * dim,
                     .x_offset = row * time * dim});
  }
  return parts;
}

#endif

}  // namespace memsizer
