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

  Index tokens(Index source) const {
    return static_cast<Index>(per_source_token * static_cast<double>(source)) + more;
  }
};

/// A way to decode, complete and valid.
struct Decoding {
  Index beam = 0;             // hypotheses of a beam search; 0: no search, token by token
  double length_penalty = 1;  // of the beam search
  decode::SamplingOptions sampling = {};
  LengthLimit longest = {};
  Index min_tokens = 0, no_repeat_ngram = 0;
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
  decode::require_valid(sampling);
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
  decoding.min_tokens = options.min_tokens.value_or(decoding.min_tokens);
  decoding.no_repeat_ngram = options.no_repeat_ngram.value_or(decoding.no_repeat_ngram);
  decoding.batch = options.batch.value_or(decoding.batch);
  return decoding;
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
  if (decoding.min_tokens > 0) text += concatenate(", at least ", decoding.min_tokens, " tokens");
  const LengthLimit& longest = decoding.longest;
  text += longest.per_source_token > 0 ? concatenate(", at most ", number_text(longest.per_source_token),
                                                     " x source + ", longest.more, " tokens")
                                       : concatenate(", at most ", longest.more, " tokens");
  if (decoding.no_repeat_ngram > 0) text += concatenate(", no ", decoding.no_repeat_ngram, "-gram twice");
  return text;
}

}  // namespace memsizer::tasks
