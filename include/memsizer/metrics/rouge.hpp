#pragma once
// ROUGE (Lin 2004, "ROUGE: a package for automatic evaluation of summaries"), as the package rouge_score
// computes it: what a summary shares with a reference, m of its h words and of the reference's r words.
//
//     P = m / h,  R = m / r,  F1 = 2 P R / (P + R)
//
// ROUGE-1 and ROUGE-2 count words and pairs of neighbouring words (then h and r are numbers of pairs).
// ROUGE-L takes for m the length of a longest common subsequence: words in the same order, not necessarily
// side by side. ROUGE-Lsum takes such a subsequence for each sentence of the reference with each sentence of
// the summary, and for m the words of the reference that are in any of them. So the order of sentences does
// not matter, and each word counts at most as often as both texts have it.

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "memsizer/metrics/common_subsequence.hpp"
#include "memsizer/metrics/lower_case.hpp"
#include "memsizer/metrics/mean_metric.hpp"
#include "memsizer/metrics/ngrams.hpp"
#include "memsizer/metrics/porter_stemmer.hpp"

namespace memsizer::metrics {

struct RougeOptions {
  bool stem = false;  ///< compare the stems of words of four letters or more: "runs" with "running"
  bool escaped_newlines =
      false;  ///< sentences end at a backslash and an n too, as in files with a line a text
};

/// Each from 0 to 1.
struct RougeScore {
  double precision = 0, recall = 0, f1 = 0;
};

inline constexpr std::array<std::string_view, 4> rouge_names{"rouge1", "rouge2", "rougeL", "rougeLsum"};

/// The four scores in the order of `rouge_names`.
using RougeScores = std::array<RougeScore, rouge_names.size()>;

namespace detail {

/// The words of a text with a space between them: runs of a to z and 0 to 9 in lower case. All else parts
/// words, so "don't" is two of them, and "caf\u00e9" is "caf".
inline std::u32string rouge_words(std::u32string_view text, const RougeOptions& options) {
  std::u32string words;
  std::string word;
  const auto end_word = [&] {
    if (word.empty()) return;
    if (options.stem && word.size() > 3) word = porter_stem(std::move(word));
    if (!words.empty()) words += U' ';
    words.append(word.begin(), word.end());
    word.clear();
  };
  for (const char32_t point : lower_case(text))
    if ((point >= U'a' && point <= U'z') || (point >= U'0' && point <= U'9'))
      word += static_cast<char>(point);
    else
      end_word();
  end_word();
  return words;
}

/// A text as numbers of words: its sentences, which newlines part, and all of them one after another.
struct NumberedText {
  std::vector<std::u32string> sentences;
  std::u32string words;

  NumberedText(std::string_view utf8, const RougeOptions& options, WordNumbers& numbers) {
    std::u32string text = to_code_points(utf8);
    if (options.escaped_newlines) replace_all(text, U"\\n", U"\n");
    for (std::size_t first = 0; first <= text.size();) {
      const std::size_t end = std::min(text.find(U'\n', first), text.size());
      const std::u32string sentence =
          numbers(rouge_words(std::u32string_view(text).substr(first, end - first), options));
      if (!sentence.empty()) sentences.push_back(sentence);
      words += sentence;
      first = end + 1;
    }
  }
};

inline RougeScore rouge_score(Index matches, Index of_hypothesis, Index of_reference) {
  if (matches == 0) return {};
  const double precision = static_cast<double>(matches) / static_cast<double>(of_hypothesis);
  const double recall = static_cast<double>(matches) / static_cast<double>(of_reference);
  return {precision, recall, 2 * precision * recall / (precision + recall)};
}

inline RougeScore rouge_n(const NumberedText& hypothesis, const NumberedText& reference, std::size_t n) {
  return rouge_score(count_matches(count_ngrams(hypothesis.words, n), count_ngrams(reference.words, n)),
                     ngram_total(hypothesis.words, n), ngram_total(reference.words, n));
}

/// The words of the reference that a common subsequence has, of a sentence of it and one of the hypothesis.
inline std::u32string words_in_common(const NumberedText& hypothesis, const NumberedText& reference) {
  std::u32string common;
  for (const std::u32string& sentence : reference.sentences) {
    std::vector<bool> chosen(sentence.size());
    for (const std::u32string& other : hypothesis.sentences)
      for (const std::size_t position : common_subsequence(sentence, other)) chosen[position] = true;
    for (std::size_t i = 0; i < sentence.size(); ++i)
      if (chosen[i]) common += sentence[i];
  }
  return common;
}

}  // namespace detail

/// The scores of a summary against one reference; of empty texts all are 0. InputError for invalid UTF-8, and
/// if the numbers of words have a product over `max_subsequence_table`.
inline RougeScores rouge(std::string_view hypothesis, std::string_view reference,
                         const RougeOptions& options = {}) {
  WordNumbers numbers;
  const detail::NumberedText ours(hypothesis, options, numbers), theirs(reference, options, numbers);
  const Index h = ngram_total(ours.words, 1), r = ngram_total(theirs.words, 1);
  const Index in_order = static_cast<Index>(common_subsequence(theirs.words, ours.words).size());
  const std::u32string common = detail::words_in_common(ours, theirs);
  const Index in_sentences = count_matches(count_ngrams(common, 1), count_ngrams(ours.words, 1));
  return {detail::rouge_n(ours, theirs, 1), detail::rouge_n(ours, theirs, 2),
          detail::rouge_score(in_order, h, r), detail::rouge_score(in_sentences, h, r)};
}

/// The mean F1 of each ROUGE over all segments, times 100. Of several references each ROUGE takes the one
/// with its best F1.
inline CorpusMetric rouge_metric(const RougeOptions& options = {}) {
  return mean_metric({rouge_names.begin(), rouge_names.end()},
                     [options](std::string_view hypothesis, std::string_view reference) {
                       std::vector<double> scores;
                       for (const RougeScore& score : rouge(hypothesis, reference, options))
                         scores.push_back(score.f1);
                       return scores;
                     });
}

}  // namespace memsizer::metrics
