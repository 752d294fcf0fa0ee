#pragma once
// How well a model predicts the targets of pairs, each token after the right tokens before it.

#include "memsizer/data/evaluation_pairs.hpp"
#include "memsizer/data/response_batch.hpp"
#include "memsizer/models/encoder_decoder.hpp"
#include "memsizer/models/language_model.hpp"

namespace memsizer::tasks {

/// The tokens with a role in batches of pairs.
inline data::PairTokens pair_tokens(const text::Tokenizer& tokenizer) {
  return {tokenizer.end_id(), tokenizer.pad_id()};
}

/// The tensors of a batch of pairs on a device.
struct PairTensors {
  PairTensors(const data::PairBatch& batch, Device& device)
      : source({batch.rows, batch.source_length}, batch.source, device),
        decoder_input({batch.rows, batch.target_length}, batch.decoder_input, device),
        decoder_output({batch.rows, batch.target_length}, batch.decoder_output, device),
        source_lengths(batch.source_lengths, device),
        target_lengths(batch.target_lengths, device) {}

  Tensor<Id> source, decoder_input, decoder_output;
  nn::Lengths source_lengths, target_lengths;
};

/// The loss of a batch. `sequence` says whether this is training; the lengths are the batch's.
template <class T>
models::LanguageModelLoss<T> pair_loss(const models::EncoderDecoder<T>& model, const data::PairBatch& batch,
                                       nn::Sequence sequence, const LabelSmoothing& smoothing = {}) {
  const PairTensors tensors(batch, model.device());
  sequence.lengths = tensors.target_lengths;
  return model.loss(tensors.source, tensors.source_lengths, tensors.decoder_input, tensors.decoder_output,
                    sequence, smoothing);
}

/// The same for a language model, which reads prompts and is scored on the responses.
template <class T>
models::LanguageModelLoss<T> pair_loss(const models::LanguageModel<T>& model,
                                       const data::ResponseBatch& batch, nn::Sequence sequence,
                                       const LabelSmoothing& smoothing = {}) {
  const Shape shape{batch.rows, batch.length};
  const Tensor<Id> input(shape, batch.input, model.device()), output(shape, batch.output, model.device());
  sequence.lengths = nn::Lengths(batch.lengths, model.device());
  return model.loss(input, output, sequence, smoothing);
}

/// Pairs are scored in batches of so many tokens.
inline constexpr Index scoring_batch_tokens = 4096;

/// The sum of the losses in nats, and the number of tokens and pairs in this sum.
struct PairScore {
  double nats = 0;
  Index tokens = 0, pairs = 0;
};

/// Scores every pair once. `progress(pairs done, of)` is called after each batch; if it returns false,
/// scoring ends early.
template <class Model, class Layout, class ProgressCallback>
PairScore score_pairs(const Model& model, const data::EvaluationPairs<Layout>& pairs,
                      const ProgressCallback& progress) {
  const Tape::Pause pause;
  PairScore score;
  typename Layout::Batch batch;
  for (Index number = 0; number < pairs.batches(); ++number) {
    pairs.read(number, batch);
    score.nats += pair_loss(model, batch, {}).nats();
    score.tokens += batch.scored();
    score.pairs += batch.rows;
    if (!progress(score.pairs, pairs.pairs())) break;
  }
  return score;
}

}  // namespace memsizer::tasks
