#pragma once
// The emulated CUDA device: the kernels of kernels/*.cuh on this machine's processor.

#include <span>
#include <string_view>

#include "memsizer/device/device.hpp"

#include "kernels/emulated/context.hpp"

namespace memsizer::emulated {

/// The context of device(); its schedule may be changed between launches.
EmulatedContext& context();

template <class T>
const KernelTable<T>& table();
template <>
const KernelTable<float>& table<float>();
template <>
const KernelTable<double>& table<double>();
template <>
const KernelTable<bfloat16>& table<bfloat16>();

/// The kernels that are null in the table of T, as "family.kernel"; "*" stands for all of them.
template <class T = float>
std::span<const std::string_view> not_yet();
template <>
std::span<const std::string_view> not_yet<float>();
template <>
std::span<const std::string_view> not_yet<double>();
template <>
std::span<const std::string_view> not_yet<bfloat16>();

/// Functions for the device's memory, in which every allocation is between guards. As on a GPU, the host may
/// not read it directly.
const DeviceMemory& memory();

/// The emulated device. It does not keep freed blocks for other tensors, so every tensor has its own guards.
/// It is never destroyed, like cpu::device().
Device& device();

}  // namespace memsizer::emulated
