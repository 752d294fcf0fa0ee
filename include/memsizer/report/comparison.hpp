#pragma once
// Compares models: the same data, tokenizer, budget and seed for all, and one report.

#include "memsizer/base/median.hpp"
#include "memsizer/report/comparison_folder.hpp"
#include "memsizer/report/comparison_report.hpp"
#include "memsizer/report/measured_model.hpp"
#include "memsizer/report/training.hpp"
#include "memsizer/tasks/key_effects.hpp"
#include "memsizer/tasks/run_cache.hpp"

namespace memsizer::report {

/// A model that will be trained, and the request that trains it, with its own folder and the shared
/// tokenizer.
struct PlannedModel {
  std::string name, architecture, sweep_value;
  tasks::Request training;
};

/// The architectures whose models change with the swept key. Example: a Transformer has no slots, so a sweep
/// of slots trains it only once, for reference. InputError if no architecture changes.
inline std::set<std::string> swept_architectures(const ComparisonRequest& request) {
  const std::string& key = request.sweep_key;
  std::set<std::string> swept;
  if (key.empty()) return swept;
  std::string reason;
  for (const std::string& architecture : request.architectures) {
    tasks::Request own = request.training;
    own.architecture = architecture;
    if (std::string why = tasks::why_not_swept(tasks::effective_config(own).config, key); why.empty())
      swept.insert(architecture);
    else
      reason = std::move(why);
  }
  require(!swept.empty(), "--sweep: ", key, " does not change the model: ", reason);
  return swept;
}

/// The request that trains one model. If its folder already has a run, this run continues, with its own
/// configuration and tokenizer.
inline tasks::Request request_of_model(const ComparisonRequest& comparison, const std::string& architecture,
                                       const std::string& name) {
  tasks::Request request = comparison.training;
  request.architecture = architecture;
  request.output = comparison.training.output / name;
  request.tokenizer = comparison.training.output / "tokenizer.json";
  request.tokenizer_is_fitted = comparison.training.tokenizer.empty();
  if (comparison.training.resume != tasks::Resume::no) request.resume = tasks::Resume::any;
  return request;
}

/// The models of a request. InputError if two of them have the same name.
inline std::vector<PlannedModel> planned_models(const ComparisonRequest& request) {
  std::vector<PlannedModel> plan;
  const std::vector<std::string> once = {""};
  const std::set<std::string> swept_ones = swept_architectures(request);
  for (const std::string& architecture : request.architectures) {
    const bool swept = swept_ones.contains(architecture);
    for (const std::string& value : swept ? request.sweep_values : once) {
      const std::string name =
          swept ? concatenate(architecture, '-', request.sweep_key, '-', value) : architecture;
      require(std::ranges::count(plan, name, &PlannedModel::name) == 0, "compare: the model ", name,
              " is asked for twice; --architectures and the values of --sweep are to differ");
      tasks::Request own = request_of_model(request, architecture, name);
      if (swept) own.settings.push_back(request.sweep_key + '=' + value);
      plan.push_back({name, architecture, value, own});
    }
  }
  return plan;
}

/// InputError if the run to continue began with another configuration than the request has now.
inline void require_same_comparison(const tasks::Request& request, train::Config asked) {
  const train::Config begun = tasks::config_of(train::RunDirectory::open(request.output));
  asked.model.vocab = begun.model.vocab;  // the text may have given fewer
  if (asked.schedule.steps == 0) asked.schedule.steps = begun.schedule.steps;
  for (const train::Key& key : train::keys())
    require(key.text(asked) == key.text(begun) || key.role == SettingRole::watching, request.output.string(),
            ": was begun with ", key.name, " = ", key.text(begun), ", and ", key.text(asked),
            " is asked for; --resume needs the options that the comparison began with");
}

/// Makes dry runs of all models, so that errors come before anything is written. InputError if the sweep
/// would make the same model twice.
inline void dry_run_models(const std::vector<PlannedModel>& plan, const std::string& sweep_key) {
  std::vector<train::Config> configs;
  for (const PlannedModel& planned : plan) {
    const train::Config config = tasks::effective_config(planned.training).config;
    std::string reason;
    if (!planned.sweep_value.empty()) reason = tasks::why_not_swept(config, sweep_key);
    if (sweep_key == "seed" && planned.training.seed) reason = "--seed sets it for all models";
    if (std::ranges::count(configs, config) > 0) reason = "two of its values are equal";
    require(planned.sweep_value.empty() || reason.empty(), "--sweep: ", sweep_key,
            " does not change the model ", planned.name, ": ", reason);
    configs.push_back(config);
    tasks::find_task(config.labels.task).open_data(planned.training.data, config);
    if (tasks::resumes(planned.training)) require_same_comparison(planned.training, config);
    for (const tasks::DryRun what : {tasks::DryRun::training, tasks::DryRun::generation})
      tasks::dry_run(what, config, *planned.training.device);
  }
}

namespace detail {

inline data::Split split_to_score(const tasks::DataSet& data) {
  for (const data::Split split : {data::Split::test, data::Split::validation})
    if (data.has(split)) return split;
  return data::Split::train;
}

inline bool go_on() {
  return !train::Interrupt::requested();
}

}  // namespace detail

namespace detail {

/// Measures a trained model, or reads what was measured before. Returns nothing if Ctrl-C stopped it.
inline std::optional<Measures> measured(const std::string& name, const tasks::Request& own,
                                        const train::RunDirectory& run, const tasks::TrainedModel& trained,
                                        const train::MessageCallback& tell) {
  const tasks::Task& task = tasks::find_task(trained.config().labels.task);
  const auto data = task.open_data(own.data, trained.config());
  const data::Split split = split_to_score(*data);
  if (std::optional<Measures> kept = kept_measures(run, *data, split)) return kept;
  Measures measures;
  measures.baselines = task.baselines(*data, split, trained.tokenizer(), tasks::cache_of(run, tell));
  tell(concatenate(name, ": scoring the ", data::split_name(split), " split"));
  measures.quality =
      tasks::evaluate(trained, run, {.data = own.data, .split = std::string(data::split_name(split))}, tell,
                      [](Index, Index) { return go_on(); });
  if (!go_on()) return std::nullopt;
  measures.examples = trained.examples(*data, split, 3);
  tell(concatenate(name, ": measuring generation"));
  measures.costs = trained.generation_costs(go_on);
  if (!go_on()) return std::nullopt;
  keep_measures(run, *data, split, measures);
  return measures;
}

}  // namespace detail

/// Trains one model and measures it. Returns nothing if Ctrl-C stopped it.
template <class Train>
std::optional<ComparedModel> train_and_measure(const PlannedModel& planned, const Train& train,
                                               const train::MessageCallback& tell) {
  const auto& [name, architecture, sweep_value, own] = planned;
  if (!detail::go_on() || train(name, own) == train::Outcome::interrupted) return std::nullopt;

  const train::RunDirectory run = train::RunDirectory::open(own.output);
  const auto trained = tasks::load_model(run, *own.device);
  ComparedModel model{.name = name, .architecture = architecture, .sweep_value = sweep_value};
  model.config = trained->config();
  model.parameters = trained->parameter_count();
  model.positions = trained->positions();
  model.curves = read_curves(run);
  model.steps = train::step_of(run.named("latest"));
  model.training_rate = median(model.curves.rates);
  std::optional<Measures> measures = detail::measured(name, own, run, *trained, tell);
  if (!measures) return std::nullopt;
  model.quality = std::move(measures->quality);
  model.baselines = std::move(measures->baselines);
  model.examples = std::move(measures->examples);
  model.costs = std::move(measures->costs);
  return model;
}

/// What is known of a comparison before anything is written: its models and its data.
struct ComparisonPlan {
  std::vector<PlannedModel> models;
  tasks::Request shared;  // the training, with the first architecture
  train::Config config;   // of the first model
  std::unique_ptr<tasks::DataSet> data;
};

/// Plans a comparison. InputError if something speaks against it: the folder, the data or a model.
inline ComparisonPlan plan_comparison(const ComparisonRequest& request) {
  require(!request.architectures.empty(), "--architectures: at least one expected, got none");
  require(request.sweep_key.empty() == request.sweep_values.empty(), "--sweep: key=a,b,c expected, got '",
          request.sweep_key, "' and ", request.sweep_values.size(), " values");
  train::require_budget(request.training.budget);
  require_comparison_folder(request.training.output, request.training.resume != tasks::Resume::no);
  tasks::Request shared = request.training;
  shared.architecture = request.architectures[0];
  std::vector<PlannedModel> models = planned_models(request);
  dry_run_models(models, request.sweep_key);
  train::Config config = tasks::effective_config(shared).config;
  auto data = tasks::find_task(config.labels.task).open_data(shared.data, config);
  tasks::require_splits_to_train_on(*data);
  data->files(detail::split_to_score(*data));
  return {std::move(models), std::move(shared), std::move(config), std::move(data)};
}

/// The models that were trained and measured, and the text of the report.
struct Comparison {
  std::vector<ComparedModel> models = {};
  std::string report = {};
  train::Outcome outcome = train::Outcome::finished;
};

/// Trains all models of a request, each in its folder, and writes the report. After Ctrl-C, the report covers
/// the models that are done. `plan` is that of the request; `train(name, request)` trains one model.
template <class Train>
Comparison compare(const ComparisonRequest& request, const ComparisonPlan& plan, const Train& train,
                   const train::MessageCallback& tell) {
  const train::Interrupt interrupt;
  std::vector<std::string> names;
  for (const PlannedModel& planned : plan.models) names.push_back(planned.name);
  const train::RunDirectory folder =
      open_comparison_folder(plan.shared, plan.config, *plan.data, names, tell);
  Comparison comparison;
  for (const PlannedModel& planned : plan.models) {
    std::optional<ComparedModel> model = train_and_measure(planned, train, tell);
    if (!model) {
      comparison.outcome = train::Outcome::interrupted;
      break;
    }
    comparison.models.push_back(std::move(*model));
  }
  if (!comparison.models.empty())
    comparison.report = write_report(request, comparison.models, plan.models.size(), tell);
  return comparison;
}

/// Plans a comparison and does it.
template <class Train>
Comparison compare(const ComparisonRequest& request, const Train& train, const train::MessageCallback& tell) {
  const train::Interrupt interrupt;
  return compare(request, plan_comparison(request), train, tell);
}

}  // namespace memsizer::report
