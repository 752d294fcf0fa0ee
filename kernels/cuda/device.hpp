#pragma once
// The CUDA device: the kernels of kernels/*.cuh on the current GPU. Needs nothing of CUDA to be included.

#include <span>
#include <string_view>

#include "memsizer/device/device.hpp"

namespace memsizer::cuda {

/// Whether this machine has a GPU that the driver can use.
bool present();

template <class T>
const KernelTable<T>& table();
template <>
const KernelTable<float>& table<float>();
template <>
const KernelTable<double>& table<double>();

/// The kernels that are null in the table, as "family.kernel".
std::span<const std::string_view> not_yet();

/// SystemError where there is no GPU. Never destroyed, as cpu::device().
Device& device();

}  // namespace memsizer::cuda
