#pragma once
// A run of question answering, small and sure of its answers.

#include <string>
#include <vector>

#include "program/program.hpp"

namespace program_test {

/// A workplace with a model that has learned two answers, unless it has too few steps for them.
struct Guide : Workplace {
  explicit Guide(const std::string& architecture = "memsizer", const std::string& sequence = "64",
                 const std::string& steps = "150") {
    std::string lines;
    for (int i = 0; i < 200; ++i) {
      const std::string of = i % 2 == 0 ? "sky" : "grass", is = i % 2 == 0 ? "blue\\nand wide" : "green";
      lines += "{\"id\": \"cot." + std::to_string(i) + "\", \"question\": \"colour of " + of +
               "?\", \"response\": \"" + is + "\"}\n";
    }
    folder().write("questions.jsonl", lines);
    std::vector<std::string> words = {
        "train",    "--task", "question-answering", "--data",     "questions.jsonl", "--output", "run",
        "--preset", "micro",  "--architecture",     architecture, "--steps",         steps,      "--threads",
        "1"};
    for (const std::string& setting : {std::string("vocab=300"), "sequence=" + sequence,
                                       std::string("learning_rate=0.01"), std::string("validate_every=150")})
      words.push_back("--set"), words.push_back(setting);
    expect(0, words);
  }
};

}  // namespace program_test
