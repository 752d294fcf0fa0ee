#pragma once
// Finds a model's parameter by its name.

#include <string>

#include "memsizer/nn/parameter_store.hpp"

namespace memsizer::test {

/// A handle of the parameter with this name. Throws InputError if there is none.
template <class T>
Tensor<T> parameter_named(const nn::ParameterStore<T>& store, const std::string& name) {
  for (const auto& entry : store.entries())
    if (entry.name == name) return entry.parameter->value;
  throw InputError(concatenate("no parameter is named ", name));
}

}  // namespace memsizer::test
