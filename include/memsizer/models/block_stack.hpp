#pragma once
// The blocks of a model, one after the other, and their states.

#include "memsizer/models/block.hpp"

namespace memsizer::models {

/// The names of a stack's parts in a model's weights. The embedding's stands before those of its own parts.
struct StackNames {
  std::string embedding = "", blocks = "blocks", final_norm = "final_norm";
};

/// The children blocks.0, blocks.1, .. and, if wanted, final_norm after them; a model with two stacks gives
/// them other names.
template <class T>
class BlockStack : public nn::Module<T> {
 public:
  /// What the blocks remember of the tokens so far: a state for each block.
  using State = std::vector<nn::State<T>>;

  /// InputError if there is no block, or if a configuration is wrong.
  BlockStack(const std::vector<BlockConfig>& blocks, bool final_norm, const StackNames& names = {}) {
    require(!blocks.empty(), "model: at least one layer expected");
    for (const BlockConfig& block : blocks) {
      blocks_.push_back(std::make_unique<Block<T>>(block));
      this->child(concatenate(names.blocks, '.', blocks_.size() - 1), *blocks_.back());
    }
    if (!final_norm) return;
    final_norm_ = std::make_unique<nn::LayerNorm<T>>(blocks[0].self.dim);
    this->child(names.final_norm, *final_norm_);
  }

  State initial_state(Index batch) const { return State(blocks_.size(), nn::State<T>(batch)); }

  /// The sequence with the positions of its tokens after `state`, computed once for all blocks.
  static nn::Sequence with_positions(const nn::Sequence& sequence, const State& state,
                                     const Tensor<Id>& tokens) {
    return sequence.with_positions_after(state[0].counts(), tokens.extent(1), tokens.device());
  }

  /// The states at the beginning of a segment: rows in which a document starts are cleared. The result shares
  /// elements with `state`, but a forward on the result leaves `state` as it was.
  State states_at_start(const State& state, const nn::Sequence& sequence) const {
    require(state.size() == blocks_.size(), "model: a state of ", blocks_.size(), " layers expected, got ",
            state.size());
    State begun;
    for (const nn::State<T>& layer : state) {
      begun.push_back(layer.shared());
      begun.back().start_documents(sequence);
    }
    return begun;
  }

  /// Computes what each block needs of a source [batch, source time, dim], once for all steps. InputError if
  /// a block does not attend to a source.
  std::vector<nn::PreparedSource<T>> prepare(const Tensor<T>& source, const nn::Lengths& lengths) const {
    std::vector<nn::PreparedSource<T>> prepared;
    for (const auto& block : blocks_) prepared.push_back(block->prepare(source, lengths));
    return prepared;
  }

  /// Runs x [batch, time, dim] through all blocks. If states are given, each block advances its own
  /// state. If `sources` are given, each block attends to its own prepared source.
  Tensor<T> forward(Tensor<T> x, const nn::Sequence& sequence, State* state = nullptr,
                    const std::vector<nn::PreparedSource<T>>* sources = nullptr) const {
    for (std::size_t layer = 0; layer < blocks_.size(); ++layer)
      x = blocks_[layer]->forward(x, sequence, state == nullptr ? nullptr : &(*state)[layer],
                                  sources == nullptr ? nullptr : &(*sources)[layer]);
    return final_norm_ == nullptr ? x : final_norm_->forward(x);
  }

  const Block<T>& block(Index layer) const { return *blocks_[static_cast<std::size_t>(layer)]; }

 private:
  std::vector<std::unique_ptr<Block<T>>> blocks_;
  std::unique_ptr<nn::LayerNorm<T>> final_norm_;
};

}  // namespace memsizer::models
