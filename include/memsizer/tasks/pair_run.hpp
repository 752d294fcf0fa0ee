#pragma once
// A trained encoder-decoder of a run: it scores pairs, and writes a text for each source.

#include "memsizer/decode/generation_cost.hpp"
#include "memsizer/tasks/encoder_decoder_model.hpp"
#include "memsizer/tasks/pair_score.hpp"
#include "memsizer/tasks/write_texts.hpp"

namespace memsizer::tasks {

/// The figures of texts beside their references, such as BLEU.
using TextMeasure = std::function<train::Figures(const std::vector<std::string>& texts,
                                                 const std::vector<std::string>& references)>;

/// The batches in which pairs are scored: all of them, or the first `first_pairs`. `pairs` must outlive them.
inline data::EvaluationPairs scoring_batches(const Config& config, const text::Tokenizer& tokenizer,
                                             const data::EncodedPairs& pairs, Index first_pairs = 0) {
  return data::EvaluationPairs(
      pairs, pair_tokens(tokenizer),
      {.batch_tokens = scoring_batch_tokens, .limits = scoring_limits(config), .first_pairs = first_pairs});
}

/// What the tasks that write a text from a source have in common. A task derives from this class, and says
/// how it reads its data and what it calls its examples.
class PairRun : public RunModel<models::EncoderDecoder<float>> {
 public:
  /// `decoding` is the task's own way to decode, and `measure` gives the figures of its texts.
  PairRun(const RunDirectory& run, Device& device, const std::string& checkpoint, Decoding decoding,
          TextMeasure measure)
      : RunModel(run, device, checkpoint, encoder_decoder_config),
        decoding_(std::move(decoding)),
        measure_(std::move(measure)) {}

  /// A split of data that the task has opened, as ids.
  virtual data::EncodedPairs encode(const DataSet& data, data::Split split,
                                    const data::EncodeCache& cache) const = 0;
  /// The targets of its first `count` pairs, as the files have them.
  virtual std::vector<std::string> references(const DataSet& data, data::Split split, Index count) const = 0;

  /// Scores the right targets, then writes texts and measures them. If `progress` ends the work, figures are
  /// missing.
  train::EvaluationReport evaluate(const DataSet& data, const EvaluationRequest& request,
                                   const data::EncodeCache& cache,
                                   const ProgressCallback& progress) const override {
    require(request.stride == 0,
            "--stride is for a text that is scored in windows, and this task has pairs; got ",
            request.stride);
    const Decoding way = chosen(decoding_, request.decoding);
    const data::Split split = data::parse_split(request.split);
    const data::EncodedPairs pairs = encode(data, split, cache);
    const data::EvaluationPairs batches = scoring_batches(config(), tokenizer(), pairs, request.limit);
    const Index count = batches.pairs();
    const PairScore score = score_pairs(model(), batches, [&](Index, Index) { return progress(0, count); });
    train::EvaluationReport report{.split = std::string(data::split_name(split)),
                                   .examples = score.pairs,
                                   .tokens = score.tokens,
                                   .loss = score.nats / static_cast<double>(score.tokens)};
    report.more = {{"perplexity", std::exp(report.loss)}};
    std::vector<std::string> texts(static_cast<std::size_t>(count));
    if (score.pairs < count || !write(pairs, way, texts, progress)) return report;
    const std::vector<std::string> references = this->references(data, split, count);
    for (train::Figure& figure : measure_(texts, references)) report.more.push_back(std::move(figure));
    const std::string limit =
        positions() > 0 ? concatenate(", at most ", positions() - 1, " for which there are positions") : "";
    report.more.push_back({"decoding", text_of(way) + limit});
    report.more.push_back({"cut_sources", batches.cut_sources()});
    if (batches.cut_targets() > 0) report.more.push_back({"cut_targets", batches.cut_targets()});
    if (!request.hypotheses.empty()) write_lines(request.hypotheses, texts);
    if (!request.references.empty()) write_lines(request.references, references);
    return report;
  }

  std::unique_ptr<decode::Stepper<float>> make_stepper(const std::function<void(Index, Index)>& =
                                                           [](Index, Index) {}) const override {
    return std::make_unique<decode::EncoderDecoderStepper<float>>(model());
  }

  Decoding decoding() const override { return decoding_; }

  decode::Prompt prompt(const std::string& text, const LengthLimit& longest,
                        std::uint64_t stream) const override {
    std::vector<Id> source;
    tokenizer().encode(text, source);
    source.push_back(end_token());
    return prompt_of_source(std::move(source), scoring_limits(config()), longest, stream);
  }
  bool continues_its_input() const override { return false; }
  Index positions() const override { return scoring_limits(config()).target; }

  /// After sources and targets of up to 1,024 tokens each; hardly any are longer.
  std::vector<decode::GenerationCost> generation_costs(const std::function<bool()>& go_on) const override {
    std::vector<Index> lengths = decode::cost_lengths();
    std::erase_if(lengths, [&](Index length) {
      const bool fits = positions() == 0 ||
                        (length <= config().source.max_source && length + decode::timed_steps <= positions());
      return length > 1024 || !fits;
    });
    return decode::generation_costs(model(), lengths, decode::timed_steps, go_on);
  }

 private:
  /// Writes the texts of the first pairs. Returns false if `progress` ended the work.
  bool write(const data::EncodedPairs& pairs, const Decoding& way, std::vector<std::string>& texts,
             const ProgressCallback& progress) const {
    const auto count = static_cast<Index>(texts.size());
    Index done = 0;
    const auto stepper = make_stepper();
    return write_texts(*stepper, prompts_of(pairs, count, scoring_limits(config()), way.longest), tokenizer(),
                       way, [&](std::size_t pair, std::string text) {
                         texts[pair] = std::move(text);
                         return progress(++done, count);
                       });
  }

  static void write_lines(const std::filesystem::path& file, const std::vector<std::string>& texts) {
    std::string lines;
    for (const std::string& text : texts) lines += on_one_line(text) + '\n';
    files::write_file_atomically(file, lines);
  }

  Decoding decoding_;
  TextMeasure measure_;
};

}  // namespace memsizer::tasks
