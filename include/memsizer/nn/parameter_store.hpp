#pragma once
// One flat storage for the elements of all parameters of a model. Parameters are views of it. Gradients,
// master weights and moments are flat arrays of the same layout, so the optimiser makes one pass, and the
// norm of the gradient is one sum.

#include "memsizer/base/linkage.hpp"
#include "memsizer/base/wildcard.hpp"
#include "memsizer/nn/module.hpp"
#include "memsizer/optim/flat_parameters.hpp"

namespace memsizer::nn {

template <std::floating_point A>
bool all_finite(std::span<const A> values) {
  return std::ranges::all_of(values, [](A value) { return std::isfinite(value); });
}

/// Between parameters there are gaps whose weights and gradients stay 0. Parameters keep their elements when
/// the store is destroyed. The module must outlive the store, because entries() point into the module.
template <class T>
class ParameterStore : public optim::FlatParameters<T> {
 public:
  using A = Accumulate<T>;

  struct Entry {
    std::string name;
    Parameter<T>* parameter;
    Index offset;  // where its first element is in the flat storage
  };

  /// Gives every parameter of the module its place and its first values, and a gradient if `trainable`.
  /// InputError if another living store, or an optimiser of one, holds one of the parameters, because that
  /// optimiser would then train values that the module no longer uses.
  ParameterStore(Module<T>& module, std::uint64_t seed, bool trainable = true,
                 Device& device = cpu::device());
  ParameterStore(const ParameterStore&) = delete;
  ParameterStore& operator=(const ParameterStore&) = delete;

  const std::vector<Entry>& entries() const { return entries_; }
  /// The number of trained values, without the gaps between parameters.
  Index parameter_count() const { return count_; }

  /// A parameter's values as they are trained: the master weights if there are any, else the weights.
  std::vector<A> values(const Entry& entry) const {
    if constexpr (accumulates_itself<T>)
      return entry.parameter->value.to_vector();
    else
      return this->masters().view(entry.offset, entry.parameter->shape).to_vector();
  }

  /// Sets these values. If there are master weights, the weights are set too, rounded from them.
  void set_values(const Entry& entry, std::span<const A> values) const {
    if constexpr (accumulates_itself<T>) {
      entry.parameter->value.copy_from(values);
    } else {
      this->masters().view(entry.offset, entry.parameter->shape).copy_from(values);
      std::vector<T> rounded;
      for (const A value : values) rounded.push_back(static_cast<T>(value));
      entry.parameter->value.copy_from(rounded);
    }
  }

  /// As FlatParameters'. InputError for a parameter whose value is no longer the store's: `weight->value = x`
  /// makes it a handle to other elements, which no optimiser changes.
  void clear_gradients();

  /// The parameters as segments for an optimiser. rule(entry) gives the factors of each parameter; neighbours
  /// with equal factors share a segment.
  template <class Rule>
  std::vector<optim::Segment> segments(const Rule& rule) const {
    std::vector<optim::Segment> segments;
    for (const Entry& entry : entries_) {
      optim::Segment segment = rule(entry);
      segment.offset = entry.offset;
      segment.length = end_of(entry) - entry.offset;
      const bool continues = !segments.empty() && segments.back().decay == segment.decay &&
                             segments.back().rate_factor == segment.rate_factor;
      if (continues)
        segments.back().length += segment.length;
      else
        segments.push_back(segment);
    }
    return segments;
  }

  /// Groups by name: a parameter has the factors of the first pattern that its full name fits, or 1 and 1.
  /// InputError for a pattern that decides about no parameter. Example: no weight decay on biases and norms,
  /// a tenth of the rate for a part,
  ///   store.groups({{"*.bias", {.decay = 0}}, {"*norm*", {.decay = 0}}, {"lower.*", {.rate_factor = 0.1}}})
  std::vector<optim::Segment> groups(
      const std::vector<std::pair<std::string, optim::Segment>>& patterns) const {
    std::vector<bool> decides(patterns.size());
    const std::vector<optim::Segment> segments = this->segments([&](const Entry& entry) {
      const auto group = std::ranges::find_if(
          patterns, [&](const auto& candidate) { return matches(candidate.first, entry.name); });
      if (group == patterns.end()) return optim::Segment{};
      decides[static_cast<std::size_t>(group - patterns.begin())] = true;
      return group->second;
    });
    for (std::size_t i = 0; i < patterns.size(); ++i)
      require(decides[i], "groups: the pattern ", patterns[i].first,
              " decides about no parameter: it fits the name of none, or an earlier pattern fits the same");
    return segments;
  }

  /// The name of the first parameter with a value that is not finite in `flat`, which has the storage's
  /// layout, such as the gradients. Empty if there is none.
  template <class Number>
  std::string first_not_finite(const Tensor<Number>& flat) const {
    require(flat.size() == this->size(), "parameters: a flat array of ", this->size(),
            " numbers expected, got ", flat.size());
    const std::vector<Number> values = flat.to_vector();
    for (const Entry& entry : entries_) {
      const auto begin = values.begin() + entry.offset;
      if (!std::all_of(begin, begin + entry.parameter->shape.size(),
                       [](Number value) { return std::isfinite(static_cast<A>(value)); }))
        return entry.name;
    }
    return {};
  }

 private:
  /// Each parameter with its full name and its place.
  static std::vector<Entry> entries_of(Module<T>& root);
  static Index end_of(const Entry& entry) {
    return checked_sum(entry.offset, round_up(entry.parameter->shape.size(), ParameterStore::alignment),
                       "parameters");
  }

  ParameterStore(std::vector<Entry> entries, std::uint64_t seed, bool trainable, Device& device);

  std::vector<Entry> entries_;
  Index count_ = 0;
};

#if MEMSIZER_CORE_HAS_BODIES
template <class T>
ParameterStore<T>::ParameterStore(Module<T>& module, std::uint64_t seed, bool trainable, Device& device)
    : ParameterStore(entries_of(module), seed, trainable, device) {}

template <class T>
ParameterStore<T>::ParameterStore(std::vector<Entry> entries, std::uint64_t seed, bool trainable,
                                  Device& device)
    : optim::FlatParameters<T>(entries.empty() ? 0 : end_of(entries.back()), trainable, device),
      entries_(std::move(entries)) {
  for (const Entry& entry : entries_)
    require(entry.parameter->store.expired(), "parameters: ", entry.name,
            " is held by another ParameterStore; one store holds a module, and lives as long as it is used");
  for (const Entry& entry : entries_) {
    Parameter<T>& parameter = *entry.parameter;
    parameter.store = this->arrays();
    parameter.offset = entry.offset;
    parameter.value = this->weights().view(entry.offset, parameter.shape);
    set_values(entry, initial_values<A>(parameter.initialiser, parameter.shape,
                                        mix_keys(seed, name_key(entry.name))));
    if (trainable) {
      parameter.value.require_gradient(this->gradients().view(entry.offset, parameter.shape));
      parameter.value.slot()->name = entry.name;
    }
    count_ += parameter.shape.size();
  }
}

template <class T>
void ParameterStore<T>::clear_gradients() {
  for (const Entry& entry : entries_)
    require(entry.parameter->value.data() == this->weights().data() + entry.offset,
            "parameters: ", entry.name,
            " was given another tensor, which no optimiser changes; to change its elements write "
            "value.copy_from(x)");
  optim::FlatParameters<T>::clear_gradients();
}

template <class T>
std::vector<typename ParameterStore<T>::Entry> ParameterStore<T>::entries_of(Module<T>& root) {
  root.set_path("");
  std::vector<Entry> entries;
  Index size = 0;
  root.for_each_parameter([&](const std::string& name, Parameter<T>& parameter) {
    entries.push_back({name, &parameter, size});
    size = end_of(entries.back());
  });
  std::vector<std::string> names;
  for (const Entry& entry : entries) names.push_back(entry.name);
  std::ranges::sort(names);
  const auto twice = std::ranges::adjacent_find(names);
  if (twice != names.end()) throw InputError(concatenate("two parameters are named ", *twice));
  return entries;
}

#endif

}  // namespace memsizer::nn
