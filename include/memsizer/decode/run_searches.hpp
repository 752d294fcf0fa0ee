#pragma once
// The driver of all decoding: it advances the searches for many prompts together, and begins further ones
// when some have ended, so that a batch stays full.

#include <functional>
#include <memory>

#include "memsizer/autograd/tape.hpp"
#include "memsizer/cpu/shared_loop.hpp"
#include "memsizer/decode/constraints.hpp"
#include "memsizer/decode/stepper.hpp"

namespace memsizer::decode {

/// What a source of prompts answers: here is one; there is none yet; there are no more.
enum class Supply { prompt, later, end };

/// Gives the next prompt. If it may wait, nothing else is to be done until there is one. A terminal, for
/// example, answers `later` where no line was typed and it may not wait.
using PromptSource = std::function<Supply(bool may_wait, Prompt& prompt)>;

/// The prompts of a vector, which must outlive the source.
inline PromptSource prompts_of(const std::vector<Prompt>& prompts) {
  return [&prompts, next = std::size_t{0}](bool, Prompt& prompt) mutable {
    if (next == prompts.size()) return Supply::end;
    prompt = prompts[next++];
    return Supply::prompt;
  };
}

/// How many prompts are decoded together where the caller does not say.
inline constexpr Index default_batch = 64;

/// The decoding of one prompt, in one row of a stepper or several.
template <class T>
class Search {
 public:
  virtual ~Search() = default;

  /// Chooses tokens by the logits [rows, vocab] after its rows; it may overwrite them. totals[i] is log sum
  /// exp of row i, if the run computes totals. Row i of the search's next step continues its present row
  /// rows[i] with tokens[i]; a search that gives no rows has ended.
  virtual NextStep advance(std::span<T> logits, std::span<const double> totals) = 0;

  /// Tells the result. Called once: when the search has ended, or when all end as they are.
  virtual void end() = 0;
};

template <class T>
struct SearchRun {
  Index batch = default_batch;  // the most prompts that are decoded together
  bool totals = false;          // whether searches read totals
  /// Whether several searches may advance at a time, on the CPU's threads: advance() calls nobody.
  bool concurrent = false;
  /// Begins the search for a prompt; prompts are numbered from 0 in the order of the source.
  std::function<std::unique_ptr<Search<T>>(Index number, const Prompt& prompt)> begin;
  /// Called after each step. If it returns false, all searches end as they are.
  std::function<bool()> go_on;
};

/// log sum exp of each row of logits [rows, vocab], computed on their device. The largest logit and the
/// logarithm of the sum beside it come apart, and lose no digits before they are added in double.
template <class T>
std::vector<double> log_totals(const Tensor<T>& logits) {
  using A = Accumulate<T>;
  const Index rows = logits.extent(0);
  Device& device = logits.device();
  const Tensor<Id> unscored = Tensor<Id>::full(Shape{rows}, -1, device);
  const Tensor<A> loss(Shape{rows}, device), largest(Shape{rows}, device), log_sum(Shape{rows}, device);
  launch(device, "cross_entropy", logits.kernels().loss.cross_entropy, loss.data(), largest.data(),
         log_sum.data(), logits.data(), unscored.data(), rows, logits.extent(1), LabelSmoothing{});
  const std::vector<A> first = largest.to_vector(), second = log_sum.to_vector();
  std::vector<double> totals;
  for (std::size_t row = 0; row < first.size(); ++row)
    totals.push_back(static_cast<double>(first[row]) + static_cast<double>(second[row]));
  return totals;
}

namespace detail {

/// The state of a run. Each round is a step of the searches that run, then further prompts where there is
/// room, then a choice of tokens in all rows.
template <class T>
class SearchDriver {
 public:
  SearchDriver(Stepper<T>& stepper, const PromptSource& source, const SearchRun<T>& run)
      : stepper_(stepper), source_(source), run_(run) {}

  void run() {
    while (take_round()) {
    }
    for (Running& running : running_) running.search->end();
  }

 private:
  struct Running {
    std::unique_ptr<Search<T>> search;
    Index rows = 1;
  };

  /// Returns false if nothing is left to do, or nothing shall be done.
  bool take_round() {
    const std::size_t before = running_.size();
    Tensor<T> old_logits, new_logits;
    if (before > 0) old_logits = take_step(stepper_, next_, rows_);
    const std::vector<Prompt> prompts = further_prompts();
    try {
      if (!prompts.empty()) new_logits = before > 0 ? stepper_.add(prompts) : stepper_.start(prompts);
    } catch (const ReadingEnded&) {
      return false;
    }
    next_ = {};
    rows_ = 0;
    advance(old_logits, 0, before);
    advance(new_logits, before, running_.size());
    std::erase_if(running_, [](const Running& running) { return running.rows == 0; });
    return (!running_.empty() || !source_ended_) && run_.go_on();
  }

  /// Begins searches and returns their prompts. While others run, it waits until a quarter of the batch is
  /// free: reading several prompts at once costs little more than reading one.
  std::vector<Prompt> further_prompts() {
    std::vector<Prompt> prompts;
    const Index free = run_.batch - static_cast<Index>(running_.size());
    if (!running_.empty() && free < std::max<Index>(1, run_.batch / 4)) return prompts;
    while (!source_ended_ && static_cast<Index>(prompts.size()) < free) {
      Prompt prompt;
      const Supply supply = source_(running_.empty() && prompts.empty(), prompt);
      source_ended_ = supply == Supply::end;
      if (supply != Supply::prompt) break;
      running_.push_back({.search = run_.begin(begun_++, prompt)});
      prompts.push_back(std::move(prompt));
    }
    return prompts;
  }

  /// Advances the searches [first, last), whose rows are those of `logits`, and adds to the next step.
  void advance(Tensor<T>& logits, std::size_t first, std::size_t last) {
    if (first == last) return;
    const std::vector<double> totals = run_.totals ? log_totals(logits) : std::vector<double>();
    std::vector<T> copy;
    const std::span<T> values = on_host(logits, copy);
    const auto vocab = static_cast<std::size_t>(logits.extent(1));
    std::vector<std::size_t> begins = {0};  // the first row of each search, and the end of the last
    for (std::size_t i = first; i < last; ++i)
      begins.push_back(begins.back() + static_cast<std::size_t>(running_[i].rows));
    std::vector<NextStep> steps(last - first);
    const auto advance_part = [&](Index begin, Index end) {
      for (auto i = static_cast<std::size_t>(begin); i < static_cast<std::size_t>(end); ++i) {
        const std::size_t row = begins[i], rows = begins[i + 1] - row;
        steps[i] = running_[first + i].search->advance(
            values.subspan(row * vocab, rows * vocab),
            std::span(totals).subspan(run_.totals ? row : 0, run_.totals ? rows : 0));
      }
    };
    if (run_.concurrent) cpu::share_loop(static_cast<Index>(steps.size()), advance_part);
    for (Index i = 0; i < static_cast<Index>(steps.size()); ++i) {
      const auto search = static_cast<std::size_t>(i);
      if (!run_.concurrent) advance_part(i, i + 1);
      take(running_[first + search], steps[search], begins[search]);
    }
    rows_ += static_cast<Index>(begins.back());
  }

  /// Adds what a search, whose rows began at `row`, does next to the next step; or ends the search.
  void take(Running& running, const NextStep& next, std::size_t row) {
    for (const Index old : next.rows) next_.rows.push_back(rows_ + static_cast<Index>(row) + old);
    next_.tokens.insert(next_.tokens.end(), next.tokens.begin(), next.tokens.end());
    running.rows = static_cast<Index>(next.rows.size());
    if (running.rows == 0) running.search->end();
  }

  /// The elements of a tensor where the host may overwrite them: in the tensor itself, if the host can.
  static std::span<T> on_host(Tensor<T>& logits, std::vector<T>& copy) {
    if (logits.device().memory().host_readable)
      return {logits.data(), static_cast<std::size_t>(logits.size())};
    copy = logits.to_vector();
    return copy;
  }

  Stepper<T>& stepper_;
  const PromptSource& source_;
  const SearchRun<T>& run_;
  std::vector<Running> running_;  // their rows follow one another in the stepper
  NextStep next_;
  Index rows_ = 0, begun_ = 0;  // rows of the stepper, searches so far
  bool source_ended_ = false;
};

}  // namespace detail

/// Decodes all prompts of a source, at most run.batch of them together. The result of one prompt depends
/// neither on the others nor on run.batch. After a ReadingEnded, as after go_on, all searches end as they
/// are. InputError for a batch below 1, and for prompts that the stepper or the search refuses.
template <class T>
void run_searches(Stepper<T>& stepper, const PromptSource& source, const SearchRun<T>& run) {
  require(run.batch > 0, "batch: above 0 expected, got ", run.batch);
  const Tape::Pause pause;
  detail::SearchDriver<T>(stepper, source, run).run();
}

}  // namespace memsizer::decode
