#pragma once
// How well a model predicts the targets of pairs, each token after the right tokens before it.

#include "memsizer/data/evaluation_pairs.hpp"
#include "memsizer/data/response_batch.hpp"
#include "memsizer/models/encoder_decoder.hpp"
#include "memsizer/models/language_model.hpp"
#include "memsizer/tasks/id_buffer.hpp"

namespace memsizer::tasks {

/// The tokens with a role in batches of pairs.
inline data::PairTokens pair_tokens(const text::Tokenizer& tokenizer) {
  return {tokenizer.end_id(), tokenizer.pad_id()};
}

/// The device memory of batches of one sort, which each batch uses after the one before it.
template <class Batch>
struct BatchBuffers;

template <>
struct BatchBuffers<data::PairBatch> {
  IdBuffer source, decoder_input, decoder_output, source_lengths, target_lengths;
};

template <>
struct BatchBuffers<data::ResponseBatch> {
  IdBuffer input, output, lengths;
};

/// The loss of a batch. `sequence` says whether this is training; the lengths are the batch's. The buffers
/// keep the batch until the next one, so a backward pass comes before that.
template <class T>
models::LanguageModelLoss<T> pair_loss(const models::EncoderDecoder<T>& model, const data::PairBatch& batch,
                                       BatchBuffers<data::PairBatch>& buffers, nn::Sequence sequence,
                                       const LabelSmoothing& smoothing = {}) {
  Device& device = model.device();
  const Shape sources{batch.rows, batch.source_length}, targets{batch.rows, batch.target_length};
  sequence.lengths = buffers.target_lengths.fill(batch.target_lengths, device);
  return model.loss(buffers.source.fill(sources, batch.source, device),
                    buffers.source_lengths.fill(batch.source_lengths, device),
                    buffers.decoder_input.fill(targets, batch.decoder_input, device),
                    buffers.decoder_output.fill(targets, batch.decoder_output, device), sequence, smoothing);
}

/// The same for a language model, which reads prompts and is scored on the responses.
template <class T>
models::LanguageModelLoss<T> pair_loss(const models::LanguageModel<T>& model,
                                       const data::ResponseBatch& batch,
                                       BatchBuffers<data::ResponseBatch>& buffers, nn::Sequence sequence,
                                       const LabelSmoothing& smoothing = {}) {
  Device& device = model.device();
  const Shape shape{batch.rows, batch.length};
  sequence.lengths = buffers.lengths.fill(batch.lengths, device);
  return model.loss(buffers.input.fill(shape, batch.input, device),
                    buffers.output.fill(shape, batch.output, device), sequence, smoothing);
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
  BatchBuffers<typename Layout::Batch> buffers;
  for (Index number = 0; number < pairs.batches(); ++number) {
    pairs.read(number, batch);
    score.nats += pair_loss(model, batch, buffers, {}).nats();
    score.tokens += batch.scored();
    score.pairs += batch.rows;
    if (!progress(score.pairs, pairs.pairs())) break;
  }
  return score;
}

}  // namespace memsizer::tasks
