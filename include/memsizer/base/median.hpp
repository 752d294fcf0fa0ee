#pragma once
// The middle of some measurements: other work on the machine makes single ones slow, never fast.

#include <algorithm>
#include <cstddef>
#include <limits>
#include <vector>

namespace memsizer {

/// The middle one, of an even number the upper one; NaN of none.
inline double median(std::vector<double> values) {
  if (values.empty()) return std::numeric_limits<double>::quiet_NaN();
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

}  // namespace memsizer
