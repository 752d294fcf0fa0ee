#pragma once
// Models side by side: the same data, tokenizer, budget and seed, one report.

#include "memsizer/train/comparison_report.hpp"
#include "memsizer/train/evaluate.hpp"
#include "memsizer/train/interrupt.hpp"
#include "memsizer/train/sweep.hpp"

namespace memsizer::train {

/// A model before it is trained, with what trains it: a folder of its own and the shared tokenizer.
struct PlannedModel {
  std::string name, architecture, sweep_value;
  Request training;
};

/// The architectures that change with the swept key: a Transformer has no slots and is trained once, as the
/// measure of a sweep. InputError where none does.
inline std::set<std::string> swept_architectures(const ComparisonRequest& request) {
  const std::string& key = request.sweep_key;
  std::set<std::string> swept;
  if (key.empty()) return swept;
  std::string reason;
  for (const std::string& architecture : request.architectures) {
    Request own = request.training;
    own.architecture = architecture;
    if (std::string why = why_without_effect(effective_config(own), key); why.empty())
      swept.insert(architecture);
    else
      reason = std::move(why);
  }
  require(!swept.empty(), "--sweep: ", key, " makes no other model: ", reason);
  return swept;
}

/// The models of a request; InputError where two of them would be one and the same.
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
      Request own = request.training;
      own.architecture = architecture;
      own.output = request.training.output / name;
      own.tokenizer = request.training.output / "tokenizer.json";
      own.tokenizer_is_fitted = request.training.tokenizer.empty();
      if (swept) own.settings.push_back(request.sweep_key + '=' + value);
      plan.push_back({name, architecture, value, own});
    }
  }
  return plan;
}

/// Does in small what will be done with the models: errors come before anything is written. InputError where
/// the sweep of a key makes one model twice.
inline void rehearse(const std::vector<PlannedModel>& plan, const std::string& sweep_key) {
  std::vector<Config> configs;
  for (const PlannedModel& planned : plan) {
    const Config config = effective_config(planned.training);
    std::string reason = why_without_effect(config, sweep_key);
    if (sweep_key == "seed" && planned.training.seed) reason = "--seed tells it";
    if (std::ranges::count(configs, config) > 0) reason = "two of its values are equal";
    require(planned.sweep_value.empty() || reason.empty(), "--sweep: ", sweep_key,
            " makes no other model of ", planned.name, ": ", reason);
    configs.push_back(config);
    rehearse_training(config, *planned.training.device);
    rehearse_generation(config, *planned.training.device);
  }
}

namespace detail {

/// A comparison begins in an empty folder, or one in which a killed one left no more than its first files.
inline void require_new_folder(const std::filesystem::path& folder) {
  std::error_code absent;
  if (!std::filesystem::is_directory(folder, absent)) return;
  const std::vector<std::filesystem::path> entries = entries_of(folder);
  const bool was_killed = std::filesystem::exists(folder / files::FolderLock::file_name, absent);
  require(entries.empty() || (was_killed && std::ranges::all_of(entries, is_of_a_start)), folder.string(),
          ": the folder is not empty; a comparison begins in a new one, another --output");
}

inline std::vector<GenerationCost> costs_of(const LoadedLanguageModel& loaded) {
  std::vector<Index> lengths = cost_lengths();
  if (loaded.config.positions == "learned")
    std::erase_if(lengths, [&](Index length) { return length + 64 > loaded.config.sequence; });
  return generation_costs(loaded.model, lengths, 33, [] { return !Interrupt::requested(); });
}

}  // namespace detail

/// Trains one model and measures it; returns nothing where Ctrl-C stopped that.
template <class Train>
std::optional<ComparedModel> train_and_measure(const PlannedModel& planned, const Train& train,
                                               const Tell& tell) {
  const auto& [name, architecture, sweep_value, own] = planned;
  if (Interrupt::requested() || train(name, own) == Outcome::interrupted) return std::nullopt;

  const RunDirectory run = RunDirectory::open(own.output);
  const LoadedLanguageModel loaded(run, *own.device);
  ComparedModel model{.name = name, .architecture = architecture, .sweep_value = sweep_value};
  model.config = loaded.config;
  model.parameters = loaded.store.parameter_count();
  model.curves = read_curves(run);
  model.steps = detail::step_of(run.named("latest"));
  model.training_rate = median(model.curves.rates);
  const data::WikiText data(own.data);
  model.split = data.has(data::Split::test)         ? "test"
                : data.has(data::Split::validation) ? "validation"
                                                    : "train";
  tell(concatenate(name, ": scoring the ", model.split, " split"));
  model.quality = evaluate_language_model(loaded, run, {.data = own.data, .split = model.split}, tell,
                                          [](Index, Index) { return !Interrupt::requested(); });
  if (Interrupt::requested()) return std::nullopt;
  tell(concatenate(name, ": measuring generation"));
  model.costs = detail::costs_of(loaded);
  if (Interrupt::requested()) return std::nullopt;
  return model;
}

/// Trains all models of a request, each in its folder, and writes the report. `train(name, request)` trains
/// one. Nothing where Ctrl-C stopped it.
template <class Train>
std::optional<std::vector<ComparedModel>> compare(const ComparisonRequest& request, const Train& train,
                                                  const Tell& tell) {
  const Interrupt interrupt;
  require(!request.architectures.empty(), "compare: at least one architecture expected");
  require(request.sweep_key.empty() == request.sweep_values.empty(), "--sweep: key=a,b,c expected");
  require_budget(request.training.budget);
  detail::require_new_folder(request.training.output);
  Request shared = request.training;
  shared.architecture = request.architectures[0];
  Config config = effective_config(shared);
  const std::vector<PlannedModel> plan = planned_models(request);
  rehearse(plan, request.sweep_key);
  const data::WikiText data(shared.data);
  data.files(data::Split::train);
  {
    RunDirectory folder = RunDirectory::create(shared.output);
    start_tokenizer(shared, config, data, folder, tell);
    folder.keep();
  }
  std::vector<ComparedModel> models;
  for (const PlannedModel& planned : plan) {
    std::optional<ComparedModel> model = train_and_measure(planned, train, tell);
    if (!model) return std::nullopt;
    models.push_back(std::move(*model));
  }
  write_report(request, models, tell);
  return models;
}

}  // namespace memsizer::train
