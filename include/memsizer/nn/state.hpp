#pragma once
// What a layer remembers between segments: named tensors outside the tape, a row for each sequence of the
// batch.

#include <algorithm>
#include <map>
#include <utility>

#include "memsizer/nn/sequence.hpp"

namespace memsizer::nn {

/// The recurrent state of one layer. Which tensors it holds is the attention kind's business; what is done to
/// all of them (reorder for beam search, clear at a document's start, save and load) is the same for every
/// kind. A copy has elements of its own: layers change a state in place.
template <class T>
class State {
 public:
  State() = default;
  explicit State(Index batch) : counts_(static_cast<std::size_t>(batch), 0) {}
  State(const State& other) : counts_(other.counts_), growing_(other.growing_) {
    for (const auto& [name, tensor] : other.tensors_)
      tensors_.emplace(name, tensor.defined() ? tensor.clone() : tensor);
  }
  State(State&&) = default;
  State& operator=(State other) noexcept {
    counts_.swap(other.counts_);
    tensors_.swap(other.tensors_);
    std::swap(growing_, other.growing_);
    return *this;
  }
  ~State() = default;

  Index batch() const { return static_cast<Index>(counts_.size()); }
  /// [batch] how many tokens each row has seen.
  const std::vector<Id>& counts() const { return counts_; }
  Id largest_count() const { return counts_.empty() ? 0 : *std::ranges::max_element(counts_); }

  /// A tensor [batch, ..] by name; undefined until set.
  Tensor<T>& tensor(const std::string& name) { return tensors_[name]; }
  const std::map<std::string, Tensor<T>>& tensors() const { return tensors_; }

  /// Counts the real tokens of a segment of `time` tokens as seen.
  void advance(const Sequence& sequence, Index time) {
    for (std::size_t row = 0; row < counts_.size(); ++row) counts_[row] += sequence.length_of(row, time);
  }

  /// Row i of the new state is row rows[i] of the old one; rows may repeat or be left out.
  void reorder(const std::vector<Index>& rows) {
    std::vector<Id> counts;
    for (Index row : rows) {
      require(row >= 0 && row < batch(), "state: row ", row, " of ", batch());
      counts.push_back(counts_[static_cast<std::size_t>(row)]);
    }
    for (auto& [name, tensor] : tensors_) {
      if (!tensor.defined()) continue;
      std::vector<Tensor<T>> parts;
      for (Index row : rows) parts.push_back(slice(tensor, 0, row, row + 1));
      tensor = parts.empty() ? Tensor<T>(tensor.shape().with(0, 0), tensor.device()) : concatenate(parts, 0);
    }
    counts_ = std::move(counts);
  }

  /// Forgets what the rows have seen.
  void clear(const std::vector<Index>& rows) {
    for (Index row : rows) {
      require(row >= 0 && row < batch(), "state: row ", row, " of ", batch());
      counts_[static_cast<std::size_t>(row)] = 0;
      for (auto& [name, tensor] : tensors_) {
        if (!tensor.defined()) continue;
        const Index size = tensor.size() / batch();
        tensor.view(row * size, Shape{size}).fill(0);
      }
    }
  }

  /// Clears the rows in which a document starts. The owner of the states calls it before a segment.
  void start_documents(const Sequence& sequence) {
    std::vector<Index> rows;
    for (std::size_t row = 0; row < sequence.document_start.size(); ++row)
      if (sequence.document_start[row]) rows.push_back(static_cast<Index>(row));
    clear(rows);
  }

  /// The bytes that the tokens seen so far need: a cache's unused room is not counted.
  Index bytes() const {
    return static_cast<Index>(counts_.size()) * Index{sizeof(Id)} + used_elements() * Index{sizeof(T)};
  }

  /// Puts a saved state back: its counts(), tensors() and growing(). The tensors are shared, not copied.
  void restore(std::vector<Id> counts, std::map<std::string, Tensor<T>> tensors, bool growing) {
    for (const auto& [name, tensor] : tensors)
      require(tensor.rank() > (growing ? 1 : 0) && tensor.extent(0) == static_cast<Index>(counts.size()),
              "state: ", name, " of shape ", tensor.shape(), " does not have ", counts.size(), " rows");
    counts_ = std::move(counts);
    tensors_ = std::move(tensors);
    growing_ = growing;
  }

  /// Whether all tensors are [batch, capacity, ..] with counts()[b] rows of the capacity in use: a cache's.
  bool growing() const { return growing_; }
  void set_growing(bool growing) { growing_ = growing; }

 private:
  Index used_elements() const {
    Index elements = 0;
    for (const auto& [name, tensor] : tensors_) {
      if (!tensor.defined()) continue;
      if (!growing_ || tensor.extent(1) == 0)
        elements += tensor.size();
      else
        for (Id count : counts_) elements += count * (tensor.size() / batch() / tensor.extent(1));
    }
    return elements;
  }

  std::vector<Id> counts_;
  std::map<std::string, Tensor<T>> tensors_;
  bool growing_ = false;
};

}  // namespace memsizer::nn
