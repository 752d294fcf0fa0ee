// Products by a library: which ones the kernels leave to it, and the kernel that finishes what it has left.
#include "emulated/comparison.hpp"
#include "kernels/product_choice.hpp"

BOOST_AUTO_TEST_SUITE(product_library_kernels)

using namespace memsizer;
using namespace comparison;

namespace {

/// A library for matrices of T without transposes. It adds the bias if it may, and then writes to
/// before_activation where that is wanted.
template <class T>
class StandIn : public ProductLibrary {
 public:
  explicit StandIn(bool adds_bias = false) : adds_bias_(adds_bias) {}

  bool multiply(ProductCall& call) override {
    if (call.inputs != element_type<T> || call.outputs != element_type<T> || call.shape.transpose_a ||
        call.shape.transpose_b)
      return false;
    ++calls;
    const T* const bias = adds_bias_ ? static_cast<const T*>(call.bias) : nullptr;
    if (adds_bias_) {
      call.bias = nullptr;
      if (call.before_activation != nullptr) call.c = std::exchange(call.before_activation, nullptr);
    }
    T* const c = static_cast<T*>(call.c);
    for (Index row = 0; row < call.shape.rows; ++row)
      for (Index column = 0; column < call.shape.columns; ++column) {
        double sum = bias == nullptr ? 0 : static_cast<double>(bias[column]);
        if (call.accumulate) sum += static_cast<double>(c[row * call.shape.c_leading + column]);
        for (Index k = 0; k < call.shape.inner; ++k)
          sum += static_cast<double>(static_cast<const T*>(call.a)[row * call.shape.a_leading + k]) *
                 static_cast<double>(static_cast<const T*>(call.b)[k * call.shape.b_leading + column]);
        c[row * call.shape.c_leading + column] = static_cast<T>(sum);
      }
    return true;
  }

  int calls = 0;

 private:
  bool adds_bias_;
};

constexpr Index rows = 6, columns = 7, inner = 5;

/// c and before_activation, one after the other.
template <class T>
std::vector<double> product(Context& context, const MatmulShape& shape, bool accumulate,
                            Activation activation, bool has_bias, bool has_before) {
  auto a = input<T>(rows * shape.a_leading, "a"), b = input<T>(inner * shape.b_leading, "b"),
       bias = input<T>(columns, "bias"), c = input<T>(rows * shape.c_leading, "c"),
       before = input<T>(rows * shape.c_leading, "before");
  emulated::table<T>().matmul.matmul(
      context, {c.data(), accumulate}, a.data(), b.data(), shape,
      {has_bias ? bias.data() : nullptr, activation, has_before ? before.data() : nullptr});
  std::vector<double> all;
  for (const T value : c.values()) all.push_back(static_cast<double>(value));
  for (const T value : before.values()) all.push_back(static_cast<double>(value));
  return all;
}

}  // namespace

BOOST_AUTO_TEST_CASE_TEMPLATE(a_kernel_finishes_what_a_library_leaves, T, AllTypes) {
  MatmulShape shape = contiguous_product(rows, columns, inner);
  shape.c_leading += 2;
  const double bound = sizeof(T) == 8 ? 1e-13 : sizeof(T) == 4 ? 1e-5 : 0x1p-6;
  for (int variant = 0; variant < 32; ++variant) {
    const bool accumulate = (variant & 1) != 0, has_bias = (variant & 2) != 0,
               has_before = (variant & 4) != 0, adds_bias = (variant & 8) != 0;
    const Activation activation = (variant & 16) != 0 ? Activation::gelu : Activation::none;
    emulated::EmulatedContext own;
    const auto expected = product<T>(own, shape, accumulate, activation, has_bias, has_before);
    BOOST_TEST_CONTEXT("variant " << variant)
    under_every_schedule([&](Context& context) {
      StandIn<T> library(adds_bias);
      emulated::as_emulated(context).products = &library;
      const auto actual = product<T>(context, shape, accumulate, activation, has_bias, has_before);
      BOOST_TEST(library.calls == 1);
      double worst = 0;
      for (std::size_t i = 0; i < expected.size(); ++i)
        worst = std::max(worst, std::abs(actual[i] - expected[i]) / (1 + std::abs(expected[i])));
      BOOST_TEST(worst <= bound, "off by " << worst);
    });
  }
}

BOOST_AUTO_TEST_CASE(what_a_library_does_not_take_our_kernels_compute) {
  StandIn<double> other;
  emulated::EmulatedContext own, context;
  context.products = &other;
  const MatmulShape shape = contiguous_product(rows, columns, inner);
  BOOST_TEST((product<float>(context, shape, false, Activation::gelu, true, true) ==
              product<float>(own, shape, false, Activation::gelu, true, true)));
  BOOST_TEST(other.calls == 0);
}

BOOST_AUTO_TEST_CASE(an_empty_product_is_nobodys) {
  StandIn<float> library;
  emulated::EmulatedContext context;
  context.products = &library;
  Buffer<float> empty(0);
  for (const MatmulShape& shape : {contiguous_product(0, 3, 2), contiguous_product(2, 0, 3)})
    emulated::table<float>().matmul.matmul(context, {empty.data()}, empty.data(), empty.data(), shape, {});
  BOOST_TEST(library.calls == 0);
}

BOOST_AUTO_TEST_CASE(the_table_says_which_products_a_library_gets) {
  using enum ElementType;
  const ProductClass chosen[] = {{float32, float32, false, false, ProductSize::small}};
  StandIn<float> library;
  ChosenProducts by_table(library, chosen), by_nothing(library, {});
  std::vector<float> a(1024), b(1024), c(1024);
  ProductCall call{.inputs = float32,
                   .outputs = float32,
                   .c = c.data(),
                   .accumulate = false,
                   .a = a.data(),
                   .b = b.data(),
                   .shape = contiguous_product(8, 8, 8)};
  BOOST_TEST(by_table.multiply(call));
  BOOST_TEST(!by_nothing.multiply(call));
  call.shape.transpose_b = true;
  BOOST_TEST(!by_table.multiply(call));
  call.shape = contiguous_product(2048, 2048, 2048);
  BOOST_TEST(!by_table.multiply(call));
  call.shape = contiguous_product(8, 8, 8);
  call.inputs = float64;
  BOOST_TEST(!by_table.multiply(call));
  BOOST_TEST(library.calls == 1);
}

BOOST_AUTO_TEST_CASE(sizes_are_told_apart_by_the_work) {
  const auto size = [](Index n, Index batch) {
    MatmulShape shape = contiguous_product(n, n, n);
    shape.batch = batch;
    return product_size(shape);
  };
  BOOST_TEST((size(511, 1) == ProductSize::small));
  BOOST_TEST((size(512, 1) == ProductSize::medium));
  BOOST_TEST((size(64, 512) == ProductSize::medium));
  BOOST_TEST((size(2047, 1) == ProductSize::medium));
  BOOST_TEST((size(2048, 1) == ProductSize::large));
  BOOST_TEST((size(2000000, 8) == ProductSize::large));
}

BOOST_AUTO_TEST_SUITE_END()
