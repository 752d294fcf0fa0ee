#pragma once
// The curves of runs: what metrics.jsonl says, as charts.

#include <fstream>

#include "memsizer/train/plot.hpp"
#include "memsizer/train/run_directory.hpp"

namespace memsizer::train {

/// The figures of metrics.jsonl that are drawn and compared.
struct RunCurves {
  std::vector<double> steps, losses;  // of logged steps
  std::vector<double> validation_steps, validation_losses;
  std::vector<double> rates;  // tokens a second of logged steps, where known
};

/// Reads them. A last line that a running or killed process has not finished is left out; InputError with the
/// place on any other line that is no object of a step.
inline RunCurves read_curves(const RunDirectory& run) {
  RunCurves curves;
  const std::string file = run.metrics_file().string();
  std::ifstream stream(file);
  require(stream.good(), file, ": cannot be read");
  Index number = 0;
  for (std::string line; std::getline(stream, line) && !stream.eof();) {
    const files::Json json = files::parse_json(line, file, {.first_line = ++number});
    const files::JsonView view(json, file);
    const double step = view.get<double>("step");
    if (view.contains("validation_loss")) {
      curves.validation_steps.push_back(step);
      curves.validation_losses.push_back(view.get<double>("validation_loss"));
    } else {
      curves.steps.push_back(step);
      curves.losses.push_back(view.get<double>("loss"));
      if (!view.at("tokens_per_second").is_null())
        curves.rates.push_back(view.get<double>("tokens_per_second"));
    }
  }
  return curves;
}

/// The middle one; NaN of none.
inline double median(std::vector<double> values) {
  if (values.empty()) return std::numeric_limits<double>::quiet_NaN();
  std::ranges::nth_element(values, values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2));
  return values[values.size() / 2];
}

/// Training and validation losses of several runs over their steps, each run in one color under its title.
inline Chart loss_chart(const std::vector<std::pair<std::string, RunCurves>>& runs) {
  Chart chart{.title = "Loss", .x = {.title = "step"}, .y = {.title = "nats a token"}, .series = {}};
  int color = 0;
  for (const auto& [title, curves] : runs) {
    chart.series.push_back({title, curves.steps, curves.losses, SeriesStyle::faint_line, color});
    if (!curves.validation_steps.empty())
      chart.series.push_back({title + ", validation", curves.validation_steps, curves.validation_losses,
                              SeriesStyle::line_with_points, color});
    ++color;
  }
  return chart;
}

}  // namespace memsizer::train
