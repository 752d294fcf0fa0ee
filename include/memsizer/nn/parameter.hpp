#pragma once
// A parameter: a tensor that training changes.

#include <memory>
#include <string>

#include "memsizer/nn/initialisation.hpp"
#include "memsizer/ops/ops.hpp"
#include "memsizer/optim/flat_parameters.hpp"

namespace memsizer::nn {

/// A tensor that training changes. Its shape is known from the start; a ParameterStore gives it elements.
template <class T>
struct Parameter {
  std::string name;
  Shape shape;
  Initialiser initialiser;
  Tensor<T> value = {};
  std::weak_ptr<optim::FlatArrays<T>> store = {};  // expired if no ParameterStore or optimiser holds it
  Index offset = 0;                                // where its first element is in the store's arrays

  /// The elements. InputError if no ParameterStore has given them yet.
  const Tensor<T>& tensor() const {
    require(value.defined(), "parameter ", name, " of shape ", shape,
            " has no elements: write nn::ParameterStore<float> store(net, seed) first, for the outermost "
            "module, and register each module within another one by child()");
    return value;
  }
  operator const Tensor<T>&() const { return tensor(); }
};

/// A parameter as a member of the module that registers it: a reference that follows when the module is
/// assigned, which a member Parameter<T>& cannot.
template <class T>
class ParameterMember {
 public:
  ParameterMember(Parameter<T>& parameter) : parameter_(&parameter) {}

  Parameter<T>* operator->() const { return parameter_; }
  /// As Parameter's.
  const Tensor<T>& tensor() const { return parameter_->tensor(); }
  operator const Tensor<T>&() const { return parameter_->tensor(); }

 private:
  Parameter<T>* parameter_;
};

template <class Operand>
inline constexpr bool is_parameter = false;
template <class T>
inline constexpr bool is_parameter<Parameter<T>> = true;
template <class T>
inline constexpr bool is_parameter<ParameterMember<T>> = true;

namespace detail {

/// A parameter's elements, or the operand itself.
template <class Operand>
const auto& elements_of(const Operand& operand) {
  if constexpr (is_parameter<Operand>)
    return operand.tensor();
  else
    return operand;
}

}  // namespace detail

// Parameters compute like tensors: x * scale + shift.
#define MEMSIZER_PARAMETER_OPERATOR(OPERATOR)                                                   \
  template <class A, class B>                                                                   \
  requires(is_parameter<A> || is_parameter<B>) auto operator OPERATOR(const A& a, const B& b) { \
    return detail::elements_of(a) OPERATOR detail::elements_of(b);                              \
  }
MEMSIZER_PARAMETER_OPERATOR(+)
MEMSIZER_PARAMETER_OPERATOR(-)
MEMSIZER_PARAMETER_OPERATOR(*)
MEMSIZER_PARAMETER_OPERATOR(/)
#undef MEMSIZER_PARAMETER_OPERATOR

}  // namespace memsizer::nn
