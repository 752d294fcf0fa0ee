#pragma once
// Charts of the figures in metrics.jsonl.

#include <array>
#include <cmath>
#include <functional>
#include <set>

#include "memsizer/report/plot.hpp"
#include "memsizer/train/metrics_log.hpp"
#include "memsizer/train/run_directory.hpp"
#include "memsizer/train/training_task.hpp"

namespace memsizer::report {

using train::RunCurves;

inline RunCurves read_curves(const train::RunDirectory& run) {
  return train::read_curves(run.metrics_file());
}

/// The quantity on the horizontal axis of losses and other figures of a run.
enum class Progression { step, tokens, seconds, minutes };

inline constexpr std::array progression_names{"step", "tokens", "seconds", "minutes"};

namespace detail {

/// Averages groups of neighbours, so that at most `most` values remain.
inline std::vector<double> thinned(const std::vector<double>& values, std::size_t most = 400) {
  const std::size_t group = std::max<std::size_t>(1, (values.size() + most - 1) / most);
  std::vector<double> means;
  for (std::size_t first = 0; first < values.size(); first += group) {
    const std::size_t count = std::min(group, values.size() - first);
    double sum = 0;
    for (std::size_t i = first; i < first + count; ++i) sum += values[i];
    means.push_back(sum / static_cast<double>(count));
  }
  return means;
}

/// The places of the logged steps on the horizontal axis.
inline std::vector<double> places(const RunCurves& curves, Progression progression) {
  if (progression == Progression::step) return curves.steps;
  if (progression == Progression::tokens) return curves.tokens;
  std::vector<double> times = curves.seconds;
  if (progression == Progression::minutes)
    for (double& time : times) time /= 60;
  return times;
}

/// The place of any step on the horizontal axis, where `all` are the places of the logged steps. A validation
/// is logged with its step only, so we interpolate between the logged steps around it.
inline double place_of(double step, const RunCurves& curves, Progression progression,
                       const std::vector<double>& all) {
  if (progression == Progression::step || curves.steps.empty()) return step;
  const auto after =
      static_cast<std::size_t>(std::ranges::lower_bound(curves.steps, step) - curves.steps.begin());
  if (after == curves.steps.size()) return all.back();
  if (after == 0) return all.front();
  const double part = (step - curves.steps[after - 1]) / (curves.steps[after] - curves.steps[after - 1]);
  return all[after - 1] + part * (all[after] - all[after - 1]);
}

}  // namespace detail

/// If a picture could not be drawn, tells the user where its data is.
inline void tell_if_not_drawn(const DrawnChart& drawn, const train::MessageCallback& tell) {
  if (!drawn.is_picture()) tell(concatenate(drawn.why_no_picture, "; the data is in ", drawn.file.string()));
}

/// Training (thin) and validation (thick) losses of several runs. Each run has one color, from `colors` or
/// else the next one, and its title.
inline Chart loss_chart(const std::vector<std::pair<std::string, RunCurves>>& runs,
                        Progression progression = Progression::step, const std::vector<int>& colors = {}) {
  Chart chart{.title = "Loss",
              .x = {.title = progression_names[static_cast<std::size_t>(progression)]},
              .y = {.title = "nats a token (thin: training, thick: validation)"},
              .series = {}};
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const auto& [title, curves] = runs[i];
    const int color = colors.empty() ? static_cast<int>(i) : colors[i];
    const bool validated = !curves.validation_steps.empty();
    const std::vector<double> places = detail::places(curves, progression);
    chart.series.push_back({validated ? "" : title, detail::thinned(places), detail::thinned(curves.losses),
                            SeriesStyle::faint_line, color});
    std::vector<double> x;
    for (const double step : curves.validation_steps)
      x.push_back(detail::place_of(step, curves, progression, places));
    if (validated)
      chart.series.push_back({title, x, curves.validation_losses, SeriesStyle::line_with_points, color});
  }
  return chart;
}

/// A figure of the validations of several runs, such as "bleu". Runs without it have no line. InputError if
/// no run has it; then it lists the figures that there are.
inline Chart figure_chart(const std::vector<std::pair<std::string, RunCurves>>& runs,
                          const std::string& figure, Progression progression = Progression::step,
                          const std::vector<int>& colors = {}) {
  Chart chart{.title = figure + " at the validations",
              .x = {.title = progression_names[static_cast<std::size_t>(progression)]},
              .y = {.title = figure},
              .series = {}};
  std::set<std::string> present;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const auto& [title, curves] = runs[i];
    for (const auto& [name, values] : curves.validation_figures) present.insert(name);
    const auto found = curves.validation_figures.find(figure);
    if (found == curves.validation_figures.end()) continue;
    Series series{
        title, {}, {}, SeriesStyle::line_with_points, colors.empty() ? static_cast<int>(i) : colors[i]};
    const std::vector<double> places = detail::places(curves, progression);
    for (std::size_t k = 0; k < found->second.size(); ++k) {
      if (std::isnan(found->second[k])) continue;
      series.x.push_back(detail::place_of(curves.validation_steps[k], curves, progression, places));
      series.y.push_back(found->second[k]);
    }
    chart.series.push_back(std::move(series));
  }
  require(!chart.series.empty(), "no validation of these runs has the figure ", figure, "; they have ",
          present.empty() ? "none" : join(present));
  return chart;
}

}  // namespace memsizer::report
