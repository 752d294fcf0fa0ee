// memsizer evaluate

#include <nlohmann/json.hpp>

#include "memsizer/files/output_checks.hpp"
#include "memsizer/report/number_text.hpp"
#include "memsizer/report/progress.hpp"
#include "memsizer/tasks/tasks.hpp"
#include "memsizer/train/interrupt.hpp"

#include "commands.hpp"
#include "decoding_options.hpp"
#include "devices.hpp"
#include "exit_code.hpp"
#include "output.hpp"

namespace memsizer::program {

namespace evaluate_command {

struct EvaluateOptions {
  std::filesystem::path run;
  tasks::EvaluationRequest request;
  std::optional<std::string> hypotheses, references;
  std::string checkpoint;
  Machine machine;
  bool json = false;
};

/// The file that an option names; empty if the option was not given. InputError if no text can be written to
/// it.
std::filesystem::path output_file(const char* option, const std::optional<std::string>& name, bool json) {
  if (!name) return {};
  const std::filesystem::path file = *name;
  require(!file.empty(), option, ": a file expected, got an empty name");
  require(data::uncompressed_name(file) == file.filename(), option,
          ": plain text is written, a name without ", ".gz or .zst expected, got ", file.string());
  require(!json || file != "-", "--json and ", option,
          " - both write to standard output; name a file for one of them");
  files::require_can_write(file);
  return file;
}

/// The figures as lines: "bleu: 38.5", and of those that have an interval "bleu: 38.5, interval 37.1
/// to 39.9".
std::vector<std::string> lines_of(const nlohmann::ordered_json& figures) {
  std::vector<std::string> lines;
  const nlohmann::ordered_json intervals = figures.value("intervals", nlohmann::ordered_json::object());
  for (const auto& [name, value] : figures.items()) {
    if (name == "intervals") continue;
    lines.push_back(
        concatenate(name, ": ", value.is_string() ? value.get<std::string>() : files::compact_text(value)));
    if (const auto interval = intervals.find(name); interval != intervals.end())
      lines.back() += concatenate(", interval ", report::short_number((*interval)[0].get<double>(), 4),
                                  " to ", report::short_number((*interval)[1].get<double>(), 4));
  }
  return lines;
}

void evaluate(const EvaluateOptions& options) {
  require(options.request.stride >= 0, "--stride: 0 or more expected, got ", options.request.stride);
  require(options.request.limit >= 0, "--limit: 0 or more expected, got ", options.request.limit);
  data::parse_split(options.request.split);
  tasks::require_valid(options.request.decoding);
  tasks::EvaluationRequest request = options.request;
  request.hypotheses = output_file("--hypotheses", options.hypotheses, options.json);
  request.references = output_file("--references", options.references, options.json);
  request.other_outputs = {"-"};
  Device& device = options.machine.use();
  const train::RunDirectory run = train::RunDirectory::open(options.run);
  const auto model = tasks::load_model(run, device, options.checkpoint);
  report::Progress progress({.label = "evaluating", .unit = model->examples_title()});
  const train::Interrupt interrupt("\nstopping; Ctrl-C again ends at once\n");
  const train::EvaluationReport report = tasks::evaluate(
      *model, run, request, [&](const std::string& text) { progress.note(text); },
      [&](Index done, Index of) {
        progress.update(done, static_cast<double>(done) / static_cast<double>(of),
                        done < of ? concatenate("of ", of) : "");
        return !train::Interrupt::requested();
      });
  if (train::Interrupt::requested()) {
    progress.note("interrupted; the split was not scored to its end");
    if (options.json) print_json({{"interrupted", true}});
    throw Exit{exit_interrupted};
  }
  progress.finish();
  const nlohmann::ordered_json figures = train::to_json(report);
  if (options.json) return print_json(figures);
  // With --hypotheses - or --references - standard output has the texts alone.
  const bool has_texts = request.hypotheses == "-" || request.references == "-";
  for (const std::string& line : lines_of(figures))
    if (has_texts)
      message(line);
    else
      print(line + '\n');
}

}  // namespace evaluate_command

void add_evaluate_command(const Command& program) {
  using namespace evaluate_command;
  const Command command = program.command("evaluate", "Score a run on a split of some data",
                                          "build/release/memsizer evaluate build/runs/memsizer --data "
                                          "samples/data/wikitext-tiny --split test --json");
  const auto options = std::make_shared<EvaluateOptions>();
  command.option("run", "RUN", options->run, "the run's folder", Need::required);
  command.option("--data", "PATH", options->request.data, "folder or file of the data", Need::required);
  command.option("--split", "NAME", options->request.split, "train, validation or test");
  command.option("--stride", "S", options->request.stride,
                 "tokens that each window scores; 0: all of its tokens, without context");
  command.option("--limit", "N", options->request.limit,
                 "score the first N windows (of a text) or examples only; 0: all");
  command.option("--hypotheses", "FILE", options->hypotheses,
                 "write the texts that were scored to this file, a line an example; line breaks become " +
                     line_breaks_by_task());
  command.option("--references", "FILE", options->references,
                 "write the references of these texts to this file, as the data has them");
  command.flag("--stem", options->request.stem, "ROUGE compares the stems of words");
  add_decoding_options(command, options->request.decoding);
  command.option("--checkpoint", "step-N", options->checkpoint,
                 "the checkpoint to use; the default is the run's best");
  options->machine.add_options(command);
  command.flag("--json", options->json, "print the figures as one JSON object");
  command.action([options] { evaluate(*options); });
}

}  // namespace memsizer::program
