#pragma once
// Writes the results of a comparison: report.md, report.json and plots.

#include "memsizer/cpu/context.hpp"
#include "memsizer/report/measured_model.hpp"
#include "memsizer/report/run_curves.hpp"
#include "memsizer/tasks/start.hpp"
#include "memsizer/text/utf8_stream.hpp"

namespace memsizer::report {

struct ComparisonRequest {
  tasks::Request training = {};  // `output` is the comparison's folder
  std::vector<std::string> architectures = {"transformer", "memsizer"};
  std::string sweep_key = {};  // from --sweep key=a,b,c; empty: no sweep
  std::vector<std::string> sweep_values = {};
  std::string program = "memsizer";  // name and version of the program, for the report
};

/// One trained model and its measurements.
struct ComparedModel {
  std::string name, architecture, sweep_value;
  Index parameters = 0, steps = 0;
  Index positions = 0;       // the most tokens of a sequence; 0: no limit
  double training_rate = 0;  // tokens per second, median over logged intervals
  train::EvaluationReport quality = {};
  std::vector<GenerationCost> costs = {};
  RunCurves curves = {};
  train::Config config = {};
  tasks::Baseline baseline = {};
};

namespace detail {

/// A measure of a model's quality: its loss, or a figure of its task. Nothing if it is not known.
inline std::optional<double> measure(const ComparedModel& model, const std::string& name) {
  return name == "loss" ? model.quality.loss : train::number_of(model.quality.more, name);
}

inline std::string number(const std::optional<double>& value) {
  return value ? short_number(*value, 4) : "-";
}

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

/// A color for each model. The first model of an architecture has the architecture's color; further ones have
/// the next free colors.
inline std::vector<int> model_colors(const std::vector<ComparedModel>& models) {
  std::set<std::string> seen;
  std::vector<int> colors;
  int next = static_cast<int>(tasks::architectures().size());
  for (const ComparedModel& model : models)
    colors.push_back(seen.insert(model.architecture).second ? tasks::architecture_number(model.architecture)
                                                            : next++);
  return colors;
}

/// Plots a figure of every model against the number of tokens before.
inline Chart cost_chart(const std::vector<ComparedModel>& models, const std::string& title, const Axis& axis,
                        const std::function<double(const GenerationCost&)>& figure) {
  Chart chart{.title = title, .x = {"tokens before", Scale::log2}, .y = axis, .series = {}};
  const std::vector<int> colors = model_colors(models);
  for (std::size_t i = 0; i < models.size(); ++i) {
    Series series{models[i].name, {}, {}, SeriesStyle::line_with_points, colors[i]};
    for (const GenerationCost& cost : models[i].costs) {
      series.x.push_back(static_cast<double>(cost.length));
      series.y.push_back(figure(cost));
    }
    if (!series.x.empty()) chart.series.push_back(series);
  }
  return chart;
}

/// The value of the swept key in this model, as a number. Nothing if the model was not swept, or if the value
/// is not a number above 0.
inline std::optional<double> swept_number(const ComparedModel& model) {
  double value = 0;
  const std::string& text = model.sweep_value;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), value).ptr;
  if (text.empty() || end != text.data() + text.size() || !(value > 0)) return std::nullopt;
  return value;
}

/// Plots a figure against the swept key, with a series for each architecture. An architecture that the key
/// does not change is a level line, for reference.
inline Chart sweep_chart(const ComparisonRequest& request, const std::vector<ComparedModel>& models,
                         const std::string& what, const Axis& axis,
                         const std::function<double(const ComparedModel&)>& figure) {
  Chart chart{.title = what + " against " + request.sweep_key,
              .x = {request.sweep_key, Scale::log2},
              .y = axis,
              .series = {}};
  double least = std::numeric_limits<double>::infinity(), most = 0;
  for (const ComparedModel& model : models)
    if (const auto value = swept_number(model))
      least = std::min(least, *value), most = std::max(most, *value);
  if (least > most) return chart;  // a key with values such as names gets a table, but no plot
  for (const std::string& architecture : request.architectures) {
    Series series{
        architecture, {}, {}, SeriesStyle::line_with_points, tasks::architecture_number(architecture)};
    for (const ComparedModel& model : models) {
      if (model.architecture != architecture) continue;
      if (const auto value = swept_number(model)) {
        series.x.push_back(*value);
        series.y.push_back(figure(model));
      } else if (model.sweep_value.empty()) {
        series = {
            architecture, {least, most}, {figure(model), figure(model)}, SeriesStyle::line, series.color};
      }
    }
    if (!series.x.empty()) chart.series.push_back(series);
  }
  return chart;
}

using NamedCharts = std::vector<std::pair<std::string, Chart>>;

inline constexpr auto milliseconds = [](const GenerationCost& cost) { return 1000 / cost.tokens_per_second; };
inline constexpr auto state_size = [](const GenerationCost& cost) {
  return static_cast<double>(cost.state_bytes);
};

/// The lengths at which a model was measured, rising.
inline std::vector<Index> measured_lengths(const std::vector<ComparedModel>& models) {
  std::set<Index> lengths;
  for (const ComparedModel& model : models)
    for (const GenerationCost& cost : model.costs) lengths.insert(cost.length);
  return {lengths.begin(), lengths.end()};
}

/// Plots of quality, and of state and time at the greatest length at which all models were measured.
inline NamedCharts sweep_charts(const ComparisonRequest& request, const std::vector<ComparedModel>& models) {
  NamedCharts charts = {
      {"sweep_quality.svg", sweep_chart(request, models, "Quality", {"nats a token"},
                                        [](const ComparedModel& model) { return model.quality.loss; })}};
  for (const tasks::Column& column : tasks::find_task(models[0].config.labels.task).columns()) {
    const auto is_known = [&](const ComparedModel& model) {
      return measure(model, column.figure).has_value();
    };
    if (column.higher_is_better && std::ranges::all_of(models, is_known))
      charts.emplace_back(
          "sweep_" + column.figure + ".svg",
          sweep_chart(request, models, column.heading, {column.heading},
                      [&](const ComparedModel& model) { return *measure(model, column.figure); }));
  }
  std::size_t measured = measured_lengths(models).size();
  for (const ComparedModel& model : models) measured = std::min(measured, model.costs.size());
  if (measured == 0) return charts;
  const std::string place =
      concatenate(" after ", with_thousands(models[0].costs[measured - 1].length), " tokens");
  const auto at_length = [measured](auto figure) {
    return [=](const ComparedModel& model) { return figure(model.costs[measured - 1]); };
  };
  charts.emplace_back("sweep_state.svg",
                      sweep_chart(request, models, "State" + place, {"size", Scale::log2, TickText::bytes},
                                  at_length(state_size)));
  charts.emplace_back("sweep_time.svg", sweep_chart(request, models, "Time to generate a token" + place,
                                                    {"milliseconds"}, at_length(milliseconds)));
  return charts;
}

inline NamedCharts charts_of(const ComparisonRequest& request, const std::vector<ComparedModel>& models) {
  std::vector<std::pair<std::string, RunCurves>> curves;
  for (const ComparedModel& model : models) curves.emplace_back(model.name, model.curves);
  NamedCharts charts = {{"loss.svg", loss_chart(curves, Progression::step, model_colors(models))},
                        {"generation_time.svg", cost_chart(models, "Time to generate a token",
                                                           {"milliseconds", Scale::log10}, milliseconds)},
                        {"state_bytes.svg", cost_chart(models, "State of one sequence",
                                                       {"size", Scale::log2, TickText::bytes}, state_size)}};
  for (const tasks::Column& column : tasks::find_task(models[0].config.labels.task).columns())
    if (column.higher_is_better && std::ranges::any_of(curves, [&](const auto& run) {
          return run.second.validation_figures.contains(column.figure);
        }))
      charts.emplace_back(column.figure + ".svg",
                          figure_chart(curves, column.figure, Progression::minutes, model_colors(models)));
  if (!request.sweep_key.empty())
    for (auto& chart : sweep_charts(request, models)) charts.push_back(std::move(chart));
  std::erase_if(charts, [](const auto& chart) { return chart.second.series.empty(); });
  return charts;
}

/// A figure of the baseline. Nothing if it is not known.
inline std::optional<double> baseline_figure(const ComparedModel& model, const std::string& name) {
  return train::number_of(model.baseline.figures, name);
}

/// Why some figures of a model are "-" in the table. Empty if all are known.
inline std::string reasons_of(const ComparedModel& model, const std::vector<tasks::Column>& columns) {
  const bool complete = std::ranges::all_of(
      columns, [&](const tasks::Column& column) { return measure(model, column.figure).has_value(); });
  std::string reasons;
  if (!complete && !model.quality.reason.empty())
    reasons += concatenate("\n\"-\" of ", model.name, ": ", model.quality.reason, ".\n");
  for (const std::string& figure : tasks::missing_figures(columns, model.quality))
    reasons +=
        concatenate("\n\"-\" of ", model.name, ": the task's evaluation has no figure ", figure, ".\n");
  if (!std::isfinite(model.training_rate))
    reasons += concatenate("\n\"-\" training tokens/s of ", model.name,
                           ": the first step is no measure, and no later one was logged.\n");
  return reasons;
}

inline std::string quality_table(const std::vector<ComparedModel>& models) {
  const std::vector<tasks::Column> columns = tasks::find_task(models[0].config.labels.task).columns();
  std::string text = "| model | parameters | steps | loss |", rule = "|---|---:|---:|---:|", rows, reasons;
  for (const tasks::Column& column : columns) text += ' ' + column.heading + " |", rule += "---:|";
  for (const ComparedModel& model : models) {
    rows += concatenate("| ", model.name, " | ", with_thousands(model.parameters), " | ",
                        with_thousands(model.steps), " | ", number(model.quality.loss), " |");
    for (const tasks::Column& column : columns)
      rows += concatenate(' ', number(measure(model, column.figure)), " |");
    rows += concatenate(' ', short_number(model.training_rate), " |\n");
    reasons += reasons_of(model, columns);
  }
  rows += concatenate("| ", models[0].baseline.name, " | - | - | ",
                      number(baseline_figure(models[0], "loss")), " |");
  for (const tasks::Column& column : columns)
    rows += concatenate(' ', number(baseline_figure(models[0], column.figure)), " |");
  std::string notes;  // how the texts were written and measured
  for (const train::Figure& figure : models[0].quality.more)
    if (const auto* note = std::get_if<std::string>(&figure.value))
      notes += concatenate('\n', figure.name, ": ", *note, '\n');
  return text + " training tokens/s |\n" + rule + "---:|\n" + rows + " - |\n" + reasons + notes;
}

inline std::string cost_table(const std::vector<ComparedModel>& models) {
  const std::vector<Index> lengths = measured_lengths(models);
  std::string head = "| tokens before |", rule = "|---:|", text, reasons;
  for (const ComparedModel& model : models) {
    head += concatenate(' ', model.name, " tokens/s | ", model.name, " state |");
    rule += "---:|---:|";
    if (model.positions > 0 && model.costs.size() < decode::cost_lengths().size())
      reasons +=
          concatenate('\n', model.name, " was not measured at greater lengths: its learned positions end at ",
                      with_thousands(model.positions), " tokens.\n");
  }
  if (lengths.empty()) return reasons;
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    text += concatenate("| ", with_thousands(lengths[i]), " |");
    for (const ComparedModel& model : models)
      text += i < model.costs.size() ? concatenate(' ', short_number(model.costs[i].tokens_per_second), " | ",
                                                   bytes_text(model.costs[i].state_bytes), " |")
                                     : " - | - |";
    text += '\n';
  }
  return head + '\n' + rule + '\n' + text + reasons;
}

}  // namespace detail

/// The columns in which a model is not better than the trivial baseline, as "bleu 0.3, baseline 1.2". Columns
/// that the baseline does not have do not count.
inline std::vector<std::string> not_better_than_baseline(const ComparedModel& model) {
  std::vector<std::string> columns;
  for (const tasks::Column& column : tasks::find_task(model.config.labels.task).columns()) {
    const auto trivial = detail::baseline_figure(model, column.figure),
               own = detail::measure(model, column.figure);
    if (!trivial || (own && (column.higher_is_better ? *own > *trivial : *own < *trivial))) continue;
    columns.push_back(
        concatenate(column.figure, ' ', detail::number(own), ", baseline ", detail::number(trivial)));
  }
  return columns;
}

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
    json["baseline"]["name"] = model.baseline.name;
    train::add_to(json["baseline"], model.baseline.figures);
    json["beats_baseline"] = not_better_than_baseline(model).empty();
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
  std::string text = concatenate(
      "# Comparison\n\nThe same data, tokenizer, budget and seed for every model. Quality on the ",
      models[0].quality.split, " split. The last line of its table is the trivial baseline.\n\n");
  if (models.size() < planned)
    text += concatenate("It was interrupted: ", models.size(), " of ", planned, " models are done.\n\n");
  const nlohmann::ordered_json settings = detail::shared_settings(request, models[0]);
  for (const auto& [name, value] : settings.items())
    text += concatenate("- ", name, ": ", value.is_string() ? value.get<std::string>() : value.dump(), '\n');
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
  files::write_file_atomically(request.training.output / "report.md", text);
  return text;
}

}  // namespace memsizer::report
