#pragma once
// A run so small that a test can train it: a few lines of text, a model of a few hundred numbers.

#include "memsizer/train/start.hpp"

#include "files/temporary_folder.hpp"

namespace memsizer::test {

/// WikiText of a few sentences, train and valid, with a test split on request.
inline std::filesystem::path write_text(const TemporaryFolder& folder) {
  std::string text = " = A river = \n \n";
  for (int i = 0; i < 60; ++i)
    text += " the river runs to the lake and the lake lies by the town of rivers . \n";
  folder.write("data/wiki.train.tokens", text);
  folder.write("data/wiki.valid.tokens", text.substr(0, 500) + "\n");
  folder.write("data/wiki.test.tokens", text.substr(0, 400) + "\n");
  return folder / "data";
}

inline train::Request small_request(const TemporaryFolder& folder, const std::string& output,
                                    const std::string& architecture, Index steps) {
  train::Request request;
  request.architecture = architecture;
  request.preset = "tiny";
  request.data = folder / "data";
  request.output = folder / output;
  request.settings = {
      "vocab=270",    "layers=1",          "dim=8",       "heads=2",          "slots=3",
      "ffn=8",        "sequence=16",       "batch=3",     "warmup=2",         "dropout=0.1",
      "accumulate=2", "schedule_steps=12", "log_every=1", "validate_every=4", "attention_dropout=0.1"};
  request.budget.steps = steps;
  return request;
}

inline train::Request resumed(train::Request request, Index steps) {
  request.settings.clear();
  request.preset.clear();
  request.resume = true;
  request.budget.steps = steps;
  return request;
}

}  // namespace memsizer::test
