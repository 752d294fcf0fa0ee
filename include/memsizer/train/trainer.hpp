#pragma once
// The training loop of every task.

#include <functional>
#include <numeric>

#include "memsizer/train/checkpoint.hpp"
#include "memsizer/train/clock.hpp"
#include "memsizer/train/interrupt.hpp"
#include "memsizer/train/metrics_log.hpp"
#include "memsizer/train/optimisation.hpp"
#include "memsizer/train/pace.hpp"
#include "memsizer/train/task.hpp"

namespace memsizer::train {

/// What happens in a run, for those who look on.
struct Watcher {
  std::function<void(const std::string&)> tell = [](const std::string&) {};
  /// Before the first step: how many steps the run has done, and how far it is (0 to 1).
  std::function<void(Index, double)> started = [](Index, double) {};
  /// After each step: how far the run is (0 to 1), the line of the step.
  std::function<void(double, const nlohmann::ordered_json&)> stepped = [](double,
                                                                          const nlohmann::ordered_json&) {};
  /// In a validation, now and then: how many windows or examples are done, and of how many.
  std::function<void(Index, Index)> validating = [](Index, Index) {};
  /// What the first Ctrl-C writes to standard error, of static storage; null: nothing.
  const char* interrupt_notice = nullptr;
};

enum class Outcome { finished, interrupted };

/// Trains a task in a run's folder: steps, log, validations, checkpoints. Every number it draws is a function
/// of the seed and the step, so a run that was stopped and resumed equals one that was not, bit for bit.
class Trainer {
 public:
  /// Continues from the run's latest checkpoint if there is one. The task's model is trained on `device`;
  /// `seconds` is the clock.
  Trainer(Config config, const RunDirectory& run, Task& task, Watcher watcher = {},
          Device& device = cpu::device(), std::function<double()> seconds = steady_seconds)
      : config_(std::move(config)),
        run_(run),
        task_(task),
        watcher_(std::move(watcher)),
        seconds_(std::move(seconds)),
        store_(model_of(run, task), static_cast<std::uint64_t>(config_.seed), true, device),
        optimiser_(make_optimiser(config_, store_)),
        step_key_(Shape{1}, device) {
    if (const std::string latest = run.named("latest"); !latest.empty())
      state_ = load_checkpoint(run.checkpoint(latest), store_, *optimiser_,
                               [&](const files::JsonView& position) { task_.restore_position(position); });
    if (!task.has_validation()) watcher_.tell("no validation split: best is latest");
  }

  nn::ParameterStore<float>& parameters() { return store_; }

  /// Trains until the budget is spent or Ctrl-C; the last state is saved in both cases.
  Outcome train(const Budget& budget) {
    start_ = seconds_() - state_.seconds;
    Pace pace(budget, task_.batches_per_epoch(), config_);
    for (const std::string& warning : pace.warnings(state_.step, elapsed())) watcher_.tell(warning);
    MetricsLog log(run_.metrics_file(), state_.log_bytes);
    log_ = &log;
    validated_step_ = log.last_validated_step();
    if (state_.step == 0) save();
    run_.write_config(config_);  // from here on the run can be resumed, whatever happens
    mark();
    const Interrupt interrupt(watcher_.interrupt_notice);
    if (state_.step > 0 && validation_is_due()) validate_and_save();  // Ctrl-C has cut it short
    watcher_.started(state_.step, pace.part_done(state_.step, elapsed()));
    while (!pace.spent(state_.step, elapsed())) {
      take_step(pace);
      if (pace.is_to_be_measured(elapsed())) measure_length(pace);
      validate_and_save();
      if (Interrupt::requested()) return finish(Outcome::interrupted);
    }
    return finish(Outcome::finished);
  }

 private:
  static nn::Module<float>& model_of(const RunDirectory& run, Task& task) {
    const std::string latest = run.named("latest");
    return latest.empty() ? task.model() : fitting(open_weights(run.checkpoint(latest)), task.model());
  }

  double elapsed() const { return seconds_() - start_; }

  /// Times a validation, with which the pace of a run by time fixes its length.
  void measure_length(Pace& pace) {
    const double training = elapsed();
    if (task_.has_validation() && validate()) save();
    if (Interrupt::requested()) return;
    pace.set_length(state_.step, training, elapsed() - training);
    watcher_.tell(concatenate("the schedule's length is ", config_.schedule_steps, " steps"));
    run_.write_config(config_);
  }

  bool due(Index every) const { return every > 0 && state_.step % every == 0; }

  bool validation_is_due() const {
    return due(config_.validate_every) && task_.has_validation() && validated_step_ != state_.step;
  }

  void validate_and_save() {
    const bool improved = validation_is_due() && validate();
    if (improved || due(config_.save_every) || (due(config_.validate_every) && config_.save_every == 0))
      save();
  }

  /// Gradients of all batches of a step; returns the mean loss in nats a token.
  double accumulate_gradients(const std::vector<Index>& tokens, Index all_tokens) {
    store_.clear_gradients();
    double nats = 0;
    for (Index i = 0; i < static_cast<Index>(tokens.size()); ++i) {
      const std::uint64_t key =
          mix_keys(mix_keys(static_cast<std::uint64_t>(config_.seed), name_key("dropout")),
                   static_cast<std::uint64_t>(state_.step * config_.accumulate + i));
      step_key_.copy_from(std::span(&key, 1));
      Tape tape;
      const LinearCrossEntropy<float> loss = task_.loss(i, {.training = true, .step_key = step_key_.data()});
      const double part =
          static_cast<double>(tokens[static_cast<std::size_t>(i)]) / static_cast<double>(all_tokens);
      tape.backward(loss.mean, Tensor<float>::full({}, static_cast<float>(part), step_key_.device()));
      nats += loss.nats();  // the loss that is logged is never smoothed
    }
    return nats / static_cast<double>(all_tokens);
  }

  void take_step(const Pace& pace) {
    const std::vector<Index> tokens = task_.next_step(config_.accumulate);
    const Index all_tokens = std::accumulate(tokens.begin(), tokens.end(), Index{0});
    const double loss = accumulate_gradients(tokens, all_tokens);
    const double rate = make_schedule(config_).at(state_.step + 1);
    optimiser_->step(rate, config_.clip);
    const double norm = optimiser_->gradient_norm();
    require_finite(loss, norm);
    ++state_.step;
    state_.tokens += all_tokens;
    interval_tokens_ += all_tokens;
    if (first_step_) mark();  // the first step also fills caches and pools; its time is no rate
    first_step_ = false;
    const double seconds = elapsed(), interval = seconds - interval_start_;
    nlohmann::ordered_json line;
    line["step"] = state_.step;
    line["tokens"] = state_.tokens;
    line["seconds"] = seconds;
    line["loss"] = loss;
    line["learning_rate"] = rate;
    line["gradient_norm"] = norm;
    std::optional<double> rate_of_tokens;
    if (interval_tokens_ > 0 && interval > 0)
      rate_of_tokens = static_cast<double>(interval_tokens_) / interval;
    line["tokens_per_second"] = files::or_null(rate_of_tokens);
    watcher_.stepped(pace.part_done(state_.step, seconds), line);
    last_line_ = std::move(line);
    if (state_.step == 1 || due(config_.log_every)) {
      log_last_line();
      mark();
    }
  }

  void log_last_line() {
    if (!last_line_.is_null()) log_->write(std::exchange(last_line_, nullptr));
  }

  /// Starts an interval for tokens_per_second.
  void mark() {
    interval_start_ = elapsed();
    interval_tokens_ = 0;
  }

  void require_finite(double loss, double norm) const {
    if (std::isfinite(loss) && std::isfinite(norm)) return;
    std::string place = store_.first_not_finite(store_.weights());
    if (!place.empty())
      place = "the weights of " + place;
    else if (place = store_.first_not_finite(store_.gradients()); !place.empty())
      place = "the gradient of " + place;
    else
      place = "the gradient's norm, which overflows";
    throw Error(concatenate("step ", state_.step + 1, ": the loss is ", loss, " and the gradient's norm ",
                            norm, "; the first that is not finite: ", place,
                            ". A lower learning_rate or a clip may help; the last checkpoint is unharmed."));
  }

  /// Whether it is the best so far. Ctrl-C leaves it without a result; a resumed run begins with it then.
  bool validate() {
    const double start = elapsed();
    const auto figures = task_.validate([&](Index done, Index of) {
      watcher_.validating(done, of);
      return !Interrupt::requested();
    });
    interval_start_ += elapsed() - start;
    if (!figures) return false;
    validated_step_ = state_.step;
    nlohmann::ordered_json line;
    line["step"] = state_.step;
    line.update(*figures);
    log_->write(line);
    const double loss = line["validation_loss"];
    watcher_.tell(concatenate("step ", state_.step, ": validation loss ", loss));
    if (state_.best_loss && loss >= *state_.best_loss) return false;
    state_.best_loss = loss;
    return best_is_new_ = true;
  }

  void save() {
    const double start = elapsed();
    state_.seconds = start;
    state_.log_bytes = log_->synchronise();
    save_checkpoint(run_, store_, *optimiser_, state_, task_.position());
    point();
    interval_start_ += elapsed() - start;
    saved_step_ = state_.step;
  }

  void point() {
    const std::string name = concatenate("step-", state_.step);
    // best first: a run that is killed in between resumes before this validation and finds it again.
    // Until a validation tells which is best, the latest counts as it.
    if (best_is_new_ || !state_.best_loss) run_.set_named("best", name);
    run_.set_named("latest", name);
    best_is_new_ = false;
    run_.prune(config_.keep);
  }

  /// The checkpoint of the end comes before the line and the validation of a step at which none is due, so
  /// that a resumed run knows nothing of them.
  Outcome finish(Outcome outcome) {
    if (saved_step_ != state_.step) save();
    log_last_line();
    if (outcome == Outcome::finished && task_.has_validation() && !due(config_.validate_every) &&
        validated_step_ != state_.step && validate())
      point();
    log_ = nullptr;
    return Interrupt::requested() ? Outcome::interrupted : outcome;
  }

  Config config_;
  const RunDirectory& run_;
  Task& task_;
  Watcher watcher_;
  std::function<double()> seconds_;
  nn::ParameterStore<float> store_;
  std::unique_ptr<optim::Optimiser<float>> optimiser_;
  Tensor<std::uint64_t> step_key_;
  TrainingState state_;
  MetricsLog* log_ = nullptr;
  double start_ = 0, interval_start_ = 0;
  Index interval_tokens_ = 0, saved_step_ = -1, validated_step_ = -1;
  nlohmann::ordered_json last_line_;  // of a step that is not logged yet
  bool first_step_ = true, best_is_new_ = false;
};

}  // namespace memsizer::train
