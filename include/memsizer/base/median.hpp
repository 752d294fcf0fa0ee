#pragma once
// The median of measurements. It ignores single slow ones, which come from other work on the machine.

#include <algorithm>
#include <cstddef>
#include <limits>
#include <vector>

#include "memsizer/base/requirements.hpp"

namespace memsizer {

/// The median; of an even number of values the upper middle one, of none NaN.
inline double median(std::vector<double> values) {
  if (values.empty()) return std::numeric_limits<double>::quiet_NaN();
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

}  // namespace memsizer
