#pragma once
// What a layer is told about the tokens it sees, besides their vectors.

#include "memsizer/nn/auxiliary_losses.hpp"
#include "memsizer/ops/ops.hpp"

namespace memsizer::nn {

/// A number for each row, on the host and on the device: real tokens of a segment, say, whose padding is on
/// the right. Undefined: none was given.
struct Lengths {
  Lengths() = default;
  Lengths(std::vector<Id> lengths, Device& device)
      : host(std::move(lengths)), on_device(Shape{static_cast<Index>(host.size())}, host, device) {}

  bool defined() const { return on_device.defined(); }

  std::vector<Id> host;
  Tensor<Id> on_device;
};

/// Where a segment stands in the sequences that it continues: a row's tokens have the positions first to
/// end - 1.
struct Positions {
  Lengths first = {};  // [batch] tokens of each row before the segment
  Lengths end = {};    // [batch] and those of the segment with them
};

/// One segment of a batch of sequences.
struct Sequence {
  /// [batch] real tokens of each row; undefined: all.
  Lengths lengths = {};
  /// [batch] rows whose state is cleared before this segment; empty: none.
  std::vector<bool> document_start = {};
  /// [batch] for each row the places in the segment, above 0 and rising, at which another document begins;
  /// empty: none. Attention kinds that cannot honour them refuse.
  std::vector<std::vector<Id>> inner_document_starts = {};
  bool training = false;  // whether dropout is on
  /// The key of this step, for dropout, in device memory. Not owned: it lives on, unchanged, until backward
  /// is done.
  const std::uint64_t* step_key = nullptr;
  /// Takes what layers add to the loss; null: nobody wants it. Not owned.
  AuxiliaryLosses* auxiliary = nullptr;
  /// Of a segment that continues a state. Whoever runs several layers computes them once for all.
  Positions positions = {};

  /// InputError unless this describes `batch` rows of `time` tokens.
  void require_fits(Index batch, Index time) const {
    const auto rows = static_cast<std::size_t>(batch);
    require(document_start.empty() || document_start.size() == rows, "sequence: document_start of ", rows,
            " rows expected, got ", document_start.size());
    require(inner_document_starts.empty() || inner_document_starts.size() == rows,
            "sequence: inner_document_starts of ", rows, " rows expected, got ",
            inner_document_starts.size());
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

  /// How many of a row's `time` tokens are real.
  Id length_of(std::size_t row, Index time) const {
    return lengths.defined() ? lengths.host[row] : static_cast<Id>(time);
  }

  /// Whether a document begins inside of a row.
  bool has_inner_document_starts() const {
    return std::ranges::any_of(inner_document_starts, [](const auto& starts) { return !starts.empty(); });
  }

  /// This segment of `time` tokens with the positions of rows that have seen `counts` tokens before.
  Sequence continuing(const std::vector<Id>& counts, Index time, Device& device) const {
    Sequence located = *this;
    std::vector<Id> ends;
    for (std::size_t row = 0; row < counts.size(); ++row) ends.push_back(counts[row] + length_of(row, time));
    located.positions = {.first = Lengths(counts, device), .end = Lengths(std::move(ends), device)};
    return located;
  }

  /// Dropout at a place, off outside training.
  Dropout dropout(double probability, std::uint64_t stream) const {
    if (!training || probability == 0) return {};
    return {.probability = static_cast<float>(probability), .step_key = step_key, .stream = stream};
  }
};

}  // namespace memsizer::nn
