#pragma once
// The parameters that a module lists, as an optimiser takes them: PyTorch's way to begin,
// Adam<float> adam(net.parameters(), 1e-3).

#include <algorithm>

#include "memsizer/optim/flat_parameters.hpp"

namespace memsizer::optim {

/// The arrays of the store that holds the listed parameters, and where they lie in them.
template <class T>
struct ListedParameters {
  FlatParameters<T> parameters;
  std::vector<Segment> segments;
};

namespace detail {

/// The segments of these parts, in any order; a part may come twice. Neighbours are one segment: what a store
/// leaves free between two parameters is shorter than its alignment, and a parameter that is not listed, with
/// what is free around it, is longer.
std::vector<Segment> joined_segments(const std::vector<Segment>& parts, Index alignment);

}  // namespace detail

/// `list` holds pointers to nn::Parameter<T>. InputError unless one ParameterStore holds all of them. An
/// empty list is that of a module without parameters: the optimiser has nothing to do.
template <class T, class Parameter>
ListedParameters<T> listed_parameters(const std::vector<Parameter*>& list) {
  if (list.empty()) return {FlatParameters<T>(0, true, cpu::device()), {}};
  const std::shared_ptr<FlatArrays<T>> arrays = list.front()->store.lock();
  std::vector<Segment> parts;
  for (const Parameter* parameter : list) {
    const std::shared_ptr<FlatArrays<T>> holder = parameter->store.lock();
    require(holder != nullptr, "optimiser: no store holds the parameter ", parameter->name,
            ": write nn::ParameterStore<float> store(net, seed) before the optimiser");
    require(holder == arrays, "optimiser: another store holds the parameter ", parameter->name,
            " than the first of the list; an optimiser trains one store");
    parts.push_back({.offset = parameter->offset, .length = parameter->shape.size()});
  }
  return {FlatParameters<T>(arrays), detail::joined_segments(parts, FlatParameters<T>::alignment)};
}

#if MEMSIZER_CORE_HAS_BODIES
MEMSIZER_CORE_FUNCTION std::vector<Segment> detail::joined_segments(const std::vector<Segment>& parts,
                                                                    Index alignment) {
  std::vector<Segment> sorted, segments;
  for (const Segment& part : parts)  // mostly in order already
    sorted.insert(std::ranges::upper_bound(sorted, part.offset, {}, &Segment::offset), part);
  for (const Segment& part : sorted) {
    const bool follows =
        !segments.empty() && part.offset - (segments.back().offset + segments.back().length) < alignment;
    if (!follows)
      segments.push_back(part);
    else
      segments.back().length = part.offset + part.length - segments.back().offset;
  }
  return segments;
}
#endif

}  // namespace memsizer::optim
