#pragma once
// Beam search: it looks for the continuations that are most likely as a whole, not token by token.

#include <string_view>
#include <utility>

#include "memsizer/base/linkage.hpp"
#include "memsizer/decode/run_searches.hpp"

namespace memsizer::decode {

/// A continuation of a prompt.
struct Hypothesis {
  std::vector<Id> tokens;      // without the stop token
  double log_probability = 0;  // of all tokens, including the stop token
  double score = 0;            // log_probability / length^length_penalty; the length includes the stop token
  bool stopped = false;  // whether the stop token is its last; false where go_on or constraints ended it
  bool forced = false;   // stopped, but only because it had max_tokens tokens before the stop token
};

/// Each hypothesis of a beam has a row of the stepper, and so its memory.
inline constexpr Index largest_beam = 4096;

struct BeamOptions {
  Index beam = 4;             // the number of hypotheses that the search follows, at most largest_beam
  double length_penalty = 1;  // the power of the length that divides scores, from -10 to 10; 0: no division
  Id stop_token = -1;         // ends a hypothesis; -1: none does
  std::vector<Id> forbidden = {};  // never chosen
  Constraints constraints = {};
  Index batch = default_batch;  // the most prompts that are searched together
  /// Called after each step. If it returns false, all searches end as they are.
  std::function<bool()> go_on = [] { return true; };
  /// Called with the results of each search as soon as the search has ended, in whatever way, and with the
  /// number of its prompt.
  std::function<void(Index prompt, const std::vector<Hypothesis>&)> ended =
      [](Index, const std::vector<Hypothesis>&) {};
};

/// InputError, with the option's name, unless a length penalty is from -10 to 10. With -300, for example, the
/// scores of long texts would be infinite, and no text could be told from another.
inline void require_length_penalty(std::string_view option, double penalty) {
  require(penalty >= -10 && penalty <= 10, option, ": from -10 to 10 expected, got ", penalty);
}

/// The best continuations of every prompt of a source, `beam` of them where there are so many, the best
/// first. Results are told by options.ended alone. A search ends when `beam` hypotheses have stopped (as in
/// fairseq); after max_tokens tokens, when the stop token is forced, unless the model has no position for the
/// token before it; or by go_on. Hypotheses that are unfinished then count as they are. A beam of 1 gives the
/// tokens of greedy decoding. InputError for empty prompts, options out of range, and tokens outside the
/// vocabulary.
template <class T>
void beam_search_each(Stepper<T>& stepper, const PromptSource& source, const BeamOptions& options);

/// The same for the prompts of a vector. Returns their results; those that go_on has kept from beginning are
/// one empty hypothesis.
template <class T>
std::vector<std::vector<Hypothesis>> beam_search(Stepper<T>& stepper, const std::vector<Prompt>& prompts,
                                                 const BeamOptions& options);

#if MEMSIZER_CORE_HAS_BODIES

namespace detail {

/// The search for one prompt, with a row for each live hypothesis.
template <class T>
class BeamSearch : public Search<T> {
 public:
  /// The options must outlive the search. `reads_last`: whether the model has a position for the last of
  /// max_tokens tokens, and so can tell how likely the stop token is after it.
  BeamSearch(Index number, Index max_tokens, bool reads_last, const BeamOptions& options)
      : number_(number), max_tokens_(max_tokens), reads_last_(reads_last), options_(options) {}

  NextStep advance(std::span<T> logits, std::span<const double> totals) override {
    vocab_ = logits.size() / totals.size();
    for (const double total : totals) require(std::isfinite(total), "decoding: no token has a finite logit");
    if (is_at_end()) {
      stop_all(logits, totals);
      return {};
    }
    return follow(candidates(logits, totals));
  }

  void end() override { options_.ended(number_, results()); }

 private:
  struct Candidate {
    std::size_t parent;  // which live hypothesis it continues
    Id token;
    double log_probability;
  };

  /// Whether all live hypotheses have max_tokens tokens, so that only the stop token may follow.
  bool is_at_end() const { return static_cast<Index>(live_[0].tokens.size()) == max_tokens_; }

  std::span<T> row(std::span<T> logits, std::size_t hypothesis) const {
    return logits.subspan(hypothesis * vocab_, vocab_);
  }

  /// The best continuations of all live hypotheses, with their probabilities among all tokens, the forbidden
  /// ones too. A hypothesis that constraints leave no token ends as it is. InputError if the model excludes
  /// all tokens.
  std::vector<Candidate> candidates(std::span<T> logits, std::span<const double> totals) {
    std::vector<Candidate> found;
    bool constrained = false;
    for (std::size_t parent = 0; parent < live_.size(); ++parent) {
      const std::span<T> choices = row(logits, parent);
      forbid<T>(choices, options_.forbidden);
      if (!constrain(choices, options_.constraints, live_[parent].tokens, options_.stop_token)) {
        done_.push_back(live_[parent]);
        constrained = true;
        continue;
      }
      const double before = live_[parent].log_probability - totals[parent];
      for (const Id token : largest_logits<T>(choices, 2 * options_.beam))
        found.push_back(
            {parent, token, before + static_cast<double>(choices[static_cast<std::size_t>(token)])});
    }
    require(constrained || !found.empty(), "decoding: no token that may be chosen has a finite logit");
    std::ranges::stable_sort(found, std::greater<>(), &Candidate::log_probability);
    return found;
  }

  /// Ends all live hypotheses by the stop token, whose probability counts like any other token's, as in
  /// fairseq's sequence generator. A hypothesis that the stop token cannot follow (its logit is not finite)
  /// ends as it is.
  void stop_all(std::span<T> logits, std::span<const double> totals) {
    for (std::size_t i = 0; i < live_.size(); ++i) {
      const std::span<T> choices = row(logits, i);
      most_likely<T>(choices);  // throws if a logit is not a number
      const double change =
          static_cast<double>(choices[static_cast<std::size_t>(options_.stop_token)]) - totals[i];
      live_[i].stopped = live_[i].forced = std::isfinite(change);
      if (live_[i].stopped) live_[i].log_probability += change;
    }
    end_live();
  }

  /// Continues all hypotheses by one token. With 2 * beam candidates at least `beam` do not stop; a stop
  /// counts only among the best `beam`.
  NextStep follow(const std::vector<Candidate>& candidates) {
    const auto beam = static_cast<std::size_t>(options_.beam);
    std::vector<Hypothesis> next;
    NextStep step;
    for (std::size_t rank = 0; rank < std::min(candidates.size(), 2 * beam) && next.size() < beam; ++rank) {
      const Candidate& candidate = candidates[rank];
      const bool stops = candidate.token == options_.stop_token;
      if (stops && rank >= beam) continue;
      Hypothesis hypothesis = live_[candidate.parent];
      hypothesis.log_probability = candidate.log_probability;
      hypothesis.stopped = stops;
      if (!stops) {
        hypothesis.tokens.push_back(candidate.token);
        step.rows.push_back(static_cast<Index>(candidate.parent));
        step.tokens.push_back(candidate.token);
      }
      (stops ? done_ : next).push_back(std::move(hypothesis));
    }
    live_ = std::move(next);
    if (!live_.empty() && is_at_end() && !(reads_last_ && may_stop())) end_live();
    finished_ = live_.empty() || done_.size() >= beam;
    return finished_ ? NextStep() : step;
  }

  bool may_stop() const {
    return options_.stop_token >= 0 && std::ranges::count(options_.forbidden, options_.stop_token) == 0;
  }

  void end_live() {
    done_.insert(done_.end(), live_.begin(), live_.end());
    live_.clear();
    finished_ = true;
  }

  /// The results, the best first, at most `beam`. In an unfinished search they include the live hypotheses.
  std::vector<Hypothesis> results() {
    if (!finished_) end_live();
    for (Hypothesis& hypothesis : done_) {
      const auto length = static_cast<double>(hypothesis.tokens.size()) + (hypothesis.stopped ? 1 : 0);
      hypothesis.score =
          hypothesis.log_probability / std::pow(std::max(length, 1.0), options_.length_penalty);
    }
    std::ranges::stable_sort(done_, std::greater<>(), &Hypothesis::score);
    if (static_cast<Index>(done_.size()) > options_.beam)
      done_.resize(static_cast<std::size_t>(options_.beam));
    return std::move(done_);
  }

  Index number_, max_tokens_;
  bool reads_last_;
  const BeamOptions& options_;
  std::size_t vocab_ = 0;
  std::vector<Hypothesis> live_ = {{}}, done_;
  bool finished_ = false;
};

}  // namespace detail

template <class T>
void beam_search_each(Stepper<T>& stepper, const PromptSource& source, const BeamOptions& options) {
  require(options.beam > 0 && options.beam <= largest_beam, "beam: 1 to ", largest_beam, " expected, got ",
          options.beam);
  require_length_penalty("length_penalty", options.length_penalty);
  require_valid(options.constraints);
  require_tokens("forbidden", options.forbidden, stepper.vocab());
  require_stop_token(options.stop_token, stepper.vocab());
  run_searches<T>(stepper, source,
                  {.batch = options.batch,
                   .totals = true,
                   .concurrent = true,
                   .begin =
                       [&](Index number, const Prompt& prompt) {
                         require_room(options.constraints, prompt.max_tokens);
                         const Index positions = stepper.positions(),
                                     most = static_cast<Index>(prompt.tokens.size()) + prompt.max_tokens;
                         return std::make_unique<detail::BeamSearch<T>>(
                             number, prompt.max_tokens, positions == 0 || most <= positions, options);
                       },
                   .go_on = options.go_on});
}

template <class T>
std::vector<std::vector<Hypothesis>> beam_search(Stepper<T>& stepper, const std::vector<Prompt>& prompts,
                                                 const BeamOptions& options) {
  std::vector<std::vector<Hypothesis>> results(prompts.size(), {{}});
  BeamOptions keeping = options;
  keeping.ended = [&](Index prompt, const std::vector<Hypothesis>& found) {
    results[static_cast<std::size_t>(prompt)] = found;
    options.ended(prompt, found);
  };
  beam_search_each<T>(stepper, prompts_of(prompts), keeping);
  return results;
}

#endif

}  // namespace memsizer::decode

/// What memsizer::kernels holds of this file, as MEMSIZER_CORE_CLASSES says it of the classes.
#define MEMSIZER_SEARCHING(INSTANTIATE, T)                                                             \
  INSTANTIATE void memsizer::decode::beam_search_each<T>(memsizer::decode::Stepper<T>&,                \
                                                         const memsizer::decode::PromptSource&,        \
                                                         const memsizer::decode::BeamOptions&);        \
  INSTANTIATE std::vector<std::vector<memsizer::decode::Hypothesis>> memsizer::decode::beam_search<T>( \
      memsizer::decode::Stepper<T>&, const std::vector<memsizer::decode::Prompt>&,                     \
      const memsizer::decode::BeamOptions&)
