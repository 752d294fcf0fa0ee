#pragma once
// The figures of SQuAD (Rajpurkar et al. 2016, "SQuAD: 100,000+ questions for machine comprehension of
// text"), as the official script of version 1.1 computes them. Answers are compared in normal form: in lower
// case, without ASCII punctuation and without the words a, an and the.
//
//     exact match = 1 if the normal forms are equal, otherwise 0
//     F1 = 2 P R / (P + R),  P = m / h,  R = m / r
//
// m is the number of words that an answer with h words shares with a reference of r words.

#include <string>
#include <string_view>
#include <vector>

#include "memsizer/metrics/lower_case.hpp"
#include "memsizer/metrics/mean_metric.hpp"
#include "memsizer/metrics/ngrams.hpp"

namespace memsizer::metrics {

struct SquadOptions {
  /// A backslash and an n are a line break, as in files with a line a text.
  bool escaped_newlines = false;
};

namespace detail {

/// Python's string.punctuation
constexpr bool is_ascii_punctuation(char32_t point) {
  return (point >= U'!' && point <= U'/') || (point >= U':' && point <= U'@') ||
         (point >= U'[' && point <= U'`') || (point >= U'{' && point <= U'~');
}

/// Whether Python's regular expressions take a character for part of a word: letters and numbers of any
/// script, but no marks, so that the a of "a\u0301" is a word. The underscore, too, but it is punctuation and
/// gone.
inline bool is_word_character(char32_t point) {
  const text::CharacterKind kind = text::character_kind(static_cast<std::int32_t>(point));
  return kind == text::CharacterKind::letter || kind == text::CharacterKind::number;
}

/// A space in place of each of the words a, an and the.
inline std::u32string without_articles(std::u32string_view text) {
  std::u32string result;
  for (auto at = text.begin(); at != text.end();) {
    const auto end = std::find_if_not(at, text.end(), is_word_character);
    const std::u32string_view word(at, end);
    const bool article = word == U"a" || word == U"an" || word == U"the";
    result += article ? U" " : word;
    at = end;
    while (at != text.end() && !is_word_character(*at)) result += *at++;
  }
  return result;
}

}  // namespace detail

/// The normal form of an answer, with one space between words: of "The  Beatles' (second) album." it is
/// "beatles second album". Punctuation falls without a gap: "well-known" is "wellknown". InputError for
/// invalid UTF-8.
inline std::u32string normal_answer(std::string_view utf8, const SquadOptions& options = {}) {
  std::u32string text = to_code_points(utf8);
  if (options.escaped_newlines) replace_all(text, U"\\n", U"\n");
  text = lower_case(text);
  std::erase_if(text, detail::is_ascii_punctuation);
  text = detail::without_articles(text);
  std::u32string normal;
  for (const std::u32string_view word : split_words(text)) {
    if (!normal.empty()) normal += U' ';
    normal += word;
  }
  return normal;
}

struct SquadScore {
  bool exact_match = false;
  double f1 = 0;  ///< from 0 to 1
};

/// The scores of an answer against one reference. Two that are empty in normal form, such as "the" and "!",
/// match exactly, but have an F1 of 0, since they share no word. InputError for invalid UTF-8.
inline SquadScore squad(std::string_view hypothesis, std::string_view reference,
                        const SquadOptions& options = {}) {
  const std::u32string ours = normal_answer(hypothesis, options), theirs = normal_answer(reference, options);
  WordNumbers numbers;
  const std::u32string h = numbers(ours), r = numbers(theirs);
  SquadScore score{.exact_match = ours == theirs, .f1 = 0};
  if (const Index matches = count_matches(count_ngrams(h, 1), count_ngrams(r, 1)); matches > 0) {
    const double precision = static_cast<double>(matches) / static_cast<double>(h.size());
    const double recall = static_cast<double>(matches) / static_cast<double>(r.size());
    score.f1 = 2 * precision * recall / (precision + recall);
  }
  return score;
}

/// The means over all segments, times 100, named "exact_match" and "f1". Of several references each figure
/// takes the one that is best for it.
inline CorpusMetric squad_metric(const SquadOptions& options = {}) {
  return mean_metric({"exact_match", "f1"},
                     [options](std::string_view hypothesis, std::string_view reference) {
                       const SquadScore score = squad(hypothesis, reference, options);
                       return std::vector<double>{score.exact_match ? 1.0 : 0.0, score.f1};
                     });
}

}  // namespace memsizer::metrics
