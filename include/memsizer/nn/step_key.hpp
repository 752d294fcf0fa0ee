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

  StepKey(StepKey&&) = default;
  StepKey& operator=(StepKey&& other) {
    keep();
    seed_ = other.seed_;
    step_ = other.step_;
    key_ = std::move(other.key_);
    return *this;
  }
  ~StepKey() { keep(); }

  /// The key of a step, in memory that is valid until at() is called for another step. What a tape has
  /// recorded with it keeps its own key: the next step then has other memory, and several steps may be on one
  /// tape.
  const std::uint64_t* at(Index step) & {
    if (step_ != step) {
      if (keep()) key_ = Tensor<std::uint64_t>(Shape{1}, key_.device());
      const std::uint64_t key = mix_keys(seed_, static_cast<std::uint64_t>(step));
      key_.copy_from(std::span(&key, 1));
      step_ = step;
    }
    return key_.data();
  }

  /// A step of training for the layers that ask: dropout is on, with this step's key.
  Sequence training(Index step) & { return {.training = true, .step_key = at(step)}; }

  /// The key's memory ends with its StepKey, here before the layer reads it, so a StepKey without a name does
  /// not compile.
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
    static_assert(!std::is_same_v<Step, Step>,
                  "name the key, as in nn::StepKey key(seed): the layers would read it after its end");
    return {};
  }

  /// Gives the key to the tapes whose backward draws with it. Returns whether there are any.
  bool keep() const { return key_.defined() && Tape::keep_what_is_read(key_.data(), key_.owner()); }

  std::uint64_t seed_;
  std::optional<Index> step_;  // whose key is in memory
  Tensor<std::uint64_t> key_;
};

}  // namespace memsizer::nn
