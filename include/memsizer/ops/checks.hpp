#pragma once
// Checks that operations make on their inputs, once in each call.

#include "memsizer/autograd/tape.hpp"
#include "memsizer/base/linkage.hpp"

namespace memsizer {

/// InputError unless all defined tensors are on the device of the first one.
template <class T, class... Others>
void require_same_device(const char* name, const Tensor<T>& first, const Others&... others) {
  const auto check = [&](const auto& other) {
    require(!other.defined() || &first.device() == &other.device(), name, ": tensors on different devices, ",
            first.device().name(), " and ", other.defined() ? other.device().name() : "none");
  };
  (check(others), ...);
}

/// InputError unless every id is at least `least` and below `limit`. This checks only if the host can read
/// the device's memory without waiting. On other devices the kernels guard themselves: an id out of range
/// makes its result NaN.
void require_ids(const char* name, const Tensor<Id>& ids, Id least, Index limit);

/// InputError unless label smoothing leaves a target some of its mass.
void require_smoothing(const char* name, const LabelSmoothing& smoothing);

/// InputError unless a kernel can draw the dropout's mask. The tape notes that backward reads the step's key.
void require_drawable(const char* name, const Dropout& dropout);

/// A shape seen as [outer, length, inner] around an axis. InputError if there is no such axis.
AxisShape axis_shape(const Shape& shape, Index axis);

/// A shape without one axis, or with the extent 1 there.
Shape reduced_shape(const Shape& shape, Index axis, bool keep);

#if MEMSIZER_CORE_HAS_BODIES

MEMSIZER_CORE_FUNCTION void require_ids(const char* name, const Tensor<Id>& ids, Id least, Index limit) {
  if (!ids.device().memory().host_readable) return;
  for (const Id id : std::span<const Id>(ids.data(), static_cast<std::size_t>(ids.size())))
    require(id >= least && id < limit, name, ": ids ",
            least < 0 ? "below " + std::to_string(limit) : concatenate("from ", least, " to ", limit - 1),
            " expected, got ", id);
}

MEMSIZER_CORE_FUNCTION void require_smoothing(const char* name, const LabelSmoothing& smoothing) {
  require(smoothing.smoothing >= 0 && smoothing.smoothing < 1, name,
          ": label smoothing in [0, 1) expected, got ", smoothing.smoothing);
}

MEMSIZER_CORE_FUNCTION void require_drawable(const char* name, const Dropout& dropout) {
  require(dropout.probability >= 0 && dropout.probability < 1, name,
          ": a dropout probability in [0, 1) expected, got ", dropout.probability);
  require(!dropout || dropout.step_key != nullptr, name,
          ": the key of the step expected, as key.training(step) of an nn::StepKey key(seed) gives it to a "
          "model, got none");
  if (Tape* tape = Tape::current(); dropout && tape != nullptr) tape->will_read(dropout.step_key);
}

MEMSIZER_CORE_FUNCTION AxisShape axis_shape(const Shape& shape, Index axis) {
  axis = shape.checked_axis(axis);
  AxisShape sizes{.length = shape[axis]};
  for (int i = 0; i < shape.rank(); ++i) {
    if (i < axis) sizes.outer *= shape[i];
    if (i > axis) sizes.inner *= shape[i];
  }
  return sizes;
}

MEMSIZER_CORE_FUNCTION Shape reduced_shape(const Shape& shape, Index axis, bool keep) {
  axis = shape.checked_axis(axis);
  if (keep) return shape.with(axis, 1);
  std::vector<Index> extents(shape.extents().begin(), shape.extents().end());
  extents.erase(extents.begin() + axis);
  return Shape(std::span<const Index>(extents));
}

#endif

}  // namespace memsizer
