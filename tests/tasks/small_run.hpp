#pragma once
// A run that is small enough for a test: a few lines of text, and a model of a few hundred numbers.

#include <sstream>

#include <boost/test/unit_test.hpp>

#include "memsizer/report/training.hpp"
#include "memsizer/tasks/language_modeling.hpp"

#include "files/temporary_folder.hpp"

namespace memsizer::test {

/// Writes a few sentences in WikiText's form into three splits, and returns their folder.
inline std::filesystem::path write_text(const TemporaryFolder& folder) {
  std::string text = " = A river = \n \n";
  for (int i = 0; i < 60; ++i)
    text += " the river runs to the lake and the lake lies by the town of rivers . \n";
  folder.write("data/wiki.train.tokens", text);
  folder.write("data/wiki.valid.tokens", text.substr(0, 500) + "\n");
  folder.write("data/wiki.test.tokens", text.substr(0, 400) + "\n");
  return folder / "data";
}

/// The names of all architectures that a language model can have.
inline const std::vector<std::string>& architectures() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> found;
    for (const tasks::Architecture& row : tasks::architectures())
      if (row.encoder_attention.empty()) found.push_back(row.name);
    return found;
  }();
  return names;
}

inline tasks::Request small_request(const TemporaryFolder& folder, const std::string& output,
                                    const std::string& architecture, Index steps) {
  tasks::Request request;
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

inline tasks::Request resumed(tasks::Request request, Index steps) {
  request.settings.clear();
  request.preset.clear();
  request.resume = tasks::Resume::yes;
  request.budget.steps = steps;
  return request;
}

/// The trained language model of a run.
inline std::unique_ptr<tasks::language_modeling::TrainedOnText<float>> load(const train::RunDirectory& run,
                                                                            Device& device = cpu::device()) {
  return std::make_unique<tasks::language_modeling::TrainedOnText<float>>(run, device, "");
}

/// The JSON that `memsizer evaluate --json` prints for a run.
inline nlohmann::ordered_json evaluate(const tasks::TrainedModel& model, const train::RunDirectory& run,
                                       const tasks::EvaluationRequest& request) {
  return train::to_json(tasks::evaluate(
      model, run, request, [](const std::string&) {}, [](Index, Index) { return true; }));
}

/// The figures of a run on a split.
inline train::EvaluationReport scored(const train::RunDirectory& run,
                                      const tasks::EvaluationRequest& request) {
  return tasks::evaluate(
      *tasks::load_model(run, cpu::device()), run, request, [](const std::string&) {},
      [](Index, Index) { return true; });
}

/// The lines of a file of texts.
inline std::vector<std::string> texts_of(const std::filesystem::path& file) {
  std::vector<std::string> texts;
  std::istringstream lines(contents(file));
  for (std::string line; std::getline(lines, line);) texts.push_back(line);
  return texts;
}

/// A tokenizer for calls that need one and do not look at it.
inline text::Tokenizer any_tokenizer() {
  text::TokenizerTrainer trainer;
  trainer.add_text("any");
  return trainer.train(259);
}

/// The lines of metrics.jsonl without times and rates, which may differ between two equal runs.
inline std::vector<std::string> lines_of(const std::filesystem::path& run) {
  std::vector<std::string> lines;
  std::ifstream stream(run / "metrics.jsonl");
  for (std::string line; std::getline(stream, line);) {
    auto json = nlohmann::ordered_json::parse(line);
    json.erase("seconds");
    json.erase("tokens_per_second");
    lines.push_back(json.dump());
  }
  return lines;
}

inline void check_same_run(const std::filesystem::path& a, const std::filesystem::path& b,
                           const std::string& checkpoint) {
  for (const char* file : {"model.safetensors", "training.safetensors"})
    BOOST_TEST(
        (contents(a / "checkpoints" / checkpoint / file) == contents(b / "checkpoints" / checkpoint / file)),
        file);
  BOOST_TEST(lines_of(a) == lines_of(b), boost::test_tools::per_element());
  BOOST_TEST(contents(a / "best") == contents(b / "best"));
}

/// While this lives, no gnuplot is found. Runs leave their curves as data then, which takes a test no time.
class HiddenGnuplot {
 public:
  HiddenGnuplot() { ::setenv("PATH", "/no-such-folder", 1); }
  HiddenGnuplot(const HiddenGnuplot&) = delete;
  ~HiddenGnuplot() { ::setenv("PATH", path_.c_str(), 1); }

 private:
  std::string path_ = std::getenv("PATH") ? std::getenv("PATH") : "";
};

}  // namespace memsizer::test
