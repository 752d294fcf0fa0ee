#pragma once
// The output layer of a model, and the loss of the logits that it gives.

#include "memsizer/models/token_embedding.hpp"

namespace memsizer::models {

/// A model's loss, as linear_cross_entropy gives it. `mean`, from which backward starts, includes the losses
/// that layers have added; `total` does not.
template <class T>
struct LanguageModelLoss : LinearCrossEntropy<T> {
  nn::AuxiliaryLosses auxiliary;
};

/// logits = hidden weight^T, with the weight [vocab, dim] of an embedding's table (Press and Wolf 2017,
/// arXiv 1608.05859), or of a linear layer of its own, the child `output`. It has no bias.
template <class T>
class OutputLayer : public nn::Module<T> {
 public:
  /// The embedding outlives this. Its table is the weight if `tie` is true; otherwise the own weight has the
  /// shape of the table and begins with the same distribution.
  OutputLayer(const TokenEmbedding<T>& embedding, bool tie) : embedding_(&embedding) {
    if (tie) return;
    const TokenEmbeddingConfig& config = embedding.config();
    own_ = std::make_unique<nn::Linear<T>>(
        config.dim, config.vocab, TokenEmbedding<T>::start_of_table(config.initialisation, config.dim));
    this->child("output", *own_);
  }

  /// The logits [.., vocab] of hidden vectors [.., dim].
  Tensor<T> logits(const Tensor<T>& hidden) const { return linear(hidden, weight()); }

  /// The mean cross entropy of the targets [batch, time], given the hidden vectors [batch, time, dim], plus
  /// the losses that layers have added on the way to them. A target below 0 is not scored.
  LanguageModelLoss<T> loss(const Tensor<T>& hidden, const Tensor<Id>& targets,
                            const LabelSmoothing& smoothing, nn::AuxiliaryLosses auxiliary) const {
    LanguageModelLoss<T> loss{linear_cross_entropy(hidden, weight(), targets, smoothing),
                              std::move(auxiliary)};
    for (const auto& added : loss.auxiliary.template all<Accumulate<T>>())
      loss.mean = loss.mean + reshape(added.value, Shape{});
    return loss;
  }

 private:
  const Tensor<T>& weight() const { return own_ == nullptr ? embedding_->table() : own_->weight.tensor(); }

  const TokenEmbedding<T>* embedding_;
  std::unique_ptr<nn::Linear<T>> own_;
};

}  // namespace memsizer::models
