#pragma once
// Porter's stemmer (Porter 1980, "An algorithm for suffix stripping"), which makes one word of "connected",
// "connecting" and "connection": "connect". This is the variant of the package NLTK that ROUGE uses.
//
// A letter is a vowel (v) if it is a, e, i, o, u, or a y after a consonant; all others are consonants (c).
// The measure of a word is the number of its vowels that a consonant follows: 0 for "tree", 1 for "trouble"
// and 2 for "troubles". A rule strips a suffix if the rest, the stem, has a measure above some number, so
// that short words stay whole: "relational" becomes "relate", but "rational" stays.
//
// NLTK's variant differs from the paper in these rules, here with an example each and the paper's result:
//
//   - Sixteen words are in a list: "skies" -> "sky" ("ski"), "dying" -> "die" ("dy"), "news" ("new").
//   - Words of one or two letters stay: "as" ("a").
//   - "ies" and "ied" lose one letter in words of four: "dies", "died" -> "die" ("di").
//   - A final y becomes i after a consonant that is not the first letter: "fly" -> "fli" ("fly"), and never
//     after a vowel: "enjoy" ("enjoi").
//   - A vowel and a consonant that are the whole stem get an e as short syllables do: "aged" -> "age" ("ag").
//   - "alli" becomes "al" before the other rules of step 2: "conditionally" -> "condit" ("condition").
//   - "bli", not "abli" alone, becomes "ble": "possibly" -> "possibl" ("possibli").
//   - Step 2 knows "fulli" -> "ful" and "logi" -> "log": "hopefully" -> "hope" ("hopefulli"), and "geology"
//   ->
//     "geolog" ("geologi").

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "memsizer/base/requirements.hpp"

namespace memsizer::metrics {

namespace detail {

/// A c for each consonant and a v for each vowel: "architecture" gives "vcccvcvccvcv". A digit is a
/// consonant.
inline std::string letter_kinds(std::string_view word) {
  std::string kinds;
  for (const char letter : word) {
    const bool vowel = std::string_view("aeiou").find(letter) != std::string_view::npos ||
                       (letter == 'y' && kinds.ends_with('c'));
    kinds += vowel ? 'v' : 'c';
  }
  return kinds;
}

/// The number m of a word of the form [C](VC)^m[V], where C and V are runs of consonants and of vowels.
inline int measure(std::string_view word) {
  const std::string kinds = letter_kinds(word);
  int count = 0;
  for (std::size_t i = 1; i < kinds.size(); ++i) count += kinds[i - 1] == 'v' && kinds[i] == 'c';
  return count;
}

/// The paper's *d: the word ends with two equal consonants, as "fall" does.
inline bool ends_with_double_consonant(std::string_view word) {
  return word.size() >= 2 && word.back() == word[word.size() - 2] && letter_kinds(word).back() == 'c';
}

/// The paper's *o: the word ends with consonant, vowel, consonant, the last of which is not w, x or y, as
/// "hop" does; or the word is a vowel and a consonant.
inline bool ends_with_short_syllable(std::string_view word) {
  const std::string kinds = letter_kinds(word);
  return kinds == "vc" ||
         (kinds.ends_with("cvc") && std::string_view("wxy").find(word.back()) == std::string_view::npos);
}

struct SuffixRule {
  std::string_view suffix, replacement;
};

/// Applies the first rule whose suffix the word has, if the stem before it has at least this measure. If it
/// has not, no further rule is tried.
inline std::string replace_suffix(std::string word, std::span<const SuffixRule> rules, int least_measure) {
  const auto rule =
      std::ranges::find_if(rules, [&](const SuffixRule& r) { return word.ends_with(r.suffix); });
  if (rule == rules.end()) return word;
  const std::size_t length = word.size() - rule->suffix.size();
  if (measure(std::string_view(word).substr(0, length)) < least_measure) return word;
  return word.replace(length, rule->suffix.size(), rule->replacement);
}

/// The word without its last letters.
inline std::string drop(std::string word, std::size_t letters) {
  word.resize(word.size() - letters);
  return word;
}

/// Plurals: caresses -> caress, ponies -> poni, cats -> cat.
inline std::string porter_step_1a(std::string word) {
  if (word.ends_with("ies")) return drop(std::move(word), word.size() == 4 ? 1 : 2);
  if (word.ends_with("sses")) return drop(std::move(word), 2);
  return word.ends_with('s') && !word.ends_with("ss") ? drop(std::move(word), 1) : word;
}

/// What "ed" or "ing" has left: conflat(ed) -> conflate, hopp(ing) -> hop, fil(ing) -> file.
inline std::string mend_stem(std::string stem) {
  if (stem.ends_with("at") || stem.ends_with("bl") || stem.ends_with("iz")) return stem + 'e';
  if (ends_with_double_consonant(stem))
    return std::string_view("lsz").find(stem.back()) == std::string_view::npos ? drop(std::move(stem), 1)
                                                                               : stem;
  return measure(stem) == 1 && ends_with_short_syllable(stem) ? stem + 'e' : stem;
}

/// Past and participle: agreed -> agree, plastered -> plaster, motoring -> motor.
inline std::string porter_step_1b(std::string word) {
  if (word.size() == 4 && word.ends_with("ied")) return drop(std::move(word), 1);
  if (word.ends_with("eed"))
    return measure(std::string_view(word).substr(0, word.size() - 3)) > 0 ? drop(std::move(word), 1) : word;
  const std::size_t ending = word.ends_with("ed") ? 2 : word.ends_with("ing") ? 3 : 0;
  if (ending == 0) return word;
  std::string stem = word.substr(0, word.size() - ending);
  return letter_kinds(stem).find('v') == std::string::npos ? word : mend_stem(std::move(stem));
}

/// happy -> happi
inline std::string porter_step_1c(std::string word) {
  if (word.size() > 2 && word.back() == 'y' && letter_kinds(word)[word.size() - 2] == 'c') word.back() = 'i';
  return word;
}

/// Two suffixes become one: relational -> relate, hopefulness -> hopeful.
inline std::string porter_step_2(std::string word) {
  static constexpr std::array rules = std::to_array<SuffixRule>(
      {{"ational", "ate"}, {"tional", "tion"}, {"enci", "ence"}, {"anci", "ance"},   {"izer", "ize"},
       {"bli", "ble"},     {"entli", "ent"},   {"eli", "e"},     {"ousli", "ous"},   {"ization", "ize"},
       {"ation", "ate"},   {"ator", "ate"},    {"alism", "al"},  {"iveness", "ive"}, {"fulness", "ful"},
       {"ousness", "ous"}, {"aliti", "al"},    {"iviti", "ive"}, {"biliti", "ble"},  {"fulli", "ful"}});
  static constexpr std::array first = std::to_array<SuffixRule>({{"alli", "al"}});
  // The l of "logi" counts as part of the stem, so that "geology" has one that is long enough.
  if (word.ends_with("logi"))
    return measure(std::string_view(word).substr(0, word.size() - 3)) > 0 ? drop(std::move(word), 1) : word;
  return replace_suffix(replace_suffix(std::move(word), first, 1), rules, 1);
}

/// triplicate -> triplic, goodness -> good
inline std::string porter_step_3(std::string word) {
  static constexpr std::array rules = std::to_array<SuffixRule>({{"icate", "ic"},
                                                                 {"ative", ""},
                                                                 {"alize", "al"},
                                                                 {"iciti", "ic"},
                                                                 {"ical", "ic"},
                                                                 {"ful", ""},
                                                                 {"ness", ""}});
  return replace_suffix(std::move(word), rules, 1);
}

/// The last suffix, of long words only: revival -> reviv, adoption -> adopt.
inline std::string porter_step_4(std::string word) {
  if (word.ends_with("ion")) {  // falls after s and t alone, which stay
    const std::string_view stem = std::string_view(word).substr(0, word.size() - 3);
    const bool falls = measure(stem) > 1 && (stem.back() == 's' || stem.back() == 't');
    return falls ? drop(std::move(word), 3) : word;
  }
  static constexpr std::array rules = std::to_array<SuffixRule>({{"al", ""},
                                                                 {"ance", ""},
                                                                 {"ence", ""},
                                                                 {"er", ""},
                                                                 {"ic", ""},
                                                                 {"able", ""},
                                                                 {"ible", ""},
                                                                 {"ant", ""},
                                                                 {"ement", ""},
                                                                 {"ment", ""},
                                                                 {"ent", ""},
                                                                 {"ou", ""},
                                                                 {"ism", ""},
                                                                 {"ate", ""},
                                                                 {"iti", ""},
                                                                 {"ous", ""},
                                                                 {"ive", ""},
                                                                 {"ize", ""}});
  return replace_suffix(std::move(word), rules, 2);
}

/// probate -> probat, cease -> ceas, controll -> control
inline std::string porter_step_5(std::string word) {
  if (word.ends_with('e')) {
    const std::string stem = word.substr(0, word.size() - 1);
    const int m = measure(stem);
    if (m > 1 || (m == 1 && !ends_with_short_syllable(stem))) word = stem;
  }
  if (word.ends_with("ll") && measure(std::string_view(word).substr(0, word.size() - 1)) > 1) word.pop_back();
  return word;
}

/// The results that no rule gives.
inline constexpr auto irregular_stems =
    std::to_array<std::pair<std::string_view, std::string_view>>({{"sky", "sky"},
                                                                  {"skies", "sky"},
                                                                  {"dying", "die"},
                                                                  {"lying", "lie"},
                                                                  {"tying", "tie"},
                                                                  {"news", "news"},
                                                                  {"innings", "inning"},
                                                                  {"inning", "inning"},
                                                                  {"outings", "outing"},
                                                                  {"outing", "outing"},
                                                                  {"cannings", "canning"},
                                                                  {"canning", "canning"},
                                                                  {"howe", "howe"},
                                                                  {"proceed", "proceed"},
                                                                  {"exceed", "exceed"},
                                                                  {"succeed", "succeed"}});

}  // namespace detail

/// The stem of a word of small letters a to z and digits, as NLTK's PorterStemmer().stem gives it.
inline std::string porter_stem(std::string word) {
  using namespace detail;
  for (const auto& [irregular, stem] : irregular_stems)
    if (word == irregular) return std::string(stem);
  if (word.size() <= 2) return word;
  for (const auto step : {porter_step_1a, porter_step_1b, porter_step_1c, porter_step_2, porter_step_3,
                          porter_step_4, porter_step_5})
    word = step(std::move(word));
  return word;
}

}  // namespace memsizer::metrics
