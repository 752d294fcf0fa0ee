#pragma once
// The activations of a layer, over contiguous elements.

#include "memsizer/cpu/functions.hpp"
#include "memsizer/cpu/parallel.hpp"

namespace memsizer::cpu {

/// y = activation(z); y may be z.
template <class T>
void activate(T* y, const T* z, Activation activation, Index n) {
  const auto in = array(z, n);
  switch (activation) {
    case Activation::none:
      if (y != z) array(y, n) = in;
      return;
    case Activation::relu:
      array(y, n) = Relu::value(in);
      return;
    case Activation::gelu:
      array(y, n) = Gelu::value(in);
      return;
    case Activation::gelu_tanh:
      array(y, n) = GeluTanh::value(in);
      return;
  }
}

}  // namespace memsizer::cpu
