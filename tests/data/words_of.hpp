#pragma once
// The words of the sample texts.

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "source_folder.hpp"

namespace memsizer::test {

/// A folder of samples/data.
inline std::filesystem::path sample_folder(const std::string& name) {
  return source_folder() / "samples" / "data" / name;
}

/// The runs of letters and digits of an ASCII text.
inline std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  bool goes_on = false;
  for (const char c : text) {
    const bool is_part = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    if (is_part && !goes_on) words.emplace_back();
    if (is_part) words.back() += c;
    goes_on = is_part;
  }
  return words;
}

/// The first word of a text that is not among those known; empty if there is none.
inline std::string unknown_word(std::string_view text, const std::set<std::string>& known) {
  for (const std::string& word : words_of(text))
    if (!known.contains(word)) return word;
  return "";
}

}  // namespace memsizer::test
