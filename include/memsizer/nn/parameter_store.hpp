#pragma once
// The elements of all of a model's parameters in one flat storage, and so their gradients: one pass for the
// optimiser, one norm, one sum over machines. Parameters are views of it.

#include <set>

#include "memsizer/nn/module.hpp"

namespace memsizer::nn {

/// Parameters keep their elements when the store is gone; the module must outlive the store, whose entries()
/// point into it.
template <class T>
class ParameterStore {
 public:
  struct Entry {
    std::string name;
    Parameter<T>* parameter;
    Index offset;  // of the first element in the flat storage
  };

  /// Gives every parameter of the module its place and its first values. With `trainable` each gets a
  /// gradient.
  ParameterStore(Module<T>& module, std::uint64_t seed, bool trainable = true, Device& device = cpu::device())
      : count_(nn::parameter_count(module)) {
    module.set_path("");
    Index size = 0;
    std::set<std::string> names;
    module.for_each_parameter([&](const std::string& name, Parameter<T>& parameter) {
      require(names.insert(name).second, "two parameters are named ", name);
      entries_.push_back({name, &parameter, size});
      size = checked_sum(size, round_up(parameter.shape.size(), alignment), "parameters");
    });
    weights_ = Tensor<T>::zeros({size}, device);
    if (trainable) gradients_ = Tensor<Accumulate<T>>::zeros({size}, device);
    for (const Entry& entry : entries_) {
      Parameter<T>& parameter = *entry.parameter;
      parameter.value = weights_.view(entry.offset, parameter.shape);
      parameter.value.copy_from(
          initial_values<T>(parameter.initialiser, parameter.shape, mix_keys(seed, name_key(entry.name))));
      if (trainable) parameter.value.require_gradient(gradients_.view(entry.offset, parameter.shape));
    }
  }
  ParameterStore(const ParameterStore&) = delete;
  ParameterStore& operator=(const ParameterStore&) = delete;

  const std::vector<Entry>& entries() const { return entries_; }
  /// The number of trained numbers, without the gaps between parameters.
  Index parameter_count() const { return count_; }

  /// All elements; between parameters lie gaps whose weights and gradients stay 0.
  const Tensor<T>& weights() const { return weights_; }
  const Tensor<Accumulate<T>>& gradients() const { return gradients_; }

  void clear_gradients() { gradients_.fill(0); }

  /// The name of the first parameter whose part of a flat array holds a value that is not finite; empty if
  /// none.
  std::string first_not_finite(const Tensor<T>& flat) const {
    require(flat.size() == weights_.size(), "parameters: a flat array of ", weights_.size(),
            " numbers expected, got ", flat.size());
    const std::vector<T> values = flat.to_vector();
    for (const Entry& entry : entries_) {
      const auto begin = values.begin() + entry.offset;
      if (!std::all_of(begin, begin + entry.parameter->shape.size(),
                       [](T value) { return std::isfinite(value); }))
        return entry.name;
    }
    return {};
  }

 private:
  static constexpr Index alignment = 16;  // elements: every parameter begins at a cache line

  std::vector<Entry> entries_;
  Index count_;
  Tensor<T> weights_;
  Tensor<Accumulate<T>> gradients_;
};

}  // namespace memsizer::nn
