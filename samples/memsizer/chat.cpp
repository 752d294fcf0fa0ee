// memsizer chat: a conversation with a question-answering run.

#include <optional>
#include <vector>

#include <unistd.h>

#include "memsizer/data/question_reader.hpp"
#include "memsizer/files/line_reader.hpp"
#include "memsizer/files/output_checks.hpp"
#include "memsizer/report/number_text.hpp"
#include "memsizer/tasks/tasks.hpp"
#include "memsizer/text/utf8_stream.hpp"
#include "memsizer/train/interrupt.hpp"

#include "commands.hpp"
#include "decoding_options.hpp"
#include "devices.hpp"
#include "exit_code.hpp"
#include "output.hpp"

namespace memsizer::program {

namespace chat_command {

struct Options {
  std::filesystem::path run;
  std::string system, checkpoint;
  tasks::DecodingOptions decoding;
  Machine machine;
};

/// What the command line alone decides.
void check(const Options& options) {
  tasks::require_valid(options.decoding);
  require(!options.decoding.beam && !options.decoding.length_penalty,
          options.decoding.beam ? "--beam" : "--length-penalty",
          ": a conversation has no beam search; --temperature, --top-k and --top-p draw its tokens");
  std::vector<std::filesystem::path> inputs = train::RunDirectory(options.run).files();
  inputs.push_back("-");
  files::require_not_an_input("-", inputs);
}

/// A run's model in conversation with a person at a terminal, or with the lines of a pipe.
class Chat {
 public:
  explicit Chat(const Options& options)
      : options_(options),
        model_(tasks::load_model(train::RunDirectory::open(options.run), options.machine.use(),
                                 options.checkpoint)),
        conversation_(model_->begin_conversation()) {
    require(conversation_ != nullptr, options.run.string(),
            ": a run of question answering expected, got one of ",
            tasks::find_task(model_->config().labels.task).title());
    const tasks::Decoding decoding = tasks::chosen(model_->decoding(), options.decoding);
    tasks::require_positions(decoding, model_->positions());
    require_room(decoding);
    answering_ = {.sampling = decoding.sampling,
                  .constraints = decoding.constraints,
                  .max_tokens = decoding.longest.tokens(0),
                  .forbidden = model_->forbidden_tokens()};
    tasks::dry_run(tasks::DryRun::generation, model_->config(), model_->device());
    if (is_typed_)
      message(concatenate("an empty line or Ctrl-D ends, /help helps (", text_of(decoding), ')'));
  }

  /// Answers every line, until there is none.
  void run() {
    for (std::string line; next(line);) {
      if (line.starts_with('/'))
        obey(line);
      else
        answer(line);
    }
    if (is_typed_) message("");
    if (failed_ && !is_typed_) throw Exit{exit_bad_input};
  }

 private:
  bool next(std::string& line) {
    if (is_typed_) ask("> ");
    if (!lines_) lines_.emplace("-");  // not before we asked, since it waits for the first line
    return lines_->next(line) && !(is_typed_ && line.empty());
  }

  void obey(const std::string& command) {
    if (command == "/reset") {
      conversation_->reset();
      is_long_ = false;
      message("everything is forgotten");
    } else if (command == "/state") {
      message(concatenate(
          conversation_->turns(), conversation_->turns() == 1 ? " answer, " : " answers, ",
          report::with_thousands(conversation_->tokens()), " tokens read, ",
          report::bytes_text(conversation_->state_bytes()), " remembered",
          conversation_->positions() > 0
              ? concatenate(", positions for ", report::with_thousands(conversation_->positions()), " tokens")
              : ""));
    } else {
      message(concatenate(command == "/help" ? "" : concatenate(command, " is no command; "),
                          "/state tells what the model remembers, /reset makes it forget everything, Ctrl-C "
                          "ends an answer, Ctrl-D the conversation"));
    }
  }

  /// The ids of a question as `generate` reads it, without the </s> at both ends. The first one comes after
  /// the system's text.
  std::vector<Id> read_as(const std::string& question) const {
    const bool is_first = conversation_->turns() == 0;
    const decode::Prompt prompt = model_->prompt(data::prompt_text(is_first ? options_.system : "", question),
                                                 {.more = answering_.max_tokens}, 0);
    if (prompt.is_cut) message("the question is longer than the model reads, and its beginning was cut");
    return {prompt.tokens.begin() + 1, prompt.tokens.end() - 1};
  }

  /// InputError if the system's text leaves too few positions for --min-tokens, whatever the question is.
  void require_room(const tasks::Decoding& decoding) const {
    if (options_.system.empty() || model_->positions() == 0) return;
    const decode::Prompt shortest =
        model_->prompt(data::prompt_text(options_.system, ""), {.more = decoding.longest.tokens(0)}, 0);
    tasks::require_room(decoding, shortest.max_tokens, "--system");
  }

  /// Tells the user of an answer that the model ended at once, and of one that its positions ended before
  /// --min-tokens.
  void tell_of_short_answer(Index tokens) const {
    const Index least = answering_.constraints.min_tokens, positions = conversation_->positions();
    if (tokens < least && positions > 0 && conversation_->tokens() >= positions)
      message(concatenate("the model's positions end at ", positions,
                          " tokens, which cut the answer short: ", tokens, tokens == 1 ? " token" : " tokens",
                          ", and --min-tokens asks for ", least, "; /reset begins another conversation"));
    else if (tokens == 0)
      message("the model ended its answer at once; more training or --min-tokens gives longer ones");
  }

  /// The answer. An empty one is told of: the model ended it at once, or has no positions for it.
  std::vector<Id> answer_to(const std::vector<Id>& tokens, const decode::AnswerOptions& answering) {
    try {
      std::vector<Id> answer = conversation_->answer(tokens, answering);
      if (!train::Interrupt::requested()) tell_of_short_answer(static_cast<Index>(answer.size()));
      return answer;
    } catch (const InputError& error) {
      message(concatenate(error.what(), "; /reset begins another conversation"));
      failed_ = true;
      return {};
    }
  }

  /// Prints the answer to a question: as it comes, or as one line if nobody sees it come.
  void answer(const std::string& question) {
    const std::vector<Id> tokens = read_as(question);
    text::Utf8Stream characters;
    decode::AnswerOptions answering = answering_;
    answering.go_on = [] { return !train::Interrupt::requested(); };
    if (output_is_terminal())
      answering.chosen = [&](Id token) {
        print(characters.add(model_->tokenizer().token(static_cast<text::TokenId>(token))));
        flush_output();
      };
    const train::Interrupt interrupt;
    const std::vector<Id> answer = answer_to(tokens, answering);
    if (output_is_terminal())
      print(characters.finish() + '\n');
    else
      print(tasks::on_one_line(text::repair_utf8(model_->tokenizer().decode(answer)), model_->line_breaks()) +
            '\n');
    flush_output();
    if (conversation_->tokens() > model_->config().batches.sequence && !std::exchange(is_long_, true))
      message(concatenate("the conversation is longer than the ", model_->config().batches.sequence,
                          " tokens of a sequence in training; /reset begins another one"));
    // Ctrl-C at a terminal ends the answer; any other signal, and any in a pipe, the program.
    const int signal = train::Interrupt::signal();
    if (signal != 0 && !(is_typed_ && signal == SIGINT)) throw Exit{exit_interrupted};
  }

  const Options& options_;
  std::unique_ptr<tasks::TrainedModel> model_;
  std::unique_ptr<decode::Conversation<float>> conversation_;
  decode::AnswerOptions answering_;
  std::optional<files::LineReader> lines_;
  bool is_typed_ = ::isatty(STDIN_FILENO) != 0, is_long_ = false;
  bool failed_ = false;  // a question had no answer
};

}  // namespace chat_command

void add_chat_command(const Command& program) {
  using namespace chat_command;
  const Command command = program.command(
      "chat", "Have a conversation with a model that answers questions",
      "build/release/memsizer train --task question-answering --data samples/data/questions-tiny "
      "--output build/runs/chat --preset tiny --steps 200 && "
      "build/release/memsizer chat build/runs/chat --system 'Answer with a year.'");
  const auto options = std::make_shared<Options>();
  command.option("run", "RUN", options->run, "the run's folder", Need::required);
  command.option("--system", "TEXT", options->system, "what the model is told before the first question");
  add_decoding_options(command, options->decoding);
  command.option("--checkpoint", "step-N", options->checkpoint,
                 "the checkpoint to use; the default is the run's best");
  options->machine.add_options(command);
  command.action([options] {
    check(*options);
    Chat(*options).run();
  });
}

}  // namespace memsizer::program
