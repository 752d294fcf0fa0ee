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

  /// Whether a result of this pass, or a leaf, still hands on a gradient: its tape is this one or one around
  /// it, and has not walked back since.
  bool reaches(std::uint64_t pass) const {
    return pass == GradientSlot<float>::leaf || pass == pass_ || (outer_ != nullptr && outer_->reaches(pass));
  }

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

/// gradient (+)= x: what a backward that changes nothing does. The gradient may be in another type than x,
/// narrower or wider.
template <class G, class T>
void pass_on(const char* operation, Output<G> gradient, const Tensor<T>& x) {
  if constexpr (std::is_same_v<G, T>)
    launch(x.device(), operation, x.kernels().elementwise.affine, gradient, x.data(), 1.0, 0.0, x.size());
  else if constexpr (std::is_same_v<G, Accumulate<T>>)
    launch(x.device(), operation, x.kernels().elementwise.widen, gradient, x.data(), x.size());
  else
    launch(x.device(), operation, x.device().template kernels<G>().elementwise.narrow, gradient, x.data(),
           x.size());
}

/// The place for one input's gradient inside a record, for contributions of type G: T of most operations,
/// Accumulate<T> of those that take the input for a parameter (see parameter_target). Where the input's
/// gradient is in the other type, a record that converts stands between. Holds the slot, not the input's
/// elements.
template <class T, class G = T>
class GradientTarget {
 public:
  /// An undefined input wants nothing. InputError for a result of an earlier pass: what it was computed from
  /// would get no gradient, and nobody would be told.
  explicit GradientTarget(const Tensor<T>& input) : shape_(input.shape()) {
    if (input.slot() == nullptr) return;
    const Tape* tape = Tape::current();
    require(tape == nullptr || tape->reaches(input.slot()->pass), "a result of shape ", shape_,
            " from before the last backward is used again: no gradient can pass it; detach() it or compute "
            "it anew");
    device_ = &input.device();
    slot_ = input.slot();
    if constexpr (!accumulates_itself<T>)
      if (slot_->is_wide != std::is_same_v<G, Accumulate<T>>) slot_ = converting_slot(input);
  }

  bool wanted() const { return slot_ != nullptr; }

  /// Where the next contribution goes, with the flag whether it writes or adds; null if not wanted. Calling
  /// it promises that the contribution follows.
  Output<G> operator()() const {
    if (slot_ == nullptr) return {};
    Tensor<G>& value = slot_->template in<G>();
    if (!value.defined()) value = Tensor<G>(shape_, *device_);
    return {value.data(), std::exchange(slot_->written, true)};
  }

  /// The same for a backward that gives the gradient in parts: it is cleared where it is the first to arrive,
  /// and each part is added.
  Output<G> cleared(const char* operation) const {
    Output<G> gradient = (*this)();
    if (!gradient || gradient.accumulate) return gradient;
    launch(*device_, operation, device_->kernels<G>().memory.fill, gradient.data, G{0}, shape_.size());
    gradient.accumulate = true;
    return gradient;
  }

 private:
  /// A slot in G that hands on what arrived to the input's slot, which is in the other type.
  static std::shared_ptr<GradientSlot<T>> converting_slot(const Tensor<T>& input) {
    using Other = std::conditional_t<std::is_same_v<G, T>, Accumulate<T>, T>;
    Tape* tape = Tape::current();
    if (tape == nullptr) return nullptr;
    auto slot = std::make_shared<GradientSlot<T>>(
        GradientSlot<T>{.pass = tape->pass(), .is_wide = !std::is_same_v<G, T>});
    tape->record([slot, target = GradientTarget<T, Other>(input)] {
      if (!slot->written) return;
      pass_on("convert a gradient", target(), slot->template in<G>());
      slot->template in<G>() = {};
      slot->written = false;
    });
    return slot;
  }

  std::shared_ptr<GradientSlot<T>> slot_;
  Shape shape_;
  Device* device_ = nullptr;
};

template <class T>
GradientTarget(const Tensor<T>&) -> GradientTarget<T>;

/// The place for the gradient of an input that the operation takes for a parameter: a kernel sums it over
/// rows or tokens, and gives it in Accumulate<T>.
template <class T>
GradientTarget<T, Accumulate<T>> parameter_target(const Tensor<T>& input) {
  return GradientTarget<T, Accumulate<T>>(input);
}

template <class T>
void Tape::seed(const Tensor<T>& output, const Tensor<T>& cotangent, std::uint64_t pass) {
  require(output.requires_gradient(), "backward: the output of shape ", output.shape(),
          " does not depend on anything that requires a gradient on this tape");
  GradientSlot<T>& slot = *output.slot();
  require(slot.pass == pass || slot.pass == GradientSlot<T>::leaf, "backward: the output of shape ",
          output.shape(), " was not computed on this tape since its last backward");
  require(cotangent.shape() == output.shape(), "backward: a cotangent of shape ", output.shape(),
          " expected, got ", cotangent.shape());
  if (slot.written) {
    if (slot.is_wide)
      pass_on("backward", Output<Accumulate<T>>{slot.wide_value.data(), true}, cotangent);
    else
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

/// The same for an operation with two outputs. `backward` is called with both gradients, of which one is
/// undefined where none arrived.
template <class T, class Backward>
void record_both_if(bool wanted, Tensor<T>& first, Tensor<T>& second, Backward backward) {
  Tape* tape = Tape::current();
  if (tape == nullptr || !wanted) return;
  for (Tensor<T>* output : {&first, &second})
    output->set_slot(std::make_shared<GradientSlot<T>>(GradientSlot<T>{.pass = tape->pass()}));
  tape->record([first = first.slot(), second = second.slot(), backward = std::move(backward)] {
    if (!first->written && !second->written) return;
    backward(first->value, second->value);
    for (GradientSlot<T>* slot : {first.get(), second.get()}) {
      slot->value = {};
      slot->written = false;
    }
  });
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
