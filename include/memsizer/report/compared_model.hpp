#pragma once
// What a comparison compares: a request, and a model with its measurements.

#include <set>

#include "memsizer/report/measured_model.hpp"
#include "memsizer/report/number_text.hpp"
#include "memsizer/report/run_curves.hpp"
#include "memsizer/tasks/start.hpp"

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
  std::vector<tasks::Baseline> baselines = {};
  std::vector<train::WrittenExample> examples = {};
};

namespace detail {

/// A measure of a model's quality: its loss, or a figure of its task. Nothing if it is not known.
inline std::optional<double> measure(const ComparedModel& model, const std::string& name) {
  return name == "loss" ? model.quality.loss : train::number_of(model.quality.more, name);
}

/// The lengths at which a model was measured, rising.
inline std::vector<Index> measured_lengths(const std::vector<ComparedModel>& models) {
  std::set<Index> lengths;
  for (const ComparedModel& model : models)
    for (const GenerationCost& cost : model.costs) lengths.insert(cost.length);
  return {lengths.begin(), lengths.end()};
}

inline std::string number(const std::optional<double>& value) {
  return value ? short_number(*value, 4) : "-";
}

}  // namespace detail

}  // namespace memsizer::report
