#pragma once
// The figures that a run reports, as structs: a step, a validation, an evaluation. They become JSON only when
// they are written: to metrics.jsonl, to report.json and by --json.

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "memsizer/files/json.hpp"

namespace memsizer::train {

/// A named figure: a count, a number or a text. It holds nothing if it is not known.
struct Figure {
  using Value = std::variant<std::monostate, Index, double, std::string>;
  std::string name;
  Value value = {};
};
using Figures = std::vector<Figure>;

/// The value of a figure that may be unknown.
template <class Number>
Figure::Value figure_value(const std::optional<Number>& number) {
  return number ? Figure::Value(*number) : Figure::Value();
}

/// The number with this name. Nothing if there is none, or if it is not known.
inline std::optional<double> number_of(const Figures& figures, const std::string& name) {
  for (const Figure& figure : figures) {
    if (figure.name != name) continue;
    if (const auto* number = std::get_if<double>(&figure.value)) return *number;
    if (const auto* count = std::get_if<Index>(&figure.value)) return static_cast<double>(*count);
  }
  return std::nullopt;
}

/// One step of training, in the form of a line of metrics.jsonl.
struct StepReport {
  Index step = 0, tokens = 0;  // done so far, including this step
  double seconds = 0;          // training time so far
  double loss = 0;             // of this step, in nats per token, without label smoothing
  double learning_rate = 0, gradient_norm = 0;
  std::optional<double> tokens_per_second = {};  // since the last line; none at the first step
};

/// A validation: its loss in nats per token, and the task's further figures.
struct ValidationReport {
  double loss = 0;
  Figures more = {};
  std::string headline = {};  // the main figure in words, such as "bleu 31.4"; empty: the loss
};

/// Where a figure lies if other examples are drawn from the same source, in 95 of 100 cases.
struct Interval {
  std::string figure;
  double low = 0, high = 0;
};

/// The scores of one split, such as "test".
struct EvaluationReport {
  std::string split = {};
  Index examples = 0, tokens = 0;
  double loss = 0;                       // in nats per token
  Figures more = {};                     // further figures of the task
  std::string reason = {};               // why some of `more` are not known; empty if all are known
  std::vector<Interval> intervals = {};  // of some figures
};

/// A text that a model has written, beside its input and what the data has in its place.
struct WrittenExample {
  std::string input, reference, text;
};

/// Adds the figures as members of a JSON object.
inline void add_to(nlohmann::ordered_json& json, const Figures& figures) {
  for (const Figure& figure : figures)
    std::visit(
        [&](const auto& value) {
          if constexpr (std::is_same_v<std::remove_cvref_t<decltype(value)>, std::monostate>)
            json[figure.name] = nullptr;
          else
            json[figure.name] = value;
        },
        figure.value);
}

inline nlohmann::ordered_json to_json(const StepReport& report) {
  nlohmann::ordered_json json;
  json["step"] = report.step;
  json["tokens"] = report.tokens;
  json["seconds"] = report.seconds;
  json["loss"] = report.loss;
  json["learning_rate"] = report.learning_rate;
  json["gradient_norm"] = report.gradient_norm;
  json["tokens_per_second"] = files::or_null(report.tokens_per_second);
  return json;
}

inline nlohmann::ordered_json to_json(const ValidationReport& report, Index step) {
  nlohmann::ordered_json json;
  json["step"] = step;
  json["validation_loss"] = report.loss;
  add_to(json, report.more);
  return json;
}

inline nlohmann::ordered_json to_json(const EvaluationReport& report) {
  nlohmann::ordered_json json;
  json["split"] = report.split;
  json["examples"] = report.examples;
  json["tokens"] = report.tokens;
  json["loss"] = report.loss;
  add_to(json, report.more);
  for (const Interval& interval : report.intervals)
    json["intervals"][interval.figure] = {interval.low, interval.high};
  if (!report.reason.empty()) json["reason"] = report.reason;
  return json;
}

}  // namespace memsizer::train
