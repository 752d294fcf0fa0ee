#pragma once
// What a task is: its presets, its data, its training, and what a trained run of it can do. The commands of
// the program are written against this interface and name no task; tasks.hpp lists those that exist.

#include <filesystem>
#include <memory>

#include "memsizer/data/encoded_text.hpp"
#include "memsizer/data/splits.hpp"
#include "memsizer/decode/generation_cost.hpp"
#include "memsizer/decode/stepper.hpp"
#include "memsizer/text/tokenizer.hpp"
#include "memsizer/text/tokenizer_trainer.hpp"
#include "memsizer/train/checkpoint.hpp"

namespace memsizer::tasks {

using train::Advanced;
using train::Config;
using train::RunDirectory;
using train::Tell;

/// A set of defaults, as key=value texts. A preset that cannot be built yet says why in `lacks`.
struct Preset {
  std::string name;
  std::vector<std::string> values = {};
  std::string lacks = {};
};

/// The data of a task, found but not read yet.
class DataSet {
 public:
  virtual ~DataSet() = default;

  virtual const std::filesystem::path& path() const = 0;
  virtual bool has(data::Split split) const = 0;
  /// The files of a split, opened far enough to see that they can be read. InputError if they cannot, or
  /// where there is no such split.
  virtual std::vector<std::filesystem::path> files(data::Split split) const = 0;
  /// Gives the training split's text to a tokenizer's trainer.
  virtual void add_text(text::TokenizerTrainer& trainer) const = 0;
};

/// A model without weights, to be looked at: its parameters and what it costs.
class ModelOutline {
 public:
  virtual ~ModelOutline() = default;

  virtual nn::Module<float>& model() = 0;
  /// The kind of self-attention of each block, by the block's name: {"blocks.0", "memsizer"}.
  virtual std::vector<std::pair<std::string, std::string>> attention_kinds() const = 0;
  /// Floating-point operations of decoding a token, and bytes of state, with so many tokens before it.
  virtual double step_flops(Index before) const = 0;
  virtual Index state_bytes(Index before) const = 0;
};

struct EvaluationRequest {
  std::filesystem::path data = {};
  std::string split = "test";
  Index stride = 0, limit = 0;
};

/// The trained model of a run with its tokenizer, ready to be used.
class TrainedModel {
 public:
  virtual ~TrainedModel() = default;

  virtual const Config& config() const = 0;
  virtual const text::Tokenizer& tokenizer() const = 0;
  virtual Index parameter_count() const = 0;
  /// Where its weights are.
  virtual Device& device() const = 0;

  /// Scores a split of the data that request.data names, opened by the task; `advanced` as of a validation.
  virtual train::EvaluationReport evaluate(const DataSet& data, const EvaluationRequest& request,
                                           const data::EncodeCache& cache,
                                           const Advanced& advanced) const = 0;

  /// What decoding drives, which this model must outlive. `reading` is told how many tokens of a long input
  /// have been read; what it throws ends the reading.
  virtual std::unique_ptr<decode::Stepper<float>> make_stepper(
      const std::function<void(Index done, Index of)>& reading = [](Index, Index) {}) const = 0;
  /// An input text as the sequence that decoding continues. InputError where it has no room in the model.
  virtual decode::Prompt prompt(const std::string& text, Index max_tokens, std::uint64_t stream) const = 0;
  /// Whether the input is the beginning of the result, as in language modelling.
  virtual bool continues_its_input() const = 0;
  /// The token that ends a result, and those that are never chosen.
  virtual Id end_token() const = 0;
  virtual std::vector<Id> forbidden_tokens() const = 0;
  /// The most tokens of a sequence, prompt and result; 0: any.
  virtual Index positions() const = 0;

  /// What a token costs at decode::cost_lengths(), as far as the model has positions.
  virtual std::vector<decode::GenerationCost> generation_costs(const std::function<bool()>& go_on) const = 0;
};

/// A measure in the table of a comparison's report: a member of EvaluationReport and its heading.
struct Column {
  std::string figure, heading;
};

/// What training, scoring or generation do with the same layers and few numbers, so that what cannot work on
/// a device, or at all, is told before anything is written.
enum class DryRun { training, scoring, generation };

class Task {
 public:
  virtual ~Task() = default;

  /// As --task names it ("language-modeling"), and as a sentence does ("language modelling").
  virtual std::string name() const = 0;
  virtual std::string title() const = 0;
  /// Whether there is a source text beside the target, and so an encoder and keys such as max_source.
  virtual bool has_source() const = 0;
  /// The defaults that all presets share, and the presets.
  virtual std::vector<std::string> defaults() const = 0;
  virtual std::vector<Preset> presets() const = 0;
  virtual std::vector<Column> columns() const = 0;

  /// InputError if there is no data of this task.
  virtual std::unique_ptr<DataSet> open_data(const std::filesystem::path& path) const = 0;
  /// InputError where the configuration makes no model.
  virtual std::unique_ptr<ModelOutline> outline(const Config& config) const = 0;
  /// The model of a configuration and a tokenizer, for files of weights to be held against.
  virtual std::unique_ptr<nn::Module<float>> make_model(const Config& config,
                                                        const text::Tokenizer& tokenizer) const = 0;
  virtual std::unique_ptr<train::TrainingTask> make_training(const Config& config,
                                                             const text::Tokenizer& tokenizer,
                                                             const DataSet& data,
                                                             const data::EncodeCache& cache) const = 0;
  /// A run's checkpoint of this name, or its best where the name is empty. InputError that names the file
  /// where one is damaged or does not go with the others.
  virtual std::unique_ptr<TrainedModel> load(const RunDirectory& run, Device& device,
                                             const std::string& checkpoint = {}) const = 0;
  /// InputError where the configuration makes no model, MissingKernel where the device lacks a kernel.
  virtual void dry_run(DryRun what, const Config& config, Device& device) const = 0;
};

}  // namespace memsizer::tasks
