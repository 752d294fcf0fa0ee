#pragma once
// How BLEU cuts a line into words: sacreBLEU's tokenizers 13a, intl, char and none (Post 2018, "A call for
// clarity in reporting BLEU scores"). Each takes a line and gives it with white space between the words.

#include <algorithm>
#include <array>
#include <iterator>
#include <string>
#include <string_view>

#include "memsizer/base/lists.hpp"
#include "memsizer/metrics/code_points.hpp"
#include "memsizer/metrics/punctuation_runs.hpp"

namespace memsizer::metrics {

namespace detail {

inline bool has_class(char32_t point, PunctuationClass kind) {
  const auto after = std::ranges::upper_bound(punctuation_runs, point, {}, &PunctuationRun::first);
  return std::prev(after)->kind == kind;
}
inline bool is_number(char32_t point) {
  return has_class(point, PunctuationClass::number);
}
inline bool is_punctuation(char32_t point) {
  return has_class(point, PunctuationClass::punctuation);
}
inline bool is_symbol(char32_t point) {
  return has_class(point, PunctuationClass::symbol);
}

constexpr bool is_digit(char32_t point) {
  return point >= U'0' && point <= U'9';
}
constexpr bool is_point_or_comma(char32_t point) {
  return point == U'.' || point == U',';
}
/// ASCII without letters, digits and the four that may stand inside a word or number: ' , - .
constexpr bool is_separate_ascii(char32_t point) {
  return (point >= U'{' && point <= U'~') || (point >= U'[' && point <= U'`') ||
         (point >= U' ' && point <= U'&') || (point >= U'(' && point <= U'+') ||
         (point >= U':' && point <= U'@') || point == U'/';
}

/// Puts a space before and after each character that `chosen` holds for.
template <class Chosen>
std::u32string separate(std::u32string_view line, Chosen chosen) {
  std::u32string result;
  for (const char32_t point : line)
    if (chosen(point))
      (result += U' ') += point, result += U' ';
    else
      result += point;
  return result;
}

/// The spaces that a rule puts around the second or the first character of a pair.
enum class Around { first, second };

/// Finds the pairs of neighbours for which `first` and `second` hold, from left to right, and puts a space
/// before and after one of them. As with a regular expression, pairs do not overlap: in "a.,b" with any
/// letter or point first and a point or comma second, "a." is a pair, and the comma begins the search anew.
template <class First, class Second>
std::u32string separate_pairs(std::u32string_view line, First first, Second second, Around around) {
  std::u32string result;
  std::size_t i = 0;
  for (; i + 1 < line.size(); ++i) {
    if (!first(line[i]) || !second(line[i + 1])) {
      result += line[i];
      continue;
    }
    if (around == Around::first) result += U' ';
    (result += line[i]) += U' ';
    result += line[++i];
    if (around == Around::second) result += U' ';
  }
  return result.append(line.substr(i));
}

}  // namespace detail

/// The tokenizer of NIST's mteval-v13a: ASCII punctuation stands alone, but a point or comma between two
/// digits stays in the number, and the hyphen between letters in the word.
inline std::u32string tokenize_13a(std::u32string_view line) {
  using namespace detail;
  const auto is_no_digit = [](char32_t point) { return !is_digit(point); };
  const auto is_hyphen = [](char32_t point) { return point == U'-'; };
  std::u32string text(line);
  replace_all(text, U"<skipped>", U"");
  replace_all(text, U"-\n", U"");
  replace_all(text, U"\n", U" ");
  replace_all(text, U"&quot;", U"\"");
  replace_all(text, U"&amp;", U"&");
  replace_all(text, U"&lt;", U"<");
  replace_all(text, U"&gt;", U">");
  text = separate(U' ' + text + U' ', is_separate_ascii);
  text = separate_pairs(text, is_no_digit, is_point_or_comma, Around::second);
  text = separate_pairs(text, is_point_or_comma, is_no_digit, Around::first);
  return separate_pairs(text, is_digit, is_hyphen, Around::second);
}

/// The international tokenizer of mteval-v14: every symbol of Unicode stands alone, and so does all
/// punctuation but that between two numbers. Punctuation after a number at the end of a line stays with it,
/// as it does there.
inline std::u32string tokenize_international(std::u32string_view line) {
  using namespace detail;
  const auto is_no_number = [](char32_t point) { return !is_number(point); };
  const std::u32string text = separate_pairs(line, is_no_number, is_punctuation, Around::second);
  return separate(separate_pairs(text, is_punctuation, is_no_number, Around::first), is_symbol);
}

/// Every character is a word.
inline std::u32string tokenize_characters(std::u32string_view line) {
  return detail::separate(line, [](char32_t) { return true; });
}

/// The words are what stands between white space already.
inline std::u32string tokenize_none(std::u32string_view line) {
  return std::u32string(line);
}

/// A tokenizer and the name that signatures and users give it.
struct BleuTokenizer {
  std::string_view name;
  std::u32string (*tokenize)(std::u32string_view line);
};

inline constexpr std::array bleu_tokenizers{
    BleuTokenizer{"13a", tokenize_13a}, BleuTokenizer{"none", tokenize_none},
    BleuTokenizer{"char", tokenize_characters}, BleuTokenizer{"intl", tokenize_international}};

/// The tokenizer of that name. InputError, which lists all names, if there is none.
inline const BleuTokenizer& bleu_tokenizer(std::string_view name) {
  const auto found = std::ranges::find(bleu_tokenizers, name, &BleuTokenizer::name);
  require(found != bleu_tokenizers.end(), "expected one of the tokenizers ",
          join(bleu_tokenizers, ", ", &BleuTokenizer::name), ", got '", name, "'");
  return *found;
}

}  // namespace memsizer::metrics
