#pragma once
// What a task is: its presets, its data, its training, and the use of a trained model. The program's commands
// call this interface, and none of their code depends on a task. tasks.hpp lists the tasks.

#include <filesystem>
#include <memory>
#include <variant>

#include "memsizer/data/encoded_text.hpp"
#include "memsizer/data/shards.hpp"
#include "memsizer/data/splits.hpp"
#include "memsizer/decode/conversation.hpp"
#include "memsizer/decode/generation_cost.hpp"
#include "memsizer/decode/stepper.hpp"
#include "memsizer/tasks/decoding.hpp"
#include "memsizer/tasks/element_type.hpp"
#include "memsizer/tasks/one_line.hpp"
#include "memsizer/text/tokenizer.hpp"
#include "memsizer/text/tokenizer_trainer.hpp"
#include "memsizer/train/checkpoint.hpp"

namespace memsizer::tasks {

using train::Config;
using train::MessageCallback;
using train::ProgressCallback;
using train::RunDirectory;

/// A set of defaults, as key=value texts. If a preset cannot be built yet, `lacks` says why.
struct Preset {
  std::string name;
  std::vector<std::string> values = {};
  std::string lacks = {};
};

/// The data of a task. It was found, but not read yet.
class DataSet {
 public:
  virtual ~DataSet() = default;

  virtual const std::filesystem::path& path() const = 0;
  virtual bool has(data::Split split) const = 0;
  /// The files of a split. Each is opened to see whether it can be read. InputError if one cannot be read, or
  /// if there is no such split.
  virtual std::vector<std::filesystem::path> files(data::Split split) const = 0;
  /// Gives the text of the training split to a tokenizer trainer.
  virtual void add_text(text::TokenizerTrainer& trainer) const = 0;
};

/// Tells the user if the files of a split are parts of an export of which some are not there.
inline void tell_of_missing_shards(const std::vector<std::filesystem::path>& files, data::Split split,
                                   const MessageCallback& tell) {
  if (const data::MissingShards missing = data::missing_shards(files); tell && missing.count > 0)
    tell(concatenate("of the ", missing.of, " files of the ", data::split_name(split), " split, ",
                     missing.count, " are not there, such as ", missing.first));
}

/// A model without weights, to show its parameters and its cost.
class ModelOutline {
 public:
  virtual ~ModelOutline() = default;

  virtual nn::Module<float>& model() = 0;
  /// The kind of self-attention in each block, with the block's name: {"blocks.0", "memsizer"}.
  virtual std::vector<std::pair<std::string, std::string>> attention_kinds() const = 0;
  /// What the tokens are that costs are counted after: "tokens before".
  virtual std::string costs_are_after() const { return "tokens before"; }
  /// The floating-point operations that decode one token after `before` tokens, and the bytes of state then.
  virtual double step_flops(Index before) const = 0;
  virtual Index state_bytes(Index before) const = 0;
};

/// What to score, and how. A task refuses what means nothing to it: --stride is of language modelling,
/// `hypotheses`, `references` and `decoding` are of tasks that write texts.
struct EvaluationRequest {
  std::filesystem::path data = {};
  std::string split = "test";
  Index stride = 0, limit = 0;
  DecodingOptions decoding = {};
  std::filesystem::path hypotheses = {};  // the file for the texts that were scored; empty: none
  std::filesystem::path references = {};  // the file for their references, as the data has them; empty: none
  bool stem = false;                      // ROUGE compares the stems of words
  /// Where the caller writes besides, such as "-" for standard output: none may be a file of the data or of
  /// the run.
  std::vector<std::filesystem::path> other_outputs = {};
};

/// The input text in an object of a file with a line of JSON for each input, such as {"document": ".."}.
/// InputError, with the place, if the object has none.
using RecordText = std::function<std::string(const files::JsonView& record)>;

/// A run's trained model with its tokenizer, ready for use.
class TrainedModel {
 public:
  virtual ~TrainedModel() = default;

  virtual const Config& config() const = 0;
  virtual const text::Tokenizer& tokenizer() const = 0;
  virtual Index parameter_count() const = 0;
  /// What evaluate() counts, for progress: "windows".
  virtual std::string examples_title() const = 0;
  /// The device that holds the weights.
  virtual Device& device() const = 0;

  /// Scores a split of `data`, which this task opened from request.data. `progress` is called as in
  /// TrainingTask::validate.
  virtual train::EvaluationReport evaluate(const DataSet& data, const EvaluationRequest& request,
                                           const data::EncodeCache& cache,
                                           const ProgressCallback& progress) const = 0;

  /// What the model writes, in the task's own way, for the first `count` inputs of a split.
  virtual std::vector<train::WrittenExample> examples(const DataSet& data, data::Split split,
                                                      Index count) const = 0;

  /// A conversation with the model, which must outlive it. Null if the task has none.
  virtual std::unique_ptr<decode::Conversation<float>> begin_conversation() const { return nullptr; }

  /// A stepper for decoding. The model must outlive it. `reading` is called with the number of tokens read of
  /// a long input; if it throws, the reading ends.
  virtual std::unique_ptr<decode::Stepper<float>> make_stepper(
      const std::function<void(Index done, Index of)>& reading = [](Index, Index) {}) const = 0;
  /// The task's own way to decode, which a user's options change.
  virtual Decoding decoding() const = 0;
  /// An input text as a prompt: to continue, or with the text as the source. InputError if the model has too
  /// few positions for it.
  virtual decode::Prompt prompt(const std::string& text, const LengthLimit& longest,
                                std::uint64_t stream) const = 0;
  /// How a result of several lines is written where each result is a line.
  virtual LineBreaks line_breaks() const { return LineBreaks::become_spaces; }
  /// Reads inputs of several lines from a file of JSON lines. Empty if the task has none.
  virtual RecordText text_of_record() const { return {}; }
  /// Whether the result begins with the input, as in language modelling.
  virtual bool continues_its_input() const = 0;
  /// The token that ends a result, and the tokens that are never chosen.
  virtual Id end_token() const = 0;
  virtual std::vector<Id> forbidden_tokens() const = 0;
  /// The largest number of tokens in a sequence, prompt and result together; 0: no limit.
  virtual Index positions() const = 0;

  /// What a token costs at each of decode::cost_lengths(), as far as the model has positions.
  virtual std::vector<decode::GenerationCost> generation_costs(const std::function<bool()>& go_on) const = 0;
};

/// A column in the report of a comparison: a figure of EvaluationReport, and its heading.
struct Column {
  std::string figure, heading;
  bool higher_is_better = false;
  bool is_main = false;  // the one column of a table over several tasks
};

/// What can be reached without learning, such as by copying the source. A model that has learned something is
/// better. `figures` are those of an evaluation, as far as they are known.
struct Baseline {
  std::string name;
  train::Figures figures;
};

/// The figures of columns that an evaluation does not have at all, known or not. A misspelled name is one.
inline std::vector<std::string> missing_figures(const std::vector<Column>& columns,
                                                const train::EvaluationReport& report) {
  std::vector<std::string> missing;
  for (const Column& column : columns)
    if (column.figure != "loss" && std::ranges::count(report.more, column.figure, &train::Figure::name) == 0)
      missing.push_back(column.figure);
  return missing;
}

/// The training of a model, in the element type of its configuration.
using Training =
    std::variant<std::unique_ptr<train::TrainingTask<float>>, std::unique_ptr<train::TrainingTask<bfloat16>>>;

/// What a dry run tries: training, scoring or generation, with the same layers and small sizes. So if the
/// command cannot work on the device, or at all, the user learns it before anything is written.
enum class DryRun { training, scoring, generation };

class Task {
 public:
  virtual ~Task() = default;

  /// The name for --task ("language-modeling"), and the title for sentences ("language modelling").
  virtual std::string name() const = 0;
  virtual std::string title() const = 0;
  /// Whether there is a source text beside the target. If so, there is an encoder, and there are keys such as
  /// max_source.
  virtual bool has_source() const = 0;
  /// The defaults that all presets share, and the presets themselves.
  virtual std::vector<std::string> defaults() const = 0;
  /// One of them is named "small", the default of --preset.
  virtual std::vector<Preset> presets() const = 0;
  virtual std::vector<Column> columns() const = 0;

  /// How texts are written in runs with a configuration, which a user's options change. --help tells it.
  virtual Decoding decoding(const Config&) const { return {}; }
  /// How a result of several lines is written where each result is a line.
  virtual LineBreaks line_breaks() const { return LineBreaks::become_spaces; }
  /// The members of a line of JSON that give an input: "\"document\"". Empty if no file of JSON lines is
  /// read.
  virtual std::string record_members() const { return {}; }

  /// Opens the data at a path. The configuration says what to read of it, such as two languages. InputError
  /// if there is no data for this task.
  virtual std::unique_ptr<DataSet> open_data(const std::filesystem::path& path,
                                             const Config& config) const = 0;
  /// The trivial baselines on a split.
  virtual std::vector<Baseline> baselines(const DataSet& data, data::Split split,
                                          const text::Tokenizer& tokenizer,
                                          const data::EncodeCache& cache) const = 0;
  /// A model without weights. InputError if the configuration is not a valid model.
  virtual std::unique_ptr<ModelOutline> outline(const Config& config) const = 0;
  /// The model of a configuration and a tokenizer, to check files of weights against it.
  virtual std::unique_ptr<nn::Module<float>> make_model(const Config& config,
                                                        const text::Tokenizer& tokenizer) const = 0;
  virtual Training make_training(const Config& config, const text::Tokenizer& tokenizer, const DataSet& data,
                                 const data::EncodeCache& cache, const Device& device) const = 0;
  /// Loads a checkpoint of a run by its name, or the best if the name is empty. If a file is damaged or does
  /// not fit the others, an InputError names it.
  virtual std::unique_ptr<TrainedModel> load(const RunDirectory& run, Device& device,
                                             const std::string& checkpoint = {}) const = 0;
  /// Runs `what` with small sizes. InputError if the configuration is not a valid model; MissingKernel if the
  /// device lacks a kernel.
  virtual void dry_run(DryRun what, const Config& config, Device& device) const = 0;
};

}  // namespace memsizer::tasks
