#pragma once
// Batches for language modelling: the text is cut into rows that run side by side. Each segment of a row
// begins where the segment before ended, so a model may carry its state along.

#include <cstdint>
#include <span>
#include <vector>

#include "memsizer/base/checked.hpp"
#include "memsizer/base/error.hpp"
#include "memsizer/base/random.hpp"
#include "memsizer/data/token_ids.hpp"

namespace memsizer::data {

/// Token ids and the token that follows each of them, both [rows, length] row-major.
struct Batch {
  Index rows = 0, length = 0;
  std::vector<TokenId> inputs, targets;

  void resize(Index new_rows, Index new_length) {
    rows = new_rows;
    length = new_length;
    const auto size = static_cast<size_t>(checked_product(rows, length, "batch"));
    inputs.resize(size);
    targets.resize(size);
  }
  std::span<TokenId> input_row(Index row) { return row_of(inputs, row); }
  std::span<TokenId> target_row(Index row) { return row_of(targets, row); }

 private:
  std::span<TokenId> row_of(std::vector<TokenId>& ids, Index row) {
    return std::span(ids).subspan(static_cast<size_t>(row * length), static_cast<size_t>(length));
  }
};

/// Fills a row with the tokens from `begin` on as targets, and with the token before each target as its
/// input. The input of the first token of the text is end-of-text.
inline void read_row(const TokenIds& ids, TokenId end_of_text, Index begin, std::span<TokenId> inputs,
                     std::span<TokenId> targets) {
  if (targets.empty()) return;
  ids.read(begin, targets);
  if (begin > 0)
    ids.read(begin - 1, inputs.first(1));
  else
    inputs[0] = end_of_text;
  std::copy(targets.begin(), targets.end() - 1, inputs.begin() + 1);
}

struct BatchOptions {
  Index batch = 1;     ///< rows of each process
  Index sequence = 1;  ///< tokens of a row in one segment
  std::uint64_t seed = 0;
  Index rank = 0, world = 1;  ///< this process among those that train together

  bool operator==(const BatchOptions&) const = default;
};

/// The position of the next batch: all that a run must keep to continue exactly where it stopped.
struct BatchPosition {
  Index epoch = 0, segment = 0;

  bool operator==(const BatchPosition&) const = default;
};

/// An endless run of epochs over a text of N tokens. The text is cut into world * batch rows of equal length,
/// one after another; segment s holds tokens [s * sequence, (s + 1) * sequence) of each row. The remaining
/// tokens, fewer than rows * sequence, fill no segment and are left out at both ends. The first epoch begins
/// at the first token, and the seed draws the beginning of every later epoch, so all tokens get their turn.
class LanguageModelBatches {
 public:
  /// `ids` must outlive this. A text with fewer than `sequence` tokens for each row gives shorter segments.
  /// InputError if it has fewer tokens than rows.
  LanguageModelBatches(const TokenIds& ids, TokenId end_of_text, const BatchOptions& options)
      : ids_(ids), end_of_text_(end_of_text), options_(options) {
    require(options.batch > 0 && options.sequence > 0, "expected a positive batch and sequence, got ",
            options.batch, " and ", options.sequence);
    require(options.world > 0 && options.rank >= 0 && options.rank < options.world, "expected a rank below ",
            options.world, ", got ", options.rank);
    rows_ = checked_product(options.batch, options.world, "batch");
    require(ids.size() >= rows_, "expected a text of at least ", rows_,
            " tokens, one a row of the batch, got ", ids.size());
    length_ = std::min(options.sequence, ids.size() / rows_);
    segments_ = ids.size() / rows_ / length_;
  }

  /// The number of segments in an epoch.
  Index segments() const { return segments_; }
  /// The number of tokens that all processes together see in an epoch.
  Index tokens_per_epoch() const { return rows_ * segments_ * length_; }

  BatchPosition position() const { return position_; }
  /// Whether the next batch begins an epoch; then the caller must clear the state that a model carries.
  bool at_epoch_start() const { return position_.segment == 0; }

  /// InputError for a position that this text does not have.
  void restore(const BatchPosition& position) {
    constexpr Index last_epoch = 1'000'000'000'000'000;
    require(position.epoch >= 0 && position.epoch <= last_epoch && position.segment >= 0 &&
                position.segment < segments_,
            "expected a position among ", segments_, " segments, got epoch ", position.epoch, ", segment ",
            position.segment);
    position_ = position;
  }

  void next(Batch& batch) {
    batch.resize(options_.batch, length_);
    const Index row_tokens = segments_ * length_;
    for (Index row = 0; row < options_.batch; ++row) {
      const Index row_begin = first_token() + (options_.rank * options_.batch + row) * row_tokens;
      read_row(ids_, end_of_text_, row_begin + position_.segment * length_, batch.input_row(row),
               batch.target_row(row));
    }
    if (++position_.segment < segments_) return;
    position_.segment = 0;
    ++position_.epoch;
  }

 private:
  Index first_token() const {
    const auto places = static_cast<std::uint64_t>(ids_.size() - tokens_per_epoch()) + 1;
    if (position_.epoch == 0) return 0;
    return static_cast<Index>(mix_keys(options_.seed, static_cast<std::uint64_t>(position_.epoch)) % places);
  }

  const TokenIds& ids_;
  TokenId end_of_text_;
  BatchOptions options_;
  Index rows_ = 0, length_ = 0, segments_ = 0;
  BatchPosition position_;
};

}  // namespace memsizer::data
