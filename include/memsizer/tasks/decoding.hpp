#pragma once
// How a task turns an input into a text: by beam search, or token by token; how long the text may be; and
// what of this a user has chosen.

#include <cmath>
#include <optional>
#include <string>

#include "memsizer/base/setting.hpp"
#include "memsizer/decode/beam_search.hpp"
#include "memsizer/decode/generate.hpp"

namespace memsizer::tasks {

/// The most tokens of a result: a number for each token of the source, and a fixed one. Example: with 1.2 and
/// 10, a source of 5 tokens (its </s> is one of them) may become 16 tokens.
struct LengthLimit {
  double per_source_token = 0;
  Index more = 100;
  Index least = 0;       // the limit is not below this, so that a short source leaves room for min_tokens
  const char* key = "";  // the configuration's key that gives the fixed number; empty: none does

  Index tokens(Index source) const {
    return std::max(least, static_cast<Index>(per_source_token * static_cast<double>(source)) + more);
  }
};

/// A way to decode, complete and valid.
struct Decoding {
  Index beam = 0;             // hypotheses of a beam search; 0: no search, token by token
  double length_penalty = 1;  // of the beam search
  decode::SamplingOptions sampling = {};
  decode::Constraints constraints = {};
  LengthLimit longest = {};
  Index batch = 16;  // inputs decoded together; it changes the speed, and no result
};

/// What a user has chosen. An option that was not given is empty, and the task's own way counts.
struct DecodingOptions {
  std::optional<Index> beam = {}, max_tokens = {}, min_tokens = {}, no_repeat_ngram = {}, batch = {},
                       top_k = {};
  std::optional<double> length_penalty = {}, temperature = {}, top_p = {};
  Index seed = 1;

  bool draws() const { return temperature.has_value() || top_k.has_value() || top_p.has_value(); }
  /// Whether an option was given that changes results.
  bool any() const {
    return beam || max_tokens || min_tokens || no_repeat_ngram || length_penalty || draws();
  }
};

namespace detail {

inline void require_at_least(const char* option, const std::optional<Index>& value, Index least) {
  require(!value || *value >= least, option, ": ", least, " or more expected, got ", value.value_or(0));
}

inline decode::SamplingOptions sampling_of(const DecodingOptions& options) {
  const bool only_cut = options.top_k || options.top_p;
  decode::SamplingOptions sampling{.temperature = options.temperature.value_or(only_cut ? 1 : 0),
                                   .top_k = options.top_k.value_or(0),
                                   .top_p = options.top_p.value_or(1),
                                   .seed = static_cast<std::uint64_t>(options.seed)};
  decode::require_valid(sampling, {.temperature = "--temperature", .top_k = "--top-k", .top_p = "--top-p"});
  return sampling;
}

}  // namespace detail

/// InputError, with the option's name, for a value out of range, and for options that do not go together.
inline void require_valid(const DecodingOptions& options) {
  detail::require_at_least("--beam", options.beam, 1);
  detail::require_at_least("--max-tokens", options.max_tokens, 1);
  detail::require_at_least("--min-tokens", options.min_tokens, 0);
  detail::require_at_least("--no-repeat-ngram", options.no_repeat_ngram, 0);
  detail::require_at_least("--batch", options.batch, 1);
  detail::require_at_least("--seed", options.seed, 0);
  require(options.min_tokens.value_or(0) <= options.max_tokens.value_or(options.min_tokens.value_or(0)),
          "--min-tokens: at most --max-tokens expected, which is ", options.max_tokens.value_or(0), ", got ",
          options.min_tokens.value_or(0));
  require(!options.beam || !options.draws(),
          "--beam searches for the likeliest text: --temperature, --top-k and --top-p do not go with it");
  require(!options.length_penalty || !options.draws(),
          "--length-penalty is for a beam search: --temperature, --top-k and --top-p do not go with it");
  decode::require_length_penalty("--length-penalty", options.length_penalty.value_or(0));
  detail::sampling_of(options);
}

/// The task's way to decode with what the user has chosen. A user who draws tokens wants no beam search.
/// InputError as in require_valid, and if a length penalty is given and nothing is searched.
inline Decoding chosen(Decoding decoding, const DecodingOptions& options) {
  require_valid(options);
  decoding.beam = options.draws() ? 0 : options.beam.value_or(decoding.beam);
  require(!options.length_penalty || decoding.beam > 0, "--length-penalty goes with --beam");
  if (options.beam && decoding.longest.per_source_token == 0)
    decoding.batch = std::max<Index>(1, decoding.batch / *options.beam);
  decoding.length_penalty = options.length_penalty.value_or(decoding.length_penalty);
  decoding.sampling = detail::sampling_of(options);
  if (options.max_tokens) decoding.longest = {.per_source_token = 0, .more = *options.max_tokens};
  decode::Constraints& constraints = decoding.constraints;
  constraints.min_tokens = options.min_tokens.value_or(constraints.min_tokens);
  decoding.longest.least = constraints.min_tokens;
  constraints.no_repeat_ngram = options.no_repeat_ngram.value_or(constraints.no_repeat_ngram);
  decoding.batch = options.batch.value_or(decoding.batch);
  return decoding;
}

/// InputError, with the option's name, if --min-tokens asks for more new tokens than the model has positions
/// for, even after the shortest input. `positions` are those of a sequence; 0: no limit.
inline void require_positions(const Decoding& decoding, Index positions) {
  require(positions == 0 || decoding.constraints.min_tokens < positions, "--min-tokens: at most ",
          positions - 1, " expected, since the model has learned positions for sequences of ", positions,
          " tokens, got ", decoding.constraints.min_tokens);
}

/// InputError, with the option's name, if the model has too few positions for --min-tokens after an input,
/// which `input` names. `room` is the number of new tokens for which it has positions.
inline void require_room(const Decoding& decoding, Index room, const std::string& input) {
  require(decoding.constraints.min_tokens <= room, "--min-tokens: at most ", room,
          " expected, for which the model has learned positions after ", input, ", got ",
          decoding.constraints.min_tokens);
}

/// The way to decode in words: "beam 4, length penalty 0.6, at most 1.2 x source + 10 tokens".
inline std::string text_of(const Decoding& decoding) {
  using memsizer::detail::number_text;
  const decode::SamplingOptions& sampling = decoding.sampling;
  std::string text;
  if (decoding.beam > 0)
    text = concatenate("beam ", decoding.beam, ", length penalty ", number_text(decoding.length_penalty));
  else if (sampling.temperature == 0)
    text = "greedy";
  else
    text = concatenate("temperature ", number_text(sampling.temperature),
                       sampling.top_k > 0 ? concatenate(", top-k ", sampling.top_k) : "",
                       sampling.top_p < 1 ? concatenate(", top-p ", number_text(sampling.top_p)) : "",
                       ", seed ", sampling.seed);
  if (decoding.constraints.min_tokens > 0)
    text += concatenate(", at least ", decoding.constraints.min_tokens, " tokens");
  const LengthLimit& longest = decoding.longest;
  text += longest.per_source_token > 0 ? concatenate(", at most ", number_text(longest.per_source_token),
                                                     " x source + ", longest.more, " tokens")
                                       : concatenate(", at most ", longest.more, " tokens");
  if (decoding.constraints.no_repeat_ngram > 0)
    text += concatenate(", no ", decoding.constraints.no_repeat_ngram, "-gram twice");
  return text;
}

/// Called with the number of a prompt and its results, the best first; without a beam search there is one.
using ResultCallback = std::function<void(Index prompt, const std::vector<decode::Hypothesis>&)>;

/// Decodes every prompt of a source in this way. `go_on` is asked after each step; if it returns false, all
/// prompts that have begun end as they are. `ended` takes the results, `chosen` each token as it is chosen,
/// without a beam search.
inline void decode_each(
    decode::Stepper<float>& stepper, const decode::PromptSource& source, const Decoding& decoding,
    Id stop_token, const std::vector<Id>& forbidden, const std::function<bool()>& go_on,
    const ResultCallback& ended, const decode::TokenListener& chosen = [](Index, Id) {}) {
  if (decoding.beam > 0)
    return decode::beam_search_each<float>(stepper, source,
                                           {.beam = decoding.beam,
                                            .length_penalty = decoding.length_penalty,
                                            .stop_token = stop_token,
                                            .forbidden = forbidden,
                                            .constraints = decoding.constraints,
                                            .batch = decoding.batch,
                                            .go_on = go_on,
                                            .ended = ended});
  decode::generate_each<float>(stepper, source,
                               {.sampling = decoding.sampling,
                                .stop_token = stop_token,
                                .forbidden = forbidden,
                                .constraints = decoding.constraints,
                                .batch = decoding.batch,
                                .go_on = go_on,
                                .ended =
                                    [&](Index prompt, const decode::Generated& text) {
                                      ended(prompt, {{.tokens = text.tokens, .stopped = text.stopped}});
                                    }},
                               chosen);
}

}  // namespace memsizer::tasks
