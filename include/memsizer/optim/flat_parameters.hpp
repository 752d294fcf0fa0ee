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
/// Accumulate<T>. All arrays have one shape. Copies share the elements.
template <class T>
class FlatParameters {
 public:
  using A = Accumulate<T>;

  /// Arrays of zeros. The gradients stay undefined unless `trainable`.
  FlatParameters(Index size, bool trainable, Device& device) : weights_(Tensor<T>::zeros({size}, device)) {
    if constexpr (!accumulates_itself<T>) masters_ = Tensor<A>::zeros({size}, device);
    if (trainable) gradients_ = Tensor<A>::zeros({size}, device);
  }

  /// Arrays that exist already; they are shared, not copied. InputError if shapes or devices differ, if there
  /// are masters though T is its own accumulator, or if there are none though it is not. A bfloat16 weight
  /// needs a master: added to a weight of 1, updates of 0.001 would be rounded away one by one.
  FlatParameters(const Tensor<T>& weights, const Tensor<A>& gradients, const Tensor<A>& masters = {})
      : weights_(weights.detach()), gradients_(gradients.detach()) {
    require_fits("gradients", gradients);
    require(masters.defined() != accumulates_itself<T>, "parameters: ",
            accumulates_itself<T> ? "no master weights expected, for the weights are as precise as their sums"
                                  : "master weights expected, for the weights are narrower than their sums");
    if (!masters.defined()) return;
    require_fits("masters", masters);
    masters_ = masters.detach();
  }

  Index size() const { return weights_.size(); }
  Device& device() const { return weights_.device(); }

  const Tensor<T>& weights() const { return weights_; }
  /// The weights with all their digits, from which weights() are rounded. Undefined if T is its own
  /// accumulator.
  const Tensor<A>& masters() const { return masters_; }
  const Tensor<A>& gradients() const { return gradients_; }
  /// The arrays of the optimisers, in the order in which they asked for them.
  const std::vector<Moment<A>>& moments() const { return moments_; }

  /// Makes an array of zeros, which replaces an earlier one of this name, and returns a handle to it.
  Tensor<A> make_moment(const std::string& name);

  void clear_gradients();

 protected:
  /// Expires when no copy is left. An optimiser has a copy, and while it lives, the arrays are in use.
  const std::shared_ptr<const void>& lifetime() const { return lifetime_; }

 private:
  void require_fits(const char* what, const Tensor<A>& array) const;

  Tensor<T> weights_;
  Tensor<A> masters_, gradients_;
  std::vector<Moment<A>> moments_;
  std::shared_ptr<const void> lifetime_ = std::make_shared<char>();
};

#if MEMSIZER_CORE_HAS_BODIES

template <class T>
void FlatParameters<T>::clear_gradients() {
  gradients_.fill(A{0});
}

template <class T>
Tensor<Accumulate<T>> FlatParameters<T>::make_moment(const std::string& name) {
  std::erase_if(moments_, [&](const Moment<A>& moment) { return moment.name == name; });
  moments_.push_back({name, Tensor<A>::zeros(weights_.shape(), device())});
  return moments_.back().values;
}

template <class T>
void FlatParameters<T>::require_fits(const char* what, const Tensor<A>& array) const {
  require(array.shape() == weights_.shape(), "parameters: weights of shape ", weights_.shape(), ", ", what,
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
