#pragma once
// The activations of a layer with their derivatives, over contiguous elements.

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
  }
}

template <class T>
void activation_backward(Context& context, T* dz, const T* dy, const T* z, Activation activation, Index n) {
  parallel_for(context, n, 1, [=](Index begin, Index end) {
    const auto in = array(z + begin, end - begin), dout = array(dy + begin, end - begin);
    auto din = array(dz + begin, end - begin);
    switch (activation) {
      case Activation::none:
        din = dout;
        return;
      case Activation::relu:
        din = Relu::gradient(in, dout);
        return;
      case Activation::gelu:
        din = Gelu::gradient(in, dout);
        return;
    }
  });
}

}  // namespace memsizer::cpu
