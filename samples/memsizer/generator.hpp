#pragma once
// Turns the texts of `memsizer generate` into results, with a run's model.

#include <map>
#include <memory>

#include "memsizer/report/progress.hpp"
#include "memsizer/tasks/tasks.hpp"
#include "memsizer/tasks/write_texts.hpp"
#include "memsizer/train/interrupt.hpp"

#include "devices.hpp"

namespace memsizer::program::generate_command {

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
  std::string prompt = {}, text = {};
  Index tokens = 0;
  bool stopped = false;
  bool ended_at_once = false;         // the model chose the end before any token
  bool positions_ended = false;       // the model has no positions for further tokens
  bool source_cut = false;            // the input had more tokens than the model reads
  std::vector<ScoredText> best = {};  // of a beam search, the best first; the first one is `text`
};

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
    require(options.n_best == 1 || decoding_.beam > 0, "--n-best: a beam search expected, got ",
            tasks::text_of(decoding_));
    require(options.n_best == 1 || options.n_best <= decoding_.beam,
            "--n-best: at most the number of --beam expected, which is ", decoding_.beam, ", got ",
            options.n_best);
    tasks::require_positions(decoding_, model_->positions());
    tasks::dry_run(tasks::DryRun::generation, model_->config(), model_->device());
    stepper_ = model_->make_stepper([this](Index done, Index of) { show_reading(done, of); });
  }

  const tasks::TrainedModel& model() const { return *model_; }
  const tasks::Decoding& decoding() const { return decoding_; }

  /// Removes the progress line, so that text can be printed.
  void hide_progress() { progress_.hide(); }

  /// Whether an input may leave too few positions for --min-tokens.
  bool room_depends_on_inputs() const {
    return decoding_.constraints.min_tokens > 0 && model_->positions() > 0;
  }

  /// The prompt of an input, of which `number` others came before. InputError if the model has too few
  /// positions for it and for --min-tokens.
  decode::Prompt prompt_of(const std::string& text, Index number) const {
    decode::Prompt prompt = model_->prompt(text, decoding_.longest, static_cast<std::uint64_t>(number));
    if (!tasks::is_empty(prompt))
      tasks::require_room(decoding_, prompt.max_tokens, concatenate("input ", number + 1));
    return prompt;
  }

  /// Continues all texts of a source. After Ctrl-C, those that have begun end as they are.
  void run(const TextSource& texts, const Listener& listener) {
    struct Begun {
      std::string text;
      Index number = 0, source_tokens = 0, max_tokens = 0;
      bool source_cut = false;
    };
    std::map<Index, Begun> begun;  // by the number of the prompt
    Index inputs = 0, prompts_given = 0;
    InOrder results(listener.ended);
    const decode::PromptSource prompts = [&](bool may_wait, decode::Prompt& prompt) {
      while (true) {
        if (train::Interrupt::requested()) return decode::Supply::end;
        std::string text;
        const decode::Supply supply = texts(may_wait, text);
        if (supply != decode::Supply::prompt) return supply;
        const Index number = inputs++;
        prompt = prompt_of(text, number);
        if (tasks::is_empty(prompt)) {
          results.add(number, empty_continuation());
          continue;
        }
        begun[prompts_given++] = {std::move(text), number, static_cast<Index>(prompt.source.size()),
                                  prompt.max_tokens, prompt.is_cut};
        return supply;
      }
    };
    const train::Interrupt interrupt;
    tasks::decode_each(
        *stepper_, prompts, decoding_, model_->end_token(), model_->forbidden_tokens(),
        [this] { return go_on(); },
        [&](Index number, const std::vector<decode::Hypothesis>& best) {
          const Begun of = std::move(begun.extract(number).mapped());
          const Index wanted = decoding_.longest.tokens(of.source_tokens);
          Continuation result = continuation(of.text, best, of.max_tokens < wanted ? of.max_tokens : -1);
          result.source_cut = of.source_cut;
          results.add(of.number, std::move(result));
        },
        [&](Index number, Id token) {
          ++generated_;
          listener.token(number, token);
        });
    progress_.hide();
  }

 private:
  /// Of an empty source: an empty text, and the score of a sure one if texts have scores.
  Continuation empty_continuation() const {
    Continuation empty{.stopped = true};
    if (decoding_.beam > 0) empty.best.emplace_back();
    return empty;
  }

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

  std::string text_of(const std::vector<Id>& tokens) const { return model_->tokenizer().decode(tokens); }

  /// The result of a text. `room` is the number of tokens for which the model has positions; -1: it has more
  /// than the user wants.
  Continuation continuation(const std::string& text, const std::vector<decode::Hypothesis>& best,
                            Index room) {
    const decode::Hypothesis& first = best[0];
    const auto count = static_cast<Index>(first.tokens.size());
    const bool ended = count == room && (!first.stopped || first.forced);
    Continuation result{.prompt = text,
                        .text = text_of(first.tokens),
                        .tokens = count,
                        .stopped = first.stopped && !first.forced,
                        .ended_at_once = count == 0 && first.stopped && !first.forced,
                        .positions_ended = ended};
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

}  // namespace memsizer::program::generate_command
