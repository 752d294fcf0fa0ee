#pragma once
// How an operation records its backward on the tape.
//
//     template <class T>
//     Tensor<T> square(const Tensor<T>& x) {
//       Tensor<T> y = ..;                              // the forward
//       record("square", y, [dx = GradientTarget(x), x = Saved(x)](const Tensor<T>& dy) {
//         ..                                           // writes or adds 2 x dy to dx(), reading x.data()
//       }, x);
//       return y;
//     }

#include "memsizer/autograd/tape.hpp"

namespace memsizer {

/// A tensor that a backward reads, without its gradient. Reading it throws InputError if its elements were
/// changed in place since it was saved (by fill(), copy_from() or an optimiser's step), because the gradient
/// would be wrong. A write through data() is noticed only if the writer calls mark_changed().
template <class T>
class Saved {
 public:
  Saved() = default;
  /// `x` may be undefined.
  explicit Saved(const Tensor<T>& x) : tensor_(x.detach()), version_(x.defined() ? x.version() : 0) {}

  bool defined() const { return tensor_.defined(); }
  const Shape& shape() const { return tensor_.shape(); }
  Index size() const { return tensor_.size(); }
  Index extent(Index axis) const { return tensor_.extent(axis); }
  Device& device() const { return tensor_.device(); }
  const KernelTable<T>& kernels() const { return tensor_.kernels(); }

  const Tensor<T>& operator*() const {
    require(!defined() || tensor_.version() == version_, "backward of ", Tape::walked_operation(),
            ": a tensor of shape ", shape(),
            " that it needs was changed in place after the operation; change a clone(), or change it after "
            "backward");
    return tensor_;
  }
  T* data() const { return (**this).data(); }
  /// Null if there is no tensor.
  T* data_or_null() const { return defined() ? data() : nullptr; }

 private:
  Tensor<T> tensor_;
  std::uint64_t version_ = 0;
};

/// For a backward that reads tensors by pointers which it got before: InputError if one of these tensors was
/// changed.
template <class... Elements>
void require_unchanged(const Saved<Elements>&... saved) {
  (static_cast<void>(*saved), ...);
}

/// The place for one input's gradient inside a record. Contributions have type G: T in most operations,
/// Accumulate<T> in operations that take the input as a parameter (see parameter_target). If the input's
/// gradient has the other type, a record in between converts. A target holds the slot, not the input's
/// elements.
template <class T, class G = T>
class GradientTarget {
 public:
  /// An undefined input requires no gradient. InputError for a result of an earlier pass, because the inputs
  /// of that result would silently get no gradient, and for a result that was changed in place.
  explicit GradientTarget(const Tensor<T>& input) : shape_(input.shape()) {
    if (input.slot() == nullptr) return;
    const Tape* tape = Tape::current();
    require(tape == nullptr || tape->reaches(input.slot()->pass), "a result of shape ", shape_,
            " from before the last backward is used again: no gradient can pass it; detach() it or compute "
            "it anew");
    require(tape == nullptr || input.slot()->pass == GradientSlot<T>::leaf ||
                input.slot()->version == input.version(),
            "a result of shape ", shape_,
            " was changed in place after it was recorded: no gradient can pass it; "
            "detach() it");
    device_ = &input.device();
    slot_ = input.slot();
    if constexpr (!accumulates_itself<T>)
      if (slot_->is_wide != std::is_same_v<G, Accumulate<T>>) slot_ = converting_slot(input);
  }

  bool wanted() const { return slot_ != nullptr; }

  /// The place for the next contribution, with the flag that says whether it writes or adds; null if no
  /// gradient is wanted. The caller promises to make the contribution.
  Output<G> operator()() const {
    if (slot_ == nullptr) return {};
    require(!slot_->is_walked, "backward of ", Tape::walked_operation(), ": its input of shape ", shape_,
            " is a result of an outer tape, whose backward has run already; call backward of the inner tape "
            "first");
    Tensor<G>& value = slot_->template in<G>();
    if (!value.defined()) value = Tensor<G>(shape_, *device_);
    return {value.data(), std::exchange(slot_->written, true)};
  }

  /// The same for a backward that gives the gradient in parts. If no contribution has arrived yet, the
  /// gradient is cleared first; then each part is added.
  Output<G> cleared(const char* operation) const {
    Output<G> gradient = (*this)();
    if (!gradient || gradient.accumulate) return gradient;
    launch(*device_, operation, device_->kernels<G>().memory.fill, gradient.data, G{0}, shape_.size());
    gradient.accumulate = true;
    return gradient;
  }

 private:
  /// A slot in G, whose gradient is passed on to the input's slot, which has the other type.
  static std::shared_ptr<GradientSlot<T>> converting_slot(const Tensor<T>& input) {
    using Other = std::conditional_t<std::is_same_v<G, T>, Accumulate<T>, T>;
    Tape* tape = Tape::current();
    if (tape == nullptr) return nullptr;
    auto slot = std::make_shared<GradientSlot<T>>(
        GradientSlot<T>{.pass = tape->pass(), .is_wide = !std::is_same_v<G, T>});
    GraphEdge output = GraphEdge::of(input);
    output.slot = slot;
    output.name = &slot->name;
    tape->record({"convert a gradient", {output}, {GraphEdge::of(input)}},
                 [slot, target = GradientTarget<T, Other>(input)] {
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

/// The place for the gradient of an input that the operation takes as a parameter. A kernel sums this
/// gradient over rows or tokens, and gives it in Accumulate<T>.
template <class T>
GradientTarget<T, Accumulate<T>> parameter_target(const Tensor<T>& input) {
  return GradientTarget<T, Accumulate<T>>(input);
}

/// Whether an operation on these inputs is recorded: a tape must be alive, and one of the inputs must require
/// a gradient.
template <class... Inputs>
bool is_recorded(const Inputs&... inputs) {
  return Tape::current() != nullptr && (inputs.requires_gradient() || ...);
}

namespace detail {

/// The edges of those inputs that require a gradient.
template <class... Inputs>
std::vector<GraphEdge> edges_of(const Inputs&... inputs) {
  std::vector<GraphEdge> edges;
  const auto add = [&](const auto& input) {
    if (input.requires_gradient()) edges.push_back(GraphEdge::of(input));
  };
  (add(inputs), ...);
  return edges;
}

}  // namespace detail

/// Records that the operation of this name (a literal) computed `output`, if a tape is alive and an input
/// requires a gradient. `backward` is called with d(loss)/d(output), a Tensor<T>, and must serve every
/// GradientTarget it holds. It is not called if no gradient arrived.
template <class T>
void record_edges(const char* operation, Tensor<T>& output,
                  std::type_identity_t<UniqueFunction<void(const Tensor<T>&)>> backward,
                  std::vector<GraphEdge> inputs);

/// The same for an operation with two outputs. `backward` gets both gradients; one of them is undefined if
/// none arrived for that output.
template <class T>
void record_edges_of_both(
    const char* operation, Tensor<T>& first, Tensor<T>& second,
    std::type_identity_t<UniqueFunction<void(const Tensor<T>&, const Tensor<T>&)>> backward,
    std::vector<GraphEdge> inputs);

/// Both for a fixed list of inputs; they may be undefined.
template <class T, class Backward, class... Inputs>
void record(const char* operation, Tensor<T>& output, Backward backward, const Inputs&... inputs) {
  if (is_recorded(inputs...))
    record_edges(operation, output, std::move(backward), detail::edges_of(inputs...));
}
template <class T, class Backward, class... Inputs>
void record_both(const char* operation, Tensor<T>& first, Tensor<T>& second, Backward backward,
                 const Inputs&... inputs) {
  if (is_recorded(inputs...))
    record_edges_of_both(operation, first, second, std::move(backward), detail::edges_of(inputs...));
}

#if MEMSIZER_CORE_HAS_BODIES

namespace detail {

/// Gives a result the slot in which its gradient arrives.
template <class T>
std::shared_ptr<GradientSlot<T>> give_slot(Tensor<T>& result, std::uint64_t pass) {
  result.set_slot(
      std::make_shared<GradientSlot<T>>(GradientSlot<T>{.pass = pass, .version = result.version()}));
  return result.slot();
}

/// Frees a result's gradient, which nothing reads any more.
template <class T>
void clear_slot(GradientSlot<T>& slot) {
  slot.value = {};
  slot.written = false;
}

}  // namespace detail

template <class T>
void record_edges(const char* operation, Tensor<T>& output,
                  std::type_identity_t<UniqueFunction<void(const Tensor<T>&)>> backward,
                  std::vector<GraphEdge> inputs) {
  Tape* const tape = Tape::current();
  if (tape == nullptr || inputs.empty()) return;
  const auto slot = detail::give_slot(output, tape->pass());
  tape->record({operation, {GraphEdge::of(output)}, std::move(inputs)},
               [slot, backward = std::move(backward)] {
                 slot->is_walked = true;
                 if (!slot->written) return;
                 backward(slot->value);
                 detail::clear_slot(*slot);
               });
}

template <class T>
void record_edges_of_both(
    const char* operation, Tensor<T>& first, Tensor<T>& second,
    std::type_identity_t<UniqueFunction<void(const Tensor<T>&, const Tensor<T>&)>> backward,
    std::vector<GraphEdge> inputs) {
  Tape* const tape = Tape::current();
  if (tape == nullptr || inputs.empty()) return;
  const auto one = detail::give_slot(first, tape->pass()), other = detail::give_slot(second, tape->pass());
  tape->record({operation, {GraphEdge::of(first), GraphEdge::of(second)}, std::move(inputs)},
               [one, other, backward = std::move(backward)] {
                 one->is_walked = other->is_walked = true;
                 if (!one->written && !other->written) return;
                 backward(one->value, other->value);
                 detail::clear_slot(*one);
                 detail::clear_slot(*other);
               });
}

#endif

/// If x shares its gradient slot with one of the others: x with a slot of its own, whose gradient is then
/// passed on to x's slot. Else x itself. An operation whose backward is one launch needs this when a caller
/// passes one tensor twice: a kernel must not write and add to one buffer at once.
template <class T, class... Others>
Tensor<T> apart_from(const Tensor<T>& x, const Others&... others) {
  if (!x.requires_gradient() || ((x.slot() != others.slot()) && ...)) return x;
  Tensor<T> y = x.detach();
  record(
      "apart_from", y, [dx = GradientTarget(x)](const Tensor<T>& dy) { pass_on("apart_from", dx(), dy); }, x);
  return y;
}

}  // namespace memsizer
