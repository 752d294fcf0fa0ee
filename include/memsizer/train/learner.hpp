#pragma once
// One step of training on a device, and nothing else. There are no clocks and no files here. Of tokens the
// step knows their number alone, by which it weighs the losses of its batches.

#include <memory>
#include <numeric>
#include <string>
#include <vector>

#include "memsizer/autograd/tape.hpp"
#include "memsizer/nn/parameter_store.hpp"
#include "memsizer/nn/step_key.hpp"
#include "memsizer/optim/optimiser_settings.hpp"
#include "memsizer/train/communicator.hpp"

namespace memsizer::train {

/// The result of a finished step, on the host.
struct StepResult {
  Index step = 0;            // counted from 1
  double loss = 0;           // mean over the step's tokens, in nats per token, without label smoothing
  double gradient_norm = 0;  // before clipping
};

/// Makes the optimiser that the settings describe, for a model's parameters. InputError if a setting is out
/// of range.
template <class T>
std::unique_ptr<optim::Optimiser<T>> make_optimiser(const optim::OptimiserSettings& settings,
                                                    nn::ParameterStore<T>& store) {
  if (settings.decay_on == optim::DecayOn::all) return optim::make_optimiser<T>(settings, store);
  return optim::make_optimiser<T>(settings, store, store.segments([](const auto& entry) {
    return optim::Segment{.decay = entry.parameter->shape.rank() >= 2 ? 1.0 : 0.0};
  }));
}

struct LearnerOptions {
  std::uint64_t seed = 1;  // for dropout
  double clip = 0;         // largest norm of the gradient; 0: no limit
  Index results_kept = 64;
};

/// Queues one step on the device: forward, backward, norm, clip and update. The host never reads device
/// memory in a step, so a step can become one CUDA graph. The results of a step go into a ring in device
/// memory; results() reads the ring. If the loss or gradient of a step is not finite, the step is marked as
/// failed, and neither it nor any later step changes anything (see optim::Optimiser).
///
/// A step has one or more batches, whose gradients are added. The loss of a batch is any function that reads
/// the device's buffers and returns a LinearCrossEntropy. Example, for a model of one tensor:
///
///     learner.step(0.001, {8}, [&](Index, const nn::Sequence&) { return loss_of(model, batch); });
template <class T>
class Learner {
 public:
  using A = Accumulate<T>;

  /// The store and the communicator must outlive the learner.
  Learner(nn::ParameterStore<T>& store, std::unique_ptr<optim::Optimiser<T>> optimiser,
          const LearnerOptions& options = {}, const Communicator& communicator = Solo::instance())
      : store_(store),
        optimiser_(std::move(optimiser)),
        options_(options),
        communicator_(communicator),
        step_key_(mix_keys(options.seed, name_key("dropout")), store.device()),
        share_(Shape{}, store.device()),
        sums_(Tensor<A>::zeros({sums}, store.device())),
        ring_(Tensor<A>::zeros({options.results_kept, columns}, store.device())),
        tokens_(static_cast<std::size_t>(options.results_kept)) {
    require(options.results_kept > 0, "learner: room for at least one result expected");
  }

  nn::ParameterStore<T>& store() const { return store_; }
  optim::Optimiser<T>& optimiser() const { return *optimiser_; }

  /// Takes one step. tokens[i] is the number of tokens that batch i scores in this process. loss(i, sequence)
  /// computes the loss of batch i with the dropout of `sequence`. Batches are weighted by their tokens, so
  /// the gradient is that of the mean over all tokens of the step.
  template <class Loss>
  void step(double learning_rate, const std::vector<Index>& tokens, const Loss& loss) {
    add_gradients(optimiser_->steps(), tokens, loss);
    optimiser_->step(learning_rate, options_.clip, sums_.data());
    const Index place = (optimiser_->steps() - 1) % options_.results_kept;
    tokens_[static_cast<std::size_t>(place)] = all_tokens(tokens);
    A* row = ring_.data() + place * columns;
    copy(row, sums_.data() + unsmoothed, 1);
    copy(row + 1, optimiser_->device_gradient_norm().data(), 1);
    copy(row + 2, sums_.data() + scored, 1);
  }

  /// The results of the last `count` steps, oldest first; fewer if the ring holds fewer. The host waits for
  /// the device. InputError if the loss of a step scored another number of tokens than step() was told.
  std::vector<StepResult> results(Index count) const {
    const std::vector<A> values = ring_.to_vector();
    const Index last = optimiser_->steps();
    std::vector<StepResult> found;
    for (Index step = std::max<Index>(last - std::min(count, options_.results_kept), first_step_) + 1;
         step <= last; ++step) {
      const auto row = static_cast<std::size_t>((step - 1) % options_.results_kept * columns);
      const double tokens = static_cast<double>(tokens_[row / columns]);
      require(std::abs(static_cast<double>(values[row + 2]) - tokens) <= 1e-5 * tokens, "learner: step ",
              step, " was to score ", tokens, " tokens, but its loss scored ", values[row + 2]);
      found.push_back({.step = step,
                       .loss = static_cast<double>(values[row]) / tokens,
                       .gradient_norm = static_cast<double>(values[row + 1])});
    }
    return found;
  }

  /// The number of the first step that failed; 0 if none has failed. The host waits for the device.
  Index failed_step() const { return optimiser_->failed_step(); }

  /// Computes the gradients of a failed step again, from the batches of that step, and says what was not
  /// finite: "the loss is nan and the gradient's norm nan; the first that is not finite: the gradient of ..".
  /// The weights are still those before the step, and are not updated.
  template <class Loss>
  std::string explain_failure(Index step, const std::vector<Index>& tokens, const Loss& loss) {
    add_gradients(step - 1, tokens, loss);
    const double nats = static_cast<double>(sums_.to_vector()[unsmoothed]);
    const std::vector<A> gradients = store_.gradients().to_vector();
    double squares = 0;
    for (const A gradient : gradients)
      squares += static_cast<double>(gradient) * static_cast<double>(gradient);
    return concatenate("the loss is ", nats / static_cast<double>(all_tokens(tokens)),
                       " and the gradient's norm ", std::abs(std::sqrt(squares)),
                       "; the first that is not finite: ", first_not_finite());
  }

  /// Call this after a checkpoint was loaded: the ring then holds no results of earlier steps.
  void restore_steps(Index steps) {
    optimiser_->set_steps(steps);
    first_step_ = steps;
  }

 private:
  static constexpr Index sums = 3, scored = 1, unsmoothed = 2;  // the size of sums_, and places in it
  static constexpr Index columns = 3;                           // of the ring

  Index all_tokens(const std::vector<Index>& tokens) const {
    return communicator_.sum(std::accumulate(tokens.begin(), tokens.end(), Index{0}));
  }

  /// Puts the sums of losses, tokens and unsmoothed losses over all batches into sums_, and the gradients
  /// into the store.
  template <class Loss>
  void add_gradients(Index steps_before, const std::vector<Index>& tokens, const Loss& loss) {
    store_.clear_gradients();
    sums_.fill(0);
    const double all = static_cast<double>(all_tokens(tokens));
    const auto batches = static_cast<Index>(tokens.size());
    for (Index i = 0; i < batches; ++i) {
      const A share = static_cast<A>(static_cast<double>(tokens[static_cast<std::size_t>(i)]) / all);
      share_.copy_from(std::span(&share, 1));
      Tape tape;
      const LinearCrossEntropy<T> of_batch = loss(i, step_key_.training(steps_before * batches + i));
      tape.backward(of_batch.mean, share_);
      launch(store_.device(), "learner", store_.device().template kernels<A>().elementwise.affine,
             Output<A>{sums_.data(), true}, of_batch.total.data(), 1.0, 0.0, sums);
    }
    communicator_.sum(store_.device(), store_.gradients().data(), store_.gradients().size());
    communicator_.sum(store_.device(), sums_.data(), sums);
  }

  void copy(A* to, const A* from, Index n) const {
    Device& device = store_.device();
    device.memory().copy(device.context(), to, from, n * Index{sizeof(A)});
  }

  std::string first_not_finite() const {
    if (const std::string name = store_.first_not_finite(store_.weights()); !name.empty())
      return "the weights of " + name;
    if (const std::string name = store_.first_not_finite(store_.gradients()); !name.empty())
      return "the gradient of " + name;
    return "the gradient's norm, which overflows";
  }

  nn::ParameterStore<T>& store_;
  std::unique_ptr<optim::Optimiser<T>> optimiser_;
  LearnerOptions options_;
  const Communicator& communicator_;
  nn::StepKey step_key_;
  Tensor<A> share_;            // the batch's share of the step's tokens, the cotangent of its mean loss
  Tensor<A> sums_;             // [3]: losses, tokens, losses without label smoothing
  Tensor<A> ring_;             // [results_kept, 3]: sum of losses, norm of the gradient, tokens
  std::vector<Index> tokens_;  // tokens of each step in the ring
  Index first_step_ = 0;       // the steps done before the first in the ring
};

}  // namespace memsizer::train
