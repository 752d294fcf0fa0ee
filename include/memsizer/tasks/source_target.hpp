#pragma once
// The form of a task whose model reads a source with its encoder and writes the target with its decoder:
// translation and summarization.

#include "memsizer/decode/encoder_decoder_stepper.hpp"
#include "memsizer/tasks/encoder_decoder_model.hpp"
#include "memsizer/tasks/pair_score.hpp"

namespace memsizer::tasks {

/// A form says which model a task of pairs has, and how pairs are its batches and its prompts. The other form
/// is PromptResponse.
template <class T>
struct SourceTarget {
  using Element = T;
  using Model = models::EncoderDecoder<T>;
  using Stepper = decode::EncoderDecoderStepper<T>;
  using Outline = EncoderDecoderOutline;
  using SmallModel = SmallEncoderDecoder<T>;
  using Layout = data::TwoSides;

  static constexpr bool has_source = true;
  static constexpr const char* limited_by = "max_source, max_target or batch_tokens";

  static models::EncoderDecoderConfig model_config(const Config& config, Index padding) {
    return encoder_decoder_config(config, padding);
  }
  static Layout training_layout(const Config& config, const text::Tokenizer& tokenizer,
                                const data::EncodedPairs& pairs) {
    return Layout(pairs, pair_tokens(tokenizer), {config.source.max_source, config.target.max_target});
  }
  static Layout scoring_layout(const Config& config, const text::Tokenizer& tokenizer,
                               const data::EncodedPairs& pairs) {
    return Layout(pairs, pair_tokens(tokenizer), scoring_limits(config));
  }

  /// How many sources and targets of pairs are cut, by which setting, and to how many tokens.
  static std::string cuts_text(Index sources, Index targets, const Config& config) {
    const auto part = [](Index count, const char* side, const char* key, Index limit) {
      return concatenate(count, ' ', side, count == 1 ? " is" : "s are", " cut to ", key, " = ", limit,
                         " tokens");
    };
    const std::string of_sources = part(sources, "source", "max_source", config.source.max_source),
                      of_targets = part(targets, "target", "max_target", config.target.max_target);
    return targets == 0 ? of_sources : sources == 0 ? of_targets : of_sources + " and " + of_targets;
  }

  /// Whether a source of so many tokens, </s> included, is cut.
  static bool cuts(Index tokens, const Config& config, const LengthLimit&) {
    return config.source.max_source > 0 && tokens > config.source.max_source;
  }

  /// The prompt for a source, whose last id is </s>. A source of more than max_source tokens is cut, and if
  /// the model's positions are learned, the text has at most max_target tokens with its </s>.
  static decode::Prompt prompt(std::vector<Id> source, const Config& config, const LengthLimit& longest,
                               std::uint64_t stream) {
    const data::PairLimits limits = scoring_limits(config);
    const bool is_cut = data::cut_to(source, limits.source);
    const auto tokens = static_cast<Index>(source.size());
    Index most = std::max<Index>(1, longest.tokens(tokens));
    if (limits.target > 0) most = std::min(most, std::max<Index>(1, limits.target - 1));
    return {.tokens = {source.back()},
            .max_tokens = most,
            .stream = stream,
            .source = std::move(source),
            .is_cut = is_cut};
  }

  /// The largest number of tokens in a text; 0: no limit.
  static Index positions(const Config& config) { return scoring_limits(config).target; }

  /// After sources and targets of up to 1,024 tokens each; hardly any are longer.
  static std::vector<Index> cost_lengths(const Config& config, const Device& device) {
    std::vector<Index> lengths = decode::cost_lengths_on(device);
    const Index most = positions(config);
    std::erase_if(lengths, [&](Index length) {
      return length > 1024 ||
             (most > 0 && (length > config.source.max_source || length + decode::timed_steps > most));
    });
    return lengths;
  }
};

}  // namespace memsizer::tasks
