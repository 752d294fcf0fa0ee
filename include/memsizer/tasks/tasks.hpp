#pragma once
// The tasks by name. To add a task, add its file, and a line here.

#include "memsizer/tasks/architectures.hpp"
#include "memsizer/tasks/linkage.hpp"
#include "memsizer/tasks/task.hpp"

#if MEMSIZER_TRAIN_HAS_BODIES
#include "memsizer/files/output_checks.hpp"
#include "memsizer/tasks/language_modeling.hpp"
#include "memsizer/tasks/question_answering.hpp"
#include "memsizer/tasks/run_cache.hpp"
#include "memsizer/tasks/summarization.hpp"
#include "memsizer/tasks/translation.hpp"
#include "memsizer/train/learning_rate.hpp"
#endif

namespace memsizer::tasks {

const std::vector<const Task*>& all_tasks();

/// The names of all tasks' presets, each once, in the order of the tasks.
std::vector<std::string> preset_names();

/// The task with this name. If there is none, an InputError lists all names.
const Task& find_task(const std::string& name);

/// The task's preset with this name. If there is none, or if it cannot be built yet, an InputError says so.
Preset find_preset(const Task& task, const std::string& name);

/// A run's configuration. If no table has its task, architecture or preset, an InputError names the file.
Config config_of(const RunDirectory& run);

/// The trained model of a run, from the checkpoint with this name, or from its best if the name is empty.
/// Errors are those of Task::load.
std::unique_ptr<TrainedModel> load_model(const RunDirectory& run, Device& device,
                                         const std::string& checkpoint = {});

/// Tries what a command is going to do with small sizes. InputError if the configuration is not a valid
/// model, optimiser or schedule. MissingKernel, which names the kernel and its use, if the device lacks one.
void dry_run(DryRun what, const Config& config, Device& device);

/// Scores a split with a run's model. A single file is scored whatever split its name gives. The cache of
/// token ids is in the run's folder.
train::EvaluationReport evaluate(const TrainedModel& model, const RunDirectory& run,
                                 EvaluationRequest request, const MessageCallback& tell,
                                 const ProgressCallback& progress);

#if MEMSIZER_TRAIN_HAS_BODIES

MEMSIZER_TRAIN_FUNCTION const std::vector<const Task*>& all_tasks() {
  static const LanguageModeling language_modeling;
  static const Translation translation;
  static const Summarization summarization;
  static const QuestionAnswering question_answering;
  static const std::vector<const Task*> table = {&language_modeling, &translation, &summarization,
                                                 &question_answering};
  return table;
}

MEMSIZER_TRAIN_FUNCTION std::vector<std::string> preset_names() {
  std::vector<std::string> names;
  for (const Task* task : all_tasks())
    for (const Preset& preset : task->presets())
      if (std::ranges::count(names, preset.name) == 0) names.push_back(preset.name);
  return names;
}

MEMSIZER_TRAIN_FUNCTION const Task& find_task(const std::string& name) {
  for (const Task* task : all_tasks())
    if (task->name() == name) return *task;
  throw InputError(
      concatenate("task: one of ", join(all_tasks(), ", ", &Task::name), " expected, got '", name, "'"));
}

MEMSIZER_TRAIN_FUNCTION Preset find_preset(const Task& task, const std::string& name) {
  std::vector<std::string> names;
  for (const Preset& preset : task.presets()) {
    require(preset.name != name || preset.lacks.empty(), "preset ", name, " of ", task.name(), ' ',
            preset.lacks);
    if (preset.name == name) return preset;
    if (preset.lacks.empty()) names.push_back(preset.name);
  }
  throw InputError(
      concatenate("preset: one of ", join(names), " expected for ", task.name(), ", got '", name, "'"));
}

MEMSIZER_TRAIN_FUNCTION Config config_of(const RunDirectory& run) {
  Config config = run.config();
  const train::Labels& labels = config.labels;
  train::at_file(run.config_file(), [&] {
    find_preset(find_task(labels.task), labels.preset);
    find_architecture(labels.architecture);
  });
  return config;
}

MEMSIZER_TRAIN_FUNCTION std::unique_ptr<TrainedModel> load_model(const RunDirectory& run, Device& device,
                                                                 const std::string& checkpoint) {
  return find_task(config_of(run).labels.task).load(run, device, checkpoint);
}

MEMSIZER_TRAIN_FUNCTION void dry_run(DryRun what, const Config& config, Device& device) {
  static constexpr const char* names[] = {"training", "scoring", "generation"};
  require(what != DryRun::training || config.labels.dtype == "float" || has_bfloat16(device),
          "dtype=bfloat16: --device emulated or --device cuda expected, since the ", device.name(),
          " trains in float alone. A resumed run keeps its dtype; a new one, with the weights of any run by "
          "--from, is in float with --set dtype=float");
  if (what == DryRun::training) train::make_schedule(config);
  try {
    find_task(config.labels.task).dry_run(what, config, device);
  } catch (const MissingKernel& missing) {
    throw MissingKernel(
        concatenate(names[static_cast<int>(what)], ": ", missing.what(), "; the cpu has every kernel"));
  }
}

namespace detail {

/// InputError if an output of evaluate() would replace a file of the run or of the data, or the other output.
inline void require_outputs_apart(const EvaluationRequest& request, const DataSet& data,
                                  const RunDirectory& run) {
  std::vector<std::filesystem::path> inputs = run.files();
  inputs.push_back(request.data);
  for (const data::Split split : {data::Split::train, data::Split::validation, data::Split::test}) try {
      if (data.has(split))
        for (const std::filesystem::path& file : data.files(split)) inputs.push_back(file);
    } catch (const InputError&) {
      continue;  // a damaged split, which may be one that is not scored
    }
  for (const std::filesystem::path& output : request.other_outputs)
    files::require_not_an_input(output, inputs);
  files::require_not_an_input(request.hypotheses, inputs);
  inputs.push_back(request.hypotheses);
  files::require_not_an_input(request.references, inputs);
  require(request.hypotheses.empty() || request.hypotheses != request.references,
          "--hypotheses and --references: two files expected, got ", request.hypotheses.string(), " twice");
}

}  // namespace detail

MEMSIZER_TRAIN_FUNCTION train::EvaluationReport evaluate(const TrainedModel& model, const RunDirectory& run,
                                                         EvaluationRequest request,
                                                         const MessageCallback& tell,
                                                         const ProgressCallback& progress) {
  const auto data = find_task(model.config().labels.task).open_data(request.data, model.config());
  if (!request.hypotheses.empty() || !request.references.empty() || !request.other_outputs.empty())
    detail::require_outputs_apart(request, *data, run);
  dry_run(DryRun::scoring, model.config(), model.device());
  std::error_code absent;
  if (!std::filesystem::is_directory(request.data, absent))
    for (const data::Split split : {data::Split::train, data::Split::validation, data::Split::test})
      if (data->has(split)) request.split = data::split_name(split);
  const data::Split split = data::parse_split(request.split);
  tell_of_missing_shards(data->files(split), split, tell);
  return model.evaluate(*data, request, cache_of(run, tell), progress);
}

#endif

}  // namespace memsizer::tasks
