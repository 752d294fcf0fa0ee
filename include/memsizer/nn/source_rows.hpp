#pragma once
// Rows that share a source, such as the hypotheses of a beam.

#include <vector>

#include "memsizer/base/linkage.hpp"
#include "memsizer/base/lists.hpp"
#include "memsizer/nn/attention/attention.hpp"

namespace memsizer::nn {

/// Which source each row of a batch attends to. Neighbouring rows with the same source are a run. The tokens
/// of a run attend together, as if they were the tokens of one row, so their source is stored and read once.
/// What a row gets depends on the length of its run, and not on other runs.
class SourceRows {
 public:
  /// All runs of one length.
  struct Group {
    Index length = 0;
    std::vector<Index> sources = {};  // [runs] the source of each
    Tensor<Id> rows = {};             // [runs * length] the rows of each, one run after another
  };

  /// Row i attends to source source_of_row[i], one of `sources`.
  SourceRows(const std::vector<Index>& source_of_row, Index sources, Device& device);

  const std::vector<Group>& groups() const { return groups_; }
  /// Whether all runs have one length, and run i has source i.
  bool is_regular() const { return is_regular_; }
  /// [rows] where each row is in the rows of the first group, and after them those of the next.
  const Tensor<Id>& places() const { return places_; }

 private:
  std::vector<Group> groups_;
  Tensor<Id> places_;
  bool is_regular_ = false;
};

/// Attention of x [rows, time, dim] to prepared sources, by sequence.source_rows; without it, row i attends
/// to source i.
template <class T>
Tensor<T> attend_to_shared(const Attention<T>& attention, const Tensor<T>& x, const PreparedSource<T>& source,
                           const Sequence& sequence);

#if MEMSIZER_CORE_HAS_BODIES

MEMSIZER_CORE_FUNCTION SourceRows::SourceRows(const std::vector<Index>& source_of_row, Index sources,
                                              Device& device) {
  const std::size_t count = source_of_row.size();
  std::vector<std::vector<Id>> rows;  // of each group
  for (std::size_t begin = 0, end; begin < count; begin = end) {
    for (end = begin + 1; end < count && source_of_row[end] == source_of_row[begin];) ++end;
    const auto length = static_cast<Index>(end - begin);
    auto group = std::ranges::find(groups_, length, &Group::length);
    if (group == groups_.end()) {
      group = groups_.insert(groups_.end(), Group{.length = length});
      rows.emplace_back();
    }
    group->sources.push_back(source_of_row[begin]);
    std::vector<Id>& own = rows[static_cast<std::size_t>(group - groups_.begin())];
    for (std::size_t row = begin; row < end; ++row) own.push_back(static_cast<Id>(row));
  }
  is_regular_ = groups_.size() == 1 && is_in_order(groups_[0].sources, sources);
  if (is_regular_) return;
  std::vector<Id> places(count);
  Id place = 0;
  for (std::size_t i = 0; i < groups_.size(); ++i) {
    groups_[i].rows = Tensor<Id>(Shape{static_cast<Index>(rows[i].size())}, rows[i], device);
    for (const Id row : rows[i]) places[static_cast<std::size_t>(row)] = place++;
  }
  places_ = Tensor<Id>(Shape{static_cast<Index>(count)}, places, device);
}

template <class T>
Tensor<T> attend_to_shared(const Attention<T>& attention, const Tensor<T>& x, const PreparedSource<T>& source,
                           const Sequence& sequence) {
  if (sequence.source_rows == nullptr) return attention.attend(x, source, sequence);
  const auto attend = [&](const Tensor<T>& rows, Index length, const PreparedSource<T>& of_runs) {
    const Tensor<T> runs = reshape(rows, {rows.extent(0) / length, length * rows.extent(1), rows.extent(2)});
    return reshape(attention.attend(runs, of_runs, sequence), rows.shape());
  };
  const SourceRows& shared = *sequence.source_rows;
  if (shared.is_regular()) return attend(x, shared.groups()[0].length, source);
  std::vector<Tensor<T>> parts;
  for (const SourceRows::Group& group : shared.groups()) {
    PreparedSource<T> of_runs = source;
    of_runs.reorder(group.sources);
    parts.push_back(attend(index_select(x, 0, group.rows), group.length, of_runs));
  }
  return index_select(concatenate(parts, 0), 0, shared.places());
}

#endif

}  // namespace memsizer::nn
