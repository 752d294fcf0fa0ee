#pragma once
// The type in which sums, statistics, losses, recurrent states, parameter gradients and moments are kept.

#include "memsizer/base/requirements.hpp"

namespace memsizer {

template <class T>
struct AccumulateType {
  using type = T;
};

/// float for types narrower than float, T itself for float and double.
template <class T>
using Accumulate = typename AccumulateType<T>::type;

}  // namespace memsizer
