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

/// The kernels that are null in the table, as "family.kernel".
std::span<const std::string_view> not_yet();

/// Memory between guards. The host may not read it directly, as on a GPU.
const DeviceMemory& memory();

/// Freed blocks are not kept for other tensors, so that every tensor has guards. Never destroyed, as
/// cpu::device().
Device& device();

}  // namespace memsizer::emulated
