#pragma once
// The form of a task whose language model reads a prompt and writes the response after it: question
// answering.

#include "memsizer/decode/language_model_stepper.hpp"
#include "memsizer/tasks/language_model.hpp"
#include "memsizer/tasks/pair_score.hpp"

namespace memsizer::tasks {

/// A form says which model a task of pairs has, and how pairs are its batches and its prompts. The other form
/// is SourceTarget.
template <class T>
struct PromptResponse {
  using Element = T;
  using Model = models::LanguageModel<T>;
  using Stepper = decode::LanguageModelStepper<T>;
  using Outline = LanguageModelOutline;
  using SmallModel = SmallLanguageModel<T>;
  using Layout = data::OneSequence;

  static constexpr bool has_source = false;
  static constexpr const char* limited_by = "batch_tokens";

  static models::LanguageModelConfig model_config(const Config& config, Index padding) {
    return language_model_config(config, padding);
  }
  static Layout training_layout(const Config& config, const text::Tokenizer& tokenizer,
                                const data::EncodedPairs& pairs) {
    return Layout(pairs, pair_tokens(tokenizer), config.batches.sequence);
  }
  static Layout scoring_layout(const Config& config, const text::Tokenizer& tokenizer,
                               const data::EncodedPairs& pairs) {
    return training_layout(config, tokenizer, pairs);
  }

  /// How many prompts and responses of pairs are cut, by which setting, and to how many tokens.
  static std::string cuts_text(Index prompts, Index responses, const Config& config) {
    const auto part = [](Index count, const char* side, const char* end) {
      return concatenate(count, ' ', side, count == 1 ? " is" : "s are", " cut at the ", end);
    };
    const std::string of_prompts = part(prompts, "prompt", "beginning"),
                      of_responses = part(responses, "response", "end");
    return concatenate(responses == 0 ? of_prompts
                       : prompts == 0 ? of_responses
                                      : of_prompts + " and " + of_responses,
                       ", so that the pair fits sequence = ", config.batches.sequence, " tokens");
  }

  /// The most tokens of a prompt, </s> included: `sequence`. Where positions end there, too, the response
  /// must have room, but how long it will be is not known: then the prompt has the place beside a response of
  /// `most` tokens, and half of `sequence` at least.
  static Index prompt_limit(const Config& config, Index most) {
    const Index sequence = config.batches.sequence;
    return positions(config) == 0 ? sequence : std::max(sequence / 2, sequence - most);
  }

  /// Whether a prompt of so many tokens, </s> included, is cut.
  static bool cuts(Index tokens, const Config& config, const LengthLimit& longest) {
    return tokens > prompt_limit(config, std::max<Index>(1, longest.tokens(tokens)));
  }

  /// `</s> prompt </s>`, for ids that end with </s>. A prompt over the limit is cut from its beginning.
  static decode::Prompt prompt(std::vector<Id> ids, const Config& config, const LengthLimit& longest,
                               std::uint64_t stream) {
    const Index most = std::max<Index>(1, longest.tokens(static_cast<Index>(ids.size())));
    const bool is_cut = data::cut_beginning_to(ids, prompt_limit(config, most));
    ids.insert(ids.begin(), ids.back());
    decode::Prompt prompt{.tokens = std::move(ids), .max_tokens = most, .stream = stream, .is_cut = is_cut};
    if (positions(config) > 0)
      prompt.max_tokens =
          std::min(most, config.batches.sequence + 1 - static_cast<Index>(prompt.tokens.size()));
    return prompt;
  }

  /// The largest number of tokens in a sequence, if the model has positions for no more; 0: no limit.
  static Index positions(const Config& config) {
    return models::position_limit<T>(language_model_config(config, -1));
  }

  static std::vector<Index> cost_lengths(const Config& config, const Device& device) {
    return language_model_cost_lengths(positions(config), device);
  }
};

}  // namespace memsizer::tasks
