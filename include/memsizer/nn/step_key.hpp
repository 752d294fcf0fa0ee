#pragma once
// The key of a training step, by which dropout draws, for a training loop of one's own.

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

  /// The key of a step, valid until at() is called for another one: call it when backward of the step before
  /// is done.
  const std::uint64_t* at(Index step) {
    const std::uint64_t key = mix_keys(seed_, static_cast<std::uint64_t>(step));
    key_.copy_from(std::span(&key, 1));
    return key_.data();
  }

  /// A step of training for the layers that ask: dropout is on, with this step's key.
  Sequence training(Index step) { return {.training = true, .step_key = at(step)}; }

 private:
  std::uint64_t seed_;
  Tensor<std::uint64_t> key_;
};

}  // namespace memsizer::nn
