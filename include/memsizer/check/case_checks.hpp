#pragma once
// The checks that follow from one row of the list of operation cases.

#include "memsizer/check/gradient_check.hpp"
#include "memsizer/check/operation_cases.hpp"

namespace memsizer::check {

/// A value and its gradients: the output, then the gradient of each input under one fixed cotangent. Only the
/// output if it was not computed from tensors (a twin on the host).
using Results = std::vector<std::vector<double>>;

/// Runs a function of a case's inputs, and its backward with a cotangent drawn from the case's name.
template <class T>
Results value_and_gradients(const OperationCase<T>& operation_case, Index size, Device& device,
                            const std::function<Tensor<T>(const Inputs<T>&)>& function,
                            InputRounding rounding = InputRounding::none) {
  Inputs<T> inputs = operation_case.inputs_for(size, device, 1, rounding);
  for (Tensor<T>& x : inputs.x) x.require_gradient();
  Tape tape;
  const Tensor<T> y = function(inputs);
  RandomStream random(name_key(operation_case.name));
  std::vector<T> cotangent;
  for (Index i = 0; i < y.size(); ++i) cotangent.push_back(rounded<T>(random.normal(), rounding));
  Results results;
  const auto keep = [&](const auto& tensor) {
    const auto values = tensor.to_vector();
    results.emplace_back(values.begin(), values.end());
  };
  keep(y);
  if (!y.requires_gradient()) return results;
  tape.backward(y, Tensor<T>(y.shape(), cotangent, device));
  for (const Tensor<T>& x : inputs.x) keep(x.gradient());
  return results;
}

/// The largest difference of two results, relative to the largest value of each array (at least `floor` of
/// the largest of all). NaN, or different numbers of values, give NaN.
inline double difference(const Results& a, const Results& b, double floor = 1e-3) {
  double largest = 1e-30, worst = 0;
  for (const std::vector<double>& values : b)
    for (double value : values) largest = std::max(largest, std::abs(value));
  if (a.size() != b.size()) return std::nan("");
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i].size() != b[i].size()) return std::nan("");
    double scale = floor * largest;
    for (double value : b[i]) scale = std::max(scale, std::abs(value));
    for (std::size_t j = 0; j < a[i].size(); ++j) {
      const double error = std::abs(a[i][j] - b[i][j]) / scale;
      if (!(error <= worst)) worst = error;
      if (std::isnan(worst)) return worst;
    }
  }
  return worst;
}

/// Compares the operation with its twin: values, and also gradients if the twin is composed of operations.
template <class T>
double twin_error(const OperationCase<T>& operation_case, Index size, Device& device) {
  Results own = value_and_gradients<T>(operation_case, size, device, operation_case.operation);
  const Results twin = value_and_gradients<T>(operation_case, size, device, operation_case.twin);
  if (twin.size() == 1) own.resize(1);
  return difference(own, twin);
}

/// Compares the operation's gradient with differences of its values.
inline GradientReport gradient_error(const OperationCase<double>& operation_case, Index size,
                                     Device& device) {
  Inputs<double> inputs = operation_case.inputs_for(size, device);
  return check_gradient(
      [&](const std::vector<Tensor<double>>& x) {
        inputs.x = x;
        return operation_case.operation(inputs);
      },
      inputs.x);
}

/// Compares one element type or device with another.
template <class T, class Other>
double case_difference(const OperationCase<T>& operation_case, Device& device,
                       const OperationCase<Other>& other, Device& other_device, Index size,
                       double floor = 1e-3) {
  return difference(value_and_gradients<T>(operation_case, size, device, operation_case.operation),
                    value_and_gradients<Other>(other, size, other_device, other.operation), floor);
}

}  // namespace memsizer::check
