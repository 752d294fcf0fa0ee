#pragma once
// Which matrix products a library computes faster than our kernels, as it was measured. No program measures
// when it starts: the noise of the measurement would choose the order of sums, and a resumed run would end
// with other bits.

#include <algorithm>
#include <array>
#include <span>

#include "kernels/product_library.hpp"

namespace memsizer {

/// A product by its work, batch * rows * columns * inner: small is below that of 512 x 512 x 512, large from
/// 2048 x 2048 x 2048 on.
enum class ProductSize { small, medium, large };

/// Products that the table treats alike.
struct ProductClass {
  ElementType inputs, outputs;
  bool transpose_a, transpose_b;
  ProductSize size;

  friend bool operator==(const ProductClass&, const ProductClass&) = default;
};

inline ProductSize product_size(const MatmulShape& shape) {
  const double work = static_cast<double>(shape.batch) * static_cast<double>(shape.rows) *
                      static_cast<double>(shape.columns) * static_cast<double>(shape.inner);
  return work < 0x1p27 ? ProductSize::small : work < 0x1p33 ? ProductSize::medium : ProductSize::large;
}

inline ProductClass product_class(const ProductCall& call) {
  return {call.inputs, call.outputs, call.shape.transpose_a, call.shape.transpose_b,
          product_size(call.shape)};
}

/// The classes in which cuBLASLt was faster. No GPU has measured any yet, so the table is empty, and our
/// kernels compute every product.
inline constexpr std::array<ProductClass, 0> faster_by_cublaslt = {};

/// A library for the products of some classes; our kernels compute the others.
class ChosenProducts : public ProductLibrary {
 public:
  /// Both must outlive this object.
  ChosenProducts(ProductLibrary& library, std::span<const ProductClass> classes)
      : library_(library), classes_(classes) {}

  bool multiply(ProductCall& call) override {
    const bool chosen = std::ranges::find(classes_, product_class(call)) != classes_.end();
    return chosen && library_.multiply(call);
  }

 private:
  ProductLibrary& library_;
  std::span<const ProductClass> classes_;
};

}  // namespace memsizer
