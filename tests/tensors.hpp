#pragma once
// Random tensors and the distance between two tensors, for the tests of layers and models.

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "memsizer/base/random.hpp"
#include "memsizer/tensor/tensor.hpp"

namespace memsizer::test {

inline Tensor<double> random_tensor(Shape shape, std::uint64_t seed) {
  RandomStream random(seed);
  std::vector<double> values(static_cast<std::size_t>(shape.size()));
  for (double& value : values) value = random.normal();
  return Tensor<double>(shape, values);
}

/// The largest difference between two tensors of one shape; infinite if one of them holds a NaN.
inline double largest_difference(const Tensor<double>& a, const Tensor<double>& b) {
  BOOST_TEST_REQUIRE(concatenate(a.shape()) == concatenate(b.shape()));
  const std::vector<double> x = a.to_vector(), y = b.to_vector();
  double largest = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double difference = std::abs(x[i] - y[i]);
    if (std::isnan(difference)) return std::numeric_limits<double>::infinity();
    largest = std::max(largest, difference);
  }
  return largest;
}

}  // namespace memsizer::test
