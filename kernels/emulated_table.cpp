// The emulated device: the CUDA kernels compiled for the host, and its memory.
#include "kernels/emulated/device.hpp"
#include "kernels/table.cuh"

namespace memsizer::emulated {

EmulatedContext& context() {
  static EmulatedContext& context = *new EmulatedContext;
  return context;
}

template <>
const KernelTable<float>& table<float>() {
  return filled_table<float>;
}

template <>
const KernelTable<double>& table<double>() {
  return filled_table<double>;
}

template <>
const KernelTable<bfloat16>& table<bfloat16>() {
  return filled_table<bfloat16>;
}

template <>
std::span<const std::string_view> not_yet<float>() {
  return not_yet_kernels;
}

template <>
std::span<const std::string_view> not_yet<double>() {
  return not_yet_kernels;
}

template <>
std::span<const std::string_view> not_yet<bfloat16>() {
  return not_yet_kernels;
}

const DeviceMemory& memory() {
  static const DeviceMemory memory{.allocate = [](Context&, Index bytes) { return allocate(bytes); },
                                   .release = [](Context&, void* block) { release(block); },
                                   .from_host = copy_on_host,
                                   .to_host = copy_on_host,
                                   .copy = copy_on_host,
                                   .host_readable = false};
  return memory;
}

Device& device() {
  static Device& device = []() -> Device& {
    Device& made =
        *new Device("emulated", context(), memory(), table<float>(), table<double>(), table<bfloat16>());
    made.pool().set_caching(false);
    return made;
  }();
  return device;
}

}  // namespace memsizer::emulated
