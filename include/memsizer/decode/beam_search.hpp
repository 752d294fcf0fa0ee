#pragma once
// Beam search: it looks for the continuations that are most likely as a whole, not token by token.

#include <functional>
#include <string_view>
#include <utility>

#include "memsizer/autograd/tape.hpp"
#include "memsizer/decode/logits.hpp"
#include "memsizer/decode/stepper.hpp"

namespace memsizer::decode {

/// A continuation of a prompt.
struct Hypothesis {
  std::vector<Id> tokens;      // without the stop token
  double log_probability = 0;  // of all tokens, including the stop token
  double score = 0;            // log_probability / length^length_penalty; the length includes the stop token
  bool stopped = false;        // by the stop token, which alone may follow max_tokens others; not by go_on
};

struct BeamOptions {
  Index beam = 4;             // the number of hypotheses that the search follows
  double length_penalty = 1;  // the power of the length that divides scores, from -10 to 10; 0: no division
  Id stop_token = -1;         // ends a hypothesis; -1: none does
  std::vector<Id> forbidden = {};  // never chosen
  /// Called after each step. If it returns false, all searches end as they are.
  std::function<bool()> go_on = [] { return true; };
  /// Called with the results of each search as soon as the search has ended, and with the number of its
  /// prompt. Not called for searches that go_on ends.
  std::function<void(Index prompt, const std::vector<Hypothesis>&)> ended =
      [](Index, const std::vector<Hypothesis>&) {};
};

namespace detail {

/// The search for one prompt.
struct BeamSearch {
  struct Candidate {
    std::size_t parent;  // which live hypothesis it continues
    Id token;
    double log_probability;
  };

  std::vector<Hypothesis> live = {{}}, done = {};
  bool finished = false, collected = false;  // collected: its results were taken

  /// Whether all live hypotheses have max_tokens tokens, so that only the stop token may follow.
  bool is_at_end(Index max_tokens) const { return static_cast<Index>(live[0].tokens.size()) == max_tokens; }

  /// The best continuations of all live hypotheses, by the logits [live, vocab] after them. InputError if
  /// there are none.
  template <class T>
  std::vector<Candidate> candidates(T* logits, std::size_t vocab, const BeamOptions& options) const {
    std::vector<Candidate> found;
    for (std::size_t parent = 0; parent < live.size(); ++parent) {
      const std::span<T> choices(logits + parent * vocab, vocab);
      const double total = log_sum_exp<T>(choices), before = live[parent].log_probability;
      forbid<T>(choices, options.forbidden);
      for (const Id token : largest_logits<T>(choices, 2 * options.beam))
        found.push_back(
            {parent, token, before + static_cast<double>(choices[static_cast<std::size_t>(token)]) - total});
    }
    require(!found.empty(), "decoding: no token that may be chosen has a finite logit");
    std::ranges::stable_sort(found, std::greater<>(), &Candidate::log_probability);
    return found;
  }

  /// Ends all live hypotheses by the stop token, whose probability counts like any other token's, as in
  /// fairseq's sequence generator. A hypothesis that the stop token cannot follow (its logit is not finite)
  /// ends as it is.
  template <class T>
  void stop_all(const T* logits, std::size_t vocab, Id stop_token) {
    for (std::size_t i = 0; i < live.size(); ++i) {
      const std::span<const T> choices(logits + i * vocab, vocab);
      const double change =
          static_cast<double>(choices[static_cast<std::size_t>(stop_token)]) - log_sum_exp<T>(choices);
      live[i].stopped = std::isfinite(change);
      if (live[i].stopped) live[i].log_probability += change;
    }
    done.insert(done.end(), live.begin(), live.end());
    live.clear();
    finished = true;
  }

  /// Continues all hypotheses by one token. With 2 * beam candidates at least `beam` do not stop; a stop
  /// counts only among the best `beam`. Returns the parents of the new live hypotheses.
  std::vector<std::size_t> advance(const std::vector<Candidate>& candidates, const BeamOptions& options,
                                   Index max_tokens) {
    const auto beam = static_cast<std::size_t>(options.beam);
    std::vector<Hypothesis> next;
    std::vector<std::size_t> parents;
    for (std::size_t rank = 0; rank < std::min(candidates.size(), 2 * beam) && next.size() < beam; ++rank) {
      const Candidate& candidate = candidates[rank];
      const bool stops = candidate.token == options.stop_token;
      if (stops && rank >= beam) continue;
      Hypothesis hypothesis = live[candidate.parent];
      hypothesis.log_probability = candidate.log_probability;
      hypothesis.stopped = stops;
      if (!stops) hypothesis.tokens.push_back(candidate.token);
      (stops ? done : next).push_back(std::move(hypothesis));
      if (!stops) parents.push_back(candidate.parent);
    }
    live = std::move(next);
    if (!live.empty() && is_at_end(max_tokens) && !may_stop(options)) {
      done.insert(done.end(), live.begin(), live.end());
      live.clear();
    }
    finished = live.empty() || done.size() >= beam;
    return finished ? std::vector<std::size_t>() : parents;
  }

  static bool may_stop(const BeamOptions& options) {
    return options.stop_token >= 0 && std::ranges::count(options.forbidden, options.stop_token) == 0;
  }

  /// The results, the best first, at most `beam`. In an unfinished search they include the live hypotheses.
  std::vector<Hypothesis> results(const BeamOptions& options) {
    if (!finished) done.insert(done.end(), live.begin(), live.end());
    for (Hypothesis& hypothesis : done) {
      const double length = static_cast<double>(hypothesis.tokens.size()) + (hypothesis.stopped ? 1 : 0);
      hypothesis.score = hypothesis.log_probability / std::pow(length, options.length_penalty);
    }
    std::ranges::stable_sort(done, std::greater<>(), &Hypothesis::score);
    if (static_cast<Index>(done.size()) > options.beam) done.resize(static_cast<std::size_t>(options.beam));
    return std::move(done);
  }
};

/// Advances every unfinished search; their hypotheses form the next step.
template <class T>
NextStep advance_searches(std::vector<BeamSearch>& searches, const std::vector<Prompt>& prompts,
                          std::vector<T>& logits, std::size_t vocab, const BeamOptions& options) {
  NextStep next;
  std::size_t row = 0;
  for (std::size_t i = 0; i < searches.size(); ++i) {
    BeamSearch& search = searches[i];
    if (search.finished) continue;
    const std::size_t first_row = std::exchange(row, row + search.live.size());
    T* const logits_of_search = logits.data() + first_row * vocab;
    if (search.is_at_end(prompts[i].max_tokens)) {
      search.stop_all(logits_of_search, vocab, options.stop_token);
      continue;
    }
    const auto candidates = search.candidates(logits_of_search, vocab, options);
    const auto parents = search.advance(candidates, options, prompts[i].max_tokens);
    for (std::size_t hypothesis = 0; hypothesis < parents.size(); ++hypothesis) {
      next.rows.push_back(static_cast<Index>(first_row + parents[hypothesis]));
      next.tokens.push_back(search.live[hypothesis].tokens.back());
    }
  }
  return next;
}

/// Takes the results of the searches that have ended since the last call, and reports them.
inline void collect_ended(std::vector<BeamSearch>& searches, const BeamOptions& options,
                          std::vector<std::vector<Hypothesis>>& results) {
  for (std::size_t i = 0; i < searches.size(); ++i) {
    if (!searches[i].finished || std::exchange(searches[i].collected, true)) continue;
    results[i] = searches[i].results(options);
    options.ended(static_cast<Index>(i), results[i]);
  }
}

}  // namespace detail

/// InputError, with the option's name, unless a length penalty is from -10 to 10. With -300, for example, the
/// scores of long texts would be infinite, and no text could be told from another.
inline void require_length_penalty(std::string_view option, double penalty) {
  require(penalty >= -10 && penalty <= 10, option, ": from -10 to 10 expected, got ", penalty);
}

/// The best continuations of every prompt, at most `beam` of them, the best first. A search ends when `beam`
/// hypotheses have stopped (as in fairseq); after max_tokens tokens, when the stop token is forced; or by
/// go_on, when unfinished hypotheses count as they are. A beam of 1 gives the tokens of greedy decoding.
template <class T>
std::vector<std::vector<Hypothesis>> beam_search(Stepper<T>& stepper, const std::vector<Prompt>& prompts,
                                                 const BeamOptions& options) {
  require(options.beam > 0, "beam: above 0 expected, got ", options.beam);
  require_length_penalty("length_penalty", options.length_penalty);
  require_tokens("forbidden", options.forbidden, stepper.vocab());
  std::vector<std::vector<Hypothesis>> results(prompts.size());
  if (prompts.empty()) return results;
  const Tape::Pause pause;
  std::vector<detail::BeamSearch> searches(prompts.size());
  std::vector<T> logits = first_logits(stepper, prompts);
  const auto vocab = static_cast<std::size_t>(stepper.vocab());
  while (true) {
    const auto rows = static_cast<Index>(logits.size() / vocab);
    const NextStep next = detail::advance_searches(searches, prompts, logits, vocab, options);
    detail::collect_ended(searches, options, results);
    if (next.rows.empty() || !options.go_on()) break;
    logits = next_logits(stepper, next, rows);
  }
  for (std::size_t i = 0; i < searches.size(); ++i)
    if (!searches[i].collected) results[i] = searches[i].results(options);
  return results;
}

}  // namespace memsizer::decode
