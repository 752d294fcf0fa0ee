#pragma once
// The element type in which a run's model computes.

#include <type_traits>
#include <utility>

#include "memsizer/device/device.hpp"
#include "memsizer/train/config.hpp"

namespace memsizer::tasks {

/// Whether a device has kernels for bfloat16. The cpu has none.
inline bool has_bfloat16(const Device& device) {
  return device.provides<bfloat16>() && device.kernels<bfloat16>().matmul.matmul != nullptr;
}

/// Calls body(std::type_identity<T>()) with the type that `dtype` names.
template <class Body>
auto with_dtype(const train::Config& config, const Body& body) {
  if (config.labels.dtype == "bfloat16") return body(std::type_identity<bfloat16>());
  return body(std::type_identity<float>());
}

/// Does the same with the type in which a run is computed on a device. A run in bfloat16 that is used on
/// the cpu computes in float: its checkpoints hold the float masters, so nothing is lost.
template <class Body>
auto with_element_type(const train::Config& config, const Device& device, const Body& body) {
  if (config.labels.dtype == "bfloat16" && has_bfloat16(device)) return body(std::type_identity<bfloat16>());
  return body(std::type_identity<float>());
}

}  // namespace memsizer::tasks
