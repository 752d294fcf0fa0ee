// This file belongs to no test binary. CMakeLists.txt compiles it once without a fault, and once with each of
// three: a forgotten kernel, a kernel with another signature, a forgotten family.
#include "memsizer/device/kernel_table.hpp"

using namespace memsizer;

template <class T>
void softmax(Context&, T*, const T*, Index, Index) {}

template <class T>
void softmax_backward(Context&, Output<T>, const T*, const T*, Index, Index) {}

// Templates, as in the devices' families: the compiler must still see the fault when T is known.
template <class T>
inline constexpr SoftmaxKernels<T> softmax_kernels{
    .softmax = softmax<T>,
    .softmax_backward = softmax_backward<T>,
#ifdef WRONG_SIGNATURE
    .log_softmax = softmax_backward<T>,
#else
    .log_softmax = softmax<T>,
#endif
#ifndef FORGOTTEN_KERNEL
    .log_softmax_backward = softmax_backward<T>,
#endif
};

template <class T>
inline constexpr KernelTable<T> table{
    .memory = MemoryKernels<T>(),
    .elementwise = ElementwiseKernels<T>(),
    .reduce = ReduceKernels<T>(),
    .softmax = softmax_kernels<T>,
    .matmul = MatmulKernels<T>(),
    .norm = NormKernels<T>(),
    .embedding = EmbeddingKernels<T>(),
    .attention = AttentionKernels<T>(),
    .memsizer = MemSizerKernels<T>(),
    .scan = ScanKernels<T>(),
    .loss = LossKernels<T>(),
#ifndef FORGOTTEN_FAMILY
    .optimiser = OptimiserKernels<T>(),
#endif
};

const KernelTable<float>& float_table() {
  return table<float>;
}
const KernelTable<double>& double_table() {
  return table<double>;
}
