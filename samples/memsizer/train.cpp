// memsizer train

#include <nlohmann/json.hpp>

#include "memsizer/files/output_checks.hpp"
#include "memsizer/report/progress.hpp"
#include "memsizer/report/training.hpp"
#include "memsizer/text/utf8_stream.hpp"

#include "exit_code.hpp"
#include "output.hpp"
#include "train_options.hpp"

namespace memsizer::program {

void add_train_options(const Command& command, TrainOptions& options) {
  tasks::Request& request = options.request;
  command.option("--output", "DIR", request.output, "folder to write to", Need::required);
  command.option("--preset", "NAME", request.preset, join(tasks::preset_names()) + "; the default is small");
  command.option("--config", "FILE", request.config_file,
                 "JSON object of configuration keys; `memsizer summary --keys` lists them");
  command.repeated("--set", "KEY=VALUE", request.settings, "set one configuration key; may be repeated");
  command.option("--tokenizer", "FILE", request.tokenizer,
                 "use this tokenizer.json or GPT-2 folder and train no new tokenizer");
  command.option(
      "--from", "RUN", request.from,
      "begin with the model and tokenizer of another run, of the same task or one whose model has the "
      "same form. With another --architecture, attention whose kind changes begins afresh");
  command.flag("--keep-optimizer", request.keep_optimizer,
               "with --from: the optimiser goes on with that run's moments");
  command.choice_flag(
      "--resume", "yes", options.resume,
      "continue the run in --output from its latest checkpoint: repeat the command line that began it "
      "and add --resume. --resume=auto begins the run if there is none yet");
  command.option("--steps", "N", request.budget.steps, "train until this number of steps");
  command.option("--epochs", "N", request.budget.epochs, "train for this many passes over the data");
  command.option("--minutes", "M", request.budget.minutes, "train for this many minutes");
  command.option("--seed", "N", request.seed, "seed of all random numbers");
  options.machine.add_options(command);
  command.flag("--json", options.json, "print the result as one JSON object");
}

std::string task_names() {
  return join(tasks::all_tasks(), ", ", &tasks::Task::name) + "; the first is the default";
}

tasks::Request request_on_device(const TrainOptions& options) {
  tasks::Request request = options.request;
  for (const std::filesystem::path& output : {request.output, std::filesystem::path("-")})
    files::require_not_an_input(output, {request.data, request.config_file, request.tokenizer, request.from});
  require(options.resume.empty() || options.resume == "yes" || options.resume == "auto",
          "--resume: --resume or --resume=auto expected, got --resume=", options.resume);
  if (!options.resume.empty())
    request.resume = options.resume == "auto" ? tasks::Resume::any : tasks::Resume::yes;
  tasks::read_config_file(request);
  request.device = &options.machine.use();
  return request;
}

train::Outcome train_and_show(const std::string& label, const tasks::Request& request) {
  report::Progress progress({.label = label, .total = request.budget.steps});
  train::Observer observer;
  Index step = 0;
  double done = 0;
  std::string details;  // of the last step that was reported
  observer.tell = [&](const std::string& text) { progress.note(text); };
  observer.started = [&](Index before, double part) { progress.start(step = before, done = part); };
  observer.stepped = [&](Index number, double part, const train::StepReport* report) {
    if (report != nullptr) details = "loss " + report::short_number(report->loss, 4);
    if (report != nullptr && report->tokens_per_second)
      details += "  " + report::short_number(*report->tokens_per_second) + " tokens/s";
    progress.update(step = number, done = part, details);
  };
  observer.validating = [&](Index windows, Index of) {
    progress.update(step, done, windows < of ? concatenate("validating ", windows, '/', of) : details);
  };
  observer.interrupt_notice =
      "\nstopping after this step; Ctrl-C again ends at once and loses what was not saved\n";
  const train::Outcome outcome = report::train_and_draw(request, observer);
  progress.finish();
  return outcome;
}

namespace train_command {

void train_action(const TrainOptions& options) {
  const train::Outcome outcome = train_and_show("training", request_on_device(options));
  const train::RunDirectory run(options.request.output);
  const std::string latest = run.named("latest"), best = run.named("best");
  if (options.json)
    print_json({{"run", text::path_text(options.request.output)},
                {"latest", latest},
                {"best", best},
                {"interrupted", outcome == train::Outcome::interrupted}});
  else
    message(concatenate(options.request.output.string(), ": ", latest, " is saved, the best is ", best));
  if (outcome == train::Outcome::interrupted) {
    message("interrupted; --resume continues");
    throw Exit{exit_interrupted};
  }
}

}  // namespace train_command

void add_train_command(const Command& program) {
  using namespace train_command;
  const Command command = program.command(
      "train", "Train a model, from text to checkpoints",
      "build/release/memsizer train --data samples/data/wikitext-tiny --output build/runs/memsizer "
      "--architecture memsizer --preset tiny --steps 200");
  const auto options = std::make_shared<TrainOptions>();
  command.option("--task", "TASK", options->request.task, task_names());
  command.option("--data", "PATH", options->request.data, "folder or file of the data", Need::required);
  add_train_options(command, *options);
  command.option("--architecture", "NAME", options->request.architecture,
                 join(tasks::architecture_names()) + "; the first is the default");
  command.action([options] { train_action(*options); });
}

}  // namespace memsizer::program
