#pragma once
// Tokens become vectors: an embedding and the blocks above it. A language model is one such stack, an
// encoder-decoder two.

#include "memsizer/base/linkage.hpp"
#include "memsizer/models/block_stack.hpp"
#include "memsizer/models/token_embedding.hpp"

namespace memsizer::models {

/// The kind of attention of a layer, in a list with one kind for all layers, or one for each layer.
inline const std::string& kind_of_layer(const std::vector<std::string>& kinds, Index layer) {
  return kinds[kinds.size() == 1 ? 0 : static_cast<std::size_t>(layer)];
}

/// InputError unless there are layers, and one kind for all of them or one for each. `place` says which
/// attention of the model it is.
inline void require_kinds(const char* model, const char* place, const std::vector<std::string>& kinds,
                          Index layers) {
  require(layers > 0, model, ": layers above 0 expected, got ", layers);
  require(kinds.size() == 1 || static_cast<Index>(kinds.size()) == layers, model, ": one kind of ", place,
          " or one for each of ", layers, " layers expected, got ", kinds.size());
}

/// The positions that a model of these kinds adds: `positions`, or none if every kind has its own.
template <class T>
PositionKind positions_wanted(const std::vector<std::string>& kinds, PositionKind positions) {
  const bool wanted = std::ranges::any_of(
      kinds, [](const std::string& kind) { return nn::find_attention_kind<T>(kind).absolute_positions; });
  return wanted ? positions : PositionKind::none;
}

/// An embedding, blocks and, if wanted, a final norm. With the usual names its weights are `embedding`,
/// `blocks.0` and so on, and `final_norm`; StackNames may give others.
template <class T>
class TokenStack : public nn::Module<T> {
 public:
  using State = typename BlockStack<T>::State;

  /// `name` is the stack's in errors, such as "encoder". InputError if there is no block, or if a
  /// configuration is wrong.
  TokenStack(const char* name, std::unique_ptr<TokenEmbedding<T>> embedding,
             const std::vector<BlockConfig>& blocks, bool final_norm, const StackNames& names = {})
      : name_(name), embedding_(std::move(embedding)), blocks_(blocks, final_norm, names) {
    this->child(names.embedding, *embedding_);
    this->child("", blocks_);
  }

  /// The vectors [batch, time, dim] of tokens [batch, time] below vocab. If a state is given, the tokens
  /// continue the sequence that it has seen. If anything fails, the state of every layer stays as it was. If
  /// `sources` are given, each block attends to its own.
  Tensor<T> forward(const Tensor<Id>& tokens, const nn::Sequence& sequence, State* state = nullptr,
                    const std::vector<nn::PreparedSource<T>>* sources = nullptr) const;

  State initial_state(Index batch) const { return blocks_.initial_state(batch); }
  const TokenEmbedding<T>& embedding() const { return *embedding_; }
  const BlockStack<T>& blocks() const { return blocks_; }
  const Block<T>& block(Index layer) const { return blocks_.block(layer); }

 private:
  const char* name_;
  std::unique_ptr<TokenEmbedding<T>> embedding_;
  BlockStack<T> blocks_;
};

#if MEMSIZER_CORE_HAS_BODIES
template <class T>
Tensor<T> TokenStack<T>::forward(const Tensor<Id>& tokens, const nn::Sequence& sequence, State* state,
                                 const std::vector<nn::PreparedSource<T>>* sources) const {
  require(tokens.rank() == 2, name_, ": tokens [batch, time] expected, got ", tokens.shape());
  sequence.require_fits(tokens.extent(0), tokens.extent(1));
  require_ids(concatenate(name_, ": tokens").c_str(), tokens, 0, embedding_->config().vocab);
  if (state == nullptr)
    return blocks_.forward(embedding_->forward(tokens, sequence), sequence, nullptr, sources);
  State next = blocks_.states_at_start(*state, sequence);
  require(next[0].batch() == tokens.extent(0), name_, ": a state of ", tokens.extent(0),
          " rows expected, got ", next[0].batch());
  const nn::Sequence located = blocks_.with_positions(sequence, next, tokens);
  const Tensor<T> hidden = blocks_.forward(embedding_->forward(tokens, located), located, &next, sources);
  state->swap(next);
  return hidden;
}

#endif

}  // namespace memsizer::models
