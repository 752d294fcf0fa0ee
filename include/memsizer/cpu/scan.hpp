#pragma once
// The kernels of the memory of fixed size: the causal scan, which also makes a source's memory and reads one.

#include "memsizer/cpu/causal_scan.hpp"
#include "memsizer/cpu/causal_scan_backward.hpp"

namespace memsizer::cpu {

template <class T>
inline constexpr ScanKernels<T> scan_kernels{.causal_scan = causal_scan<T>,
                                             .causal_scan_backward = causal_scan_backward<T>};

}  // namespace memsizer::cpu
