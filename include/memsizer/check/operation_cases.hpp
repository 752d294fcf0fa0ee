#pragma once
// The one list of operation cases. Values, gradients, precisions, devices, determinism and timings are
// checked from it; an operation without a row fails a test.

#include "memsizer/check/cases/elementwise_cases.hpp"
#include "memsizer/check/cases/network_cases.hpp"

namespace memsizer::check {

template <class T>
std::vector<OperationCase<T>> operation_cases() {
  std::vector<OperationCase<T>> all;
  for (std::vector<OperationCase<T>> family :
       {unary_cases<T>(), binary_cases<T>(), reduce_cases<T>(), layout_cases<T>(), product_cases<T>(),
        normalisation_cases<T>(), attention_cases<T>(), memsizer_cases<T>(), embedding_and_loss_cases<T>()})
    for (OperationCase<T>& one : family) all.push_back(std::move(one));
  return all;
}

}  // namespace memsizer::check
