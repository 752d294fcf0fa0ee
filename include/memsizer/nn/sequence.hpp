#pragma once
// What a layer is told about the tokens it sees, besides their vectors.

#include "memsizer/ops/ops.hpp"

namespace memsizer::nn {

/// The number of real tokens of each row, on the host and on the device; padding is on the right. Undefined:
/// all.
struct Lengths {
  Lengths() = default;
  Lengths(std::vector<Id> lengths, Device& device)
      : host(std::move(lengths)), on_device(Shape{static_cast<Index>(host.size())}, host, device) {}

  bool defined() const { return on_device.defined(); }

  std::vector<Id> host;
  Tensor<Id> on_device;
};

/// One segment of a batch of sequences.
struct Sequence {
  /// [batch] real tokens of each row.
  Lengths lengths = {};
  /// [batch] rows whose state is cleared before this segment; empty: none.
  std::vector<bool> document_start = {};
  bool training = false;  // whether dropout is on
  /// The key of this step, for dropout, in device memory. Not owned: it lives on, unchanged, until backward
  /// is done.
  const std::uint64_t* step_key = nullptr;

  /// InputError unless this describes `batch` rows of `time` tokens.
  void require_fits(Index batch, Index time) const {
    const auto rows = static_cast<std::size_t>(batch);
    require(document_start.empty() || document_start.size() == rows, "sequence: document_start of ", rows,
            " rows expected, got ", document_start.size());
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

  /// Dropout at a place, off outside training.
  Dropout dropout(double probability, std::uint64_t stream) const {
    if (!training || probability == 0) return {};
    return {.probability = static_cast<float>(probability), .step_key = step_key, .stream = stream};
  }
};

}  // namespace memsizer::nn
