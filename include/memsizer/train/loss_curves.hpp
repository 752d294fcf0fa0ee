#pragma once
// The loss of runs over their steps, read from metrics.jsonl, as a chart.

#include <filesystem>
#include <string>
#include <vector>

#include "memsizer/files/json.hpp"
#include "memsizer/files/line_reader.hpp"
#include "memsizer/train/plot.hpp"

namespace memsizer::train {

/// What the loss is drawn against.
enum class Progression { step, tokens, seconds };

/// The logged losses of a run.
struct LossCurves {
  struct Point {
    double step = 0, tokens = 0, seconds = 0, loss = 0;
  };

  std::string name;
  std::vector<Point> training, validation;
};

namespace detail {

/// A validation is logged with its step alone; tokens and seconds are those of the training lines around it.
inline void place_between(LossCurves::Point& point, const std::vector<LossCurves::Point>& training) {
  const auto after = std::ranges::lower_bound(training, point.step, {}, &LossCurves::Point::step);
  if (training.empty()) return;
  const LossCurves::Point& right = after == training.end() ? training.back() : *after;
  const LossCurves::Point& left = after == training.begin() ? right : *std::prev(after);
  const double part = right.step > left.step ? (point.step - left.step) / (right.step - left.step) : 0;
  point.tokens = left.tokens + part * (right.tokens - left.tokens);
  point.seconds = left.seconds + part * (right.seconds - left.seconds);
}

inline double place(const LossCurves::Point& point, Progression progression) {
  switch (progression) {
    case Progression::step:
      return point.step;
    case Progression::tokens:
      return point.tokens;
    case Progression::seconds:
      return point.seconds;
  }
  return point.step;
}

/// The points as a series; more than `most` are drawn as means of neighbours.
inline Series loss_series(const std::vector<LossCurves::Point>& points, Progression progression,
                          std::size_t most = 400) {
  Series series;
  const std::size_t group = std::max<std::size_t>(1, (points.size() + most - 1) / most);
  for (std::size_t first = 0; first < points.size(); first += group) {
    const std::size_t count = std::min(group, points.size() - first);
    double x = 0, y = 0;
    for (std::size_t i = first; i < first + count; ++i) {
      x += place(points[i], progression) / static_cast<double>(count);
      y += points[i].loss / static_cast<double>(count);
    }
    series.x.push_back(x);
    series.y.push_back(y);
  }
  return series;
}

}  // namespace detail

/// Reads a metrics.jsonl, of a running run too: a last line that is not complete yet is left out. InputError
/// with file and line on anything else that is no metrics.
inline LossCurves read_loss_curves(const std::filesystem::path& file, std::string name) {
  LossCurves curves{.name = std::move(name), .training = {}, .validation = {}};
  files::LineReader reader(file);
  for (std::string line; reader.next(line) && reader.has_newline();) {
    const files::Json json = files::parse_json(line, file.string(), {.first_line = reader.number()});
    const files::JsonView view(json, concatenate(file.string(), ":", reader.number()));
    LossCurves::Point point{.step = view.get<double>("step")};
    if (view.contains("validation_loss")) {
      point.loss = view.get<double>("validation_loss");
      curves.validation.push_back(point);
    } else {
      point.loss = view.get<double>("loss");
      point.tokens = view.get<double>("tokens");
      point.seconds = view.get<double>("seconds");
      curves.training.push_back(point);
    }
  }
  for (LossCurves::Point& point : curves.validation) detail::place_between(point, curves.training);
  return curves;
}

/// Training (thin) and validation (thick) losses of runs, a color each.
inline Chart loss_chart(const std::vector<LossCurves>& runs, Progression progression = Progression::step) {
  Chart chart{.title = runs.size() == 1 ? "Loss of " + runs[0].name
                                        : "Loss of " + std::to_string(runs.size()) + " runs",
              .x = {progression == Progression::step     ? "step"
                    : progression == Progression::tokens ? "tokens"
                                                         : "seconds"},
              .y = {"loss, nats a token (thin: training, thick: validation)"},
              .series = {}};
  int color = 0;
  for (const LossCurves& run : runs) {
    Series training = detail::loss_series(run.training, progression);
    Series validation = detail::loss_series(run.validation, progression);
    training.style = SeriesStyle::faint_line;
    validation.style = SeriesStyle::line_with_points;
    training.color = validation.color = color++;
    (run.validation.empty() ? training : validation).title = run.name;
    if (!run.training.empty()) chart.series.push_back(std::move(training));
    if (!run.validation.empty()) chart.series.push_back(std::move(validation));
  }
  return chart;
}

}  // namespace memsizer::train
