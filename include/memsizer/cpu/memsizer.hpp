#pragma once
// MemSizer's own kernels: its slot weights. Its memory is the scan's.

#include "memsizer/cpu/slot_weights.hpp"

namespace memsizer::cpu {

template <class T>
inline constexpr MemSizerKernels<T> memsizer_kernels{.slot_weights = slot_weights<T>,
                                                     .slot_weights_backward = slot_weights_backward<T>};

}  // namespace memsizer::cpu
