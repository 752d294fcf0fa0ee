#pragma once
// What a run tells of itself, as structs: a step, a validation, an evaluation. They become JSON at the edges
// alone: in metrics.jsonl, in report.json and behind --json.

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "memsizer/files/json.hpp"

namespace memsizer::train {

/// A named figure: a count, a number, a text, or nothing where it is not known.
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

/// The number of that name; nothing where there is none or it is not known.
inline std::optional<double> number_of(const Figures& figures, const std::string& name) {
  for (const Figure& figure : figures) {
    if (figure.name != name) continue;
    if (const auto* number = std::get_if<double>(&figure.value)) return *number;
    if (const auto* count = std::get_if<Index>(&figure.value)) return static_cast<double>(*count);
  }
  return std::nullopt;
}

/// A step of training, as a line of metrics.jsonl tells it.
struct StepReport {
  Index step = 0, tokens = 0;  // done so far, this step included
  double seconds = 0;          // that the run has taken so far
  double loss = 0;             // of this step, in nats a token, without label smoothing
  double learning_rate = 0, gradient_norm = 0;
  std::optional<double> tokens_per_second = {};  // since the line before; nothing at the first step
};

/// A validation: its loss in nats a token, and what else the task measures.
struct ValidationReport {
  double loss = 0;
  Figures more = {};
};

/// A split that was scored.
struct EvaluationReport {
  std::string split = {};
  Index examples = 0, tokens = 0;
  double loss = 0;          // nats a token
  Figures more = {};        // what the task measures beside
  std::string reason = {};  // why figures of `more` are not known; empty where all are
};

/// The figures as members of a JSON object.
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
  if (!report.reason.empty()) json["reason"] = report.reason;
  return json;
}

}  // namespace memsizer::train
