#pragma once
// A trained model of a run whose task has pairs: it scores them, and writes a text for each source or prompt.

#include "memsizer/decode/generation_cost.hpp"
#include "memsizer/tasks/pair_data.hpp"
#include "memsizer/tasks/pair_score.hpp"
#include "memsizer/tasks/pair_writing.hpp"
#include "memsizer/tasks/run_model.hpp"
#include "memsizer/tasks/write_texts.hpp"

namespace memsizer::tasks {

/// The batches in which pairs are scored: all of them, or the first `first_pairs`. `pairs` must outlive them.
template <class Form>
data::EvaluationPairs<typename Form::Layout> scoring_batches(const Config& config,
                                                             const text::Tokenizer& tokenizer,
                                                             const data::EncodedPairs& pairs,
                                                             Index first_pairs = 0) {
  return data::EvaluationPairs(Form::scoring_layout(config, tokenizer, pairs),
                               {.batch_tokens = scoring_batch_tokens, .first_pairs = first_pairs});
}

/// The prompts for the sources of the first `count` pairs, which must outlive the list.
template <class Form>
PromptList prompts_of(const data::EncodedPairs& pairs, std::size_t count, const Config& config,
                      const LengthLimit& longest) {
  return {.size = count,
          .length = [&](std::size_t pair) { return pairs.source_length(static_cast<Index>(pair)); },
          .prompt =
              [&](std::size_t pair) {
                std::vector<Id> source, target;
                pairs.read(static_cast<Index>(pair), source, target);
                return Form::prompt(std::move(source), config, longest, pair);
              }};
}

/// Writes the texts of the first texts.size() pairs, as lines. Returns false if `progress`, which is called
/// after each text, ended the work.
template <class Form>
bool write_pairs(const typename Form::Model& model, const data::EncodedPairs& pairs, const Config& config,
                 const text::Tokenizer& tokenizer, const Decoding& decoding, LineBreaks line_breaks,
                 std::vector<std::string>& texts, const ProgressCallback& progress) {
  const auto count = static_cast<Index>(texts.size());
  Index done = 0;
  typename Form::Stepper stepper(model);
  return write_texts(stepper, prompts_of<Form>(pairs, texts.size(), config, decoding.longest), tokenizer,
                     decoding, line_breaks, [&](std::size_t pair, std::string text) {
                       texts[pair] = std::move(text);
                       return progress(++done, count);
                     });
}

/// A run of a task whose pairs have this form, SourceTarget or PromptResponse.
template <class Form>
class PairRun : public RunModel<typename Form::Model, typename Form::Element> {
 public:
  PairRun(const RunDirectory& run, Device& device, const std::string& checkpoint,
          const std::function<PairWriting(const Config&)>& writing)
      : RunModel<typename Form::Model, typename Form::Element>(run, device, checkpoint, Form::model_config),
        writing_(writing(this->config())) {}

  std::string examples_title() const override { return writing_.examples; }

  /// Scores the right targets, then writes texts and measures them. If `progress` ends the work, figures are
  /// missing.
  train::EvaluationReport evaluate(const DataSet& data, const EvaluationRequest& request,
                                   const data::EncodeCache& cache,
                                   const ProgressCallback& progress) const override {
    require(request.stride == 0,
            "--stride is for a text that is scored in windows, and this task has pairs; got ",
            request.stride);
    require(!request.stem || writing_.can_stem, "--stem is for ROUGE, which this task is not measured by");
    const Decoding way = chosen(writing_.decoding, request.decoding);
    require_positions(way, positions());
    const data::Split split = data::parse_split(request.split);
    if (cache.tell) tell_of_missing(pairs_of(data), split, writing_.examples, cache.tell);
    const data::EncodedPairs pairs = pairs_of(data).encode(split, this->tokenizer(), cache);
    const auto batches = scoring_batches<Form>(this->config(), this->tokenizer(), pairs, request.limit);
    const Index count = batches.pairs();
    require_room_for_texts(way, pairs, count);
    const PairScore score =
        score_pairs(this->model(), batches, [&](Index, Index) { return progress(0, count); });
    train::EvaluationReport report{.split = std::string(data::split_name(split)),
                                   .examples = score.pairs,
                                   .tokens = score.tokens,
                                   .loss = score.nats / static_cast<double>(score.tokens)};
    report.more = {{"perplexity", std::exp(report.loss)}};
    std::vector<std::string> texts(static_cast<std::size_t>(count));
    if (score.pairs < count || !write_pairs<Form>(this->model(), pairs, this->config(), this->tokenizer(),
                                                  way, writing_.line_breaks, texts, progress))
      return report;
    const std::vector<std::string> references =
        as_lines(pairs_of(data).references(split, count), writing_.line_breaks);
    TextScores scores = measure_texts(writing_.metrics(request.stem), texts, references, Intervals::yes);
    for (train::Figure& figure : scores.figures) report.more.push_back(std::move(figure));
    report.intervals = std::move(scores.intervals);
    report.more.push_back({"decoding", text_of(way) + limit_text()});
    report.more.push_back({"cut_sources", cut_sources(pairs, count, way.longest)});
    report.more.push_back({"cut_targets", batches.cut_targets()});
    if (const Index missing = pairs_of(data).missing(split).count; missing > 0)
      report.more.push_back({"missing_examples", missing});
    if (!request.hypotheses.empty()) write_lines(request.hypotheses, texts);
    if (!request.references.empty()) write_lines(request.references, references);
    return report;
  }

  std::vector<train::WrittenExample> examples(const DataSet& data, data::Split split,
                                              Index count) const override {
    const std::vector<data::TextPair> pairs = pairs_of(data).first_pairs(split, count);
    const Decoding& way = writing_.decoding;
    std::vector<decode::Prompt> prompts;
    std::vector<train::WrittenExample> examples;
    for (const data::TextPair& pair : pairs) {
      prompts.push_back(prompt(pair.source, way.longest, prompts.size()));
      examples.push_back({pair.source, pair.target, ""});
    }
    write_examples(*make_stepper(), prompts, this->tokenizer(), way, writing_.line_breaks, examples);
    return examples;
  }

  std::unique_ptr<decode::Stepper<float>> make_stepper(const std::function<void(Index, Index)>& reading =
                                                           [](Index, Index) {}) const override {
    if constexpr (Form::has_source)
      return std::make_unique<typename Form::Stepper>(this->model());
    else
      return std::make_unique<typename Form::Stepper>(this->model(), reading);
  }

  std::unique_ptr<decode::Conversation<float>> begin_conversation() const override {
    if constexpr (Form::has_source)
      return nullptr;
    else
      return std::make_unique<decode::Conversation<float>>(this->model(), this->end_token());
  }

  Decoding decoding() const override { return writing_.decoding; }
  LineBreaks line_breaks() const override { return writing_.line_breaks; }
  RecordText text_of_record() const override { return writing_.text_of_record; }

  decode::Prompt prompt(const std::string& text, const LengthLimit& longest,
                        std::uint64_t stream) const override {
    std::vector<Id> ids;
    this->tokenizer().encode(text, ids);
    ids.push_back(this->end_token());
    return Form::prompt(std::move(ids), this->config(), longest, stream);
  }
  bool continues_its_input() const override { return false; }
  Index positions() const override { return Form::positions(this->config()); }

  std::vector<decode::GenerationCost> generation_costs(const std::function<bool()>& go_on) const override {
    return decode::generation_costs(this->model(), Form::cost_lengths(this->config(), this->device()),
                                    decode::timed_steps, go_on);
  }

 private:
  /// InputError if the model has too few positions for --min-tokens after one of the first pairs' sources.
  void require_room_for_texts(const Decoding& way, const data::EncodedPairs& pairs, Index count) const {
    if (way.constraints.min_tokens == 0 || positions() == 0) return;
    const PromptList prompts =
        prompts_of<Form>(pairs, static_cast<std::size_t>(count), this->config(), way.longest);
    for (std::size_t pair = 0; pair < prompts.size; ++pair)
      if (const decode::Prompt prompt = prompts.prompt(pair); !is_empty(prompt))
        require_room(way, prompt.max_tokens, concatenate("input ", pair + 1));
  }

  /// How many of the first pairs have a source that is cut, when its target is scored or its text is written.
  Index cut_sources(const data::EncodedPairs& pairs, Index count, const LengthLimit& longest) const {
    const auto layout = Form::scoring_layout(this->config(), this->tokenizer(), pairs);
    Index cut = 0;
    for (Index pair = 0; pair < count; ++pair)
      cut += layout.cuts(pair).source || Form::cuts(pairs.source_length(pair), this->config(), longest);
    return cut;
  }

  std::string limit_text() const {
    return positions() > 0 ? concatenate(", at most ", positions() - 1, " for which there are positions")
                           : "";
  }

  static void write_lines(const std::filesystem::path& file, const std::vector<std::string>& lines) {
    std::string all;
    for (const std::string& line : lines) all += line + '\n';
    files::write_file_atomically(file, all);
  }

  PairWriting writing_;
};

}  // namespace memsizer::tasks
