#pragma once
// The one list of operation cases. All checks use it: values, gradients, precisions, devices, determinism and
// timings. A test fails if an operation has no row.

#include "memsizer/check/cases/attention_cases.hpp"
#include "memsizer/check/cases/daily_cases.hpp"
#include "memsizer/check/cases/elementwise_cases.hpp"
#include "memsizer/check/cases/layout_cases.hpp"
#include "memsizer/check/cases/loss_cases.hpp"
#include "memsizer/check/cases/network_cases.hpp"
#include "memsizer/check/cases/scan_cases.hpp"

namespace memsizer::check {

template <class T>
std::vector<OperationCase<T>> operation_cases() {
  std::vector<OperationCase<T>> all;
  for (std::vector<OperationCase<T>> family :
       {unary_cases<T>(),         binary_cases<T>(),        reduce_cases<T>(),
        shape_cases<T>(),         slice_cases<T>(),         joining_cases<T>(),
        repeating_cases<T>(),     product_cases<T>(),       large_product_cases<T>(),
        normalisation_cases<T>(), attention_cases<T>(),     slot_weights_cases<T>(),
        scan_cases<T>(),          source_memory_cases<T>(), embedding_cases<T>(),
        loss_cases<T>(),          selection_cases<T>(),     composed_function_cases<T>(),
        axis_cases<T>(),          pair_loss_cases<T>()})
    for (OperationCase<T>& operation_case : family) all.push_back(std::move(operation_case));
  return all;
}

}  // namespace memsizer::check
