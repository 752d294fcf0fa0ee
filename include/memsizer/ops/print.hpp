#pragma once
// Tensors as text.

#include <ostream>

#include "memsizer/tensor/tensor.hpp"

namespace memsizer {

namespace detail {

template <class T>
constexpr const char* element_name() {
  if constexpr (std::is_same_v<T, float>) return "float";
  if constexpr (std::is_same_v<T, double>) return "double";
  if constexpr (std::is_same_v<T, bfloat16>) return "bfloat16";
  if constexpr (std::is_same_v<T, Id>) return "Id";
  return "?";
}

/// Writes the elements of one axis and those below it in brackets. Of more than 1,000 elements in all, an
/// axis shows its first and last three.
template <class T>
class TensorPrinter {
 public:
  TensorPrinter(std::ostream& out, const Tensor<T>& tensor)
      : out_(out), shape_(tensor.shape()), values_(tensor.to_vector()) {
    shape_.row_major_strides(strides_);
  }

  void write(int axis, Index first) const {
    if (axis == shape_.rank()) return write_element(values_[static_cast<std::size_t>(first)]);
    const Index extent = shape_[axis];
    const bool is_short = shape_.size() <= 1000 || extent <= 2 * edge;
    out_ << '[';
    for (Index i = 0; i < extent; ++i) {
      if (i > 0) write_separator(axis);
      if (!is_short && i == edge) {
        out_ << "...";
        write_separator(axis);
        i = extent - edge;
      }
      write(axis + 1, first + i * strides_[axis]);
    }
    out_ << ']';
  }

 private:
  static constexpr Index edge = 3;

  void write_element(T value) const {
    if constexpr (std::is_same_v<T, Id>)
      out_ << value;
    else
      out_ << static_cast<double>(value);
  }
  void write_separator(int axis) const {
    out_ << ',';
    if (axis == shape_.rank() - 1)
      out_ << ' ';
    else
      out_ << '\n' << std::string(static_cast<std::size_t>(axis) + 1, ' ');
  }

  std::ostream& out_;
  Shape shape_;
  std::vector<T> values_;
  Index strides_[max_rank] = {};
};

}  // namespace detail

/// For example
///
///     Tensor<float> [2, 3] on cpu
///     [[1, 2, 3],
///      [4, 5, 6]]
///
/// with the stream's precision. Of a tensor of more than 1,000 elements each axis shows its first and last
/// three.
template <class T>
std::ostream& operator<<(std::ostream& out, const Tensor<T>& tensor) {
  out << "Tensor<" << detail::element_name<T>() << '>';
  if (!tensor.defined()) return out << " without a value";
  out << ' ' << tensor.shape() << " on " << tensor.device().name() << '\n';
  detail::TensorPrinter<T>(out, tensor).write(0, 0);
  return out;
}

}  // namespace memsizer
