#pragma once
// The filled kernel table of the devices that run CUDA kernels.

#include <string_view>

#include "kernels/attention.cuh"
#include "kernels/attention_backward.cuh"
#include "kernels/binary.cuh"
#include "kernels/causal_scan_backward.cuh"
#include "kernels/copy.cuh"
#include "kernels/elementwise.cuh"
#include "kernels/embedding.cuh"
#include "kernels/layer_norm.cuh"
#include "kernels/optimiser.cuh"
#include "kernels/reduce.cuh"
#include "kernels/slot_weights.cuh"
#include "kernels/softmax.cuh"
#include "kernels/unary.cuh"

namespace memsizer::MEMSIZER_DEVICE {

template <class T>
inline constexpr MemSizerKernels<T> memsizer_kernels{.slot_weights = slot_weights<T>,
                                                     .slot_weights_backward = slot_weights_backward<T>};

template <class T>
inline constexpr ScanKernels<T> scan_kernels{.causal_scan = causal_scan<T>,
                                             .causal_scan_backward = causal_scan_backward<T>};

template <class T>
inline constexpr KernelTable<T> filled_table{
    .memory = {.fill = fill<T>, .copy_strided = copy_strided<T>, .gather_rows = gather_rows},
    .elementwise = {.unary = unary<T>,
                    .unary_backward = unary_backward<T>,
                    .binary = binary<T>,
                    .binary_backward = binary_backward<T>,
                    .affine = affine<T>,
                    .scale_by = scale_by<T>,
                    .dropout = dropout<T>,
                    .widen = convert<Accumulate<T>, T>,
                    .narrow = convert<T, Accumulate<T>>},
    .reduce = {.reduce = reduce<T>, .reduce_backward = reduce_backward<T>},
    .softmax = softmax_kernels<T>,
    .matmul = {.matmul = nullptr, .linear_weight_backward = nullptr},
    .norm = norm_kernels<T>,
    .embedding = embedding_kernels<T>,
    .attention = {.attention = attention<T>, .attention_backward = attention_backward<T>},
    .memsizer = memsizer_kernels<T>,
    .scan = scan_kernels<T>,
    .loss = {.cross_entropy = nullptr, .cross_entropy_backward = nullptr, .linear_cross_entropy = nullptr},
    .optimiser = optimiser_kernels<T>};

/// The kernels that are null above. A test compares the list with the table and prints it.
inline constexpr std::string_view not_yet_kernels[] = {"matmul.matmul", "matmul.linear_weight_backward",
                                                       "loss.cross_entropy", "loss.cross_entropy_backward",
                                                       "loss.linear_cross_entropy"};

}  // namespace memsizer::MEMSIZER_DEVICE
