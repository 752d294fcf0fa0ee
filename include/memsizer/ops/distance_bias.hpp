#pragma once
// Biases of attention's scores by the distance of a query from a key: T5's, ALiBi's and any other.

#include <cmath>
#include <utility>
#include <vector>

#include "memsizer/tensor/tensor.hpp"

namespace memsizer {

/// T5's bucket of a distance (Raffel et al. 2020, arXiv 1910.10683): exact up to half of the buckets, then
/// logarithmic, the last one from max_distance on. With `both_directions` the first half of the buckets is
/// for keys at or before the query, the second half for keys after it. Without it, keys after the query count
/// as distance 0.
inline Index t5_bucket(Index distance, Index buckets, Index max_distance, bool both_directions = false) {
  if (both_directions) {
    const Index half = buckets / 2;
    return distance < 0 ? half + t5_bucket(-distance, half, max_distance)
                        : t5_bucket(distance, half, max_distance);
  }
  const Index exact = buckets / 2;
  if (distance < exact) return distance < 0 ? 0 : distance;
  const double share = std::log(static_cast<double>(distance) / static_cast<double>(exact)) /
                       std::log(static_cast<double>(max_distance) / static_cast<double>(exact));
  const Index bucket = exact + static_cast<Index>(share * static_cast<double>(buckets - exact));
  return bucket < buckets ? bucket : buckets - 1;
}

/// ALiBi's slope of each head (Press et al. 2021, arXiv 2108.12409): 2^(-8 (h + 1) / heads). If heads is no
/// power of two, the slopes are those of the next smaller power of two, followed by every second slope of the
/// next larger one.
inline std::vector<double> alibi_slopes(Index heads) {
  Index power = 1;
  while (2 * power <= heads) power *= 2;
  std::vector<double> slopes;
  const auto slope = [](Index head, Index of) {
    return std::exp2(-8.0 * static_cast<double>(head + 1) / static_cast<double>(of));
  };
  for (Index head = 0; head < heads; ++head)
    slopes.push_back(head < power ? slope(head, power) : slope(2 * (head - power), 2 * power));
  return slopes;
}

/// A bias as DistanceBiasShape describes it. Undefined values mean no bias.
template <class T>
struct DistanceBias {
  Tensor<T> values = {};  // [heads, entries] or [batch, heads, queries, entries]; may require a gradient
  Tensor<Id> buckets =
      {};           // [distances] the entry of each distance; undefined: distance first + n has entry n
  Index first = 0;  // the least distance with an entry of its own
  bool is_slope = false;

  /// T5's bias from a table [heads, buckets]. InputError if the number of buckets or max_distance does not
  /// fit T5's rule.
  static DistanceBias t5(const Tensor<T>& table, Index max_distance = 128, bool both_directions = false) {
    require(table.rank() == 2, "T5's bias: a table [heads, buckets] expected, got ", table.shape());
    const Index buckets = table.extent(1), in_one_direction = both_directions ? buckets / 2 : buckets;
    require(in_one_direction >= 2 && (!both_directions || buckets % 2 == 0),
            "T5's bias: at least 2 buckets a direction expected, got ", buckets);
    require(max_distance > in_one_direction / 2, "T5's bias: a largest distance above ", in_one_direction / 2,
            " expected, got ", max_distance);
    std::vector<Id> of_distance;
    const Index first = both_directions ? -max_distance : 0;
    for (Index distance = first; distance <= max_distance; ++distance)
      of_distance.push_back(static_cast<Id>(t5_bucket(distance, buckets, max_distance, both_directions)));
    const Shape shape{static_cast<Index>(of_distance.size())};
    return {table, Tensor<Id>(shape, of_distance, table.device()), first};
  }

  /// ALiBi's bias: minus the distance times the slope of each head, slopes [heads].
  static DistanceBias alibi(const Tensor<T>& slopes) {
    require(slopes.rank() == 1, "ALiBi: slopes [heads] expected, got ", slopes.shape());
    return {slopes, {}, 0, true};
  }

  bool defined() const { return values.defined(); }

  /// The sizes for kernels. InputError unless values are [heads, entries] or [batch, heads, queries, entries]
  /// with at least one entry (slopes [heads]).
  DistanceBiasShape shape(Index batch, Index heads, Index queries) const {
    if (!defined()) return {};
    const Index entries = is_slope ? 1 : values.shape().rank() > 0 ? values.extent(values.rank() - 1) : 0;
    const bool row_a_query = values.rank() == 4;
    const Shape expected = is_slope      ? Shape{heads}
                           : row_a_query ? Shape{batch, heads, queries, entries}
                                         : Shape{heads, entries};
    require(values.shape() == expected && entries > 0, "attention: a bias ", expected,
            " with at least one entry expected, got ", values.shape());
    return {.entries = entries,
            .distances = buckets.defined() ? buckets.size() : entries,
            .first = first,
            .buckets = buckets.defined() ? buckets.data() : nullptr,
            .row_a_query = row_a_query,
            .is_slope = is_slope};
  }
};

}  // namespace memsizer
