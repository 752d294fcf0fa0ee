#pragma once
// The tables of a comparison's report, in Markdown.

#include "memsizer/report/compared_model.hpp"
#include "memsizer/text/utf8.hpp"

namespace memsizer::report {

namespace detail {

/// The interval of a figure as " (30.1 to 33.4)". Empty if it is not known.
inline std::string interval_text(const ComparedModel& model, const std::string& figure) {
  for (const train::Interval& interval : model.quality.intervals)
    if (interval.figure == figure)
      return concatenate(" (", short_number(interval.low, 4), " to ", short_number(interval.high, 4), ')');
  return {};
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
      rows +=
          concatenate(' ', number(measure(model, column.figure)), interval_text(model, column.figure), " |");
    rows += concatenate(' ', short_number(model.training_rate), " |\n");
    reasons += reasons_of(model, columns);
  }
  for (const tasks::Baseline& baseline : models[0].baselines) {
    rows += concatenate("| ", baseline.name, " | - | - | ",
                        number(train::number_of(baseline.figures, "loss")), " |");
    for (const tasks::Column& column : columns)
      rows += concatenate(' ', number(train::number_of(baseline.figures, column.figure)), " |");
    rows += " - |\n";
  }
  std::string notes;  // how the texts were written and measured
  for (const train::Figure& figure : models[0].quality.more)
    if (const auto* note = std::get_if<std::string>(&figure.value))
      notes += concatenate('\n', figure.name, ": ", *note, '\n');
  return text + " training tokens/s |\n" + rule + "---:|\n" + rows + reasons + notes;
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

/// The figure of a task for a table over several tasks.
inline tasks::Column main_column(const ComparedModel& model) {
  const std::vector<tasks::Column> columns = tasks::find_task(model.config.labels.task).columns();
  const auto main = std::ranges::find(columns, true, &tasks::Column::is_main);
  return main == columns.end() ? columns[0] : *main;
}

/// The best value of a figure among the baselines. Nothing if none has it.
inline std::optional<double> best_baseline(const ComparedModel& model, const tasks::Column& column) {
  std::optional<double> best;
  for (const tasks::Baseline& baseline : model.baselines) {
    const std::optional<double> value = train::number_of(baseline.figures, column.figure);
    if (value && (!best || (column.higher_is_better ? *value > *best : *value < *best))) best = value;
  }
  return best;
}

/// A line of the table over several tasks: "| translation | BLEU | 68.7 (64.8 to 72.4) | .. | 0.08 |".
inline std::string main_row(const std::string& name, const std::vector<ComparedModel>& models) {
  const tasks::Column column = main_column(models[0]);
  std::string row = concatenate("| ", name, " | ", column.heading,
                                column.higher_is_better ? "" : " (lower is better)", " |");
  for (const ComparedModel& model : models)
    row += concatenate(' ', number(measure(model, column.figure)), interval_text(model, column.figure), " |");
  return row + concatenate(' ', number(best_baseline(models[0], column)), " |\n");
}

/// A text in a cell of a table: on one line, without white space at its ends, and cut to about `bytes` bytes
/// at a space.
inline std::string cell_text(std::string text, std::size_t bytes) {
  text.erase(text.find_last_not_of(" \n") + 1);
  text.erase(0, text.find_first_not_of(" \n"));
  if (text.size() > bytes) {
    const std::size_t space = text.rfind(' ', bytes);
    text.resize(bytes);
    text.resize(space == text.npos ? bytes - text::unfinished_bytes(text) : space);
    text += " ...";
  }
  std::string cell;
  for (const char c : text)
    if (c == '\n')
      cell += "<br>";
    else if (std::string_view("|<*_`\\").find(c) != std::string_view::npos)
      (cell += '\\') += c;
    else
      cell += c;
  return cell;
}

/// The first inputs of the split, what the data has for them, and what each model writes.
inline std::string examples_table(const std::vector<ComparedModel>& models) {
  std::string table;
  for (std::size_t i = 0; i < models[0].examples.size(); ++i) {
    const train::WrittenExample& example = models[0].examples[i];
    table += concatenate("\n| | example ", i + 1, " |\n|---|---|\n| input | ", cell_text(example.input, 400),
                         " |\n| in the data | ", cell_text(example.reference, 400), " |\n");
    for (const ComparedModel& model : models)
      if (i < model.examples.size())
        table += concatenate("| ", model.name, " | ", cell_text(model.examples[i].text, 400), " |\n");
  }
  return table;
}

}  // namespace detail

}  // namespace memsizer::report
