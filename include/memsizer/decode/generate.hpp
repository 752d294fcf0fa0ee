#pragma once
// Decoding token by token: greedy, or by sampling from the model's probabilities.

#include "memsizer/base/linkage.hpp"
#include "memsizer/decode/run_searches.hpp"
#include "memsizer/decode/sampling.hpp"

namespace memsizer::decode {

/// The continuation of one prompt.
struct Generated {
  std::vector<Id> tokens;  // without the stop token
  bool stopped = false;    // by the stop token, not by max_tokens, go_on or constraints
};

struct GenerateOptions {
  SamplingOptions sampling = {};
  Id stop_token = -1;              // ends a sequence; -1: none does
  std::vector<Id> forbidden = {};  // never chosen
  Constraints constraints = {};
  Index batch = default_batch;  // the most prompts that are continued together
  /// Called after each step. If it returns false, all continuations end as they are.
  std::function<bool()> go_on = [] { return true; };
  /// Called with each continuation as soon as it has ended, in whatever way, and with the number of its
  /// prompt.
  std::function<void(Index prompt, const Generated&)> ended = [](Index, const Generated&) {};
};

/// Called with each token as it is chosen, and with the number of its prompt. Not called for the stop token.
using TokenListener = std::function<void(Index prompt, Id token)>;

/// Continues every prompt of a source until its stop token or max_tokens, or until go_on ends all. Results
/// are told by options.ended alone. The result of one prompt does not depend on the other prompts. InputError
/// for empty prompts, options out of range, and tokens outside the vocabulary.
template <class T>
void generate_each(
    Stepper<T>& stepper, const PromptSource& source, const GenerateOptions& options,
    const TokenListener& listener = [](Index, Id) {});

/// The same for the prompts of a vector. Returns their results; those that go_on has kept from beginning are
/// empty.
template <class T>
std::vector<Generated> generate(
    Stepper<T>& stepper, const std::vector<Prompt>& prompts, const GenerateOptions& options,
    const TokenListener& listener = [](Index, Id) {});

#if MEMSIZER_CORE_HAS_BODIES

namespace detail {

/// The continuation of one prompt, in one row.
template <class T>
class Continuing : public Search<T> {
 public:
  /// The options and the listener must outlive the search.
  Continuing(Index number, const Prompt& prompt, const GenerateOptions& options,
             const TokenListener& listener)
      : number_(number),
        max_tokens_(prompt.max_tokens),
        stream_(prompt.stream),
        options_(options),
        listener_(listener) {}

  NextStep advance(std::span<T> logits, std::span<const double>) override {
    forbid<T>(logits, options_.forbidden);
    if (!constrain(logits, options_.constraints, result_.tokens, options_.stop_token)) return {};
    const auto position = static_cast<Index>(result_.tokens.size());
    const Id token =
        sample<T>(logits, options_.sampling, sampling_number(options_.sampling.seed, stream_, position));
    result_.stopped = token == options_.stop_token;
    if (result_.stopped) return {};
    result_.tokens.push_back(token);
    listener_(number_, token);
    if (position + 1 == max_tokens_) return {};
    return {{0}, {token}};
  }

  void end() override { options_.ended(number_, result_); }

 private:
  Index number_, max_tokens_;
  std::uint64_t stream_;
  const GenerateOptions& options_;
  const TokenListener& listener_;
  Generated result_;
};

}  // namespace detail

template <class T>
void generate_each(Stepper<T>& stepper, const PromptSource& source, const GenerateOptions& options,
                   const TokenListener& listener) {
  require_valid(options.sampling);
  require_valid(options.constraints);
  require_tokens("forbidden", options.forbidden, stepper.vocab());
  require_stop_token(options.stop_token, stepper.vocab());
  run_searches<T>(stepper, source,
                  {.batch = options.batch,
                   .begin =
                       [&](Index number, const Prompt& prompt) {
                         require_room(options.constraints, prompt.max_tokens);
                         return std::make_unique<detail::Continuing<T>>(number, prompt, options, listener);
                       },
                   .go_on = options.go_on});
}

template <class T>
std::vector<Generated> generate(Stepper<T>& stepper, const std::vector<Prompt>& prompts,
                                const GenerateOptions& options, const TokenListener& listener) {
  std::vector<Generated> results(prompts.size());
  GenerateOptions keeping = options;
  keeping.ended = [&](Index prompt, const Generated& result) {
    results[static_cast<std::size_t>(prompt)] = result;
    options.ended(prompt, result);
  };
  generate_each<T>(stepper, prompts_of(prompts), keeping, listener);
  return results;
}

#endif

}  // namespace memsizer::decode

/// What memsizer::kernels holds of this file, as MEMSIZER_CORE_CLASSES says it of the classes.
#define MEMSIZER_GENERATING(INSTANTIATE, T)                                              \
  INSTANTIATE void memsizer::decode::generate_each<T>(                                   \
      memsizer::decode::Stepper<T>&, const memsizer::decode::PromptSource&,              \
      const memsizer::decode::GenerateOptions&, const memsizer::decode::TokenListener&); \
  INSTANTIATE std::vector<memsizer::decode::Generated> memsizer::decode::generate<T>(    \
      memsizer::decode::Stepper<T>&, const std::vector<memsizer::decode::Prompt>&,       \
      const memsizer::decode::GenerateOptions&, const memsizer::decode::TokenListener&)
