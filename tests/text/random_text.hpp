#pragma once
// Random texts of difficult parts: white space of all kinds, contractions, marks, letters that normalise,
// broken UTF-8.

#include <array>
#include <random>
#include <string>

namespace random_text {

inline constexpr std::array nasty = {
    "a",      "b",      "S",      "s",      "t",      "ll",     "0",      "'",      ".",
    "<",      ">",      " ",      " ",      " ",      "\n",     "\t",     "\r",     "\u00a0",
    "\u2003", "\u3000", "\u0085", "'s",     "\u00e9", "\u0301", "\u0308", "\u0338", "=",
    "\u00a8", "\u00bd", "\u4f60", "\u30c7", "\u3099", "\u1100", "\u1161", "\u11a8", "\u212b",
    "\u0130", "\u20ac", "\ufdfa", "\uff11", "\xFF",   "\xE2",   "\x80",   "<s>"};

/// A text of at most `longest` parts.
inline std::string make(std::mt19937& random, unsigned longest) {
  std::string text;
  for (unsigned parts = random() % (longest + 1); parts > 0; --parts) text += nasty[random() % nasty.size()];
  return text;
}

/// A word of at least one letter, from the first `letters` of the alphabet, with long runs of one letter. It
/// may exceed `longest` letters only in its last run.
inline std::string make_word(std::mt19937& random, unsigned letters, unsigned longest) {
  std::string word;
  const unsigned length = 1 + random() % longest;
  while (word.size() < length) {
    const char letter = static_cast<char>('a' + random() % letters);
    word.append(random() % 4 == 0 ? 1 + random() % 5 : 1, letter);
  }
  return word;
}

}  // namespace random_text
