#pragma once
// MemSizer's kernels: slot weights, the causal scan and the memory of a source.

#include "memsizer/cpu/causal_scan.hpp"
#include "memsizer/cpu/causal_scan_backward.hpp"
#include "memsizer/cpu/key_value_memory.hpp"
#include "memsizer/cpu/slot_weights.hpp"

namespace memsizer::cpu {

template <class T>
inline constexpr MemSizerKernels<T> memsizer_kernels{
    .slot_weights = slot_weights<T>,
    .slot_weights_backward = slot_weights_backward<T>,
    .causal_scan = causal_scan<T>,
    .causal_scan_backward = causal_scan_backward<T>,
    .key_value_memory = key_value_memory<T>,
    .key_value_memory_backward = key_value_memory_backward<T>};

}  // namespace memsizer::cpu
