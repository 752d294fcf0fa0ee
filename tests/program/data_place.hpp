#pragma once
// Text of a small language, and options of a model that trains in a moment.

#include "program/program.hpp"

namespace program_test {

using Words = std::vector<std::string>;

/// A text of so many short sentences.
inline std::string small_text(int sentences) {
  static const Words animals = {"cat", "dog", "bird", "fish"}, verbs = {"sees", "hears", "follows"};
  std::string text = " = Animals = \n";
  for (int i = 0; i < sentences; ++i)
    text += " The " + animals[static_cast<std::size_t>(i * 7 % 4)] + ' ' +
            verbs[static_cast<std::size_t>(i * 5 % 3)] + " the " +
            animals[static_cast<std::size_t>((i * 3 + 1) % 4)] + " . \n";
  return text;
}

inline Words operator+(Words words, const Words& more) {
  words.insert(words.end(), more.begin(), more.end());
  return words;
}

/// A workplace with data in three splits.
struct DataPlace : Workplace {
  DataPlace() {
    folder().write("data/wiki.train.tokens", small_text(200));
    folder().write("data/wiki.valid.tokens", small_text(20));
    folder().write("data/wiki.test.tokens", small_text(30));
  }

  /// The options of a small model, for train and compare.
  static Words small_model() {
    Words words = {"--data", "data", "--preset", "tiny", "--threads", "1"};
    for (const char* setting : {"layers=1", "dim=32", "heads=2", "slots=4", "ffn=32", "vocab=300",
                                "sequence=32", "batch=4", "warmup=5", "log_every=5"})
      words.insert(words.end(), {"--set", setting});
    return words;
  }

  static Words train_words(const std::string& architecture, const Words& more) {
    return Words{"train", "--task", "language-modeling", "--output", "run", "--architecture", architecture} +
           small_model() + more;
  }
};

inline Words generate_words(const Words& more) {
  return Words{"generate", "run", "--max-tokens", "12", "--threads", "1"} + more;
}

}  // namespace program_test
