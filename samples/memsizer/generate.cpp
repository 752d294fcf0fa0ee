// memsizer generate: continues texts with a trained language model, or translates them.

#include <map>
#include <memory>

#include <nlohmann/json.hpp>
#include <unistd.h>

#include "memsizer/base/clock.hpp"
#include "memsizer/decode.hpp"
#include "memsizer/files/line_reader.hpp"
#include "memsizer/files/output_checks.hpp"
#include "memsizer/report/number_text.hpp"
#include "memsizer/report/progress.hpp"
#include "memsizer/tasks/tasks.hpp"
#include "memsizer/text/utf8_stream.hpp"
#include "memsizer/train/interrupt.hpp"

#include "commands.hpp"
#include "decoding_options.hpp"
#include "devices.hpp"
#include "exit_code.hpp"
#include "output.hpp"

namespace memsizer::program {

namespace generate_command {

using nlohmann::ordered_json;

struct Options {
  std::filesystem::path run, input = "-";
  std::optional<std::string> prompt;
  tasks::DecodingOptions decoding;
  Index n_best = 1;
  Machine machine;
  std::string checkpoint;
  bool json = false;
};

/// A text with its score in a beam search.
struct ScoredText {
  std::string text;
  Index tokens = 0;
  double score = 0;
};

/// The result of one prompt.
struct Continuation {
  std::string prompt, text;
  Index tokens = 0;
  bool stopped = false;
  bool positions_ended = false;  // the model has no positions for further tokens
  std::vector<ScoredText> best;  // of a beam search, the best first; the first one is `text`
};

void check(const Options& options) {
  require(!options.prompt || options.input == "-", "--prompt and --input do not go together");
  if (!options.prompt) files::require_not_an_input("-", {options.input});
  tasks::require_valid(options.decoding);
  require(options.n_best > 0, "--n-best: above 0 expected, got ", options.n_best);
}

/// Callbacks during generation.
struct Listener {
  /// Called with each token as it is chosen, but not in a beam search.
  decode::TokenListener token = [](Index, Id) {};
  /// Called with each finished continuation, in the order of the prompts.
  std::function<void(Continuation)> ended;
};

/// Reports continuations in the order of their prompts, in whatever order they end.
class InOrder {
 public:
  explicit InOrder(const std::function<void(Continuation)>& tell) : tell_(tell) {}

  void add(Index number, Continuation continuation) {
    waiting_.emplace(number, std::move(continuation));
    for (; waiting_.contains(next_); ++next_) tell_(waiting_.extract(next_).mapped());
  }

 private:
  std::map<Index, Continuation> waiting_;
  const std::function<void(Continuation)>& tell_;
  Index next_ = 0;
};

/// Gives the next text to continue, as a decode::PromptSource gives prompts.
using TextSource = std::function<decode::Supply(bool may_wait, std::string& text)>;

/// Turns texts into continuations, with a model, its tokenizer and a way of decoding.
class Generator {
 public:
  explicit Generator(const Options& options)
      : options_(options),
        model_(load(options)),
        decoding_(tasks::chosen(model_->decoding(), options.decoding)) {
    require(options.n_best == 1 || options.n_best <= decoding_.beam,
            "--n-best: at most the number of --beam expected, which is ", decoding_.beam, ", got ",
            options.n_best);
    tasks::dry_run(tasks::DryRun::generation, model_->config(), model_->device());
    stepper_ = model_->make_stepper([this](Index done, Index of) { show_reading(done, of); });
  }

  const tasks::TrainedModel& model() const { return *model_; }
  const tasks::Decoding& decoding() const { return decoding_; }

  /// Removes the progress line, so that text can be printed.
  void hide_progress() { progress_.hide(); }

  /// Continues all texts of a source. After Ctrl-C, those that have begun end as they are.
  void run(const TextSource& texts, const Listener& listener) {
    struct Begun {
      std::string text;
      Index source_tokens = 0, max_tokens = 0;
    };
    std::map<Index, Begun> begun;
    Index count = 0;
    const decode::PromptSource prompts = [&](bool may_wait, decode::Prompt& prompt) {
      if (train::Interrupt::requested()) return decode::Supply::end;
      std::string text;
      const decode::Supply supply = texts(may_wait, text);
      if (supply != decode::Supply::prompt) return supply;
      prompt = model_->prompt(text, decoding_.longest, static_cast<std::uint64_t>(count));
      begun[count++] = {std::move(text), static_cast<Index>(prompt.source.size()), prompt.max_tokens};
      return supply;
    };
    InOrder results(listener.ended);
    const train::Interrupt interrupt;
    tasks::decode_each(
        *stepper_, prompts, decoding_, model_->end_token(), model_->forbidden_tokens(),
        [this] { return go_on(); },
        [&](Index number, const std::vector<decode::Hypothesis>& best) {
          const Begun of = std::move(begun.extract(number).mapped());
          const Index wanted = decoding_.longest.tokens(of.source_tokens);
          results.add(number, continuation(of.text, best, of.max_tokens < wanted ? of.max_tokens : -1));
        },
        [&](Index number, Id token) {
          ++generated_;
          listener.token(number, token);
        });
    progress_.hide();
  }

 private:
  static std::unique_ptr<tasks::TrainedModel> load(const Options& options) {
    Device& device = options.machine.use();
    return tasks::load_model(train::RunDirectory::open(options.run), device, options.checkpoint);
  }

  void show_reading(Index done, Index of) {
    if (train::Interrupt::requested()) throw decode::ReadingEnded();
    if (of > done) progress_.update(generated_, concatenate("reading the prompt, token ", done, " of ", of));
  }

  /// Called after each step. Returns false after Ctrl-C.
  bool go_on() {
    progress_.update(generated_);
    return !train::Interrupt::requested();
  }

  std::string text_of(const std::vector<Id>& tokens) const {
    return model_->tokenizer().decode(std::vector<text::TokenId>(tokens.begin(), tokens.end()));
  }

  /// The result of a text. `room` is the number of tokens for which the model has positions; -1: it has more
  /// than the user wants.
  Continuation continuation(const std::string& text, const std::vector<decode::Hypothesis>& best,
                            Index room) {
    const decode::Hypothesis& first = best[0];
    const auto count = static_cast<Index>(first.tokens.size());
    const bool ended = count == room && (!first.stopped || first.forced);
    Continuation result{text, text_of(first.tokens), count, first.stopped && !first.forced, ended, {}};
    if (decoding_.beam == 0) return result;
    generated_ += count;
    for (const decode::Hypothesis& one : best)
      if (static_cast<Index>(result.best.size()) < options_.n_best)
        result.best.push_back({text_of(one.tokens), static_cast<Index>(one.tokens.size()), one.score});
    return result;
  }

  const Options& options_;
  std::unique_ptr<tasks::TrainedModel> model_;
  tasks::Decoding decoding_;
  std::unique_ptr<decode::Stepper<float>> stepper_;
  report::Progress progress_{{.label = "generating", .unit = "tokens"}};
  Index generated_ = 0;  // tokens generated for all prompts
};

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

/// Replaces line breaks by spaces, so that a continuation is one line.
std::string on_one_line(std::string text) {
  std::ranges::replace(text, '\n', ' ');
  return text;
}

/// The lines to print for a result: the text, or with --n-best each text after its score and a tab.
std::string lines_of(const Options& options, const Generator& generator, const Continuation& result) {
  if (options.n_best == 1) return on_one_line(printed(generator, result)) + '\n';
  std::string lines;
  for (const ScoredText& one : result.best)
    lines += concatenate(one.score, '\t', on_one_line(text::repair_utf8(one.text)), '\n');
  return lines;
}

ordered_json to_json(const Continuation& continuation) {
  ordered_json json{{"prompt", text::repair_utf8(continuation.prompt)},
                    {"text", text::repair_utf8(continuation.text)},
                    {"tokens", continuation.tokens},
                    {"stopped", continuation.stopped},
                    {"positions_ended", continuation.positions_ended}};
  if (continuation.best.empty()) return json;
  json["score"] = continuation.best[0].score;
  for (const ScoredText& one : continuation.best)
    json["hypotheses"].push_back(
        {{"text", text::repair_utf8(one.text)}, {"tokens", one.tokens}, {"score", one.score}});
  return json;
}

/// The lines of a file or of standard input. A long line is read alone, since short ones beside it would wait
/// for it, padded to its length.
class Lines {
 public:
  explicit Lines(const std::filesystem::path& path) : reader_(path) {}

  decode::Supply operator()(bool may_wait, std::string& text) {
    if (!has_line_) {
      if (!may_wait && reader_.would_wait()) return decode::Supply::later;
      if (!reader_.next(line_)) return decode::Supply::end;
      has_line_ = true;
    }
    const bool is_long = line_.size() > long_bytes;
    if ((is_long || last_was_long_) && !may_wait && !std::exchange(held_back_, true))
      return decode::Supply::later;
    held_back_ = has_line_ = false;
    last_was_long_ = is_long;
    text = std::move(line_);
    return decode::Supply::prompt;
  }

 private:
  static constexpr std::size_t long_bytes = 4096;

  files::LineReader reader_;
  std::string line_;
  bool has_line_ = false;       // line_ was read and not given yet
  bool last_was_long_ = false;  // the line that was given last
  bool held_back_ = false;      // whether line_ was held back once, so that it begins another round
};

/// Every line of the input is a prompt. A result is printed as soon as it and all earlier ones have ended.
/// After Ctrl-C, no further lines are read.
std::vector<Continuation> run_lines(const Options& options, Generator& generator) {
  if (files::is_standard_stream(options.input) && ::isatty(STDIN_FILENO))
    message("type prompts, a line each; end with Ctrl-D");
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
  const auto lines = std::make_shared<Lines>(options.input);
  generator.run([lines](bool may_wait, std::string& text) { return (*lines)(may_wait, text); },
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

/// Tells the user if the model's positions ended before max_tokens.
void tell_of_ended_positions(const std::vector<Continuation>& results, Index positions) {
  const auto ended = std::ranges::count(results, true, &Continuation::positions_ended);
  if (ended > 0)
    message(concatenate("the model's positions end at ", positions, " tokens, which cut ", ended, " of ",
                        results.size(), " texts short"));
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
  tell_of_ended_positions(results, generator.model().positions());
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

}  // namespace generate_command

void add_generate_command(const Command& program) {
  using namespace generate_command;
  const Command command = program.command(
      "generate", "Continue texts, or translate them, with a trained model",
      "build/release/memsizer generate build/runs/memsizer --prompt 'The river' --temperature 0.8 "
      "--top-k 40");
  const auto options = std::make_shared<Options>();
  command.option("run", "RUN", options->run, "the run's folder", Need::required);
  command.option("--prompt", "TEXT", options->prompt, "the text to continue or to translate; may be empty");
  command.option(
      "--input", "FILE", options->input,
      "file of prompts, or of sentences to translate, one on each line, plain or .gz or .zst; -, the default "
      "without --prompt, is "
      "standard input. Each result is one line: line breaks in it become spaces, and bytes that form no "
      "character become U+FFFD");
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
