#pragma once
// Language modelling. The data is WikiText or a text like it. The model learns to predict the next token, is
// measured by perplexity, and continues a prompt.

#include <sstream>

#include "memsizer/data/batches.hpp"
#include "memsizer/decode/language_model_stepper.hpp"
#include "memsizer/metrics/paired_bootstrap.hpp"
#include "memsizer/tasks/id_buffer.hpp"
#include "memsizer/tasks/language_model.hpp"
#include "memsizer/tasks/run_model.hpp"
#include "memsizer/tasks/text_score.hpp"
#include "memsizer/tasks/unigram.hpp"
#include "memsizer/tasks/write_texts.hpp"

namespace memsizer::tasks {

namespace language_modeling {

class Data : public DataSet {
 public:
  explicit Data(const std::filesystem::path& path) : text_(path) {}

  const data::WikiText& text() const { return text_; }

  const std::filesystem::path& path() const override { return text_.path(); }
  bool has(data::Split split) const override { return text_.has(split); }
  std::vector<std::filesystem::path> files(data::Split split) const override { return text_.files(split); }
  void add_text(text::TokenizerTrainer& trainer) const override {
    text_.for_each_block(data::Split::train, [&](std::string_view block) { trainer.add(block); });
    trainer.finish_text();
  }

 private:
  data::WikiText text_;
};

/// The text of a data set that this task has opened.
inline const data::WikiText& text_of(const DataSet& data) {
  return dynamic_cast<const Data&>(data).text();
}

/// The intervals of the figures of a scored text, by resampling its batches; none if these are too few.
inline std::vector<train::Interval> intervals_of(const TextScore& score, const data::EncodedText& text,
                                                 const metrics::Perplexity& figures) {
  if (score.batches.size() < 2 * 16 || !std::isfinite(score.nats)) return {};
  const metrics::BootstrapScore loss = metrics::bootstrap_ratio(metrics::SegmentCounts(score.batches, 2));
  std::vector<train::Interval> all;
  const auto add = [&](const char* figure, double low, double high) {
    if (std::isfinite(high)) all.push_back({figure, low, high});
  };
  const auto tokens = static_cast<double>(score.tokens);
  add("perplexity", std::exp(loss.least), std::exp(loss.most));
  if (figures.word_perplexity) {
    const double factor = tokens / static_cast<double>(text.counts.words);
    add("word_perplexity", std::exp(factor * loss.least), std::exp(factor * loss.most));
  }
  if (figures.bits_per_byte) {
    const double factor = tokens / static_cast<double>(text.counts.bytes) / std::numbers::ln2;
    add("bits_per_byte", factor * loss.least, factor * loss.most);
  }
  return all;
}

/// Reports perplexity, words, word_perplexity and bits_per_byte of a scored text, and the reason if a figure
/// is not known. If a limit cut the scoring short, the words and bytes of the scored part are not known.
inline train::EvaluationReport report_of(const TextScore& score, const data::EncodedText& text,
                                         const text::Tokenizer& tokenizer) {
  const bool whole = score.tokens == text.ids->size();
  metrics::Perplexity figures =
      metrics::perplexity({score.nats, score.tokens, text.counts.words, text.counts.bytes},
                          tokenizer.normalizer().loses_text() || !whole);
  if (!whole) figures.reason = "only a part of the split was scored";
  const auto words = whole ? std::optional(text.counts.words) : std::nullopt;
  return {.examples = score.windows,
          .tokens = score.tokens,
          .loss = figures.loss,
          .more = {{"perplexity", train::figure_value(figures.perplexity)},
                   {"words", train::figure_value(words)},
                   {"word_perplexity", train::figure_value(figures.word_perplexity)},
                   {"bits_per_byte", train::figure_value(figures.bits_per_byte)}},
          .reason = figures.reason,
          .intervals = intervals_of(score, text, figures)};
}

/// The beginnings of a split's first long lines, of about 80 characters, each with the 160 that follow.
inline std::vector<train::WrittenExample> beginnings(const data::WikiText& text, data::Split split,
                                                     Index count) {
  constexpr std::size_t input_bytes = 80, more_bytes = 160, enough = 1 << 18;
  std::string head;
  text.for_each_block(split, [&](std::string_view block) {
    if (head.size() < enough) head += block;
  });
  std::vector<train::WrittenExample> examples;
  std::istringstream lines(head);
  for (std::string line; static_cast<Index>(examples.size()) < count && std::getline(lines, line);) {
    if (line.size() < input_bytes + more_bytes) continue;
    const std::size_t middle = line.rfind(' ', input_bytes), end = line.rfind(' ', input_bytes + more_bytes);
    if (middle == line.npos || middle == 0 || end <= middle) continue;
    examples.push_back({line.substr(0, middle), line.substr(middle, end - middle), ""});
  }
  return examples;
}

template <class T>
class TextTraining : public train::TrainingTask<T> {
 public:
  TextTraining(const Config& config, const text::Tokenizer& tokenizer, const data::WikiText& data,
               const data::EncodeCache& cache)
      : config_(config),
        tokenizer_(tokenizer),
        data_(data.path().string()),
        model_(language_model_config(config, padding_of(tokenizer))) {
    train_ = data::encode_split(data, data::Split::train, tokenizer, cache);
    if (data.has(data::Split::validation))
      validation_ = data::encode_split(data, data::Split::validation, tokenizer, cache);
    const data::BatchOptions options{.batch = rows_of_a_batch(config.batches),
                                     .sequence = config.batches.sequence,
                                     .seed = static_cast<std::uint64_t>(config.labels.seed)};
    batches_ = train::at_file(data.path(), [&] {
      return std::make_unique<data::LanguageModelBatches>(*train_.ids, end_of_text(tokenizer), options);
    });
  }

  nn::Module<T>& model() override { return model_; }

  std::vector<Index> next_step(Index batches) override {
    step_.resize(static_cast<std::size_t>(batches));
    std::vector<Index> tokens;
    for (data::Batch& batch : step_) {
      batches_->next(batch);
      tokens.push_back(static_cast<Index>(batch.targets.size()));
    }
    return tokens;
  }

  LinearCrossEntropy<T> loss(Index index, const nn::Sequence& sequence) override {
    const data::Batch& batch = step_[static_cast<std::size_t>(index)];
    const Shape shape{batch.rows, batch.length};
    return model_.loss(inputs_.fill(shape, batch.inputs, model_.device()),
                       targets_.fill(shape, batch.targets, model_.device()), sequence,
                       config_.label_smoothing);
  }

  Index batches_per_epoch() const override { return batches_->segments(); }
  bool has_validation() const override { return validation_.ids != nullptr; }

  std::optional<train::ValidationReport> validate(const ProgressCallback& progress) override {
    const TextScore score = score_text(
        model_, *validation_.ids, end_of_text(tokenizer_),
        {.sequence = config_.batches.sequence, .limit = config_.watching.validate_examples}, progress);
    if (!score.finished) return std::nullopt;
    if (!std::isfinite(score.nats)) return train::ValidationReport{.loss = score.nats};
    const train::EvaluationReport all = report_of(score, validation_, tokenizer_);
    train::ValidationReport report{.loss = all.loss};
    for (const train::Figure& figure : all.more)
      if (figure.name != "words") report.more.push_back(figure);
    return report;
  }

  train::DataPosition position() const override {
    return {batches_->position().epoch, batches_->position().segment};
  }
  void restore(const train::DataPosition& position) override {
    batches_->restore({position.epoch, position.batch});
  }

  std::string data_path() const override { return data_; }
  std::vector<train::DataSplit> data_splits() const override {
    return {{"train", digits(train_)}, {"validation", digits(validation_)}};
  }

 private:
  /// The hash of a split's text; nothing if there is no such split.
  static std::optional<std::string> digits(const data::EncodedText& text) {
    if (text.ids == nullptr) return std::nullopt;
    return files::hash_digits(text.hash);
  }

  static Index rows_of_a_batch(const train::BatchSettings& batches) {
    return batches.batch_tokens == 0 ? batches.batch
                                     : std::max<Index>(1, batches.batch_tokens / batches.sequence);
  }

  Config config_;
  const text::Tokenizer& tokenizer_;
  std::string data_;
  models::LanguageModel<T> model_;
  data::EncodedText train_, validation_;
  std::unique_ptr<data::LanguageModelBatches> batches_;
  std::vector<data::Batch> step_;  // on the host
  IdBuffer inputs_, targets_;      // one batch
};

template <class T>
class TrainedOnText : public RunModel<models::LanguageModel<T>, T> {
  using Base = RunModel<models::LanguageModel<T>, T>;

 public:
  using Base::config;
  using Base::end_token;
  using Base::model;
  using Base::tokenizer;

  TrainedOnText(const RunDirectory& run, Device& device, const std::string& checkpoint)
      : Base(run, device, checkpoint, language_model_config) {}

  std::string examples_title() const override { return "windows"; }

  train::EvaluationReport evaluate(const DataSet& data, const EvaluationRequest& request,
                                   const data::EncodeCache& cache,
                                   const ProgressCallback& progress) const override {
    require(!request.decoding.any() && request.hypotheses.empty() && request.references.empty(),
            "language modelling scores a text and writes none: --hypotheses, --references and the options of "
            "decoding do not go with it");
    const data::Split split = data::parse_split(request.split);
    const data::EncodedText text = data::encode_split(text_of(data), split, tokenizer(), cache);
    const Index sequence = config().batches.sequence;
    const TextScore score =
        score_text(model(), *text.ids, end_token(),
                   {.sequence = sequence, .stride = request.stride, .limit = request.limit}, progress);
    train::EvaluationReport report = report_of(score, text, tokenizer());
    report.split = data::split_name(split);
    report.more.push_back({"stride", request.stride == 0 ? sequence : request.stride});
    return report;
  }

  /// Continues the beginnings of lines, by 40 tokens at most.
  std::vector<train::WrittenExample> examples(const DataSet& data, data::Split split,
                                              Index count) const override {
    std::vector<train::WrittenExample> examples = beginnings(text_of(data), split, count);
    std::vector<decode::Prompt> prompts;
    for (const train::WrittenExample& example : examples)
      prompts.push_back(prompt(example.input, {.more = 40}, prompts.size()));
    write_examples(*make_stepper(), prompts, tokenizer(), decoding(), this->line_breaks(), examples);
    return examples;
  }

  std::unique_ptr<decode::Stepper<float>> make_stepper(const std::function<void(Index, Index)>& reading =
                                                           [](Index, Index) {}) const override {
    return std::make_unique<decode::LanguageModelStepper<T>>(model(), reading);
  }

  /// Greedy, at most 100 tokens.
  Decoding decoding() const override { return {}; }

  /// The prompt begins with the end-of-text token, as texts do in training.
  decode::Prompt prompt(const std::string& text, const LengthLimit& longest,
                        std::uint64_t stream) const override {
    decode::Prompt prompt{.tokens = {end_token()}, .max_tokens = longest.tokens(0), .stream = stream};
    tokenizer().encode(text, prompt.tokens);
    if (positions() == 0) return prompt;
    const Index room = positions() - static_cast<Index>(prompt.tokens.size());
    require(room > 0, "the prompt has ", prompt.tokens.size(), " tokens, and the model knows ", positions(),
            " positions");
    prompt.max_tokens = std::min(prompt.max_tokens, room);
    return prompt;
  }
  bool continues_its_input() const override { return true; }
  Index positions() const override { return models::position_limit<T>(model().config()); }

  std::vector<decode::GenerationCost> generation_costs(const std::function<bool()>& go_on) const override {
    return decode::generation_costs(model(), language_model_cost_lengths(positions(), model().device()),
                                    decode::timed_steps, go_on);
  }
};

}  // namespace language_modeling

class LanguageModeling : public Task {
 public:
  std::string name() const override { return "language-modeling"; }
  std::string title() const override { return "language modelling"; }
  bool has_source() const override { return false; }

  /// q_init_scale and kv_init_scale have the values of MemSizer's authors for language modelling.
  std::vector<std::string> defaults() const override {
    return {"slots=32", "warmup=100", "clip=1", "weight_decay=0.01", "q_init_scale=32", "kv_init_scale=1"};
  }
  std::vector<Preset> presets() const override {
    return {{"micro",
             {"layers=1", "dim=32", "heads=2", "slots=4", "ffn=64", "vocab=320", "sequence=32", "batch=4",
              "learning_rate=3e-3"}},
            {"tiny",
             {"layers=2", "dim=128", "heads=4", "slots=16", "ffn=512", "vocab=2048", "sequence=128",
              "batch=16", "learning_rate=3e-3"}},
            // Half an hour on two processors is enough for four or more epochs of WikiText-2, with both kinds
            // of attention.
            {"small",
             {"layers=3", "dim=192", "heads=4", "ffn=768", "vocab=8192", "sequence=256", "batch=8",
              "dropout=0.1", "learning_rate=2e-3", "warmup=200"}},
            {"base",
             {"layers=8", "dim=512", "heads=8", "ffn=2048", "vocab=32768", "sequence=512", "batch=16",
              "dropout=0.1", "learning_rate=1e-3", "warmup=1000"}},
            {.name = "paper", .lacks = "needs adaptive softmax and layer drop, which are not built yet"}};
  }
  std::vector<Column> columns() const override {
    return {{"perplexity", "perplexity"},
            {"word_perplexity", "word perplexity", false, true},
            {"bits_per_byte", "bits a byte"}};
  }

  std::unique_ptr<DataSet> open_data(const std::filesystem::path& path, const Config&) const override {
    return std::make_unique<language_modeling::Data>(path);
  }
  /// Each token by its frequency in the training split, whatever stands before it.
  std::vector<Baseline> baselines(const DataSet& data, data::Split split, const text::Tokenizer& tokenizer,
                                  const data::EncodeCache& cache) const override {
    using language_modeling::text_of;
    const data::EncodedText train = data::encode_split(text_of(data), data::Split::train, tokenizer, cache),
                            text = data::encode_split(text_of(data), split, tokenizer, cache);
    const TextScore score{.nats = unigram_nats(*train.ids, *text.ids, tokenizer.vocab_size()),
                          .tokens = text.ids->size()};
    const train::EvaluationReport report = language_modeling::report_of(score, text, tokenizer);
    Baseline baseline{"the frequencies of tokens", report.more};
    baseline.figures.push_back({"loss", report.loss});
    return {baseline};
  }
  std::unique_ptr<ModelOutline> outline(const Config& config) const override {
    return std::make_unique<LanguageModelOutline>(config);
  }
  std::unique_ptr<nn::Module<float>> make_model(const Config& config,
                                                const text::Tokenizer& tokenizer) const override {
    return std::make_unique<models::LanguageModel<float>>(
        language_model_config(config, padding_of(tokenizer)));
  }
  Training make_training(const Config& config, const text::Tokenizer& tokenizer, const DataSet& data,
                         const data::EncodeCache& cache, const Device& device) const override {
    for (const data::Split split : {data::Split::train, data::Split::validation})
      if (data.has(split)) tell_of_missing_shards(data.files(split), split, cache.tell);
    return with_element_type(config, device, [&]<class T>(std::type_identity<T>) -> Training {
      return std::make_unique<language_modeling::TextTraining<T>>(config, tokenizer,
                                                                  language_modeling::text_of(data), cache);
    });
  }
  std::unique_ptr<TrainedModel> load(const RunDirectory& run, Device& device,
                                     const std::string& checkpoint) const override {
    return with_element_type(
        run.config(), device, [&]<class T>(std::type_identity<T>) -> std::unique_ptr<TrainedModel> {
          return std::make_unique<language_modeling::TrainedOnText<T>>(run, device, checkpoint);
        });
  }

  void dry_run(DryRun what, const Config& config, Device& device) const override {
    with_element_type(config, device, [&]<class T>(std::type_identity<T>) {
      SmallLanguageModel<T>(config, device, what == DryRun::training).run(what, config);
    });
  }
};

}  // namespace memsizer::tasks
