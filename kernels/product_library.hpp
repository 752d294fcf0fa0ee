#pragma once
// Matrix products by a library that is not ours, in the place of our kernels.

#include <type_traits>

#include "memsizer/device/arguments.hpp"

namespace memsizer {

enum class ElementType { float32, float64, bfloat16 };

template <class T>
inline constexpr ElementType element_type = std::is_same_v<T, float>    ? ElementType::float32
                                            : std::is_same_v<T, double> ? ElementType::float64
                                                                        : ElementType::bfloat16;

/// A matrix product, c (+)= op(a) op(b) and then the epilogue, whose arrays have lost their types: `inputs`
/// is that of a, b and the epilogue, `outputs` that of c. An empty epilogue may have another output type.
/// Nothing is empty but perhaps the inner axis, and a product that accumulates has no epilogue.
struct ProductCall {
  ElementType inputs, outputs;
  void* c;
  bool accumulate;
  const void *a, *b;
  MatmulShape shape;
  const void* bias = nullptr;  // these three as in Epilogue
  Activation activation = Activation::none;
  void* before_activation = nullptr;
};

/// A library that computes products on the device of a context.
class ProductLibrary {
 public:
  virtual ~ProductLibrary() = default;

  /// Computes the product and takes out of the call what it has done of the epilogue. Then `call.c` is where
  /// the numbers are to which the rest applies: the output, or, laid out alike, the call's before_activation.
  /// If the library does not take this product, it returns false and changes nothing. Only the types, the
  /// shape, the epilogue and the alignment of the arrays may decide that, so that equal runs stay equal.
  virtual bool multiply(ProductCall& call) = 0;
};

}  // namespace memsizer
