#pragma once
// Writes the text of many sources with a trained encoder-decoder.

#include "memsizer/data/pair_batch.hpp"
#include "memsizer/decode/encoder_decoder_stepper.hpp"
#include "memsizer/tasks/decoding.hpp"
#include "memsizer/tasks/special_tokens.hpp"
#include "memsizer/text/utf8_stream.hpp"

namespace memsizer::tasks {

/// The prompt for a source, whose last id is </s>. A source of more than max_source tokens is cut, and the
/// text has at most max_target tokens with its </s>; 0: no limit.
inline decode::Prompt prompt_of_source(std::vector<Id> source, const data::PairLimits& limits,
                                       const LengthLimit& longest, std::uint64_t stream) {
  const bool is_cut = data::cut_to(source, limits.source);
  const auto tokens = static_cast<Index>(source.size());
  Index most = std::max<Index>(1, longest.tokens(tokens));
  if (limits.target > 0) most = std::min(most, std::max<Index>(1, limits.target - 1));
  return {.tokens = {source.back()},
          .max_tokens = most,
          .stream = stream,
          .source = std::move(source),
          .source_is_cut = is_cut};
}

/// The prompts for the sources of the first `count` pairs.
inline std::vector<decode::Prompt> prompts_of(const data::EncodedPairs& pairs, Index count,
                                              const data::PairLimits& limits, const LengthLimit& longest) {
  std::vector<decode::Prompt> prompts;
  std::vector<Id> source, target;
  for (Index pair = 0; pair < count; ++pair) {
    pairs.read(pair, source, target);
    prompts.push_back(prompt_of_source(source, limits, longest, static_cast<std::uint64_t>(pair)));
  }
  return prompts;
}

/// Called with a finished text, which is one line of valid UTF-8: line breaks in it have become spaces, and
/// bytes that form no character U+FFFD. Also told is the number of its prompt. If the callback returns false,
/// the work ends.
using TextCallback = std::function<bool(std::size_t prompt, std::string text)>;

/// A text without line breaks: they become spaces.
inline std::string on_one_line(std::string text) {
  std::ranges::replace(text, '\n', ' ');
  return text;
}

namespace detail {

inline std::string line_of(const text::Tokenizer& tokenizer, const std::vector<Id>& ids) {
  return on_one_line(text::repair_utf8(tokenizer.decode(ids)));
}

}  // namespace detail

/// Whether a source has no token but its </s>. Nothing is to be said of it, and its text is empty.
inline bool is_empty(const decode::Prompt& prompt) {
  return prompt.source.size() == 1;
}

/// Decodes the prompts, the longest sources first, so that those that are read together are alike. Returns
/// false if the callback ended the work.
inline bool write_texts(decode::Stepper<float>& stepper, const std::vector<decode::Prompt>& prompts,
                        const text::Tokenizer& tokenizer, const Decoding& decoding,
                        const TextCallback& written) {
  std::vector<std::size_t> order(prompts.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::greater<>(), [&](std::size_t i) { return prompts[i].source.size(); });
  bool goes_on = true;
  for (; !order.empty() && is_empty(prompts[order.back()]); order.pop_back())
    goes_on = goes_on && written(order.back(), "");
  const decode::PromptSource source = [&, next = std::size_t{0}](bool, decode::Prompt& prompt) mutable {
    if (!goes_on || next == order.size()) return decode::Supply::end;
    prompt = prompts[order[next++]];
    return decode::Supply::prompt;
  };
  decode_each(
      stepper, source, decoding, end_of_text(tokenizer), forbidden_tokens(tokenizer), [&] { return goes_on; },
      [&](Index number, const std::vector<decode::Hypothesis>& best) {
        const std::size_t prompt = order[static_cast<std::size_t>(number)];
        goes_on = goes_on && written(prompt, detail::line_of(tokenizer, best[0].tokens));
      });
  return goes_on;
}

}  // namespace memsizer::tasks
