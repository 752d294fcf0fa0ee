#pragma once
// Reads and writes Hugging Face's tokenizer.json for byte-level BPE with GPT-2's split rule.

#include <filesystem>
#include <string>
#include <string_view>

#include "memsizer/files/linkage.hpp"
#include "memsizer/text/tokenizer.hpp"

#if MEMSIZER_TEXT_HAS_BODIES
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "memsizer/base/error.hpp"
#include "memsizer/base/printable.hpp"
#include "memsizer/files/atomic_file.hpp"
#include "memsizer/files/json_view.hpp"
#include "memsizer/text/normalizer.hpp"
#include "memsizer/text/spelled_vocabulary.hpp"
#endif

namespace memsizer::text {

/// A tokenizer from the text of a tokenizer.json, called `name` in errors. InputError for bad JSON, for a
/// model other than byte-level BPE, for a part that we do not have (the error names it), and for a vocabulary
/// that contradicts itself. post_processor, truncation and padding are not read: the caller decides what to
/// put around a text.
Tokenizer parse_tokenizer_json(std::string_view text, std::string_view name);

/// A tokenizer from the file, of at most 256 MiB. InputError as in parse_tokenizer_json, and if the file
/// cannot be read.
Tokenizer read_tokenizer_json(const std::filesystem::path& path);

/// The text of a tokenizer.json. Merges are spelled "a b", which every version of Hugging Face's tokenizers
/// reads.
std::string dump_tokenizer_json(const Tokenizer& tokenizer);

/// Replaces the file in one step.
void write_tokenizer_json(const Tokenizer& tokenizer, const std::filesystem::path& path);

#if MEMSIZER_TEXT_HAS_BODIES

namespace detail {

using files::JsonView;

/// The characters that strip-special removes, as a pattern for Hugging Face's tokenizers.
constexpr std::string_view strip_special_pattern = R"([^\p{L}\p{M}\p{N}\s.,!?'"\-])";

inline NormalizerStep read_normalizer_step(const JsonView& view) {
  const auto type = view.get<std::string>("type");
  if (type == "NFC") return NormalizerStep::nfc;
  if (type == "NFKC") return NormalizerStep::nfkc;
  if (type == "Lowercase") return NormalizerStep::lowercase;
  if (type != "Replace") view.fail("expected NFC, NFKC, Lowercase or Sequence, got ", printable(type, 60));
  const JsonView pattern = view.at("pattern");
  if (pattern.get_or<std::string>("Regex", "") != strip_special_pattern ||
      view.get<std::string>("content") != "")
    view.fail("expected the pattern ", strip_special_pattern, " replaced by nothing, got another Replace");
  return NormalizerStep::strip_special;
}

inline void read_normalizer_steps(const JsonView& view, std::vector<NormalizerStep>& steps) {
  if (view.is_null()) return;
  if (view.get<std::string>("type") != "Sequence") return steps.push_back(read_normalizer_step(view));
  for (const JsonView& step : view.at("normalizers").elements()) read_normalizer_steps(step, steps);
}

/// Whether the tokenizer adds a prefix space.
inline bool read_pre_tokenizer(const JsonView& view) {
  if (view.is_null()) view.fail("expected ByteLevel, got none");
  const auto type = view.get<std::string>("type");
  if (type == "Sequence" && view.at("pretokenizers").array().size() == 1)
    return read_pre_tokenizer(view.at("pretokenizers").element(0));
  if (type != "ByteLevel") view.fail("expected ByteLevel, got ", printable(type, 60));
  if (!view.get_or<bool>("use_regex", true)) view.fail("expected GPT-2's split rule, got use_regex false");
  return view.get_or<bool>("add_prefix_space", true);
}

inline void check_decoder(const JsonView& view) {
  if (view.is_null()) return;
  if (const auto type = view.get<std::string>("type"); type != "ByteLevel")
    view.fail("expected ByteLevel, got ", printable(type, 60));
}

/// Old files omit the type.
inline void check_model(const JsonView& model) {
  if (const auto type = model.get_or<std::string>("type", "BPE"); type != "BPE")
    model.at("type").fail("expected BPE, got the model ", printable(type, 60));
  for (const char* key : {"continuing_subword_prefix", "end_of_word_suffix"})
    if (const auto affix = model.get_or<std::string>(key, ""); !affix.empty())
      model.at(key).fail("expected none for a byte-level model, got ", Quoted{affix});
  if (model.get_or<double>("dropout", 0) != 0) model.at("dropout").fail("expected no dropout of merges");
}

inline AddedToken read_added_token(const JsonView& view) {
  if (view.get_or<bool>("single_word", false))
    view.at("single_word").fail("expected false, as tokens that match whole words only are not known here");
  return {.id = view.get<TokenId>("id"),
          .text = view.get<std::string>("content"),
          .special = view.get_or<bool>("special", false),
          .normalized = view.get_or<bool>("normalized", false),
          .strip_left = view.get_or<bool>("lstrip", false),
          .strip_right = view.get_or<bool>("rstrip", false)};
}

/// "a b" or ["a", "b"].
inline void read_merge(const JsonView& view, SpelledVocabulary& vocabulary) {
  if (!view.json().is_array()) {
    const auto merge = view.get<std::string>();
    return at_place(view, [&] { vocabulary.add_merge(merge); });
  }
  const auto tokens = view.get<std::vector<std::string>>();
  if (tokens.size() != 2) view.fail("expected two tokens, got ", tokens.size());
  at_place(view, [&] { vocabulary.add_merge(tokens[0], tokens[1]); });
}

inline SpelledVocabulary read_vocabulary(const JsonView& model, const std::vector<AddedToken>& added) {
  SpelledVocabulary vocabulary;
  const JsonView tokens = model.at("vocab");
  vocabulary.add_tokens(tokens);
  for (const AddedToken& token : added) {
    const auto id = vocabulary.find(token.text);
    if (!id)
      vocabulary.add_token(token.text, token.id);
    else if (*id != token.id)
      tokens.fail("the added token ", Quoted{token.text}, " has the id ", token.id, ", but ", *id, " here");
  }
  for (const JsonView& view : model.at("merges").elements()) read_merge(view, vocabulary);
  return vocabulary;
}

}  // namespace detail

MEMSIZER_TEXT_FUNCTION Tokenizer parse_tokenizer_json(std::string_view text, std::string_view name) {
  const files::Json document = files::parse_json(text, name);
  const detail::JsonView root(document, std::string(name), text);
  const detail::JsonView model = root.at("model");
  detail::check_model(model);
  Tokenizer::Parts parts;
  parts.prefix_space = detail::read_pre_tokenizer(root.at("pre_tokenizer"));
  if (const auto decoder = root.find("decoder")) detail::check_decoder(*decoder);
  if (const auto normalizer = root.find("normalizer")) {
    std::vector<NormalizerStep> steps;
    detail::read_normalizer_steps(*normalizer, steps);
    parts.normalizer = Normalizer(std::move(steps));
  }
  if (const auto added = root.find("added_tokens"); added && !added->is_null())
    for (const auto& token : added->elements()) parts.added.push_back(detail::read_added_token(token));
  const auto vocabulary = detail::read_vocabulary(model, parts.added);
  const bool whole_words_first = model.get_or<bool>("ignore_merges", false);
  return detail::at_place(model.at("vocab"), [&] {
    parts.model = vocabulary.build(parts.added);
    parts.model.whole_words_first = whole_words_first;
    return Tokenizer(std::move(parts));
  });
}

MEMSIZER_TEXT_FUNCTION Tokenizer read_tokenizer_json(const std::filesystem::path& path) {
  constexpr Index max_bytes = Index{256} << 20;
  return parse_tokenizer_json(files::read_file(path, max_bytes), path.string());
}

namespace detail {

using OrderedJson = nlohmann::ordered_json;

inline OrderedJson write_vocabulary(const std::vector<std::string>& spellings) {
  OrderedJson vocabulary = OrderedJson::object();
  auto& members = vocabulary.get_ref<OrderedJson::object_t&>();
  // We do not use operator[], which searches all existing members.
  for (size_t id = 0; id < spellings.size(); ++id) members.push_back({spellings[id], id});
  return vocabulary;
}

inline OrderedJson write_normalizer_step(NormalizerStep step) {
  switch (step) {
    case NormalizerStep::nfc:
      return {{"type", "NFC"}};
    case NormalizerStep::nfkc:
      return {{"type", "NFKC"}};
    case NormalizerStep::lowercase:
      return {{"type", "Lowercase"}};
    case NormalizerStep::strip_special:
      break;
  }
  return {{"type", "Replace"}, {"pattern", {{"Regex", std::string(strip_special_pattern)}}}, {"content", ""}};
}

inline OrderedJson write_normalizer(const Normalizer& normalizer) {
  OrderedJson steps = OrderedJson::array();
  for (const NormalizerStep step : normalizer.steps()) steps.push_back(write_normalizer_step(step));
  if (steps.empty()) return nullptr;
  if (steps.size() == 1) return steps[0];
  return {{"type", "Sequence"}, {"normalizers", steps}};
}

inline OrderedJson write_added_token(const AddedToken& token) {
  return {{"id", token.id},
          {"content", token.text},
          {"single_word", false},
          {"lstrip", token.strip_left},
          {"rstrip", token.strip_right},
          {"normalized", token.normalized},
          {"special", token.special}};
}

inline OrderedJson write_byte_level(bool prefix_space) {
  return {
      {"type", "ByteLevel"}, {"add_prefix_space", prefix_space}, {"trim_offsets", true}, {"use_regex", true}};
}

}  // namespace detail

MEMSIZER_TEXT_FUNCTION std::string dump_tokenizer_json(const Tokenizer& tokenizer) {
  using detail::OrderedJson;
  const auto spellings = detail::spell_tokens(tokenizer.model().parts());
  OrderedJson added = OrderedJson::array();
  for (const AddedToken& token : tokenizer.added()) added.push_back(detail::write_added_token(token));
  const OrderedJson model = {{"type", "BPE"},
                             {"dropout", nullptr},
                             {"unk_token", nullptr},
                             {"continuing_subword_prefix", nullptr},
                             {"end_of_word_suffix", nullptr},
                             {"fuse_unk", false},
                             {"byte_fallback", false},
                             {"ignore_merges", tokenizer.model().parts().whole_words_first},
                             {"vocab", detail::write_vocabulary(spellings)},
                             {"merges", detail::spell_merges(tokenizer.model().parts(), spellings)}};
  return files::dump_json(OrderedJson{{"version", "1.0"},
                                      {"truncation", nullptr},
                                      {"padding", nullptr},
                                      {"added_tokens", std::move(added)},
                                      {"normalizer", detail::write_normalizer(tokenizer.normalizer())},
                                      {"pre_tokenizer", detail::write_byte_level(tokenizer.prefix_space())},
                                      {"post_processor", nullptr},
                                      {"decoder", detail::write_byte_level(true)},
                                      {"model", model}});
}

MEMSIZER_TEXT_FUNCTION void write_tokenizer_json(const Tokenizer& tokenizer,
                                                 const std::filesystem::path& path) {
  files::write_file_atomically(path, dump_tokenizer_json(tokenizer));
}

#endif

}  // namespace memsizer::text
