#pragma once
// Decoding token by token: greedy, or by sampling from the model's probabilities.

#include <functional>

#include "memsizer/autograd/tape.hpp"
#include "memsizer/decode/sampling.hpp"
#include "memsizer/decode/stepper.hpp"

namespace memsizer::decode {

/// The continuation of one prompt.
struct Generated {
  std::vector<Id> tokens;  // without the stop token
  bool stopped = false;    // by the stop token, not by max_tokens or go_on
};

struct GenerateOptions {
  SamplingOptions sampling = {};
  Id stop_token = -1;              // ends a sequence; -1: none does
  std::vector<Id> forbidden = {};  // never chosen
  /// Called after each step. If it returns false, all continuations end as they are.
  std::function<bool()> go_on = [] { return true; };
  /// Called with each continuation as soon as it has ended, and with the number of its prompt. Not called for
  /// continuations that go_on ends.
  std::function<void(Index prompt, const Generated&)> ended = [](Index, const Generated&) {};
};

/// Called with each token as it is chosen, and with the number of its prompt. Not called for the stop token.
using TokenListener = std::function<void(Index prompt, Id token)>;

namespace detail {

/// Chooses a token for each running prompt; prompts that continue form the next step.
template <class T>
NextStep choose_tokens(std::vector<T>& logits, const std::vector<std::size_t>& running,
                       const std::vector<Prompt>& prompts, const GenerateOptions& options,
                       std::vector<Generated>& results, const TokenListener& listener) {
  NextStep next;
  const std::size_t vocab = logits.size() / running.size();
  for (std::size_t row = 0; row < running.size(); ++row) {
    const Prompt& prompt = prompts[running[row]];
    Generated& result = results[running[row]];
    const std::span<T> choices(logits.data() + row * vocab, vocab);
    forbid<T>(choices, options.forbidden);
    const auto position = static_cast<Index>(result.tokens.size());
    const double number = sampling_number(options.sampling.seed, prompt.stream, position);
    const Id token = sample<T>(choices, options.sampling, number);
    result.stopped = token == options.stop_token;
    if (!result.stopped) {
      result.tokens.push_back(token);
      listener(static_cast<Index>(running[row]), token);
    }
    if (result.stopped || position + 1 == prompt.max_tokens) {
      options.ended(static_cast<Index>(running[row]), result);
      continue;
    }
    next.rows.push_back(static_cast<Index>(row));
    next.tokens.push_back(token);
  }
  return next;
}

}  // namespace detail

/// Continues every prompt until its stop token or max_tokens, or until go_on ends all. The result of one
/// prompt does not depend on the other prompts. InputError for empty prompts, options out of range, and
/// tokens outside the vocabulary.
template <class T>
std::vector<Generated> generate(
    Stepper<T>& stepper, const std::vector<Prompt>& prompts, const GenerateOptions& options,
    const TokenListener& listener = [](Index, Id) {}) {
  require_valid(options.sampling);
  require_tokens("forbidden", options.forbidden, stepper.vocab());
  std::vector<Generated> results(prompts.size());
  if (prompts.empty()) return results;
  const Tape::Pause pause;
  std::vector<std::size_t> running(prompts.size());  // the prompts of the stepper's rows
  std::iota(running.begin(), running.end(), std::size_t{0});
  std::vector<T> logits = first_logits(stepper, prompts);
  while (true) {
    const NextStep next = detail::choose_tokens(logits, running, prompts, options, results, listener);
    if (next.rows.empty() || !options.go_on()) return results;
    logits = next_logits(stepper, next, static_cast<Index>(running.size()));
    for (std::size_t i = 0; i < next.rows.size(); ++i)
      running[i] = running[static_cast<std::size_t>(next.rows[i])];
    running.resize(next.rows.size());
  }
}

}  // namespace memsizer::decode

/// What memsizer::kernels holds of this file, as MEMSIZER_CORE_CLASSES says it of the classes.
#define MEMSIZER_GENERATING(INSTANTIATE, T)                                           \
  INSTANTIATE std::vector<memsizer::decode::Generated> memsizer::decode::generate<T>( \
      memsizer::decode::Stepper<T>&, const std::vector<memsizer::decode::Prompt>&,    \
      const memsizer::decode::GenerateOptions&, const memsizer::decode::TokenListener&)

#ifdef MEMSIZER_KERNELS_ARE_LINKED
MEMSIZER_GENERATING(extern template, float);
MEMSIZER_GENERATING(extern template, double);
#endif
