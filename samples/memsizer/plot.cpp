// memsizer plot: draws the curves of runs.

#include <memory>
#include <set>

#include <nlohmann/json.hpp>

#include "memsizer/files/output_checks.hpp"
#include "memsizer/report/run_curves.hpp"
#include "memsizer/text/utf8_stream.hpp"

#include "commands.hpp"
#include "output.hpp"

namespace memsizer::program {

namespace plot_command {

struct Options {
  std::vector<std::filesystem::path> runs;
  std::filesystem::path output;
  std::string against = "step", figure = "loss";
  bool json = false;
};

report::Progression progression(const std::string& name) {
  const auto& names = report::progression_names;
  const auto found = std::ranges::find(names, name);
  require(found != names.end(), "--against: one of ", join(names), " expected, got '", name, "'");
  return static_cast<report::Progression>(found - names.begin());
}

/// The names of the runs' folders, or their whole paths if two folders have the same name.
std::vector<std::string> names_of(const std::vector<std::filesystem::path>& runs) {
  std::vector<std::string> names, paths;
  for (const std::filesystem::path& run : runs) {
    names.push_back(std::filesystem::weakly_canonical(run).filename().string());
    paths.push_back(run.string());
  }
  return std::set<std::string>(names.begin(), names.end()).size() == names.size() ? names : paths;
}

using Curves = std::vector<std::pair<std::string, report::RunCurves>>;

void tell_which_lack(const Curves& runs, const std::string& figure) {
  for (const auto& [name, curves] : runs)
    if (!curves.validation_figures.contains(figure))
      message(concatenate(name, ": no validation has the figure ", figure, ", so it is not in the picture"));
}

report::Chart chart_of(const Curves& runs, const std::string& figure, report::Progression against) {
  if (figure == "loss") return report::loss_chart(runs, against);
  report::Chart chart = report::figure_chart(runs, figure, against);
  tell_which_lack(runs, figure);
  return chart;
}

void plot(const Options& options) {
  const report::Progression against = progression(options.against);
  const bool to_output = files::is_standard_stream(options.output);
  require(!to_output || !options.json, "--output - and --json both write to standard output; leave one out");
  report::is_svg(options.output);
  files::require_can_write(options.output);
  for (const std::filesystem::path& run : options.runs)
    files::require_not_an_input(options.output, {run / "config.json", run / "metrics.jsonl"});
  const std::vector<std::string> names = names_of(options.runs);
  Curves curves;
  for (std::size_t i = 0; i < names.size(); ++i)
    curves.emplace_back(names[i], report::read_curves(train::RunDirectory::open(options.runs[i])));
  const report::DrawnChart drawn = report::draw(chart_of(curves, options.figure, against), options.output);
  if (options.json) print_json({{"output", text::path_text(drawn.file)}, {"picture", drawn.is_picture()}});
  if (!drawn.is_picture())
    throw SystemError(concatenate(drawn.why_no_picture, "; the data is kept in ", drawn.file.string()));
  if (!options.json && !to_output) print(drawn.file.string() + '\n');
}

}  // namespace plot_command

void add_plot_command(const Command& program) {
  using namespace plot_command;
  const Command command =
      program.command("plot", "Draw the curves of runs: losses, or other figures of validations",
                      "build/release/memsizer plot build/runs/memsizer --output build/curves.svg");
  const auto options = std::make_shared<Options>();
  command.option("runs", "RUN", options->runs, "folders of runs", Need::required);
  command.option("--output", "FILE", options->output,
                 "the picture to write, .svg or .png; - writes an SVG to standard output", Need::required);
  command.option("--against", "NAME", options->against,
                 "the horizontal axis: step, tokens, seconds or minutes");
  command.option("--figure", "NAME", options->figure,
                 "what to draw: loss, or a figure of the validations in metrics.jsonl, such as bleu");
  command.flag("--json", options->json, "print the result as JSON");
  command.action([options] { plot(*options); });
}

}  // namespace memsizer::program
