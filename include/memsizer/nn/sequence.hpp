#pragma once
// What a layer is told about its tokens besides their vectors: lengths, document starts, positions, dropout.

#include "memsizer/base/linkage.hpp"
#include "memsizer/nn/auxiliary_losses.hpp"
#include "memsizer/ops/ops.hpp"

namespace memsizer::nn {

/// A number for each row, on the host and on the device, such as how many tokens of a segment are real (its
/// padding is on the right). Undefined if no numbers were given.
struct Lengths {
  Lengths() = default;
  Lengths(std::vector<Id> lengths, Device& device)
      : host(std::move(lengths)), on_device(Shape{static_cast<Index>(host.size())}, host, device) {}

  bool defined() const { return on_device.defined(); }

  std::vector<Id> host;
  Tensor<Id> on_device;
};

/// The place of a segment in the sequences that it continues: the tokens of a row have the positions first,
/// .., end - 1.
struct Positions {
  Lengths first = {};  // [batch] how many tokens each row has before the segment
  Lengths end = {};    // [batch] the same, plus the segment's real tokens
};

class SourceRows;

/// One segment of a batch of sequences.
struct Sequence {
  /// [batch] how many tokens of each row are real; undefined: all.
  Lengths lengths = {};
  /// [batch] true if a document starts with this segment: the row's state is cleared first; empty: in no row.
  std::vector<bool> document_start = {};
  /// [batch] the places in each row of the segment at which another document begins, above 0 and rising;
  /// empty: none. A kind of attention without document_boundaries throws InputError if there are any.
  std::vector<std::vector<Id>> inner_document_starts = {};
  bool training = false;  // whether dropout is on
  /// This step's key for dropout, in device memory. The caller owns it and keeps it unchanged until backward
  /// is done.
  const std::uint64_t* step_key = nullptr;
  /// Collects what layers add to the loss; null: it is dropped. The caller owns it.
  AuxiliaryLosses* auxiliary = nullptr;
  /// The positions of a segment that continues a state. A model of several layers computes them once; if they
  /// are missing, each layer computes them.
  Positions positions = {};
  /// Which prepared source each row attends to; null: row i attends to source i. The caller owns it.
  const SourceRows* source_rows = nullptr;

  /// InputError unless this describes `batch` rows of `time` tokens.
  void require_fits(Index batch, Index time) const;

  /// How many of a row's `time` tokens are real.
  Id length_of(std::size_t row, Index time) const {
    return lengths.defined() ? lengths.host[row] : static_cast<Id>(time);
  }

  /// Whether a document begins inside the segment in any row.
  bool has_inner_document_starts() const;

  /// A copy of this sequence with the positions of its `time` tokens, after rows that have seen `counts`
  /// tokens.
  Sequence with_positions_after(const std::vector<Id>& counts, Index time, Device& device) const;

  /// Dropout with this random stream; it is off outside training.
  Dropout dropout(double probability, std::uint64_t stream) const {
    if (!training || probability == 0) return {};
    return {.probability = static_cast<float>(probability), .step_key = step_key, .stream = stream};
  }
};

#if MEMSIZER_CORE_HAS_BODIES

MEMSIZER_CORE_FUNCTION void Sequence::require_fits(Index batch, Index time) const {
  const auto rows = static_cast<std::size_t>(batch);
  require(document_start.empty() || document_start.size() == rows, "sequence: document_start of ", rows,
          " rows expected, got ", document_start.size());
  require(inner_document_starts.empty() || inner_document_starts.size() == rows,
          "sequence: inner_document_starts of ", rows, " rows expected, got ", inner_document_starts.size());
  for (const std::vector<Id>& starts : inner_document_starts)
    for (std::size_t i = 0; i < starts.size(); ++i)
      require(starts[i] > (i == 0 ? 0 : starts[i - 1]) && starts[i] < time,
              "sequence: rising inner_document_starts from 1 to ", time - 1, " expected, got ", starts[i]);
  if (!lengths.defined()) return;
  require(lengths.host.size() == rows, "sequence: ", rows, " lengths expected, got ", lengths.host.size());
  for (const Id length : lengths.host)
    require(length >= 0 && length <= time, "sequence: a length of 0 to ", time, " tokens expected, got ",
            length);
}

MEMSIZER_CORE_FUNCTION bool Sequence::has_inner_document_starts() const {
  return std::ranges::any_of(inner_document_starts, [](const auto& starts) { return !starts.empty(); });
}

MEMSIZER_CORE_FUNCTION Sequence Sequence::with_positions_after(const std::vector<Id>& counts, Index time,
                                                               Device& device) const {
  Sequence located = *this;
  std::vector<Id> ends;
  for (std::size_t row = 0; row < counts.size(); ++row) ends.push_back(counts[row] + length_of(row, time));
  located.positions = {.first = Lengths(counts, device), .end = Lengths(std::move(ends), device)};
  return located;
}

#endif

}  // namespace memsizer::nn
