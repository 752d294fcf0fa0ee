// The training loop with tasks made for the tests: the gradient of a step with several batches, and what the
// rate in tokens a second leaves out.
#include "memsizer/train/trainer.hpp"

#include <cmath>

#include <boost/test/unit_test.hpp>

#include "memsizer/models/language_model.hpp"

#include "files/temporary_folder.hpp"

BOOST_AUTO_TEST_SUITE(trainer)

using namespace memsizer;
using namespace memsizer::train;

namespace {

constexpr Index columns = 5, vocab = 7;

/// The same rows in every step, dealt out in batches with the given numbers of rows.
class FixedRows : public TrainingTask<float> {
 public:
  explicit FixedRows(std::vector<Index> batches)
      : batches_(std::move(batches)),
        model_({.attention = {"memsizer"},
                .vocab = vocab,
                .layers = 1,
                .dim = 8,
                .attention_settings = {.heads = 2, .slots = 3},
                .block = {.ffn = 8}}) {}

  nn::Module<float>& model() override { return model_; }

  std::vector<Index> next_step(Index) override {
    std::vector<Index> tokens;
    for (const Index rows : batches_) tokens.push_back(rows * columns);
    return tokens;
  }

  LinearCrossEntropy<float> loss(Index batch, const nn::Sequence& sequence) override {
    return loss_after(batch, sequence, nullptr);
  }

  Index batches_per_epoch() const override { return static_cast<Index>(batches_.size()); }

  bool has_validation() const override { return false; }
  std::optional<ValidationReport> validate(const ProgressCallback&) override { return std::nullopt; }

  DataPosition position() const override { return {}; }
  void restore(const DataPosition&) override {}
  std::string data_path() const override { return "rows"; }
  std::vector<DataSplit> data_splits() const override { return {}; }

 protected:
  using State = models::LanguageModel<float>::State;

  /// The loss of a batch whose rows go on from a state; null: from none.
  LinearCrossEntropy<float> loss_after(Index batch, const nn::Sequence& sequence, State* state) {
    const Index rows = batches_[static_cast<std::size_t>(batch)],
                first = std::accumulate(batches_.begin(), batches_.begin() + batch, Index{0});
    std::vector<Id> inputs, targets;
    for (Index i = first * columns; i < (first + rows) * columns; ++i) {
      inputs.push_back(static_cast<Id>(i * i % vocab));
      targets.push_back(static_cast<Id>((3 * i + 1) % vocab));
    }
    return model_.loss(Tensor<Id>({rows, columns}, inputs), Tensor<Id>({rows, columns}, targets), sequence,
                       {}, state);
  }

  std::vector<Index> batches_;
  models::LanguageModel<float> model_;
};

/// Each step goes on from the states of the one before, as Transformer-XL and MemSizer over segments do.
class CarryingTask : public FixedRows {
 public:
  CarryingTask() : FixedRows({2}) {}

  LinearCrossEntropy<float> loss(Index batch, const nn::Sequence& sequence) override {
    if (states_.empty()) states_ = model_.initial_state(2);
    return loss_after(batch, sequence, &states_);
  }

  std::vector<nn::HostArray> carried_states() const override { return nn::save(states_); }
  void restore_states(const std::vector<nn::HostArray>& states) override {
    states_ = nn::restored_states<float>(states, 1, cpu::device());
  }

 private:
  State states_;
};

/// The same, but it forgets the states at a resume.
class ForgettingTask : public CarryingTask {
  void restore_states(const std::vector<nn::HostArray>&) override {}
};

/// Moves a clock: 50 seconds for the first step of a process, 1 for any other step, 100 for a validation and
/// 1000 for a save.
class SlowTask : public FixedRows {
 public:
  explicit SlowTask(double& now) : FixedRows({1, 3}), now_(now) {}

  std::vector<Index> next_step(Index batches) override {
    now_ += std::exchange(seconds_of_step_, 1);
    return FixedRows::next_step(batches);
  }

  bool has_validation() const override { return true; }
  std::optional<ValidationReport> validate(const ProgressCallback&) override {
    now_ += 100;
    return ValidationReport{.loss = 1};
  }

  std::vector<DataSplit> data_splits() const override {
    now_ += 1000;
    return {};
  }

 private:
  double& now_;
  double seconds_of_step_ = 50;
};

/// Weights that overflow on the validation's text alone.
class OverflowingTask : public FixedRows {
 public:
  OverflowingTask() : FixedRows({2}) {}
  bool has_validation() const override { return true; }
  std::optional<ValidationReport> validate(const ProgressCallback&) override {
    return ValidationReport{.loss = validations_++ == 0 ? 2.0 : std::nan("")};
  }

 private:
  int validations_ = 0;
};

Config config_of(const std::vector<std::string>& settings) {
  Config config;
  for (const char* setting : {"learning_rate=3e-3", "warmup=100", "clip=1", "weight_decay=0.01", "vocab=300",
                              "layers=1", "dim=8", "heads=2", "slots=3", "ffn=8", "sequence=5", "batch=4"})
    set(config, setting);
  for (const std::string& setting : settings) set(config, setting);
  return config;
}

/// The result of one step over some batches.
struct Step {
  std::vector<float> gradients;
  double loss = 0;
};

Step step_over(const std::filesystem::path& folder, const std::vector<Index>& batches) {
  FixedRows task(batches);
  Step step;
  Observer observer;
  observer.stepped = [&](Index, double, const StepReport* report) { step.loss = report->loss; };
  const RunDirectory run = RunDirectory::create(folder);
  Trainer trainer(config_of({concatenate("accumulate=", batches.size())}), run, task, {}, observer);
  trainer.train({.steps = 1});
  step.gradients = trainer.parameters().gradients().to_vector();
  return step;
}

float largest_of(const std::vector<float>& values) {
  float largest = 0;
  for (const float value : values) largest = std::max(largest, std::abs(value));
  return largest;
}

}  // namespace

BOOST_AUTO_TEST_CASE(batches_of_any_size_give_the_gradient_of_all_their_rows) {
  const TemporaryFolder folder;
  const Step whole = step_over(folder / "whole", {4});
  BOOST_TEST_REQUIRE(largest_of(whole.gradients) > 0.f);
  for (const std::vector<Index>& batches : {std::vector<Index>{1, 3}, {2, 2}, {1, 1, 2}})
    BOOST_TEST_CONTEXT(batches.size() << " batches, the first of " << batches[0] << " rows") {
      const Step parts = step_over(folder / concatenate(batches.size(), '-', batches[0]), batches);
      std::vector<float> differences = parts.gradients;
      BOOST_TEST_REQUIRE(differences.size() == whole.gradients.size());
      for (std::size_t i = 0; i < differences.size(); ++i) differences[i] -= whole.gradients[i];
      BOOST_TEST(largest_of(differences) <= 1e-5f * largest_of(whole.gradients));
      BOOST_TEST(parts.loss == whole.loss, boost::test_tools::tolerance(1e-6));
    }
}

BOOST_AUTO_TEST_CASE(a_run_saves_the_states_that_its_steps_carry_and_goes_on_with_them) {
  const TemporaryFolder folder;
  const auto train = [&](const char* name, auto& task, Index steps) {
    const bool begins = !std::filesystem::exists(folder / name);
    const RunDirectory run =
        begins ? RunDirectory::create(folder / name) : RunDirectory::resume(folder / name);
    const TrainingState state =
        begins ? TrainingState() : verify_checkpoint(run, run.named("latest"), CheckpointPart::all);
    Trainer trainer(config_of({"schedule_steps=9"}), run, task, state, {});
    trainer.train({.steps = steps});
    return trainer.parameters().weights().to_vector();
  };
  CarryingTask whole, first_part, second_part;
  const std::vector<float> expected = train("whole", whole, 6);
  train("parts", first_part, 3);
  const auto saved = carried_states(folder / "parts/checkpoints/step-3");
  BOOST_TEST(saved.size() == first_part.carried_states().size());
  BOOST_TEST((train("parts", second_part, 6) == expected));
  ForgettingTask forgetting;
  train("forgotten", forgetting, 3);
  ForgettingTask again;
  BOOST_TEST((train("forgotten", again, 6) != expected));
  // A task that carries nothing refuses them.
  FixedRows other({2});
  CHECK_THROWS_SAYING(train("whole", other, 7), InputError, "states.safetensors: no states expected");
}

BOOST_AUTO_TEST_CASE(a_validation_that_is_not_finite_ends_the_run_and_harms_no_checkpoint) {
  const TemporaryFolder folder;
  OverflowingTask task;
  const RunDirectory run = RunDirectory::create(folder / "run");
  Trainer trainer(config_of({"validate_every=2", "save_every=2", "schedule_steps=9"}), run, task, {}, {});
  CHECK_THROWS_SAYING(trainer.train({.steps = 6}), Error, "step 4: the validation's loss is ");
  BOOST_TEST(run.named("latest") == "step-2");
  BOOST_CHECK_NO_THROW(verify_whole_checkpoint(run, "step-2", CheckpointPart::all));
}

// A step has 20 tokens and takes a second, so the log must say 20 tokens a second, whatever happens between
// steps.
BOOST_AUTO_TEST_CASE(rates_leave_out_first_steps_validations_and_saves) {
  const TemporaryFolder folder;
  double now = 1000;
  const auto train = [&](const RunDirectory& run, Index steps) {
    SlowTask task(now);
    const std::string latest = run.named("latest");
    const TrainingState state =
        latest.empty() ? TrainingState() : verify_checkpoint(run, latest, CheckpointPart::all);
    Trainer trainer(config_of({"accumulate=2", "log_every=3", "validate_every=2", "schedule_steps=9"}), run,
                    task, state, {}, cpu::device(), [&] { return now; });
    trainer.train({.steps = steps});
  };
  train(RunDirectory::create(folder / "run"), 4);
  train(RunDirectory::resume(folder / "run"), 9);
  std::vector<Index> logged;
  std::ifstream stream(folder / "run/metrics.jsonl");
  for (std::string text; std::getline(stream, text);) {
    const auto line = nlohmann::json::parse(text);
    if (!line.contains("tokens_per_second")) continue;
    logged.push_back(line["step"].get<Index>());
    BOOST_TEST(line["tokens_per_second"].is_null() == (logged.back() == 1), text);
    if (logged.back() > 1) BOOST_TEST(line["tokens_per_second"] == 20.0, text);
  }
  BOOST_TEST(logged == (std::vector<Index>{1, 3, 6, 9}), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
