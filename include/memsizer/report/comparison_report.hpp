#pragma once
// Writes the results of a comparison: report.md, report.json and plots.

#include "memsizer/cpu/context.hpp"
#include "memsizer/report/comparison_charts.hpp"
#include "memsizer/report/comparison_tables.hpp"
#include "memsizer/text/utf8_stream.hpp"

namespace memsizer::report {

namespace detail {

inline std::string budget_text(const train::Budget& budget) {
  if (budget.epochs > 0) return short_number(budget.epochs) + " epochs";
  if (budget.minutes > 0) return short_number(budget.minutes) + " minutes";
  return with_thousands(budget.steps) + " steps";
}

/// The settings that all models of the comparison share.
inline nlohmann::ordered_json shared_settings(const ComparisonRequest& request, const ComparedModel& model) {
  const tasks::Request& training = request.training;
  nlohmann::ordered_json json;
  json["task"] = model.config.labels.task;
  json["data"] = text::path_text(training.data);
  json["preset"] = model.config.labels.preset;
  for (const std::string& setting : training.settings)
    json["set"] = json.contains("set") ? json["set"].get<std::string>() + ' ' + setting : setting;
  if (!training.config_file.empty()) json["config"] = text::path_text(training.config_file);
  if (!training.from.empty()) json["from"] = text::path_text(training.from);
  if (!request.sweep_key.empty()) {
    std::string values;
    for (const std::string& value : request.sweep_values) values += (values.empty() ? "=" : ",") + value;
    json["sweep"] = request.sweep_key + values;
  }
  json["trained for"] = budget_text(training.budget);
  json["seed"] = model.config.labels.seed;
  json["device"] = training.device->name();
  if (training.device == &cpu::device()) json["threads"] = cpu::context().threads().size();
  json["program"] = request.program;
  return json;
}

}  // namespace detail

/// The columns in which a model is not better than a trivial baseline, as "bleu 0.3, the source,
/// copied: 1.2". Columns that a baseline does not have do not count.
inline std::vector<std::string> not_better_than_baseline(const ComparedModel& model) {
  std::vector<std::string> columns;
  for (const tasks::Baseline& baseline : model.baselines)
    for (const tasks::Column& column : tasks::find_task(model.config.labels.task).columns()) {
      const auto trivial = train::number_of(baseline.figures, column.figure),
                 own = detail::measure(model, column.figure);
      if (!trivial || (own && (column.higher_is_better ? *own > *trivial : *own < *trivial))) continue;
      columns.push_back(concatenate(column.figure, ' ', detail::number(own), ", ", baseline.name, ": ",
                                    detail::number(trivial)));
    }
  return columns;
}

/// What a reader of any report has to know.
inline constexpr std::string_view introduction =
    "The same data, tokenizer, budget and seed for every model of a task. The last lines of a table of "
    "quality "
    "are trivial baselines: what can be had without learning. Behind a figure stands where it lies in 95 of "
    "100 cases if other examples are drawn from the same source.\n\n";

/// The comparison as JSON, with a member for each model.
inline nlohmann::ordered_json to_json(const ComparisonRequest& request,
                                      const std::vector<ComparedModel>& models) {
  nlohmann::ordered_json all;
  for (const ComparedModel& model : models) {
    nlohmann::ordered_json& json = all[model.name];
    json["architecture"] = model.architecture;
    json["parameters"] = model.parameters;
    json["steps"] = model.steps;
    const bool has_rate = std::isfinite(model.training_rate);
    json["training_tokens_per_second"] =
        files::or_null(has_rate ? std::optional(model.training_rate) : std::nullopt);
    json["quality"] = train::to_json(model.quality);
    for (const tasks::Baseline& baseline : model.baselines) {
      nlohmann::ordered_json one{{"name", baseline.name}};
      train::add_to(one, baseline.figures);
      json["baselines"].push_back(std::move(one));
    }
    json["beats_baseline"] = not_better_than_baseline(model).empty();
    for (const train::WrittenExample& example : model.examples)
      json["examples"].push_back(
          {{"input", example.input}, {"reference", example.reference}, {"text", example.text}});
    for (const GenerationCost& cost : model.costs)
      json["generation"].push_back({{"length", cost.length},
                                    {"tokens_per_second", cost.tokens_per_second},
                                    {"state_bytes", cost.state_bytes}});
    json["settings"] = detail::shared_settings(request, model);
  }
  return all;
}

/// Writes report.json, the plots and report.md to the comparison's folder. Returns the text of report.md.
/// `planned` is the number of models that were to be compared.
inline std::string write_report(
    const ComparisonRequest& request, const std::vector<ComparedModel>& models, std::size_t planned,
    const train::MessageCallback& tell = [](const std::string&) {}) {
  files::write_file_atomically(request.training.output / "report.json",
                               files::dump_json(to_json(request, models)));
  std::string text = concatenate("# Comparison\n\n", introduction, "Quality on the ", models[0].quality.split,
                                 " split.\n\n");
  if (models.size() < planned)
    text += concatenate("It was interrupted: ", models.size(), " of ", planned, " models are done.\n\n");
  const nlohmann::ordered_json settings = detail::shared_settings(request, models[0]);
  for (const auto& [name, value] : settings.items())
    text += concatenate("- ", name, ": ",
                        value.is_string() ? value.get<std::string>() : files::compact_text(value), '\n');
  text += concatenate(
      '\n', detail::quality_table(models),
      "\nGeneration: one sequence, one token at a time, greedy; the state is that of one sequence.\n\n",
      detail::cost_table(models));
  bool told = false;
  for (const auto& [name, chart] : detail::charts_of(request, models)) {
    const DrawnChart drawn = draw(chart, request.training.output / name);
    const std::string file = drawn.file.filename().string();
    text += drawn.is_picture() ? concatenate("\n![", file, "](", file, ")\n")
                               : concatenate("\nThe data of a picture is in ", file, ".\n");
    if (!std::exchange(told, told || !drawn.is_picture())) tell_if_not_drawn(drawn, tell);
  }
  if (const std::string examples = detail::examples_table(models); !examples.empty())
    text += "\nWhat the models write for the first inputs of the split:\n" + examples;
  files::write_file_atomically(request.training.output / "report.md", text);
  return text;
}

}  // namespace memsizer::report
