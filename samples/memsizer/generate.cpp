// memsizer generate: continues texts with a trained language model, translates or summarizes them, or
// answers.

#include <memory>

#include <nlohmann/json.hpp>
#include <unistd.h>

#include "memsizer/base/clock.hpp"
#include "memsizer/decode.hpp"
#include "memsizer/files/output_checks.hpp"
#include "memsizer/report/number_text.hpp"
#include "memsizer/text/utf8_stream.hpp"

#include "commands.hpp"
#include "decoding_options.hpp"
#include "exit_code.hpp"
#include "generator.hpp"
#include "inputs.hpp"
#include "output.hpp"

namespace memsizer::program {

namespace generate_command {

using nlohmann::ordered_json;

void check(const Options& options) {
  require(!options.prompt || options.input == "-", "--prompt and --input do not go together");
  std::vector<std::filesystem::path> inputs = train::RunDirectory(options.run).files();
  if (!options.prompt) inputs.push_back(options.input);
  files::require_not_an_input("-", inputs);
  tasks::require_valid(options.decoding);
  require(options.n_best > 0, "--n-best: above 0 expected, got ", options.n_best);
}

/// A source of one text.
TextSource only(const std::string& text) {
  return [&text, given = false](bool, std::string& next) mutable {
    if (std::exchange(given, true)) return decode::Supply::end;
    next = text;
    return decode::Supply::prompt;
  };
}

/// Prints one prompt's continuation as it is generated, in whole characters.
Continuation stream(Generator& generator, const std::string& prompt) {
  text::Utf8Stream characters;
  Continuation result;
  const auto show = [&](const std::string& text) {
    generator.hide_progress();
    print(text);
    flush_output();
  };
  if (generator.model().continues_its_input()) show(characters.add(prompt));
  generator.run(
      only(prompt),
      {.token =
           [&](Index, Id token) {
             show(characters.add(generator.model().tokenizer().token(static_cast<text::TokenId>(token))));
           },
       .ended = [&](Continuation continuation) { result = std::move(continuation); }});
  show(characters.finish() + '\n');
  return result;
}

/// The text to print for a result. If the result continues its input, the input comes first.
std::string printed(const Generator& generator, const Continuation& result) {
  return text::repair_utf8(generator.model().continues_its_input() ? result.prompt + result.text
                                                                   : result.text);
}

/// The lines to print for a result: the text, or with --n-best each text after its score and a tab.
std::string lines_of(const Options& options, const Generator& generator, const Continuation& result) {
  const tasks::LineBreaks line_breaks = generator.model().line_breaks();
  if (options.n_best == 1) return tasks::on_one_line(printed(generator, result), line_breaks) + '\n';
  std::string lines;
  for (const ScoredText& one : result.best)
    lines += concatenate(report::short_number(one.score, 5), '\t',
                         tasks::on_one_line(text::repair_utf8(one.text), line_breaks), '\n');
  return lines;
}

ordered_json to_json(const Continuation& continuation) {
  ordered_json json{{"prompt", text::repair_utf8(continuation.prompt)},
                    {"text", text::repair_utf8(continuation.text)},
                    {"tokens", continuation.tokens},
                    {"stopped", continuation.stopped},
                    {"positions_ended", continuation.positions_ended},
                    {"source_cut", continuation.source_cut}};
  if (continuation.best.empty()) return json;
  json["score"] = continuation.best[0].score;
  for (const ScoredText& one : continuation.best)
    json["hypotheses"].push_back(
        {{"text", text::repair_utf8(one.text)}, {"tokens", one.tokens}, {"score", one.score}});
  return json;
}

/// InputError, before anything is decoded, if one of a file's inputs leaves too few positions for
/// --min-tokens. Standard input and pipes can be read only once, so their inputs are checked one by one.
void require_room(const Options& options, const Generator& generator) {
  std::error_code absent;
  if (!generator.room_depends_on_inputs() || !std::filesystem::is_regular_file(options.input, absent)) return;
  const auto inputs = open_inputs(options.input, generator.model().text_of_record());
  Index number = 0;
  for (std::string text; inputs->next(text); ++number) generator.prompt_of(text, number);
}

/// Every line, or record, of the input is a prompt. A result is printed as soon as it and all earlier ones
/// have ended. After Ctrl-C, no further lines are read.
std::vector<Continuation> run_lines(const Options& options, Generator& generator) {
  if (files::is_standard_stream(options.input) && ::isatty(STDIN_FILENO))
    message("type prompts, a line each; end with Ctrl-D");
  require_room(options, generator);
  std::vector<Continuation> all;
  const auto show = [&](Continuation result) {
    if (!options.json) {
      generator.hide_progress();
      print(lines_of(options, generator, result));
      flush_output();
      result.prompt.clear(), result.text.clear(), result.best.clear();  // printed, so only counts are kept
    }
    all.push_back(std::move(result));
  };
  const auto inputs =
      std::make_shared<Inputs>(open_inputs(options.input, generator.model().text_of_record()));
  generator.run([inputs](bool may_wait, std::string& text) { return (*inputs)(may_wait, text); },
                {.ended = show});
  return all;
}

std::vector<Continuation> run_prompt(const Options& options, Generator& generator) {
  if (!options.json && generator.decoding().beam == 0 && output_is_terminal())
    return {stream(generator, *options.prompt)};
  std::vector<Continuation> results;
  generator.run(only(*options.prompt),
                {.ended = [&](Continuation result) { results.push_back(std::move(result)); }});
  if (!options.json && !results.empty())  // Ctrl-C may have come before the text began
    print(options.n_best == 1 ? printed(generator, results[0]) + '\n'
                              : lines_of(options, generator, results[0]));
  return results;
}

/// Tells the user of texts that the model ended before their first token, of those that its positions ended
/// before max_tokens, and of inputs that were cut.
void tell_of_short_texts(const std::vector<Continuation>& results, Index positions) {
  if (const auto empty = std::ranges::count(results, true, &Continuation::ended_at_once); empty > 0)
    message(concatenate("the model ended ", empty, " of ", results.size(),
                        " texts at once; more training or --min-tokens gives longer ones"));
  if (const auto ended = std::ranges::count(results, true, &Continuation::positions_ended); ended > 0)
    message(concatenate("the model's positions end at ", positions, " tokens, which cut ", ended, " of ",
                        results.size(), " texts short"));
  if (const auto cut = std::ranges::count(results, true, &Continuation::source_cut); cut > 0)
    message(
        concatenate(cut, " of ", results.size(), " inputs were longer than the model reads and were cut"));
}

void generate(const Options& options) {
  check(options);
  Generator generator(options);
  const double start = steady_seconds();
  const std::vector<Continuation> results =
      options.prompt ? run_prompt(options, generator) : run_lines(options, generator);
  const double seconds = steady_seconds() - start;
  const bool interrupted = train::Interrupt::requested();
  Index tokens = 0;
  ordered_json list = ordered_json::array();
  for (const Continuation& result : results) {
    tokens += result.tokens;
    list.push_back(to_json(result));
  }
  const double rate = static_cast<double>(tokens) / std::max(seconds, 1e-9);
  const std::string way = tasks::text_of(generator.decoding());
  tell_of_short_texts(results, generator.model().positions());
  if (options.json)
    print_json({{"results", list},
                {"tokens", tokens},
                {"tokens_per_second", rate},
                {"interrupted", interrupted},
                {"decoding", way}});
  else
    message(concatenate(report::with_thousands(tokens), " tokens, ", report::short_number(rate),
                        " tokens/s (", way, ')'));
  if (interrupted) {
    message("interrupted; what was generated so far is printed");
    throw Exit{exit_interrupted};
  }
}

/// The members of JSON lines that tasks read: "\"document\" in summarization".
std::string records_by_task() {
  std::vector<std::string> all;
  for (const tasks::Task* task : tasks::all_tasks())
    if (const std::string members = task->record_members(); !members.empty())
      all.push_back(members + " in " + task->title());
  return join(all);
}

}  // namespace generate_command

void add_generate_command(const Command& program) {
  using namespace generate_command;
  const Command command = program.command(
      "generate", "Continue, translate or summarize texts, or answer questions, with a trained model",
      "build/release/memsizer generate build/runs/memsizer --prompt 'The river' --temperature 0.8 "
      "--top-k 40");
  const auto options = std::make_shared<Options>();
  command.option("run", "RUN", options->run, "the run's folder", Need::required);
  command.option("--prompt", "TEXT", options->prompt, "the input text; may be empty");
  command.option(
      "--input", "FILE", options->input,
      "file of inputs, one on each line, plain or .gz or .zst; -, the default without --prompt, is standard "
      "input. A name that ends with .jsonl: lines of JSON, with " +
          records_by_task() + ". Each result is one line: line breaks in it become " + line_breaks_by_task() +
          ", and bytes that form no character become U+FFFD");
  add_decoding_options(command, options->decoding);
  command.option("--n-best", "N", options->n_best,
                 "print the N best texts of the beam search, each after its score and a tab");
  command.option("--checkpoint", "step-N", options->checkpoint,
                 "the checkpoint to use; the default is the run's best");
  options->machine.add_options(command);
  command.flag(
      "--json", options->json,
      "print one JSON object; positions_ended in a result means that the model has no more positions");
  command.action([options] { generate(*options); });
}

}  // namespace memsizer::program
