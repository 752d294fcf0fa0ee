// memsizer compare

#include <nlohmann/json.hpp>

#include "memsizer/base/lists.hpp"
#include "memsizer/report/comparison.hpp"

#include "exit_code.hpp"
#include "output.hpp"
#include "train_options.hpp"

namespace memsizer::program {

namespace compare_command {

struct CompareOptions {
  TrainOptions training;
  std::string architectures = "transformer,memsizer", sweep;
};

void compare(const CompareOptions& options) {
  const train::Interrupt interrupt("\nstopping; Ctrl-C again ends at once\n");
  report::ComparisonRequest request;
  request.program = "memsizer " + program_version();
  request.training = request_on_device(options.training);
  request.architectures = split_list(options.architectures, "--architectures");
  if (!options.sweep.empty()) {
    const auto equals = options.sweep.find('=');
    require(equals != options.sweep.npos, "--sweep: key=a,b,c expected, got '", options.sweep, "'");
    request.sweep_key = options.sweep.substr(0, equals);
    request.sweep_values = split_list(options.sweep.substr(equals + 1), "--sweep");
  }
  const report::Comparison comparison =
      report::compare(request, train_and_show, [](const std::string& text) { message(text); });
  if (comparison.outcome == train::Outcome::interrupted) {
    message("interrupted; what was done so far is in " + request.training.output.string() +
            ", and --resume goes on with it");
    throw Exit{exit_interrupted};
  }
  if (options.training.json) return print_json(report::to_json(request, comparison.models));
  print(comparison.report);
  const bool has_pictures = comparison.report.find("\n![") != std::string::npos;
  print(concatenate("\nThe report", has_pictures ? " with its pictures" : "", " is ",
                    (request.training.output / "report.md").string(), '\n'));
}

}  // namespace compare_command

void add_compare_command(const Command& program) {
  using namespace compare_command;
  const Command command = program.command(
      "compare", "Train models side by side and report quality and cost",
      "build/release/memsizer compare --data samples/data/wikitext-tiny --output build/comparison "
      "--preset tiny --steps 200 --sweep slots=4,16");
  const auto options = std::make_shared<CompareOptions>();
  add_train_options(command, options->training);
  command.option("--architectures", "LIST", options->architectures,
                 "the architectures to compare, a comma list");
  command.option("--sweep", "KEY=A,B,C", options->sweep,
                 "train each model once for each value of a key, such as slots=4,8,16,32");
  command.action([options] { compare(*options); });
}

}  // namespace memsizer::program
