#pragma once
// The key of a training step, by which dropout draws, for a training loop of one's own.

#include <optional>

#include "memsizer/nn/sequence.hpp"

namespace memsizer::nn {

/// Keys in device memory, one a step. Example of a loop:
///   nn::StepKey key(seed);
///   for (Index step = 0; step < steps; ++step) {
///     Tape tape;
///     const auto loss = mean(square(net.forward(x, key.training(step)) - y));
///     tape.backward(loss);
/// The same seed and step give the same dropout, whatever ran before: a resumed run draws as an unbroken one.
class StepKey {
 public:
  explicit StepKey(std::uint64_t seed, Device& device = cpu::device())
      : seed_(seed), key_(Shape{1}, device) {}

  /// The key of a step, valid until at() is called for another step. InputError while a tape still needs the
  /// key of the step before: backward draws the same dropout again. Two steps on one tape need two StepKeys.
  const std::uint64_t* at(Index step) & {
    if (step_ != step) {
      require(
          !Tape::any_will_read(key_.data()), "step key: step ", step,
          " is asked for while a tape holds dropout of another step, which backward must draw again: call "
          "backward first, or take a second StepKey");
      const std::uint64_t key = mix_keys(seed_, static_cast<std::uint64_t>(step));
      key_.copy_from(std::span(&key, 1));
      step_ = step;
    }
    return key_.data();
  }

  /// A step of training for the layers that ask: dropout is on, with this step's key.
  Sequence training(Index step) & { return {.training = true, .step_key = at(step)}; }

  /// The key's memory ends with its StepKey, so a StepKey without a name does not compile.
  template <class Step>
  const std::uint64_t* at(Step) && {
    return without_a_name<const std::uint64_t*, Step>();
  }
  template <class Step>
  Sequence training(Step) && {
    return without_a_name<Sequence, Step>();
  }

 private:
  template <class Result, class Step>
  static Result without_a_name() {
    static_assert(
        !std::is_same_v<Step, Step>,
        "name the key, as in nn::StepKey key(seed): backward draws its dropout again, and would read "
        "it after its end");
    return {};
  }

  std::uint64_t seed_;
  std::optional<Index> step_;  // whose key is in memory
  Tensor<std::uint64_t> key_;
};

}  // namespace memsizer::nn
