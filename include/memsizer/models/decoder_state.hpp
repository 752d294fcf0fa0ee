#pragma once
// What decoding remembers of a source and of the tokens so far.

#include <numeric>

#include "memsizer/base/lists.hpp"
#include "memsizer/nn/state.hpp"

namespace memsizer::models {

/// The sources as each decoder layer has prepared them, and the states of the layers' self-attention, which
/// have a row for each sequence. Sequences share a source: the hypotheses of a beam have one.
template <class T>
class DecoderState {
 public:
  using Sources = std::vector<nn::PreparedSource<T>>;
  using Layers = std::vector<nn::State<T>>;

  DecoderState() = default;
  /// All have the same number of rows, and row i reads source i.
  DecoderState(Sources sources, Layers layers)
      : sources_(std::move(sources)),
        layers_(std::move(layers)),
        source_of_row_(static_cast<std::size_t>(layers_[0].batch())) {
    std::iota(source_of_row_.begin(), source_of_row_.end(), Index{0});
  }

  /// Makes row i what row rows[i] was. Rows may repeat or be left out. The prepared sources are copied only
  /// if one of them is read no more, or if they are read in another order: not where the hypotheses of a beam
  /// change places. InputError if there is no such row; then nothing changes.
  void reorder(const std::vector<Index>& rows) {
    for (const Index row : rows)
      require(row >= 0 && row < batch(), "decoder: a row below ", batch(), " expected, got ", row);
    for (nn::State<T>& layer : layers_) layer.reorder(rows);
    std::vector<Index> used, source_of_row;
    for (const Index row : rows) {
      const Index source = source_of_row_[static_cast<std::size_t>(row)];
      auto place = std::ranges::find(used, source);
      if (place == used.end()) place = used.insert(used.end(), source);
      source_of_row.push_back(static_cast<Index>(place - used.begin()));
    }
    if (!is_in_order(used, source_count()))
      for (nn::PreparedSource<T>& source : sources_) source.reorder(used);
    source_of_row_ = std::move(source_of_row);
  }

  /// Adds the rows of another one, and their sources, after the own rows. InputError, which changes nothing,
  /// if they do not fit, as those of another model.
  void append(const DecoderState& other) {
    require(sources_.size() == other.sources_.size(), "decoder: sources prepared for ", sources_.size(),
            " layers expected, got ", other.sources_.size());
    Sources sources = sources_;
    for (std::size_t layer = 0; layer < sources.size(); ++layer) sources[layer].append(other.sources_[layer]);
    std::vector<Index> source_of_row = source_of_row_;
    for (const Index source : other.source_of_row_) source_of_row.push_back(source_count() + source);
    nn::append(layers_, other.layers_);
    sources_ = std::move(sources);
    source_of_row_ = std::move(source_of_row);
  }

  Index batch() const { return static_cast<Index>(source_of_row_.size()); }

  /// The bytes of the sources and of the used parts of the states.
  Index bytes() const {
    Index bytes = 0;
    for (const nn::PreparedSource<T>& source : sources_) bytes += source.bytes();
    for (const nn::State<T>& layer : layers_) bytes += layer.bytes();
    return bytes;
  }

  const Sources& sources() const { return sources_; }
  /// [batch] the number of the source that each row reads.
  const std::vector<Index>& source_of_row() const { return source_of_row_; }
  const Layers& layers() const { return layers_; }
  Layers& layers() { return layers_; }

 private:
  Index source_count() const { return sources_.empty() ? 0 : sources_[0].batch(); }

  Sources sources_;
  Layers layers_;
  std::vector<Index> source_of_row_;
};

}  // namespace memsizer::models
