#pragma once
// Writes the texts that a trained model has for many prompts.

#include "memsizer/tasks/decoding.hpp"
#include "memsizer/tasks/one_line.hpp"
#include "memsizer/tasks/special_tokens.hpp"
#include "memsizer/text/utf8_stream.hpp"
#include "memsizer/train/figures.hpp"

namespace memsizer::tasks {

/// Called with a finished text, which is one line of valid UTF-8: bytes that form no character have become
/// U+FFFD. Also told is the number of its prompt. If the callback returns false, the work ends.
using TextCallback = std::function<bool(std::size_t prompt, std::string text)>;

/// Whether a source has no token but its </s>. Nothing is to be said of it, and its text is empty.
inline bool is_empty(const decode::Prompt& prompt) {
  return prompt.source.size() == 1;
}

/// Prompts that are made when their turn comes, so that many of them need no memory.
struct PromptList {
  std::size_t size = 0;
  std::function<Index(std::size_t)> length;           // about how many tokens a prompt has
  std::function<decode::Prompt(std::size_t)> prompt;  // the prompt itself
};

/// The prompts of a vector, which must outlive the list.
inline PromptList list_of(const std::vector<decode::Prompt>& prompts) {
  return {.size = prompts.size(),
          .length =
              [&](std::size_t i) {
                return static_cast<Index>(prompts[i].source.size() + prompts[i].tokens.size());
              },
          .prompt = [&](std::size_t i) { return prompts[i]; }};
}

/// Decodes the prompts, the longest first, so that those that are read together are alike. Returns false if
/// the callback ended the work.
inline bool write_texts(decode::Stepper<float>& stepper, const PromptList& prompts,
                        const text::Tokenizer& tokenizer, const Decoding& decoding, LineBreaks line_breaks,
                        const TextCallback& written) {
  std::vector<std::size_t> order(prompts.size), begun;
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::stable_sort(order, std::greater<>(), prompts.length);
  bool goes_on = true;
  const decode::PromptSource source = [&, next = std::size_t{0}](bool, decode::Prompt& prompt) mutable {
    while (goes_on && next < order.size()) {
      const std::size_t number = order[next++];
      prompt = prompts.prompt(number);
      if (!is_empty(prompt)) {
        begun.push_back(number);
        return decode::Supply::prompt;
      }
      goes_on = written(number, "");
    }
    return decode::Supply::end;
  };
  decode_each(
      stepper, source, decoding, end_of_text(tokenizer), forbidden_tokens(tokenizer), [&] { return goes_on; },
      [&](Index number, const std::vector<decode::Hypothesis>& best) {
        const std::string text = text::repair_utf8(tokenizer.decode(best[0].tokens));
        goes_on = goes_on && written(begun[static_cast<std::size_t>(number)], on_one_line(text, line_breaks));
      });
  return goes_on;
}

/// Puts the texts for these prompts into examples, one each.
inline void write_examples(decode::Stepper<float>& stepper, const std::vector<decode::Prompt>& prompts,
                           const text::Tokenizer& tokenizer, const Decoding& decoding, LineBreaks line_breaks,
                           std::vector<train::WrittenExample>& examples) {
  write_texts(stepper, list_of(prompts), tokenizer, decoding, line_breaks,
              [&](std::size_t number, std::string text) {
                examples[number].text = std::move(text);
                return true;
              });
}

}  // namespace memsizer::tasks
