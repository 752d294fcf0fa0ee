#pragma once
// Changes made to a text before it is split: Unicode normal forms, lower case, removal of special characters.

#include <algorithm>
#include <array>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <utf8proc.h>

#include "memsizer/base/error.hpp"
#include "memsizer/base/lists.hpp"
#include "memsizer/files/linkage.hpp"
#include "memsizer/text/characters.hpp"
#include "memsizer/text/small_letter.hpp"
#include "memsizer/text/utf8.hpp"

namespace memsizer::text {

enum class NormalizerStep { nfc, nfkc, lowercase, strip_special };

namespace detail {

constexpr std::array<std::pair<std::string_view, NormalizerStep>, 4> normalizer_names = {
    {{"nfc", NormalizerStep::nfc},
     {"nfkc", NormalizerStep::nfkc},
     {"lowercase", NormalizerStep::lowercase},
     {"strip-special", NormalizerStep::strip_special}}};

/// Sorts each run of combining characters by combining class, keeping the order within a class.
inline void order_marks(std::vector<utf8proc_int32_t>& points) {
  const auto combining_class = [](utf8proc_int32_t point) {
    return utf8proc_get_property(point)->combining_class;
  };
  const auto is_starter = [&](utf8proc_int32_t point) { return combining_class(point) == 0; };
  for (auto first = points.begin(); first != points.end();) {
    first = std::find_if_not(first, points.end(), is_starter);
    const auto last = std::find_if(first, points.end(), is_starter);
    std::stable_sort(first, last, [&](auto a, auto b) { return combining_class(a) < combining_class(b); });
    first = last;
  }
}

/// Appends the parts of a character, as `options` ask, down to parts that have none themselves.
inline void decompose(std::int32_t point, utf8proc_option_t options, std::vector<utf8proc_int32_t>& points) {
  utf8proc_int32_t parts[32];
  int boundary = 0;
  const auto count = utf8proc_decompose_char(point, parts, 32, options, &boundary);
  if (count < 0 || count > 32) throw SystemError("utf8proc could not decompose a character");
  points.insert(points.end(), parts, parts + count);
}

/// Joins decomposed, ordered characters if Unicode has one character for them, and leaves the result in
/// `points`.
///
/// utf8proc takes U+11A7, which stands one before the first final consonant of Hangul, for a final consonant,
/// and drops it behind a syllable such as U+AC00. U+11A7 joins with nothing, so we cut the text before each
/// of them.
inline void compose(std::vector<utf8proc_int32_t>& points, utf8proc_option_t options) {
  constexpr utf8proc_int32_t before_finals = 0x11A7;
  auto out = points.begin();
  for (auto first = points.begin(); first != points.end();) {
    const auto last = std::find(std::next(first), points.end(), before_finals);
    const auto count = utf8proc_normalize_utf32(&*first, last - first, options);
    out = std::copy(first, first + count, out);
    first = last;
  }
  points.erase(out, points.end());
}

/// SystemError unless the joined characters, when taken apart again, give the original ones. So no defect of
/// a library can lose text silently.
inline void require_no_loss(const std::vector<utf8proc_int32_t>& joined,
                            const std::vector<utf8proc_int32_t>& before, utf8proc_option_t options) {
  std::vector<utf8proc_int32_t> again;
  again.reserve(before.size());
  for (const utf8proc_int32_t point : joined) decompose(point, options, again);
  order_marks(again);
  if (again != before)
    throw SystemError("utf8proc changed a text when it joined its characters; nothing was normalised");
}

/// Appends the normal form of valid text. utf8proc's own function for whole strings sorts marks in quadratic
/// time, so a text of nothing but marks could stall us. We use its parts instead.
inline void append_normal_form(std::string& result, std::string_view valid, utf8proc_option_t options) {
  std::vector<utf8proc_int32_t> points;
  for (size_t position = 0; position < valid.size();) {
    const CodePoint point = decode_utf8(valid, position);
    decompose(point.value, options, points);
    position += static_cast<size_t>(point.length);
  }
  order_marks(points);
  const std::vector<utf8proc_int32_t> before = points;
  compose(points, options);
  require_no_loss(points, before, options);
  for (const utf8proc_int32_t point : points) append_utf8(result, point);
}

/// NFC, or NFKC. ASCII is in both forms already, except for a character that a following mark may join. So
/// the work is on runs of other characters, each with the ASCII character before it. Invalid bytes stay, and
/// end a run.
inline std::string normal_form(std::string_view text, bool compatibility) {
  const auto options = static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE |
                                                      (compatibility ? UTF8PROC_COMPAT : 0));
  const auto is_ascii = [&](size_t at) { return static_cast<unsigned char>(text[at]) < 0x80; };
  std::string result;
  result.reserve(text.size());
  for (size_t position = 0; position < text.size();) {
    const size_t start = position;
    while (position < text.size() && is_ascii(position)) ++position;
    const size_t run = position > start ? position - 1 : position;
    result.append(text.substr(start, run - start));
    CodePoint point{0, 0};
    while (position < text.size() && !is_ascii(position)) {
      point = decode_utf8(text, position);
      if (!point.valid()) break;
      position += static_cast<size_t>(point.length);
    }
    append_normal_form(result, text.substr(run, position - run), options);
    if (!point.valid()) result += text[position++];
  }
  return result;
}

/// Calls append(code point, its bytes) for each unit of the text.
template <class Append>
std::string map_characters(std::string_view text, Append append) {
  std::string result;
  result.reserve(text.size());
  for (size_t position = 0; position < text.size();) {
    const CodePoint point = decode_utf8(text, position);
    append(result, point.value, text.substr(position, static_cast<size_t>(point.length)));
    position += static_cast<size_t>(point.length);
  }
  return result;
}

/// Unicode's unconditional lower-case mapping, character by character: U+0130 alone becomes two.
inline std::string lower_case(std::string_view text) {
  return map_characters(text, [](std::string& result, std::int32_t point, std::string_view bytes) {
    if (point >= 'A' && point <= 'Z')
      result += static_cast<char>(point + ('a' - 'A'));
    else if (point < 0x80)
      result += bytes;
    else if (point == 0x130)
      result += "i\u0307";
    else
      append_utf8(result, small_letter(point));
  });
}

inline bool is_special_character(std::int32_t point) {
  constexpr std::string_view kept = ".,!?'\"-";
  if (character_kind(point) != CharacterKind::symbol) return false;
  if (point >= 0 && point < 0x80) return kept.find(static_cast<char>(point)) == kept.npos;
  return point < 0 || !is_mark(point);
}

inline std::string strip_special(std::string_view text) {
  return map_characters(text, [](std::string& result, std::int32_t point, std::string_view bytes) {
    if (!is_special_character(point)) result += bytes;
  });
}

}  // namespace detail

/// A chain of normalisers. Bytes that are not valid UTF-8 pass through all of them except strip-special,
/// which treats them as special characters.
class Normalizer {
 public:
  Normalizer() = default;
  explicit Normalizer(std::vector<NormalizerStep> steps) : steps_(std::move(steps)) {}

  /// From "none" or a comma list of nfc, nfkc, lowercase, strip-special, applied in that order. InputError
  /// for any other name.
  static Normalizer parse(std::string_view names);

  const std::vector<NormalizerStep>& steps() const { return steps_; }
  bool is_identity() const { return steps_.empty(); }

  /// The text that parse() takes.
  std::string name() const;

  /// Whether different texts may become one. True for all normalisers except NFC, whose results are
  /// canonically equivalent to their inputs.
  bool loses_text() const {
    return std::any_of(steps_.begin(), steps_.end(),
                       [](NormalizerStep step) { return step != NormalizerStep::nfc; });
  }

  std::string operator()(std::string_view text) const;

  bool operator==(const Normalizer&) const = default;

 private:
  static std::string apply(NormalizerStep step, std::string_view text);

  std::vector<NormalizerStep> steps_;
};

#if MEMSIZER_TEXT_HAS_BODIES

MEMSIZER_TEXT_FUNCTION Normalizer Normalizer::parse(std::string_view names) {
  std::vector<NormalizerStep> steps;
  if (names == "none") return Normalizer();
  while (true) {
    const std::string_view name = names.substr(0, names.find(','));
    const auto found = std::find_if(detail::normalizer_names.begin(), detail::normalizer_names.end(),
                                    [&](const auto& entry) { return entry.first == name; });
    require(found != detail::normalizer_names.end(),
            "expected none or a comma list of nfc, nfkc, lowercase and strip-special, got the normalizer \"",
            name, "\"");
    steps.push_back(found->second);
    if (name.size() == names.size()) return Normalizer(std::move(steps));
    names.remove_prefix(name.size() + 1);
  }
}

MEMSIZER_TEXT_FUNCTION std::string Normalizer::name() const {
  if (is_identity()) return "none";
  return join(steps_, ",", [](NormalizerStep step) {
    const auto is_it = [&](const auto& entry) { return entry.second == step; };
    return std::ranges::find_if(detail::normalizer_names, is_it)->first;
  });
}

MEMSIZER_TEXT_FUNCTION std::string Normalizer::operator()(std::string_view text) const {
  std::string result(text);
  for (const NormalizerStep step : steps_) result = apply(step, result);
  return result;
}

MEMSIZER_TEXT_FUNCTION std::string Normalizer::apply(NormalizerStep step, std::string_view text) {
  switch (step) {
    case NormalizerStep::nfc:
      return detail::normal_form(text, false);
    case NormalizerStep::nfkc:
      return detail::normal_form(text, true);
    case NormalizerStep::lowercase:
      return detail::lower_case(text);
    case NormalizerStep::strip_special:
      return detail::strip_special(text);
  }
  throw InputError("not a normalizer");
}

#endif

}  // namespace memsizer::text
