#pragma once
// Training of a model on pairs of texts.

#include "memsizer/tasks/pair_run.hpp"

namespace memsizer::tasks {

/// The data that a training needs.
struct TrainingPairs {
  std::string path;
  data::EncodedPairs train;
  std::optional<data::EncodedPairs> validation = {};
  std::vector<std::string> references = {};  // of those that are validated, as lines
};

/// Training on pairs of this form, SourceTarget or PromptResponse.
template <class Form>
class PairTraining : public train::TrainingTask<typename Form::Element> {
 public:
  using T = typename Form::Element;

  /// Pairs that are left out or cut are told to `tell`. InputError if no pair remains to train on.
  PairTraining(const Config& config, const text::Tokenizer& tokenizer, TrainingPairs data,
               PairWriting writing, const MessageCallback& tell)
      : config_(config),
        tokenizer_(tokenizer),
        data_(std::move(data)),
        writing_(std::move(writing)),
        model_(Form::model_config(config, padding_of(tokenizer))),
        batches_(train::at_file(data_.path, [&] {
          return Batches(Form::training_layout(config_, tokenizer, data_.train),
                         {.batch_tokens = config.batches.batch_tokens,
                          .batch = config.batches.batch,
                          .long_pairs = writing_.long_pairs,
                          .seed = static_cast<std::uint64_t>(config.labels.seed)});
        })) {
    if (tell) tell_of_long_pairs(tell);
  }

  nn::Module<T>& model() override { return model_; }

  std::vector<Index> next_step(Index batches) override {
    step_.resize(static_cast<std::size_t>(batches));
    std::vector<Index> scored;
    for (auto& batch : step_) {
      batches_.next(batch);
      scored.push_back(batch.scored());
    }
    return scored;
  }

  LinearCrossEntropy<T> loss(Index index, const nn::Sequence& sequence) override {
    return pair_loss(model_, step_[static_cast<std::size_t>(index)], buffers_, sequence,
                     config_.label_smoothing);
  }

  Index batches_per_epoch() const override { return batches_.batches(); }
  bool has_validation() const override { return data_.validation.has_value(); }

  /// The loss, and the figures of texts that are written token by token, which is fast.
  std::optional<train::ValidationReport> validate(const ProgressCallback& progress) override {
    const data::EncodedPairs& pairs = *data_.validation;
    const auto batches =
        scoring_batches<Form>(config_, tokenizer_, pairs, static_cast<Index>(data_.references.size()));
    const Index count = batches.pairs();
    const PairScore score = score_pairs(model_, batches, [&](Index, Index) { return progress(0, count); });
    if (score.pairs < count) return std::nullopt;
    train::ValidationReport report{.loss = score.nats / static_cast<double>(score.tokens)};
    if (!std::isfinite(report.loss)) return report;
    report.more = {{"perplexity", std::exp(report.loss)}};
    Decoding greedy = writing_.decoding;
    greedy.beam = 0, greedy.batch = 128;
    std::vector<std::string> texts(static_cast<std::size_t>(count));
    if (!write_pairs<Form>(model_, pairs, config_, tokenizer_, greedy, writing_.line_breaks, texts, progress))
      return std::nullopt;
    const train::Figures figures =
        measure_texts(writing_.metrics(false), texts, data_.references, Intervals::no).figures;
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
  using Batches = data::PairBatches<typename Form::Layout>;

  void tell_of_long_pairs(const MessageCallback& tell) const {
    if (const Index left_out = batches_.too_long() + batches_.empty(); left_out > 0)
      tell(concatenate(left_out, " of ", data_.train.size(),
                       " pairs are left out of training: ", batches_.too_long(), " are longer than ",
                       Form::limited_by, ", ", batches_.empty(), " have an empty side"));
    const Index sources = batches_.cut_sources(), targets = batches_.cut_targets();
    if (sources + targets > 0)
      tell(concatenate("of ", batches_.pairs(), " pairs to train on, ",
                       Form::cuts_text(sources, targets, config_)));
    if (!data_.validation) return;
    const auto count = static_cast<Index>(data_.references.size());
    const auto scored = scoring_batches<Form>(config_, tokenizer_, *data_.validation, count);
    if (scored.cut_sources() + scored.cut_targets() > 0)
      tell(concatenate("of ", count, " pairs to validate, ",
                       Form::cuts_text(scored.cut_sources(), scored.cut_targets(), config_)));
  }

  Config config_;
  const text::Tokenizer& tokenizer_;
  TrainingPairs data_;
  PairWriting writing_;
  typename Form::Model model_;
  Batches batches_;
  std::vector<typename Form::Layout::Batch> step_;  // on the host
  BatchBuffers<typename Form::Layout::Batch> buffers_;
};

}  // namespace memsizer::tasks
