#pragma once
// How a task of pairs writes its texts, and what it measures of them.

#include "memsizer/data/pair_batches.hpp"
#include "memsizer/tasks/task.hpp"
#include "memsizer/tasks/text_metrics.hpp"

namespace memsizer::tasks {

/// What the tasks of pairs do differently. The texts that are measured are lines (on_one_line), and their
/// references too, so that `memsizer score` finds the same figures in the files of --hypotheses and
/// --references.
struct PairWriting {
  std::string examples;  // what the pairs are called: "sentences"
  Decoding decoding = {};
  LineBreaks line_breaks = LineBreaks::become_spaces;
  /// The metrics of the texts. `stem` is that of EvaluationRequest.
  std::function<std::vector<TextMetric>(bool stem)> metrics = {};
  bool can_stem = false;                                       // whether a metric may compare stems
  data::LongPairs long_pairs = data::LongPairs::are_left_out;  // in training
  /// The input text of a line of JSON, for inputs of several lines, and the members that give it; empty:
  /// inputs are plain lines.
  RecordText text_of_record = {};
  std::string record_members = {};
};

}  // namespace memsizer::tasks
