#pragma once
// The activations of a layer, over contiguous elements.

#include "memsizer/cpu/functions.hpp"
#include "memsizer/cpu/parallel.hpp"

namespace memsizer::cpu {

/// y = activation(z); y may be z.
template <class T>
void activate(T* y, const T* z, Activation activation, Index n) {
  switch (activation) {
    case Activation::none:
      if (y != z) std::copy_n(z, n, y);
      return;
    case Activation::relu:
      return apply_function<Relu>(y, z, n);
    case Activation::gelu:
      return apply_function<Gelu>(y, z, n);
    case Activation::gelu_tanh:
      return apply_function<GeluTanh>(y, z, n);
  }
}

}  // namespace memsizer::cpu
