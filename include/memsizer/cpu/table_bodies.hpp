#pragma once
// Fills the CPU's kernel table. A program of many files includes this once; others get it through
// memsizer.hpp.

#include "memsizer/cpu/attention.hpp"
#include "memsizer/cpu/elementwise.hpp"
#include "memsizer/cpu/embedding.hpp"
#include "memsizer/cpu/loss.hpp"
#include "memsizer/cpu/matmul.hpp"
#include "memsizer/cpu/memory.hpp"
#include "memsizer/cpu/memsizer.hpp"
#include "memsizer/cpu/norm.hpp"
#include "memsizer/cpu/optimiser.hpp"
#include "memsizer/cpu/reduce.hpp"
#include "memsizer/cpu/scan.hpp"
#include "memsizer/cpu/softmax.hpp"

namespace memsizer::cpu {

template <class T>
const KernelTable<T>& table() {
  static constexpr KernelTable<T> table{.memory = memory_kernels<T>,
                                        .elementwise = elementwise_kernels<T>,
                                        .reduce = reduce_kernels<T>,
                                        .softmax = softmax_kernels<T>,
                                        .matmul = matmul_kernels<T>,
                                        .norm = norm_kernels<T>,
                                        .embedding = embedding_kernels<T>,
                                        .attention = attention_kernels<T>,
                                        .memsizer = memsizer_kernels<T>,
                                        .scan = scan_kernels<T>,
                                        .loss = loss_kernels<T>,
                                        .optimiser = optimiser_kernels<T>};
  return table;
}

}  // namespace memsizer::cpu
