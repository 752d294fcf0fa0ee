#pragma once
// A model's numbers as flat arrays of one length, with one element for each parameter. Optimisers work on
// these.

#include <cmath>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "memsizer/base/linkage.hpp"
#include "memsizer/tensor/tensor.hpp"

namespace memsizer::optim {

/// An array that an optimiser keeps beside the weights.
template <class A>
struct Moment {
  std::string name;  // "first_moment"
  Tensor<A> values;
};

/// The weights are in T. Gradients, moments and, if T is narrower than its accumulator, masters are in
/// Accumulate<T>. All arrays have one shape.
template <class T>
struct FlatArrays {
  Tensor<T> weights;
  Tensor<Accumulate<T>> masters = {}, gradients = {};
  std::vector<Moment<Accumulate<T>>> moments = {};
};

/// A handle to flat arrays: copies share them. An optimiser has a copy, so the arrays live while it does.
template <class T>
class FlatParameters {
 public:
  using A = Accumulate<T>;
  /// A store begins each parameter at a multiple of this many elements, so that floats begin at a cache line
  /// of 64 bytes.
  static constexpr Index alignment = 16;

  explicit FlatParameters(std::shared_ptr<FlatArrays<T>> arrays) : arrays_(std::move(arrays)) {}

  /// Arrays of zeros. The gradients stay undefined unless `trainable`.
  FlatParameters(Index size, bool trainable, Device& device)
      : arrays_(std::make_shared<FlatArrays<T>>(FlatArrays<T>{Tensor<T>::zeros({size}, device)})) {
    if constexpr (!accumulates_itself<T>) arrays_->masters = Tensor<A>::zeros({size}, device);
    if (trainable) arrays_->gradients = Tensor<A>::zeros({size}, device);
  }

  /// Arrays that exist already; they are shared, not copied. InputError if shapes or devices differ, if there
  /// are masters though T is its own accumulator, or if there are none though it is not. A bfloat16 weight
  /// needs a master: added to a weight of 1, updates of 0.001 would be rounded away one by one.
  FlatParameters(const Tensor<T>& weights, const Tensor<A>& gradients, const Tensor<A>& masters = {})
      : arrays_(std::make_shared<FlatArrays<T>>(
            FlatArrays<T>{.weights = weights.detach(), .gradients = gradients.detach()})) {
    require_fits("gradients", gradients);
    require(masters.defined() != accumulates_itself<T>, "parameters: ",
            accumulates_itself<T> ? "no master weights expected, for the weights are as precise as their sums"
                                  : "master weights expected, for the weights are narrower than their sums");
    if (!masters.defined()) return;
    require_fits("masters", masters);
    arrays_->masters = masters.detach();
  }

  Index size() const { return weights().size(); }
  Device& device() const { return weights().device(); }

  const Tensor<T>& weights() const { return arrays_->weights; }
  /// The weights with all their digits, from which weights() are rounded. Undefined if T is its own
  /// accumulator.
  const Tensor<A>& masters() const { return arrays_->masters; }
  const Tensor<A>& gradients() const { return arrays_->gradients; }
  /// The arrays of the optimisers, in the order in which they asked for them.
  const std::vector<Moment<A>>& moments() const { return arrays_->moments; }

  /// Makes an array of zeros, which replaces an earlier one of this name, and returns a handle to it.
  Tensor<A> make_moment(const std::string& name);

  void clear_gradients();

 protected:
  /// A weak pointer to the arrays expires when no copy is left.
  const std::shared_ptr<FlatArrays<T>>& arrays() const { return arrays_; }

 private:
  void require_fits(const char* what, const Tensor<A>& array) const;

  std::shared_ptr<FlatArrays<T>> arrays_;
};

#if MEMSIZER_CORE_HAS_BODIES

template <class T>
void FlatParameters<T>::clear_gradients() {
  arrays_->gradients.fill(A{0});
}

template <class T>
Tensor<Accumulate<T>> FlatParameters<T>::make_moment(const std::string& name) {
  std::vector<Moment<A>>& moments = arrays_->moments;
  std::erase_if(moments, [&](const Moment<A>& moment) { return moment.name == name; });
  moments.push_back({name, Tensor<A>::zeros(weights().shape(), device())});
  return moments.back().values;
}

template <class T>
void FlatParameters<T>::require_fits(const char* what, const Tensor<A>& array) const {
  require(array.shape() == weights().shape(), "parameters: weights of shape ", weights().shape(), ", ", what,
          " of shape ", array.shape());
  require(&array.device() == &device(), "parameters: weights on ", device().name(), ", ", what, " on ",
          array.device().name());
}

#endif

/// A part of the flat parameters with its own settings, for example a group of parameters by name.
struct Segment {
  Index offset = 0, length = 0;
  double decay = 1;        // multiplies the weight decay: 0 for norms and biases, as GPT-2 is trained
  double rate_factor = 1;  // multiplies the learning rate
};

/// The segments; if none is given, one segment of all `size` parameters. InputError unless they come in
/// rising order, do not overlap, lie within `size`, and have factors of at least 0.
std::vector<Segment> checked_segments(std::vector<Segment> segments, Index size);

#if MEMSIZER_CORE_HAS_BODIES
MEMSIZER_CORE_FUNCTION std::vector<Segment> checked_segments(std::vector<Segment> segments, Index size) {
  if (segments.empty()) return {{.offset = 0, .length = size}};
  Index end = 0;
  for (const Segment& segment : segments) {
    require(segment.offset >= end && segment.length >= 0 && segment.length <= size - segment.offset,
            "segments: parts of ", size, " parameters in rising order expected, got ", segment.length,
            " parameters at ", segment.offset, " where the segment before ends at ", end);
    require(segment.decay >= 0 && std::isfinite(segment.decay) && segment.rate_factor >= 0 &&
                std::isfinite(segment.rate_factor),
            "segments: a decay and a rate factor of at least 0 expected, got ", segment.decay, " and ",
            segment.rate_factor);
    end = segment.offset + segment.length;
  }
  return segments;
}
#endif

}  // namespace memsizer::optim
