#pragma once
// Language modelling as a task: WikiText, its tokenizer, its batches and its validation.

#include "memsizer/text/load_tokenizer.hpp"
#include "memsizer/text/tokenizer_trainer.hpp"
#include "memsizer/train/presets.hpp"
#include "memsizer/train/run_directory.hpp"
#include "memsizer/train/task.hpp"
#include "memsizer/train/text_score.hpp"

namespace memsizer::train {

/// Takes what the user should know, a line at a time.
using Tell = std::function<void(const std::string&)>;

/// A BPE of config.vocab tokens, trained on the training split.
inline text::Tokenizer train_tokenizer(const data::WikiText& data, const Config& config) {
  text::TokenizerTrainer trainer(text::Normalizer::parse(config.normalizer));
  data.for_each_block(data::Split::train, [&](std::string_view block) { trainer.add(block); });
  trainer.finish_text();
  return trainer.train(config.vocab);
}

/// The token that stands before a text: </s>, or <|endoftext|> of a GPT-2 vocabulary.
inline Id end_of_text(const text::Tokenizer& tokenizer) {
  return static_cast<Id>(tokenizer.end_id());
}

/// The model of a configuration for a tokenizer.
inline models::LanguageModelConfig language_model_config(const Config& config,
                                                         const text::Tokenizer& tokenizer) {
  const bool has_padding = tokenizer.pad_id() != tokenizer.end_id();
  return language_model_config(config, tokenizer.vocab_size(),
                               has_padding ? static_cast<Index>(tokenizer.pad_id()) : -1);
}

class LanguageModeling : public Task {
 public:
  LanguageModeling(const Config& config, const text::Tokenizer& tokenizer, const data::WikiText& data,
                   const data::EncodeCache& cache)
      : config_(config),
        data_(data.path()),
        end_of_text_(end_of_text(tokenizer)),
        model_(language_model_config(config, tokenizer)) {
    train_ = data::encode_split(data, data::Split::train, tokenizer, cache);
    if (data.has(data::Split::validation))
      validation_ = data::encode_split(data, data::Split::validation, tokenizer, cache);
    loses_text_ = tokenizer.normalizer().loses_text();
    const data::BatchOptions options{.batch = rows_of_a_batch(config),
                                     .sequence = config.sequence,
                                     .seed = static_cast<std::uint64_t>(config.seed)};
    batches_ = at_file(data.path(), [&] {
      return std::make_unique<data::LanguageModelBatches>(*train_.ids, end_of_text_, options);
    });
  }

  models::LanguageModel<float>& model() override { return model_; }

  std::vector<Index> next_step(Index batches) override {
    step_.resize(static_cast<std::size_t>(batches));
    std::vector<Index> tokens;
    for (data::Batch& batch : step_) {
      batches_->next(batch);
      tokens.push_back(static_cast<Index>(batch.targets.size()));
    }
    return tokens;
  }

  LinearCrossEntropy<float> loss(Index index, const nn::Sequence& sequence) override {
    const data::Batch& batch = step_[static_cast<std::size_t>(index)];
    const Shape shape{batch.rows, batch.length};
    return model_.loss(Tensor<Id>(shape, batch.inputs, model_.device()),
                       Tensor<Id>(shape, batch.targets, model_.device()), sequence, label_smoothing(config_));
  }

  Index batches_per_epoch() const override { return batches_->segments(); }
  bool has_validation() const override { return validation_.ids != nullptr; }

  std::optional<nlohmann::ordered_json> validate(const Advanced& advanced) override {
    const TextScore score =
        score_text(model_, *validation_.ids, end_of_text_, {.sequence = config_.sequence}, advanced);
    if (score.tokens < validation_.ids->size()) return std::nullopt;
    const metrics::Perplexity perplexity = metrics::perplexity(
        {score.nats, score.tokens, validation_.counts.words, validation_.counts.bytes}, loses_text_);
    nlohmann::ordered_json figures;
    figures["validation_loss"] = perplexity.loss;
    figures["perplexity"] = files::or_null(perplexity.perplexity);
    figures["word_perplexity"] = files::or_null(perplexity.word_perplexity);
    figures["bits_per_byte"] = files::or_null(perplexity.bits_per_byte);
    return figures;
  }

  nlohmann::ordered_json position() const override {
    return {{"epoch", batches_->position().epoch},
            {"segment", batches_->position().segment},
            {"train", files::or_null(digits(train_))},
            {"validation", files::or_null(digits(validation_))}};
  }
  void restore_position(const files::JsonView& position) override {
    check_data(position, "train", train_);
    check_data(position, "validation", validation_);
    batches_->restore({position.get<Index>("epoch"), position.get<Index>("segment")});
  }

 private:
  /// What a split's text is known by; nothing where there is none.
  static std::optional<std::string> digits(const data::EncodedText& text) {
    if (text.ids == nullptr) return std::nullopt;
    return files::hash_digits(text.hash);
  }

  /// The position is one in the text that the run began with.
  void check_data(const files::JsonView& position, const char* split, const data::EncodedText& text) const {
    const files::JsonView begun = position.at(split);
    std::optional<std::string> expected;
    if (!begun.is_null()) expected = begun.get<std::string>();
    if (digits(text) == expected) return;
    begun.fail("the run was begun with other data: the ", split, " split of ", data_.string(), ": hash ",
               expected.value_or("none"), " expected, got ", digits(text).value_or("none"));
  }

  static Index rows_of_a_batch(const Config& config) {
    return config.batch_tokens == 0 ? config.batch
                                    : std::max<Index>(1, config.batch_tokens / config.sequence);
  }

  Config config_;
  std::filesystem::path data_;
  Id end_of_text_;
  bool loses_text_ = false;
  models::LanguageModel<float> model_;
  data::EncodedText train_, validation_;
  std::unique_ptr<data::LanguageModelBatches> batches_;
  std::vector<data::Batch> step_;
};

}  // namespace memsizer::train
