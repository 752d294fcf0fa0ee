#pragma once
// What a comparison has measured of a trained model, kept in the model's folder. A comparison that goes on
// reads it instead of measuring again.

#include "memsizer/decode/generation_cost.hpp"
#include "memsizer/tasks/task.hpp"

namespace memsizer::report {

using decode::GenerationCost;

/// Quality, cost and examples of one model, and the trivial baselines.
struct Measures {
  train::EvaluationReport quality = {};
  std::vector<tasks::Baseline> baselines = {};
  std::vector<train::WrittenExample> examples = {};
  std::vector<GenerationCost> costs = {};
};

namespace detail {

inline std::filesystem::path measures_file(const train::RunDirectory& run) {
  return run.path() / "measured.json";
}

/// What the measures belong to: the run's best checkpoint, which is hashed, and the files of the split.
inline nlohmann::ordered_json measured_of(const train::RunDirectory& run, const tasks::DataSet& data,
                                          data::Split split) {
  const std::string best = run.named("best");
  return {{"checkpoint", best},
          {"state", files::file_digits(run.checkpoint(best) / "state.json")},
          {"split", data::split_name(split)},
          {"data", files::hash_digits(data::hash_of_files(data.files(split)))}};
}

/// Figures as a list of pairs, because their order is that of the report.
inline nlohmann::ordered_json list_of(const train::Figures& figures) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array(), one;
  for (const train::Figure& figure : figures) {
    one.clear();
    train::add_to(one, {figure});
    list.push_back({figure.name, one[figure.name]});
  }
  return list;
}

inline train::Figures figures_of(const files::JsonView& list) {
  train::Figures figures;
  for (const files::JsonView& pair : list.elements()) {
    train::Figure figure{pair.element(0).get<std::string>()};
    const files::JsonView value = pair.element(1);
    if (value.json().is_number_integer())
      figure.value = value.get<Index>();
    else if (value.json().is_number())
      figure.value = value.get<double>();
    else if (!value.is_null())
      figure.value = value.get<std::string>();
    figures.push_back(std::move(figure));
  }
  return figures;
}

}  // namespace detail

/// Keeps the measures of a run's best checkpoint on a split.
inline void keep_measures(const train::RunDirectory& run, const tasks::DataSet& data, data::Split split,
                          const Measures& measures) {
  const train::EvaluationReport& quality = measures.quality;
  nlohmann::ordered_json json{{"of", detail::measured_of(run, data, split)},
                              {"quality",
                               {{"split", quality.split},
                                {"examples", quality.examples},
                                {"tokens", quality.tokens},
                                {"loss", quality.loss},
                                {"reason", quality.reason},
                                {"figures", detail::list_of(quality.more)},
                                {"intervals", nlohmann::ordered_json::array()}}},
                              {"baselines", nlohmann::ordered_json::array()},
                              {"examples", nlohmann::ordered_json::array()},
                              {"generation", nlohmann::ordered_json::array()}};
  for (const train::Interval& interval : quality.intervals)
    json["quality"]["intervals"].push_back({interval.figure, interval.low, interval.high});
  for (const tasks::Baseline& baseline : measures.baselines)
    json["baselines"].push_back({{"name", baseline.name}, {"figures", detail::list_of(baseline.figures)}});
  for (const train::WrittenExample& example : measures.examples)
    json["examples"].push_back({example.input, example.reference, example.text});
  for (const GenerationCost& cost : measures.costs)
    json["generation"].push_back({{"length", cost.length},
                                  {"tokens_per_second", cost.tokens_per_second},
                                  {"state_bytes", cost.state_bytes}});
  files::write_file_atomically(detail::measures_file(run), files::dump_json(json));
}

/// The kept measures; nothing if there are none, or if they belong to another checkpoint or other data. A
/// damaged file is no loss: its model is measured again.
inline std::optional<Measures> kept_measures(const train::RunDirectory& run, const tasks::DataSet& data,
                                             data::Split split) try {
  std::error_code absent;
  if (!std::filesystem::exists(detail::measures_file(run), absent)) return std::nullopt;
  const files::JsonFile json(detail::measures_file(run));
  const files::JsonView view = json.view();
  if (view.at("of").json() != files::Json(detail::measured_of(run, data, split))) return std::nullopt;
  const files::JsonView quality = view.at("quality");
  Measures measures{.quality = {.split = quality.get<std::string>("split"),
                                .examples = quality.get<Index>("examples"),
                                .tokens = quality.get<Index>("tokens"),
                                .loss = quality.get<double>("loss"),
                                .more = detail::figures_of(quality.at("figures")),
                                .reason = quality.get<std::string>("reason")}};
  for (const files::JsonView& one : quality.at("intervals").elements())
    measures.quality.intervals.push_back(
        {one.element(0).get<std::string>(), one.element(1).get<double>(), one.element(2).get<double>()});
  for (const files::JsonView& one : view.at("baselines").elements())
    measures.baselines.push_back({one.get<std::string>("name"), detail::figures_of(one.at("figures"))});
  for (const files::JsonView& one : view.at("examples").elements())
    measures.examples.push_back({one.element(0).get<std::string>(), one.element(1).get<std::string>(),
                                 one.element(2).get<std::string>()});
  for (const files::JsonView& cost : view.at("generation").elements())
    measures.costs.push_back(
        {cost.get<Index>("length"), cost.get<double>("tokens_per_second"), cost.get<Index>("state_bytes")});
  return measures;
} catch (const InputError&) {
  return std::nullopt;
}

}  // namespace memsizer::report
