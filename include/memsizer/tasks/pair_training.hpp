#pragma once
// Training of an encoder-decoder on pairs of a source and a target.

#include "memsizer/data/pair_batches.hpp"
#include "memsizer/tasks/pair_run.hpp"

namespace memsizer::tasks {

/// The data that a training needs.
struct TrainingPairs {
  std::string path;
  data::EncodedPairs train;
  std::optional<data::EncodedPairs> validation = {};
  std::vector<std::string> references = {};  // of the validation, as the files have them
};

class PairTraining : public train::TrainingTask {
 public:
  /// The left-out pairs are told to `tell`. InputError if no pair remains to train on.
  PairTraining(const Config& config, const text::Tokenizer& tokenizer, TrainingPairs data,
               TextMeasure measure, Decoding decoding, const MessageCallback& tell)
      : config_(config),
        tokenizer_(tokenizer),
        data_(std::move(data)),
        measure_(std::move(measure)),
        decoding_(std::move(decoding)),
        model_(encoder_decoder_config(config, padding_of(tokenizer))),
        batches_(train::at_file(data_.path, [&] {
          return data::PairBatches(data_.train, pair_tokens(tokenizer),
                                   {.batch_tokens = config.batches.batch_tokens,
                                    .batch = config.batches.batch,
                                    .limits = limits(),
                                    .seed = static_cast<std::uint64_t>(config.labels.seed)});
        })) {
    const Index left_out = batches_.too_long() + batches_.empty();
    if (left_out > 0 && tell)
      tell(concatenate(left_out, " of ", data_.train.size(), " pairs are left out of training: ",
                       batches_.too_long(), " are longer than max_source, max_target or batch_tokens, ",
                       batches_.empty(), " have an empty side"));
  }

  nn::Module<float>& model() override { return model_; }

  std::vector<Index> next_step(Index batches) override {
    step_.resize(static_cast<std::size_t>(batches));
    std::vector<Index> scored;
    for (data::PairBatch& batch : step_) {
      batches_.next(batch);
      scored.push_back(batch.scored());
    }
    return scored;
  }

  LinearCrossEntropy<float> loss(Index index, const nn::Sequence& sequence) override {
    return pair_loss(model_, step_[static_cast<std::size_t>(index)], sequence, config_.label_smoothing);
  }

  Index batches_per_epoch() const override { return batches_.batches(); }
  bool has_validation() const override { return data_.validation.has_value(); }

  /// The loss, and the figures of texts that are written token by token, which is fast.
  std::optional<train::ValidationReport> validate(const ProgressCallback& progress) override {
    const data::EncodedPairs& pairs = *data_.validation;
    const data::EvaluationPairs batches = scoring_batches(config_, tokenizer_, pairs);
    const Index count = pairs.size();
    const PairScore score = score_pairs(model_, batches, [&](Index, Index) { return progress(0, count); });
    if (score.pairs < count) return std::nullopt;
    train::ValidationReport report{.loss = score.nats / static_cast<double>(score.tokens)};
    if (!std::isfinite(report.loss)) return report;
    report.more = {{"perplexity", std::exp(report.loss)}};
    std::vector<std::string> texts(static_cast<std::size_t>(count));
    Index done = 0;
    decode::EncoderDecoderStepper<float> stepper(model_);
    const bool finished =
        write_texts(stepper, prompts_of(pairs, count, scoring_limits(config_), decoding_.longest), tokenizer_,
                    decoding_, [&](std::size_t pair, std::string text) {
                      texts[pair] = std::move(text);
                      return progress(++done, count);
                    });
    if (!finished) return std::nullopt;
    const train::Figures figures = measure_(texts, data_.references);
    report.more.insert(report.more.end(), figures.begin(), figures.end());
    if (const auto first = train::number_of(figures, figures[0].name))
      report.headline = concatenate(figures[0].name, ' ', std::round(*first * 100) / 100);
    return report;
  }

  train::DataPosition position() const override {
    return {batches_.position().epoch, batches_.position().batch};
  }
  void restore(const train::DataPosition& position) override {
    batches_.restore({position.epoch, position.batch});
  }

  std::string data_path() const override { return data_.path; }
  std::vector<train::DataSplit> data_splits() const override {
    std::vector<train::DataSplit> splits = {{"train", files::hash_digits(data_.train.hash())},
                                            {"validation", std::nullopt}};
    if (data_.validation) splits[1].hash = files::hash_digits(data_.validation->hash());
    return splits;
  }

 private:
  data::PairLimits limits() const { return {config_.source.max_source, config_.source.max_target}; }

  Config config_;
  const text::Tokenizer& tokenizer_;
  TrainingPairs data_;
  TextMeasure measure_;
  Decoding decoding_;
  models::EncoderDecoder<float> model_;
  data::PairBatches batches_;
  std::vector<data::PairBatch> step_;  // on the host
};

}  // namespace memsizer::tasks
