// An outside program: a run of language modelling, with its folder and checkpoints, that is loaded and
// scored.
#include <cstdio>
#include <filesystem>
#include <fstream>

#include <memsizer/tasks/start.hpp>
#include <memsizer/tasks/tasks.hpp>

int main() {
  using namespace memsizer;
  const std::filesystem::path folder = std::filesystem::temp_directory_path() / "memsizer_run_of_a_consumer";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder / "data");
  for (const char* split : {"train", "valid", "test"}) {
    std::ofstream text(folder / "data" / (std::string("wiki.") + split + ".tokens"));
    for (int i = 0; i < 40; ++i) text << "the herring and the heron met at the harbour\n";
  }

  tasks::Request request{.task = "language-modeling",
                         .architecture = "memsizer",
                         .preset = "small",
                         .data = folder / "data",
                         .output = folder / "run"};
  request.settings = {
      "layers=1",           "dim=16",  "ffn=16", "heads=2", "slots=4", "vocab=270", "sequence=16", "batch=2",
      "learning_rate=0.01", "warmup=1"};
  request.budget = {.steps = 80};
  if (tasks::train_model(request, {}) != train::Outcome::finished) return 1;

  const auto run = train::RunDirectory::open(request.output);
  const auto model = tasks::load_model(run, cpu::device());
  const auto report = tasks::evaluate(
      *model, run, {.data = request.data}, [](const std::string&) {}, [](Index, Index) { return true; });
  std::printf("loss %.3f after %lld steps\n", report.loss, static_cast<long long>(request.budget.steps));
  std::filesystem::remove_all(folder);
  return report.loss < 4 ? 0 : 1;  // a model that has not learned has log 270, which is 5.6
}
