#pragma once
// Elements chosen by place or by a condition. All are composed of embedding, which looks rows up in a table
// and gives each row its share of the gradient.

#include <algorithm>
#include <limits>
#include <numeric>
#include <vector>

#include "memsizer/ops/compare.hpp"
#include "memsizer/ops/embedding.hpp"

namespace memsizer {

namespace detail {

/// Rows of a table [rows, dim], as a tensor of a shape. The host picks rows of ids, for which devices have no
/// kernels.
template <class T>
Tensor<T> rows_at(const Tensor<T>& table, const std::vector<Id>& rows, const Shape& shape) {
  if constexpr (is_element<T>) {
    return reshape(embedding(Tensor<Id>(Shape{rows.size()}, rows, table.device()), table), shape);
  } else {
    const std::vector<T> values = table.to_vector();
    std::vector<T> selected;
    for (const Id row : rows) {
      const auto begin = values.begin() + row * table.extent(1);
      selected.insert(selected.end(), begin, begin + table.extent(1));
    }
    return Tensor<T>(shape, selected, table.device());
  }
}

/// The elements of x at places in row-major order, as a tensor of a shape.
template <class T>
Tensor<T> elements_at(const Tensor<T>& x, const std::vector<Id>& places, const Shape& shape) {
  return rows_at(reshape(x, Shape{x.size(), 1}), places, shape);
}

/// Ids of [0, extent), those below 0 counted from the end. InputError for others.
inline std::vector<Id> places_in(const char* name, const Tensor<Id>& ids, Index extent) {
  std::vector<Id> places = ids.to_vector();
  for (Id& place : places) {
    require(place >= -extent && place < extent, name, ": indices from ", -extent, " to ", extent - 1,
            " expected, got ", place);
    if (place < 0) place += static_cast<Id>(extent);
  }
  return places;
}

}  // namespace detail

/// The parts of x at `indices` [n] along an axis, whose extent becomes n: index_select(x, 0, ids) picks rows.
/// InputError for indices out of range; those below 0 count from the end.
template <class T>
Tensor<T> index_select(const Tensor<T>& x, Index axis, const Tensor<Id>& indices) {
  axis = x.shape().checked_axis(axis);
  require(indices.rank() == 1, "index_select: indices [n] expected, got shape ", indices.shape());
  const AxisShape sizes = axis_shape(x.shape(), axis);
  const std::vector<Id> rows = detail::places_in("index_select", indices, sizes.length);
  const Shape shape = x.shape().with(axis, static_cast<Index>(rows.size()));
  std::vector<Id> all;
  for (Index outer = 0; outer < sizes.outer; ++outer)
    for (const Id row : rows) all.push_back(static_cast<Id>(outer * sizes.length + row));
  return detail::rows_at(reshape(x, Shape{sizes.outer * sizes.length, sizes.inner}), all, shape);
}

/// y[i, j] = x[i, indices[i, j]] for axis 1, and so along any axis, as in PyTorch. `indices` has x's rank,
/// and no extent outside of the axis above x's. InputError for indices out of range; those below 0 count from
/// the end.
template <class T>
Tensor<T> gather(const Tensor<T>& x, Index axis, const Tensor<Id>& indices) {
  axis = x.shape().checked_axis(axis);
  const Shape& shape = indices.shape();
  require(shape.rank() == x.rank(), "gather: indices of ", x.rank(), " axes expected, got shape ", shape);
  for (int i = 0; i < x.rank(); ++i)
    require(i == axis || shape[i] <= x.extent(i), "gather: indices of shape ", shape, " reach beyond shape ",
            x.shape(), " at axis ", i);
  const std::vector<Id> along = detail::places_in("gather", indices, x.extent(axis));
  Index strides[max_rank];
  x.shape().row_major_strides(strides);
  std::vector<Id> places;
  for (Index i = 0; i < shape.size(); ++i) {
    Index rest = i, place = 0;
    for (int k = x.rank() - 1; k >= 0; --k) {
      const Index at = rest % shape[k];
      rest /= shape[k];
      place += (k == axis ? Index{along[static_cast<std::size_t>(i)]} : at) * strides[k];
    }
    places.push_back(static_cast<Id>(place));
  }
  return detail::elements_at(x, places, shape);
}

/// The k largest elements of each row of the last axis and their places, the largest first and the earlier
/// one first among equals.
template <class T>
struct TopK {
  Tensor<T> values;    // [.., k]
  Tensor<Id> indices;  // [.., k]
};

/// InputError unless k lies between 0 and the extent of the last axis. NaN counts as larger than any number.
template <class T>
TopK<T> topk(const Tensor<T>& x, Index k) {
  const auto [rows, columns] = rows_and_columns(x.shape());
  require(x.rank() > 0 && k >= 0 && k <= columns, "topk: k from 0 to ", columns, " expected, got ", k);
  const std::vector<T> all = x.to_vector();
  std::vector<Id> indices, places, order(static_cast<std::size_t>(columns));
  for (Index row = 0; row < rows; ++row) {
    const T* const begin = all.data() + row * columns;
    std::iota(order.begin(), order.end(), Id{0});
    std::ranges::partial_sort(order, order.begin() + k, [&](Id a, Id b) {
      const T left = begin[a], right = begin[b];
      const bool is_left_nan = left != left, is_right_nan = right != right;
      if (is_left_nan || is_right_nan) return is_left_nan == is_right_nan ? a < b : is_left_nan;
      return left > right || (left == right && a < b);
    });
    for (Index i = 0; i < k; ++i) {
      indices.push_back(order[static_cast<std::size_t>(i)]);
      places.push_back(static_cast<Id>(row * columns + indices.back()));
    }
  }
  const Shape shape = x.shape().with(-1, k);
  return {detail::elements_at(x, places, shape), Tensor<Id>(shape, indices, x.device())};
}

/// a where the condition is not 0, b where it is; all three broadcast. Each element's gradient goes to where
/// it came from, so that what was not chosen may be infinite.
template <class C, class T>
Tensor<T> where(const Tensor<C>& condition, const Tensor<T>& a, const Tensor<T>& b) {
  require_same_device("where", condition, a, b);
  const Shape shape =
      broadcast_shape("where", condition.shape(), broadcast_shape("where", a.shape(), b.shape()));
  const Tensor<C> chosen = pairwise_on_host<C>(
      "where", condition, Tensor<C>::zeros(shape, condition.device()), [](C c, C) { return c; });
  const std::vector<C> conditions = chosen.to_vector();
  std::vector<Id> places;
  for (std::size_t i = 0; i < conditions.size(); ++i)
    places.push_back(static_cast<Id>(conditions[i] != C{0} ? i : conditions.size() + i));
  const auto flat = [&](const Tensor<T>& x) { return reshape(broadcast_to(x, shape), {-1}); };
  return detail::elements_at(concatenate({flat(a), flat(b)}, 0), places, shape);
}
template <class C, class T>
Tensor<T> where(const Tensor<C>& condition, const Tensor<T>& a, double b) {
  return where(condition, a, detail::scalar_like("where", a, b));
}
template <class C, class T>
Tensor<T> where(const Tensor<C>& condition, double a, const Tensor<T>& b) {
  return where(condition, detail::scalar_like("where", b, a), b);
}

/// The larger of each two elements; shapes broadcast. NaN wins, as in PyTorch. Among equals the gradient goes
/// to y.
template <class T>
Tensor<T> maximum(const Tensor<T>& x, const Tensor<T>& y) {
  return where(pairwise_on_host<Id>("maximum", x, y, [](T a, T b) { return b == b && !(a <= b); }), x, y);
}
/// The smaller, in the same way.
template <class T>
Tensor<T> minimum(const Tensor<T>& x, const Tensor<T>& y) {
  return where(pairwise_on_host<Id>("minimum", x, y, [](T a, T b) { return b == b && !(a >= b); }), x, y);
}

/// x, but at least low and at most high; NaN stays. The gradient is 0 outside, and passes at the limits, as
/// in PyTorch. InputError where low is above high, and where x holds ids and a limit is no whole number,
/// unless it is beyond all ids: clamp(ids, 0, INFINITY).
template <class T>
Tensor<T> clamp(const Tensor<T>& x, double low, double high) {
  require(low <= high, "clamp: low ", low, " is above high ", high);
  if constexpr (!is_element<T>) {
    low = std::max<double>(low, std::numeric_limits<T>::min());
    high = std::min<double>(high, std::numeric_limits<T>::max());
  }
  const auto limit = [&](double number) { return detail::scalar_like("clamp", x, number); };
  return where(x < low, limit(low), where(x > high, limit(high), x));
}

}  // namespace memsizer
