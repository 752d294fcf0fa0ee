#pragma once
// The pictures of a comparison.

#include "memsizer/report/compared_model.hpp"

namespace memsizer::report {

namespace detail {

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

}  // namespace detail

}  // namespace memsizer::report
