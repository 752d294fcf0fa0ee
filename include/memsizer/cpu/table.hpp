#pragma once
// Declares the CPU device. Its parts are in context.hpp, the bodies of its kernels in table_bodies.hpp. An
// outside program gets both through memsizer.hpp; a program of many files includes only this header and links
// one object that instantiates them.

#include <span>

#include "memsizer/device/device.hpp"

namespace memsizer::cpu {

/// The kernels of the CPU, with this library's own matrix products (product.hpp).
template <class T>
const KernelTable<T>& table();
/// The CPU has no bfloat16 kernels yet; it would compute in float anyway.
template <>
inline const KernelTable<bfloat16>& table<bfloat16>() {
  static constexpr KernelTable<bfloat16> none;
  return none;
}

/// The kernels that are null in the table of T, as "family.kernel"; "*" stands for all of them.
template <class T>
std::span<const std::string_view> not_yet() {
  static constexpr std::string_view all[] = {"*"};
  if constexpr (std::is_same_v<T, bfloat16>) return all;
  return {};
}

/// The one CPU device of the process, and the number of its threads. Both are templates, so that their bodies
/// can be compiled elsewhere.
template <class = void>
Device& process_device();
template <class = void>
void set_process_threads(Index threads);

/// The default device of tensors. It is never destroyed, so that tensors in destructors of static objects can
/// still use it.
inline Device& device() {
  return process_device();
}

/// Gives the device its kernels for T. Each type of tensor asks only for its own kernels, so a program that
/// includes everything and works in float does not compile the kernels for double.
template <class T>
void provide_kernels() {
  [[maybe_unused]] static const bool provided = (device().provide(table<T>()), true);
}

/// Sets the number of threads for kernels, by ThreadPool::resize; 0: as many as usable processors.
inline void set_threads(Index threads) {
  set_process_threads(threads);
}

}  // namespace memsizer::cpu
