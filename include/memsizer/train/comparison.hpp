#pragma once
// Models side by side: the same data, tokenizer, budget and seed, one report.

#include "memsizer/train/comparison_folder.hpp"
#include "memsizer/train/comparison_report.hpp"
#include "memsizer/train/evaluate.hpp"
#include "memsizer/train/interrupt.hpp"
#include "memsizer/train/key_effects.hpp"

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
    if (std::string why = why_not_swept(effective_config(own), key); why.empty())
      swept.insert(architecture);
    else
      reason = std::move(why);
  }
  require(!swept.empty(), "--sweep: ", key, " makes no other model: ", reason);
  return swept;
}

/// The request for one of the models. A run that is in its folder already goes on, with its own configuration
/// and tokenizer.
inline Request request_of_model(const ComparisonRequest& comparison, const std::string& architecture,
                                const std::string& name) {
  Request request = comparison.training;
  request.architecture = architecture;
  request.output = comparison.training.output / name;
  request.tokenizer = comparison.training.output / "tokenizer.json";
  request.tokenizer_is_fitted = comparison.training.tokenizer.empty();
  request.resume = comparison.training.resume && std::filesystem::exists(request.output / "config.json");
  return request;
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
      Request own = request_of_model(request, architecture, name);
      if (swept) own.settings.push_back(request.sweep_key + '=' + value);
      plan.push_back({name, architecture, value, own});
    }
  }
  return plan;
}

/// What trains a model: a run that goes on keeps its own configuration and tokenizer.
inline Request request_to_train(Request request) {
  if (!request.resume) return request;
  request.config_file.clear(), request.tokenizer.clear(), request.from.clear(), request.seed.reset();
  std::erase_if(request.settings, [](const std::string& setting) {
    return find_key(setting.substr(0, setting.find('='))).role != KeyRole::watching;
  });
  return request;
}

/// InputError where the run that is to go on was begun with another configuration than is asked for now.
inline void require_same_comparison(const Request& request, Config asked) {
  const Config begun = RunDirectory::open(request.output).config();
  asked.vocab = begun.vocab;  // the text may have given fewer
  if (asked.schedule_steps == 0) asked.schedule_steps = begun.schedule_steps;
  for (const ConfigKey& key : config_keys())
    require(text_of(asked, key) == text_of(begun, key) || key.role == KeyRole::watching,
            request.output.string(), ": was begun with ", key.name, " = ", text_of(begun, key), ", and ",
            text_of(asked, key), " is asked for; --resume needs the options that the comparison began with");
}

/// Does in small what will be done with the models: errors come before anything is written. InputError where
/// the sweep of a key makes one model twice.
inline void rehearse_models(const std::vector<PlannedModel>& plan, const std::string& sweep_key) {
  std::vector<Config> configs;
  for (const PlannedModel& planned : plan) {
    const Config config = effective_config(planned.training);
    std::string reason = why_not_swept(config, sweep_key);
    if (sweep_key == "seed" && planned.training.seed) reason = "--seed tells it";
    if (std::ranges::count(configs, config) > 0) reason = "two of its values are equal";
    require(planned.sweep_value.empty() || reason.empty(), "--sweep: ", sweep_key,
            " makes no other model of ", planned.name, ": ", reason);
    configs.push_back(config);
    if (planned.training.resume) require_same_comparison(planned.training, config);
    rehearse_training(config, *planned.training.device);
    rehearse_generation(config, *planned.training.device);
  }
}

namespace detail {

inline data::Split split_to_score(const data::WikiText& data) {
  for (const data::Split split : {data::Split::test, data::Split::validation})
    if (data.has(split)) return split;
  return data::Split::train;
}

inline std::vector<GenerationCost> costs_of(const LoadedLanguageModel& loaded) {
  std::vector<Index> lengths = cost_lengths();
  if (loaded.config.positions == "learned")
    std::erase_if(lengths, [&](Index length) { return length + timed_steps > loaded.config.sequence; });
  return generation_costs(loaded.model, lengths, timed_steps, [] { return !Interrupt::requested(); });
}

}  // namespace detail

/// Trains one model and measures it; returns nothing where Ctrl-C stopped that.
template <class Train>
std::optional<ComparedModel> train_and_measure(const PlannedModel& planned, const Train& train,
                                               const Tell& tell) {
  const auto& [name, architecture, sweep_value, own] = planned;
  if (Interrupt::requested() || train(name, request_to_train(own)) == Outcome::interrupted)
    return std::nullopt;

  const RunDirectory run = RunDirectory::open(own.output);
  const LoadedLanguageModel loaded(run, *own.device);
  ComparedModel model{.name = name, .architecture = architecture, .sweep_value = sweep_value};
  model.config = loaded.config;
  model.parameters = loaded.store.parameter_count();
  model.curves = read_curves(run);
  model.steps = detail::step_of(run.named("latest"));
  model.training_rate = median(model.curves.rates);
  model.split = data::split_name(detail::split_to_score(data::WikiText(own.data)));
  tell(concatenate(name, ": scoring the ", model.split, " split"));
  model.quality = evaluate_language_model(loaded, run, {.data = own.data, .split = model.split}, tell,
                                          [](Index, Index) { return !Interrupt::requested(); });
  if (Interrupt::requested()) return std::nullopt;
  tell(concatenate(name, ": measuring generation"));
  model.costs = detail::costs_of(loaded);
  if (Interrupt::requested()) return std::nullopt;
  return model;
}

/// The models that were trained and measured, and what the report says of them.
struct Comparison {
  std::vector<ComparedModel> models = {};
  std::string report = {};
  Outcome outcome = Outcome::finished;
};

/// Trains all models of a request, each in its folder, and writes the report; where Ctrl-C stopped it, of
/// those that were done. `train(name, request)` trains one.
template <class Train>
Comparison compare(const ComparisonRequest& request, const Train& train, const Tell& tell) {
  const Interrupt interrupt;
  require(!request.architectures.empty(), "--architectures: at least one expected, got none");
  require(request.sweep_key.empty() == request.sweep_values.empty(), "--sweep: key=a,b,c expected, got '",
          request.sweep_key, "' and ", request.sweep_values.size(), " values");
  require_budget(request.training.budget);
  require_comparison_folder(request.training.output, request.training.resume);
  Request shared = request.training;
  shared.architecture = request.architectures[0];
  const std::vector<PlannedModel> plan = planned_models(request);
  rehearse_models(plan, request.sweep_key);
  const data::WikiText data(shared.data);
  require_splits_to_train_on(data);
  data.files(detail::split_to_score(data));
  const RunDirectory folder = open_comparison_folder(shared, effective_config(shared), data, tell);
  Comparison comparison;
  for (const PlannedModel& planned : plan) {
    std::optional<ComparedModel> model = train_and_measure(planned, train, tell);
    if (!model) {
      comparison.outcome = Outcome::interrupted;
      break;
    }
    comparison.models.push_back(std::move(*model));
  }
  if (!comparison.models.empty())
    comparison.report = write_report(request, comparison.models, plan.size(), tell);
  return comparison;
}

}  // namespace memsizer::train
