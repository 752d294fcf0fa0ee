#pragma once
// The windows in which a text is scored. Every token is scored once, with at least sequence - stride tokens
// before it if the text has them.

#include "memsizer/data/batches.hpp"

namespace memsizer::data {

/// The targets of a window are the tokens [begin, begin + length) of the text; only those from `first_scored`
/// on count.
struct Window {
  Index begin = 0, length = 0, first_scored = 0;

  Index scored() const { return length - first_scored; }
  bool operator==(const Window&) const = default;
};

/// The first window scores all its tokens, each further window its last `stride` tokens; the last window may
/// be shorter. Positions count from 0 in each window, and the first token of the text follows end-of-text.
class EvaluationWindows {
 public:
  /// `ids` must outlive this. InputError for an empty text, and unless 1 <= stride <= sequence.
  EvaluationWindows(const TokenIds& ids, TokenId end_of_text, Index sequence, Index stride)
      : ids_(ids), end_of_text_(end_of_text), sequence_(sequence), stride_(stride) {
    require(sequence > 0, "expected a positive sequence, got ", sequence);
    require(stride > 0 && stride <= sequence, "expected a stride from 1 to the sequence of ", sequence,
            ", got ", stride);
    require(ids.size() > 0, "expected a text to score, got no tokens");
  }

  Index count() const { return 1 + divide_up(std::max<Index>(ids_.size() - sequence_, 0), stride_); }

  Window window(Index index) const {
    require(index >= 0 && index < count(), "expected a window below ", count(), ", got ", index);
    const Index begin = index * stride_;
    return {begin, std::min(sequence_, ids_.size() - begin), index == 0 ? 0 : sequence_ - stride_};
  }

  /// The number of windows from `first` on, at most `rows`, that have equal lengths and so make one batch.
  Index batch_rows(Index first, Index rows) const {
    const Index last = std::min(first + rows, count()) - 1;
    const bool last_is_shorter = last > first && window(last).length < window(first).length;
    return last - first + (last_is_shorter ? 0 : 1);
  }

  /// Fills a batch with `rows` windows of equal length from `first` on, one window in each row.
  void read(Index first, Index rows, Batch& batch) const {
    batch.resize(rows, window(first).length);
    for (Index row = 0; row < rows; ++row) {
      const Window place = window(first + row);
      require(place.length == batch.length, "expected windows of equal length in a batch");
      read_row(ids_, end_of_text_, place.begin, batch.input_row(row), batch.target_row(row));
    }
  }

 private:
  const TokenIds& ids_;
  TokenId end_of_text_;
  Index sequence_, stride_;
};

}  // namespace memsizer::data
