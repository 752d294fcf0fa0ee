#pragma once
// Operations as members of a tensor.

#include "memsizer/ops/layout.hpp"
#include "memsizer/ops/matmul.hpp"

namespace memsizer {

template <class T>
Tensor<T> Tensor<T>::operator[](Index i) const {
  require(rank() > 0, "[]: a scalar has no parts");
  const Index extent = shape_[0], begin = i < 0 ? i + extent : i;
  require(begin >= 0 && begin < extent, "[]: ", i, " does not lie in axis 0 of shape ", shape_);
  const Shape part(shape_.extents().subspan(1));
  const Index offset = begin * part.size();
  Tensor y = view(offset, part);
  if constexpr (is_element<T>)
    record(
        "[]", y,
        [=, dx = GradientTarget(*this)](const Tensor& dy) {
          Output<T> gradient = dx.cleared("[]");
          gradient.data += offset;
          pass_on("[]", gradient, dy);
        },
        *this);
  return y;
}

template <class T>
Tensor<T> Tensor<T>::reshape(std::initializer_list<AnyIndex> extents) const {
  return memsizer::reshape(*this, extents);
}

template <class T>
template <class E>
Tensor<E> Tensor<T>::matmul(const Tensor<E>& other) const {
  return memsizer::matmul(*this, other);
}

}  // namespace memsizer
