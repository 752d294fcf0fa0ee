// memsizer compare

#include <nlohmann/json.hpp>

#include "memsizer/base/lists.hpp"
#include "memsizer/files/output_checks.hpp"
#include "memsizer/report/task_comparisons.hpp"

#include "exit_code.hpp"
#include "output.hpp"
#include "train_options.hpp"

namespace memsizer::program {

namespace compare_command {

struct CompareOptions {
  TrainOptions training;
  std::vector<std::string> tasks, data;
  std::string architectures = "transformer,memsizer", sweep;
  bool beat_baseline = false;
};

/// The tasks with their data. InputError unless each --task has its --data.
std::vector<report::TaskOnData> parts_of(const CompareOptions& options) {
  require(!options.data.empty(), "--data is needed: the folder or file of the data");
  std::vector<std::string> names = options.tasks;
  if (names.empty() && options.data.size() == 1) names.push_back("");
  require(names.size() == options.data.size(), "--task and --data come in pairs, got ", names.size(),
          " of --task and ", options.data.size(), " of --data");
  std::vector<report::TaskOnData> parts;
  for (std::size_t i = 0; i < names.size(); ++i) parts.push_back({names[i], options.data[i]});
  return parts;
}

report::ComparisonRequest request_of(const CompareOptions& options) {
  report::ComparisonRequest request;
  request.program = "memsizer " + program_version();
  request.training = request_on_device(options.training);
  for (const std::string& data : options.data)
    for (const std::filesystem::path& output : {request.training.output, std::filesystem::path("-")})
      files::require_not_an_input(output, {data});
  request.architectures = split_list(options.architectures, "--architectures");
  if (options.sweep.empty()) return request;
  const auto equals = options.sweep.find('=');
  require(equals != options.sweep.npos, "--sweep: key=a,b,c expected, got '", options.sweep, "'");
  request.sweep_key = options.sweep.substr(0, equals);
  request.sweep_values = split_list(options.sweep.substr(equals + 1), "--sweep");
  return request;
}

void print_report(const std::filesystem::path& folder, const std::string& report) {
  print(report);
  const bool has_pictures = report.find("\n![") != std::string::npos;
  print(concatenate("\nThe report", has_pictures ? " with its pictures" : "", " is ",
                    (folder / "report.md").string(), '\n'));
}

/// Tells which models are not better than the trivial baseline. Returns whether all are.
bool are_better(const std::vector<report::ComparedModel>& models) {
  bool failed = false;
  for (const report::ComparedModel& model : models)
    for (const std::string& column : report::not_better_than_baseline(model)) {
      message(concatenate(model.name, " is not better than a trivial baseline: ", column));
      failed = true;
    }
  return !failed;
}

[[noreturn]] void end_interrupted(const std::filesystem::path& folder, bool json) {
  message("interrupted; what was done so far is in " + folder.string() + ", and --resume goes on with it");
  if (json) print_json({{"interrupted", true}});
  throw Exit{exit_interrupted};
}

void tell(const std::string& text) {
  message(text);
}

void compare_one(const CompareOptions& options, report::ComparisonRequest request,
                 const report::TaskOnData& part) {
  request.training.task = part.task;
  request.training.data = part.data;
  const report::Comparison comparison = report::compare(request, train_and_show, tell);
  if (comparison.outcome == train::Outcome::interrupted)
    end_interrupted(request.training.output, options.training.json);
  if (options.training.json)
    print_json(report::to_json(request, comparison.models));
  else
    print_report(request.training.output, comparison.report);
  if (options.beat_baseline && !are_better(comparison.models)) throw Exit{exit_failure};
}

void compare_several(const CompareOptions& options, const report::ComparisonRequest& request,
                     const std::vector<report::TaskOnData>& parts) {
  const std::filesystem::path& folder = request.training.output;
  const report::TaskComparisons all = report::compare_tasks(request, parts, train_and_show, tell);
  if (all.parts.back().comparison.outcome == train::Outcome::interrupted)
    end_interrupted(folder, options.training.json);
  if (options.training.json)
    print_json(all.json);
  else
    print_report(folder, all.report);
  bool better = true;
  for (const report::NamedComparison& part : all.parts)
    better = (!options.beat_baseline || are_better(part.comparison.models)) && better;
  if (!better) throw Exit{exit_failure};
}

void compare(const CompareOptions& options) {
  const train::Interrupt interrupt("\nstopping; Ctrl-C again ends at once\n");
  const std::vector<report::TaskOnData> parts = parts_of(options);
  const report::ComparisonRequest request = request_of(options);
  if (parts.size() == 1)
    compare_one(options, request, parts[0]);
  else
    compare_several(options, request, parts);
}

}  // namespace compare_command

void add_compare_command(const Command& program) {
  using namespace compare_command;
  const Command command = program.command(
      "compare", "Train models side by side and report quality and cost",
      "build/release/memsizer compare --data samples/data/wikitext-tiny --output build/comparison "
      "--preset tiny --steps 200 --sweep slots=4,16");
  const auto options = std::make_shared<CompareOptions>();
  command.repeated(
      "--task", "TASK", options->tasks,
      task_names() + ". --task T --data PATH may be repeated in pairs, for one report of several tasks");
  command.repeated("--data", "PATH", options->data, "folder or file of the data");
  add_train_options(command, options->training);
  command.option("--architectures", "LIST", options->architectures,
                 "the architectures to compare, a comma list");
  command.option("--sweep", "KEY=A,B,C", options->sweep,
                 "train each model once for each value of a key, such as slots=4,8,16,32");
  command.flag("--beat-baseline", options->beat_baseline,
               "end with 1 if a model is not better than the trivial baselines, which the report shows");
  command.action([options] { compare(*options); });
}

}  // namespace memsizer::program
