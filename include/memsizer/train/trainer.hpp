#pragma once
// The training loop of every task: when to log, to validate, to save and to stop. The Learner does a single
// step.

#include <functional>
#include <optional>

#include "memsizer/base/clock.hpp"
#include "memsizer/train/checkpoint.hpp"
#include "memsizer/train/interrupt.hpp"
#include "memsizer/train/learner.hpp"
#include "memsizer/train/metrics_log.hpp"
#include "memsizer/train/pace.hpp"
#include "memsizer/train/training_task.hpp"

namespace memsizer::train {

/// Callbacks through which others follow a run.
struct Observer {
  std::function<void(const std::string&)> tell = [](const std::string&) {};
  /// Called before the first step, with the number of steps done and the part of the budget used (0 to 1).
  std::function<void(Index, double)> started = [](Index, double) {};
  /// Called after each step, with its number, the part of the budget used (0 to 1), and the step's report.
  /// The report is null for most steps, because results are read from the device only at logged steps and at
  /// the first.
  std::function<void(Index, double, const StepReport*)> stepped = [](Index, double, const StepReport*) {};
  /// Called now and then in a validation, with the number of windows or examples done, and their total.
  std::function<void(Index, Index)> validating = [](Index, Index) {};
  /// The text, in static storage, that the first Ctrl-C writes to standard error; null: no text.
  const char* interrupt_notice = nullptr;
};

enum class Outcome { finished, interrupted };

/// Trains a task in a run's folder: steps, log, validations, checkpoints. Every number that it draws is a
/// function of the seed and the step, so a run that was stopped and resumed equals an uninterrupted one bit
/// for bit.
template <class T>
class Trainer {
 public:
  /// If the run has a checkpoint, continues from the one that `state` was read from. A new run begins at step
  /// 0, with `from`, `vocab_asked` and `earlier_updates` of `state`. The task's model is trained on `device`;
  /// `seconds` is the clock.
  Trainer(Config config, const RunDirectory& run, TrainingTask<T>& task, TrainingState state = {},
          Observer observer = {}, Device& device = cpu::device(),
          std::function<double()> seconds = steady_seconds)
      : config_(std::move(config)),
        run_(run),
        task_(task),
        observer_(std::move(observer)),
        seconds_(std::move(seconds)),
        resumed_(std::filesystem::exists(run.config_file())),
        store_(model_of(run, task, state, resumed_), static_cast<std::uint64_t>(config_.labels.seed), true,
               device),
        learner_(store_, make_optimiser(config_.optimiser, store_),
                 {.seed = static_cast<std::uint64_t>(config_.labels.seed), .clip = config_.optimiser.clip}),
        state_(std::move(state)) {
    state_.settings = settings_digits(config_);
    learner_.restore_steps(state_.step + state_.earlier_updates);
    if (resumed_) restore();
    if (!task.has_validation()) observer_.tell("no validation split: best is latest");
  }

  nn::ParameterStore<T>& parameters() { return store_; }

  /// Whether train(budget) has something to do.
  bool has_work(const Budget& budget) {
    start_ = seconds_() - state_.seconds;
    return !is_complete(Pace(budget, task_.batches_per_epoch(), config_));
  }

  /// Trains until the budget is spent or the run is interrupted, for example by Ctrl-C. In both cases the
  /// last state is saved. If nothing is left to do, writes nothing. Error if a loss or gradient is not
  /// finite.
  Outcome train(const Budget& budget) {
    start_ = seconds_() - state_.seconds;
    Pace pace(budget, task_.batches_per_epoch(), config_);
    schedule_ = make_schedule(config_);
    for (const std::string& warning : pace.warnings(state_.step, elapsed())) observer_.tell(warning);
    if (is_complete(pace)) return Outcome::finished;
    MetricsLog log(run_.metrics_file(), state_.log_bytes, observer_.tell);
    log_ = &log;
    validated_step_ = log.last_validated_step();
    if (resumed_)
      mend_pointers();
    else
      save();
    run_.write_config(config_);  // from now on the run can be resumed after any failure
    mark();
    const Interrupt interrupt(observer_.interrupt_notice);
    if (state_.step > 0 && validation_is_due()) {  // an interrupt had cut it short
      validate_and_save();
      if (Interrupt::requested()) return finish(Outcome::interrupted);  // and this one too
    }
    observer_.started(state_.step, pace.part_done(state_.step, elapsed()));
    while (!pace.spent(state_.step, elapsed())) {
      take_step(pace);
      if (pace.is_to_be_measured(elapsed())) measure_length(pace);
      validate_and_save();
      if (Interrupt::requested()) return finish(Outcome::interrupted);
    }
    return finish(Outcome::finished);
  }

 private:
  static nn::Module<T>& model_of(const RunDirectory& run, TrainingTask<T>& task, const TrainingState& state,
                                 bool resumed) {
    if (!resumed) return task.model();
    return require_matching_weights(open_weights(run.checkpoint(concatenate("step-", state.step))),
                                    task.model());
  }

  void restore() {
    const std::filesystem::path checkpoint = run_.checkpoint(concatenate("step-", state_.step));
    load_checkpoint(checkpoint, store_);
    at_file(checkpoint / "state.json", [&] {
      require_same_data();
      task_.restore(state_.position);
    });
    at_file(checkpoint / detail::states_file, [&] { task_.restore_states(carried_states(checkpoint)); });
    if (!state_.hashed)
      observer_.tell(
          concatenate(checkpoint.string(),
                      ": saved by an older version, without hashes that would show damage; the next "
                      "checkpoint has them"));
  }

  /// InputError unless the data is that with which the run began, because the position refers to that data.
  void require_same_data() const {
    for (const DataSplit& split : task_.data_splits())
      for (const DataSplit& begun : state_.data)
        require(begun.name != split.name || begun.hash == split.hash,
                "the run was begun with other data: the ", split.name, " split of ", task_.data_path(),
                ": hash ", begun.hash.value_or("none"), " expected, got ", split.hash.value_or("none"));
  }

  double elapsed() const { return seconds_() - start_; }

  /// Whether a resumed run has nothing left to do. After the last save there may still be work: to validate
  /// the last step, and to remove old checkpoints.
  bool is_complete(const Pace& pace) const {
    if (!resumed_ || !pace.spent(state_.step, elapsed())) return false;
    if (!run_.has_named("latest") || !run_.has_named("best") || !run_.is_tidy(config_.watching.keep))
      return false;
    if (run_.named("latest") != concatenate("step-", state_.step)) return false;
    if (!task_.has_validation()) return true;
    const LastValidation last = last_validation(run_.metrics_file());
    const bool is_best = !state_.best_loss || last.loss < *state_.best_loss;
    return last.step == state_.step && (!is_best || run_.named("best") == run_.named("latest"));
  }

  /// If `latest` or `best` was damaged, or if the run goes on from a checkpoint before those that they name,
  /// makes them name whole checkpoints again. Without this, pruning could not tell which checkpoints to keep.
  void mend_pointers() {
    const std::string name = concatenate("step-", state_.step);
    const bool is_latest = run_.has_named("latest") && run_.named("latest") == name;
    if (!run_.has_named("best") || (!is_latest && step_of(run_.named("best")) > state_.step)) {
      const std::string best = best_by_log();
      run_.set_named("best", best);
      observer_.tell(concatenate((run_.path() / "best").string(), ": now names ", best,
                                 ", because it named no checkpoint of the run up to step ", state_.step));
    }
    if (!is_latest) run_.set_named("latest", name);
  }

  /// The name of the checkpoint with the lowest validation loss in the log. If none is left, that of the
  /// checkpoint from which the run goes on.
  std::string best_by_log() const {
    const RunCurves curves = read_curves(run_.metrics_file());
    std::string best = concatenate("step-", state_.step);
    double lowest = std::numeric_limits<double>::infinity();
    for (std::size_t i = 0; i < curves.validation_losses.size(); ++i) {
      const std::string name = concatenate("step-", static_cast<Index>(curves.validation_steps[i]));
      if (curves.validation_losses[i] >= lowest || !std::filesystem::is_directory(run_.checkpoint(name)))
        continue;
      lowest = curves.validation_losses[i];
      best = name;
    }
    return best;
  }

  /// Times a validation, so that the pace can fix the length of a run by time.
  void measure_length(Pace& pace) {
    const double training = elapsed();
    if (task_.has_validation() && validate()) save();
    if (Interrupt::requested()) return;
    pace.set_length(state_.step, training, elapsed() - training);
    schedule_ = make_schedule(config_);
    observer_.tell(concatenate("the schedule's length is ", config_.schedule.steps, " steps"));
    run_.write_config(config_);
  }

  bool due(Index every) const { return every > 0 && state_.step % every == 0; }

  bool validation_is_due() const {
    return due(config_.watching.validate_every) && task_.has_validation() && validated_step_ != state_.step;
  }

  void validate_and_save() {
    const bool improved = validation_is_due() && validate();
    const bool with_validation = config_.watching.save_every == 0;
    if (improved || due(config_.watching.save_every) ||
        (with_validation && due(config_.watching.validate_every)))
      save();
  }

  auto loss_of_batch() {
    return [&](Index batch, const nn::Sequence& sequence) { return task_.loss(batch, sequence); };
  }

  void take_step(const Pace& pace) {
    positions_.push_back({state_.step + 1, task_.position()});
    const std::vector<Index> tokens = task_.next_step(config_.batches.accumulate);
    rate_ = schedule_->at(state_.step + 1);
    learner_.step(rate_, tokens, loss_of_batch());
    ++state_.step;
    const Index all_tokens = std::accumulate(tokens.begin(), tokens.end(), Index{0});
    state_.tokens += all_tokens;
    interval_tokens_ += all_tokens;
    const bool logged = state_.step == 1 || due(config_.watching.log_every);
    is_logged_ = false;
    std::optional<StepReport> report;
    if (first_step_ || logged) report = read_step();
    if (std::exchange(first_step_, false)) mark();  // this step fills caches; its time would distort rates
    observer_.stepped(state_.step, pace.part_done(state_.step, elapsed()), report ? &*report : nullptr);
    if (logged) log(*report);
  }

  /// Waits for the device, and reads the results of the last step. Error if that step or an earlier one
  /// failed.
  StepReport read_step() {
    require_no_failure();
    const StepResult result = learner_.results(1).back();
    const double seconds = elapsed(), interval = seconds - interval_start_;
    StepReport report{.step = state_.step,
                      .tokens = state_.tokens,
                      .seconds = seconds,
                      .loss = result.loss,
                      .learning_rate = rate_,
                      .gradient_norm = result.gradient_norm};
    if (!first_step_ && interval_tokens_ > 0 && interval > 0)
      report.tokens_per_second = static_cast<double>(interval_tokens_) / interval;
    return report;
  }

  void log(const StepReport& report) {
    log_->write(report);
    is_logged_ = true;
    mark();
  }

  /// Starts a new interval for tokens_per_second.
  void mark() {
    interval_start_ = elapsed();
    interval_tokens_ = 0;
  }

  /// If a loss or gradient was not finite since the last call, throws an Error that names the first such
  /// step. No later step has changed anything, so the step's batches are computed again to explain the
  /// failure.
  void require_no_failure() {
    if (const Index update = learner_.failed_step(); update > 0) {
      const Index failed = update - state_.earlier_updates;
      const auto place = std::ranges::find(positions_, failed, &StepPosition::step);
      task_.restore(place->position);
      const std::vector<Index> tokens = task_.next_step(config_.batches.accumulate);
      throw Error(
          concatenate("step ", failed, ": ", learner_.explain_failure(update, tokens, loss_of_batch()),
                      ". A lower learning_rate or a clip may help; the last checkpoint is unharmed."));
    }
    positions_.clear();
  }

  /// Validates, and returns whether the loss is the best so far. Ctrl-C cuts the validation short, without a
  /// result; a resumed run then begins with that validation.
  bool validate() {
    require_no_failure();
    const double start = elapsed();
    const auto report = task_.validate([&](Index done, Index of) {
      observer_.validating(done, of);
      return !Interrupt::requested();
    });
    interval_start_ += elapsed() - start;
    if (!report) return false;
    if (!std::isfinite(report->loss))
      throw Error(concatenate("step ", state_.step, ": the validation's loss is ", report->loss,
                              "; the weights overflow in the validation's batches. A lower learning_rate or "
                              "a clip may help; the last checkpoint is unharmed."));
    validated_step_ = state_.step;
    log_->write(*report, state_.step);
    observer_.tell(concatenate("step ", state_.step, ": validation loss ", report->loss,
                               report->headline.empty() ? "" : ", ", report->headline));
    if (state_.best_loss && report->loss >= *state_.best_loss) return false;
    state_.best_loss = report->loss;
    return best_is_new_ = true;
  }

  void save() {
    require_no_failure();
    const double start = elapsed();
    state_.seconds = start;
    state_.log_bytes = log_->synchronise();
    state_.position = task_.position();
    state_.data = task_.data_splits();
    save_checkpoint(run_, store_, state_, task_.carried_states());
    point_to_checkpoint();
    interval_start_ += elapsed() - start;
    saved_step_ = state_.step;
  }

  void point_to_checkpoint() {
    const std::string name = concatenate("step-", state_.step);
    // `best` is written first: a run that is killed in between resumes before this validation and repeats it.
    // Until the first validation, the latest checkpoint counts as the best.
    if (best_is_new_ || !state_.best_loss) run_.set_named("best", name);
    run_.set_named("latest", name);
    best_is_new_ = false;
    run_.prune(config_.watching.keep);
  }

  /// Saves first, then logs the last step and validates it: neither was due by the schedule, and a resumed
  /// run must see exactly what an uninterrupted one would.
  Outcome finish(Outcome outcome) {
    std::optional<StepReport> report;
    if (!is_logged_) report = read_step();
    if (saved_step_ != state_.step) save();
    if (report) log(*report);
    if (outcome == Outcome::finished && task_.has_validation() && !due(config_.watching.validate_every) &&
        validated_step_ != state_.step && validate())
      point_to_checkpoint();
    log_ = nullptr;
    return Interrupt::requested() ? Outcome::interrupted : outcome;
  }

  /// The data position of a step's batches, kept until we know that the step did not fail.
  struct StepPosition {
    Index step;
    DataPosition position;
  };

  Config config_;
  const RunDirectory& run_;
  TrainingTask<T>& task_;
  Observer observer_;
  std::function<double()> seconds_;
  bool resumed_;
  nn::ParameterStore<T> store_;
  Learner<T> learner_;
  TrainingState state_;
  std::optional<optim::Schedule> schedule_;  // made by train(); its length may be fixed later
  MetricsLog* log_ = nullptr;
  std::vector<StepPosition> positions_;
  double start_ = 0, interval_start_ = 0, rate_ = 0;
  Index interval_tokens_ = 0, saved_step_ = -1, validated_step_ = -1;
  bool first_step_ = true, best_is_new_ = false, is_logged_ = true;
};

}  // namespace memsizer::train
