#pragma once
// The tape: what was computed, in order, so that gradients can be computed in reverse.

#include <atomic>
#include <functional>
#include <vector>

#include "memsizer/tensor/tensor.hpp"

namespace memsizer {

/// While a tape lives, operations on tensors that require a gradient record their backward on it. Tapes nest:
/// the innermost of a thread records.
///
///     Tape tape;
///     Tensor<float> loss = mean(square(x));
///     tape.backward(loss);
///     x.gradient();
class Tape {
 public:
  Tape() : outer_(innermost()) { innermost() = this; }
  Tape(const Tape&) = delete;
  Tape& operator=(const Tape&) = delete;
  ~Tape() { innermost() = outer_; }

  /// Nothing records while this lives: validation, decoding, recomputation.
  class Pause {
   public:
    Pause() : outer_(innermost()) { innermost() = nullptr; }
    Pause(const Pause&) = delete;
    Pause& operator=(const Pause&) = delete;
    ~Pause() { innermost() = outer_; }

   private:
    Tape* outer_;
  };

  /// The tape that records now, or null.
  static Tape* current() { return innermost(); }

  void record(std::function<void()> backward) { records_.push_back(std::move(backward)); }

  /// The number of the pass that what is recorded now will take part in.
  std::uint64_t pass() const { return pass_; }

  Index size() const { return static_cast<Index>(records_.size()); }

  /// The gradient of a scalar.
  template <class T>
  void backward(const Tensor<T>& loss) {
    require(loss.size() == 1, "backward: a loss of one element expected, got shape ", loss.shape());
    backward(loss, Tensor<T>::full(loss.shape(), T{1}, loss.device()));
  }

  /// The gradient of sum(output * cotangent).
  template <class T>
  void backward(const Tensor<T>& output, const Tensor<T>& cotangent) {
    backward(std::vector{std::pair{output, cotangent}});
  }

  /// The gradient of the sum over all pairs of sum(output * cotangent). Walks the records once in reverse and
  /// frees each as it passes: afterwards the tape is empty and can record the next step. A backward that
  /// throws leaves the tape empty as well.
  template <class T>
  void backward(const std::vector<std::pair<Tensor<T>, Tensor<T>>>& outputs) {
    std::vector<std::function<void()>> records = std::move(records_);
    records_.clear();
    const std::uint64_t pass = std::exchange(pass_, next_pass());
    for (const auto& [output, cotangent] : outputs) seed(output, cotangent, pass);
    const Pause pause;
    while (!records.empty()) {
      records.back()();
      records.pop_back();
    }
  }

 private:
  static Tape*& innermost() {
    thread_local Tape* tape = nullptr;
    return tape;
  }

  /// Tells the results of one pass from those of every other, on all tapes.
  static std::uint64_t next_pass() {
    static std::atomic<std::uint64_t> last = GradientSlot<float>::leaf;
    return ++last;
  }

  template <class T>
  static void seed(const Tensor<T>& output, const Tensor<T>& cotangent, std::uint64_t pass);

  Tape* outer_;
  std::uint64_t pass_ = next_pass();
  std::vector<std::function<void()>> records_;
};

/// gradient (+)= x: what a backward that changes nothing does.
template <class T>
void pass_on(const char* operation, Output<T> gradient, const Tensor<T>& x) {
  launch(x.device(), operation, x.kernels().elementwise.affine, gradient, x.data(), 1.0, 0.0, x.size());
}

/// The place for one input's gradient inside a record. Holds the slot, not the input's elements.
template <class T>
class GradientTarget {
 public:
  /// An undefined input wants nothing.
  explicit GradientTarget(const Tensor<T>& input) : slot_(input.slot()), shape_(input.shape()) {
    if (slot_ != nullptr) device_ = &input.device();
  }

  bool wanted() const { return slot_ != nullptr; }

  /// Where the next contribution goes, with the flag whether it writes or adds; null if not wanted. Calling
  /// it promises that the contribution follows.
  Output<T> operator()() const {
    if (slot_ == nullptr) return {};
    if (!slot_->value.defined()) slot_->value = Tensor<T>(shape_, *device_);
    return {slot_->value.data(), std::exchange(slot_->written, true)};
  }

  /// The same for a backward that gives the gradient in parts: it is cleared where it is the first to arrive,
  /// and each part is added.
  Output<T> cleared(const char* operation) const {
    Output<T> gradient = (*this)();
    if (!gradient || gradient.accumulate) return gradient;
    launch(*device_, operation, device_->kernels<T>().memory.fill, gradient.data, T{0}, shape_.size());
    gradient.accumulate = true;
    return gradient;
  }

 private:
  std::shared_ptr<GradientSlot<T>> slot_;
  Shape shape_;
  Device* device_ = nullptr;
};

template <class T>
void Tape::seed(const Tensor<T>& output, const Tensor<T>& cotangent, std::uint64_t pass) {
  require(output.requires_gradient(), "backward: the output of shape ", output.shape(),
          " does not depend on anything that requires a gradient on this tape");
  require(output.slot()->pass == pass || output.slot()->pass == GradientSlot<T>::leaf,
          "backward: the output of shape ", output.shape(),
          " was not computed on this tape since its last backward");
  require(cotangent.shape() == output.shape(), "backward: a cotangent of shape ", output.shape(),
          " expected, got ", cotangent.shape());
  GradientSlot<T>& slot = *output.slot();
  if (slot.written) {
    pass_on("backward", Output<T>{slot.value.data(), true}, cotangent);
  } else {
    slot.value = cotangent.clone();
    slot.written = true;
  }
}

/// Whether an operation on these inputs is recorded: a tape is alive and one of them requires a gradient.
template <class... Inputs>
bool is_recorded(const Inputs&... inputs) {
  return Tape::current() != nullptr && (inputs.requires_gradient() || ...);
}

/// Records how `output` came to be, if a tape is alive and `wanted` holds: one of the inputs requires a
/// gradient. `backward` is called with d(loss)/d(output), a Tensor<T>, and must serve every GradientTarget it
/// holds; it is not called where no gradient arrived.
template <class T, class Backward>
void record_if(bool wanted, Tensor<T>& output, Backward backward) {
  Tape* tape = Tape::current();
  if (tape == nullptr || !wanted) return;
  output.set_slot(std::make_shared<GradientSlot<T>>(GradientSlot<T>{.pass = tape->pass()}));
  tape->record([slot = output.slot(), backward = std::move(backward)] {
    if (!slot->written) return;
    backward(slot->value);
    slot->value = {};
    slot->written = false;
  });
}

/// The same for inputs known by name; they may be undefined.
template <class T, class Backward, class... Inputs>
void record(Tensor<T>& output, Backward backward, const Inputs&... inputs) {
  record_if(is_recorded(inputs...), output, std::move(backward));
}

/// x with a gradient slot of its own, from which x's gets its share, if x has one slot with another input;
/// else x itself. An operation whose backward is one launch takes its inputs apart so, for a kernel must not
/// be given one place for two gradients: which of them would write and which add?
template <class T, class... Others>
Tensor<T> apart_from(const Tensor<T>& x, const Others&... others) {
  if (!x.requires_gradient() || ((x.slot() != others.slot()) && ...)) return x;
  Tensor<T> y = x.detach();
  record(
      y, [dx = GradientTarget(x)](const Tensor<T>& dy) { pass_on("apart_from", dx(), dy); }, x);
  return y;
}

}  // namespace memsizer
