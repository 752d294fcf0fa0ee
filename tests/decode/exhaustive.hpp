#pragma once
// All continuations of a prompt with their scores, against which beam search is compared.

#include <boost/test/unit_test.hpp>

#include "memsizer/decode/beam_search.hpp"

namespace memsizer::test {

/// log softmax of the logits.
inline std::vector<double> log_probabilities(std::vector<double> logits) {
  const double total = decode::log_sum_exp<double>(logits);
  for (double& logit : logits) logit -= total;
  return logits;
}

/// Whether the constraints let a token follow a text, found by counting.
inline bool may_follow(const std::vector<Id>& text, Id token, const decode::BeamOptions& options) {
  const decode::Constraints& rules = options.constraints;
  if (token == options.stop_token) return static_cast<Index>(text.size()) >= rules.min_tokens;
  std::vector<Id> longer = text;
  longer.push_back(token);
  const auto length = static_cast<Index>(longer.size()), n = rules.no_repeat_ngram;
  if (n == 0) return true;
  for (Index i = 0; i < length - n; ++i)
    if (std::equal(longer.end() - n, longer.end(), longer.begin() + i)) return false;
  return true;
}

/// Every text of at most max_tokens tokens with a stop token after it. Without a stop token: every text of
/// max_tokens tokens. The best one comes first.
template <class Model>
std::vector<decode::Hypothesis> exhaustive(const Model& model, const decode::Prompt& prompt,
                                           const decode::BeamOptions& options) {
  std::vector<decode::Hypothesis> open = {{}}, done;
  while (!open.empty()) {
    decode::Hypothesis hypothesis = std::move(open.back());
    open.pop_back();
    std::vector<Id> text = prompt.tokens;
    text.insert(text.end(), hypothesis.tokens.begin(), hypothesis.tokens.end());
    const std::vector<double> next = log_probabilities(model.logits_after(text));
    for (Id token = 0; token < static_cast<Id>(next.size()); ++token) {
      if (!may_follow(hypothesis.tokens, token, options)) continue;
      decode::Hypothesis longer = hypothesis;
      longer.log_probability += next[static_cast<std::size_t>(token)];
      longer.stopped = token == options.stop_token;
      const bool is_at_end = static_cast<Index>(hypothesis.tokens.size()) == prompt.max_tokens;
      if (is_at_end && !longer.stopped) continue;
      longer.forced = is_at_end;
      if (!longer.stopped) longer.tokens.push_back(token);
      const bool full =
          options.stop_token < 0 && static_cast<Index>(longer.tokens.size()) == prompt.max_tokens;
      const double length = static_cast<double>(longer.tokens.size()) + (longer.stopped ? 1 : 0);
      longer.score = longer.log_probability / std::pow(length, options.length_penalty);
      (longer.stopped || full ? done : open).push_back(std::move(longer));
    }
  }
  std::ranges::sort(done, std::greater<>(), &decode::Hypothesis::score);
  return done;
}

inline void check_equal(const decode::Hypothesis& found, const decode::Hypothesis& expected) {
  BOOST_TEST(found.tokens == expected.tokens, boost::test_tools::per_element());
  BOOST_TEST(found.stopped == expected.stopped);
  BOOST_TEST(found.forced == expected.forced);
  BOOST_TEST(found.log_probability == expected.log_probability, boost::test_tools::tolerance(1e-9));
  BOOST_TEST(found.score == expected.score, boost::test_tools::tolerance(1e-9));
}

}  // namespace memsizer::test
