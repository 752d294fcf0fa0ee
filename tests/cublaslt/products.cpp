// cuBLASLt as a filling of the products: the fake library, which lies in the host's memory, called from the
// kernels of the emulated device. So everything runs that runs on a GPU, but NVIDIA's library and CUDA.
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <boost/mpl/list.hpp>
#include <boost/test/unit_test.hpp>
#include <dlfcn.h>

#include "memsizer/base/random.hpp"
#include "memsizer/cpu/context.hpp"

#include "cublaslt/fake/state.hpp"
#include "kernels/cuda/cublaslt.hpp"
#include "kernels/emulated/device.hpp"

BOOST_AUTO_TEST_SUITE(products)

using namespace memsizer;
using cuda::CublasLt;
using cuda::open_cublaslt;
using emulated::Buffer;

namespace {

using Types = boost::mpl::list<float, double, bfloat16>;

void name_library(const std::string& file) {
  setenv("MEMSIZER_CUBLASLT", file.c_str(), 1);
}

/// The fake library lies beside this program.
std::string fake_file() {
  return (std::filesystem::read_symlink("/proc/self/exe").parent_path() / "libfake_cublaslt.so").string();
}

/// A filling with the fake library, and a context of the emulated device that uses it.
class Place {
 public:
  Place() {
    name_library(fake_file());
    functions_ = open_cublaslt();
    state = static_cast<FakeState*>(::dlsym(::dlopen(fake_file().c_str(), RTLD_NOW), "fake_cublaslt_state"));
    *state = {};
    library_ = std::make_unique<CublasLt>(functions_, nullptr,
                                          CublasLt::Workspace{workspace_.data(), workspace_.size()});
    context.products = library_.get();
  }
  ~Place() { *state = {}; }

  emulated::EmulatedContext context;
  FakeState* state;

 private:
  cuda::CublasLtFunctions functions_;
  std::vector<char> workspace_ = std::vector<char>(4096);
  std::unique_ptr<CublasLt> library_;
};

template <class T>
std::vector<T> uniform(Index n, std::string_view name) {
  RandomStream random(name_key(name));
  std::vector<T> values(static_cast<std::size_t>(n));
  for (T& value : values) value = static_cast<T>(-1 + 2 * random.uniform());
  return values;
}

template <class T>
std::vector<double> widened(const std::vector<T>& values) {
  return {values.begin(), values.end()};
}

/// Results may differ by this much of their size: a rounding, or two where a result is rounded on its way.
template <class T>
constexpr double bound = sizeof(T) == 8   ? 1e-13
                         : sizeof(T) == 4 ? 1e-5
                                          : 0x1p-6;

template <class T>
void check_close(const std::vector<T>& actual, const std::vector<double>& expected,
                 double bound_of_type = bound<T>) {
  BOOST_TEST_REQUIRE(actual.size() == expected.size());
  double worst = 0;
  for (std::size_t i = 0; i < actual.size(); ++i) {
    const double error = std::abs(static_cast<double>(actual[i]) - expected[i]) / (1 + std::abs(expected[i]));
    if (!(error <= worst)) worst = error;
  }
  BOOST_TEST(worst <= bound_of_type, "off by " << worst);
}

/// The elements of a batch of matrices from the first to the last, gaps included.
Index span(Index batch, Index stride, Index lines, Index leading, Index length) {
  return (batch - 1) * stride + (lines - 1) * leading + length;
}

/// Arrays of a product in T, which hold the same numbers as those in double. Gaps hold numbers too, which
/// must stay.
template <class T>
struct Arrays {
  explicit Arrays(const MatmulShape& s)
      : a(uniform<T>(span(s.batch, s.a_stride, s.transpose_a ? s.inner : s.rows, s.a_leading,
                          s.transpose_a ? s.rows : s.inner),
                     "a")),
        b(uniform<T>(span(s.batch, s.b_stride, s.transpose_b ? s.columns : s.inner, s.b_leading,
                          s.transpose_b ? s.inner : s.columns),
                     "b")),
        bias(uniform<T>(s.columns, "bias")),
        c(uniform<T>(span(s.batch, s.c_stride, s.rows, s.c_leading, s.columns), "c")),
        before(c) {}
  template <class Other>
  explicit Arrays(const Arrays<Other>& x)
      : a(x.a.begin(), x.a.end()),
        b(x.b.begin(), x.b.end()),
        bias(x.bias.begin(), x.bias.end()),
        c(x.c.begin(), x.c.end()),
        before(c) {}

  std::vector<T> a, b, bias, c, before;
};

/// What a test asks of the epilogue.
struct Wanted {
  bool accumulate = false, bias = false;
  Activation activation = Activation::none;
  bool before = false;
};

template <class T>
Epilogue<T> epilogue_of(const Wanted& wanted, const T* bias, T* before) {
  return {wanted.bias ? bias : nullptr, wanted.activation, wanted.before ? before : nullptr};
}

/// Compares a product by the fake library with the cpu's in double. All elements are compared, gaps too.
template <class T>
void compare(Place& place, const MatmulShape& shape, const Wanted& wanted) {
  const Arrays<T> arrays(shape);
  Arrays<double> exact(arrays);
  cpu::table<double>().matmul.matmul(cpu::context(), {exact.c.data(), wanted.accumulate}, exact.a.data(),
                                     exact.b.data(), shape,
                                     epilogue_of(wanted, exact.bias.data(), exact.before.data()));
  Buffer<T> a(arrays.a), b(arrays.b), bias(arrays.bias), c(arrays.c), before(arrays.before);
  const int earlier = place.state->products;
  emulated::table<T>().matmul.matmul(place.context, {c.data(), wanted.accumulate}, a.data(), b.data(), shape,
                                     epilogue_of(wanted, bias.data(), before.data()));
  BOOST_TEST_CONTEXT(shape.batch << " x [" << shape.rows << ", " << shape.inner << "] [" << shape.inner
                                 << ", " << shape.columns << "], transposed " << shape.transpose_a
                                 << shape.transpose_b << ", accumulate " << wanted.accumulate << ", bias "
                                 << wanted.bias << ", activation " << static_cast<int>(wanted.activation)
                                 << ", before " << wanted.before) {
    BOOST_TEST(place.state->products == earlier + 1, "the library was not asked");
    check_close(c.values(), exact.c);
    check_close(before.values(), exact.before);
  }
}

/// A shape with gaps between rows and between matrices.
MatmulShape spaced(MatmulShape shape) {
  shape.a_leading += 3;
  shape.b_leading += 1;
  shape.c_leading += 2;
  shape.a_stride = (shape.transpose_a ? shape.inner : shape.rows) * shape.a_leading + 5;
  shape.b_stride = (shape.transpose_b ? shape.columns : shape.inner) * shape.b_leading;
  shape.c_stride = shape.rows * shape.c_leading + 7;
  return shape;
}

constexpr struct {
  Index rows, columns, inner;
} sizes[] = {{1, 1, 1}, {1, 5, 3}, {7, 1, 4}, {6, 4, 1}, {5, 8, 16}, {33, 31, 17}};

/// Calls body(shape) for sizes around 1, all transposes, with gaps and without, and batches.
template <class Body>
void for_each_shape(const Body& body) {
  for (const auto& [rows, columns, inner] : sizes)
    for (const bool transpose_a : {false, true})
      for (const bool transpose_b : {false, true}) {
        const MatmulShape shape = contiguous_product(rows, columns, inner, {transpose_a, transpose_b});
        body(shape);
        MatmulShape batches = spaced(shape);
        batches.batch = 3;
        body(batches);
        batches.b_stride = 0;  // one matrix for all
        body(batches);
      }
}

/// The message of the exception that body() throws; empty if it throws none.
template <class Exception, class Body>
std::string message_of(const Body& body) {
  try {
    body();
  } catch (const Exception& error) {
    return error.what();
  }
  return "";
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != text.npos;
}

}  // namespace

BOOST_AUTO_TEST_CASE_TEMPLATE(all_transposes_batches_and_gaps, T, Types) {
  Place place;
  for_each_shape([&](const MatmulShape& shape) {
    compare<T>(place, shape, {});
    compare<T>(place, shape, {.accumulate = true});
  });
}

BOOST_AUTO_TEST_CASE_TEMPLATE(every_epilogue, T, Types) {
  using enum Activation;
  Place place;
  for (const bool bias : {false, true})
    for (const Activation activation : {none, relu, gelu, gelu_tanh})
      for (const bool before : {false, true}) {
        const MatmulShape shape = contiguous_product(5, 9, 7, {.b = true});
        MatmulShape batches = spaced(shape);
        batches.batch = 2;
        for (const MatmulShape& one : {shape, batches})
          compare<T>(place, one, {.bias = bias, .activation = activation, .before = before});
      }
  compare<T>(place, contiguous_product(5, 9, 7), {.accumulate = true, .bias = true, .activation = gelu});
}

BOOST_AUTO_TEST_CASE(gradients_of_bfloat16_weights_are_float) {
  Place place;
  const LinearShape shape{.rows = 70, .inputs = 24, .outputs = 17};
  const auto x = uniform<bfloat16>(shape.rows * shape.inputs, "x"),
             dy = uniform<bfloat16>(shape.rows * shape.outputs, "dy");
  const auto before = uniform<float>(shape.outputs * shape.inputs, "dweight");
  const std::vector<double> wide_x = widened(x), wide_dy = widened(dy);
  for (const bool accumulate : {false, true}) {
    std::vector<double> expected = widened(before), sums(static_cast<std::size_t>(shape.outputs));
    cpu::table<double>().matmul.linear_weight_backward(cpu::context(), {expected.data(), accumulate},
                                                       {sums.data()}, wide_dy.data(), wide_x.data(), shape);
    Buffer<bfloat16> narrow_x(x), narrow_dy(dy);
    Buffer<float> dweight(before), dbias(shape.outputs);
    emulated::table<bfloat16>().matmul.linear_weight_backward(place.context, {dweight.data(), accumulate},
                                                              {dbias.data()}, narrow_dy.data(),
                                                              narrow_x.data(), shape);
    check_close(dweight.values(), expected);
    check_close(dbias.values(), sums);
  }
  BOOST_TEST(place.state->products == 2);
}

// Logits, dx and dweight are products. Its own kernels give nearly the same numbers.
BOOST_AUTO_TEST_CASE_TEMPLATE(the_output_layer_too, T, Types) {
  using A = Accumulate<T>;
  constexpr Index rows = 6, dim = 5, classes = 11;
  Place place;
  Buffer<T> x(uniform<T>(rows * dim, "x")), weight(uniform<T>(classes * dim, "weight"));
  Buffer<Id> targets(std::vector<Id>{3, -1, 0, 10, 4, 4});
  const auto results = [&](emulated::EmulatedContext& context) {
    Buffer<A> total(3), dweight(classes * dim);
    Buffer<T> dx(rows * dim);
    emulated::table<T>().loss.linear_cross_entropy(context, total.data(), {dx.data()}, {dweight.data()},
                                                   x.data(), weight.data(), targets.data(), rows, dim,
                                                   classes, {});
    std::vector<double> all = widened(total.values());
    for (const double value : widened(dx.values())) all.push_back(value);
    for (const double value : widened(dweight.values())) all.push_back(value);
    return all;
  };
  emulated::EmulatedContext own;
  check_close(results(place.context), results(own), bound<T>);
  BOOST_TEST(place.state->products == 3);
}

BOOST_AUTO_TEST_CASE(an_algorithm_is_sought_once_for_each_shape_and_alignment) {
  Place place;
  const MatmulShape shape = contiguous_product(4, 6, 5);
  for (int i = 0; i < 3; ++i) compare<float>(place, shape, {.bias = true});
  BOOST_TEST(place.state->searches == 1);
  compare<float>(place, contiguous_product(4, 6, 5, {.a = true}), {.bias = true});
  compare<float>(place, shape, {});
  BOOST_TEST(place.state->searches == 3);
  // The same product of arrays that begin one element later.
  Buffer<float> a(21), b(31), c(25);
  emulated::table<float>().matmul.matmul(place.context, {c.data() + 1}, a.data() + 1, b.data() + 1, shape,
                                         {});
  BOOST_TEST(place.state->searches == 4);
}

// The algorithm stays, the bias is that of the call.
BOOST_AUTO_TEST_CASE(each_call_has_its_own_bias) {
  Place place;
  const MatmulShape shape = contiguous_product(2, 3, 1);
  Buffer<float> a(std::vector<float>{0, 0}), b(std::vector<float>{0, 0, 0}), c(6);
  Buffer<float> first(std::vector<float>{1, 2, 3, 4}), second(std::vector<float>{5, 6, 7, 8});
  const auto result = [&](const float* bias) {
    emulated::table<float>().matmul.matmul(place.context, {c.data()}, a.data(), b.data(), shape,
                                           {.bias = bias});
    return c.values();
  };
  BOOST_TEST((result(first.data()) == std::vector<float>{1, 2, 3, 1, 2, 3}));
  BOOST_TEST((result(second.data()) == std::vector<float>{5, 6, 7, 5, 6, 7}));
  BOOST_TEST(place.state->searches == 1);
  BOOST_TEST((result(first.data() + 1) == std::vector<float>{2, 3, 4, 2, 3, 4}));  // less aligned
  BOOST_TEST(place.state->searches == 2);
}

// The distance between lines means nothing where there is one.
BOOST_AUTO_TEST_CASE(a_single_line_may_have_any_distance) {
  Place place;
  MatmulShape shape = contiguous_product(1, 5, 3);
  shape.a_leading = shape.c_leading = 1;
  compare<float>(place, shape, {});
}

// Neither an empty inner axis nor what 32 bits cannot count is left to cuBLASLt, nor what it refuses.
BOOST_AUTO_TEST_CASE(what_it_does_not_take_our_kernels_compute) {
  const auto products_of = [](Place& place, const MatmulShape& shape) {
    Buffer<float> a(uniform<float>(12, "a")), b(uniform<float>(20, "b")), c(uniform<float>(15, "c"));
    emulated::table<float>().matmul.matmul(place.context, {c.data()}, a.data(), b.data(), shape, {});
    for (const float value : c.values()) BOOST_TEST(std::isfinite(value));
    return place.state->products;
  };
  Place place;
  BOOST_TEST(products_of(place, contiguous_product(3, 5, 0)) == 0);
  MatmulShape far = contiguous_product(1, 5, 4);
  far.transpose_b = true;
  far.b_leading = 4;
  far.a_leading = Index{1} << 32;
  BOOST_TEST(products_of(place, far) == 0);
  for (const FakeFault fault : {FakeFault::not_supported, FakeFault::no_algorithm}) {
    Place refusing;
    refusing.state->fault = fault;
    BOOST_TEST(products_of(refusing, contiguous_product(3, 5, 4)) == 0);
    BOOST_TEST(products_of(refusing, contiguous_product(3, 5, 4)) == 0);
    BOOST_TEST(refusing.state->searches == 1);
  }
}

BOOST_AUTO_TEST_CASE(a_library_that_fails_is_a_line_that_says_what_to_do) {
  const std::string advice = "--matmul own";
  for (const FakeFault fault : {FakeFault::failing_search, FakeFault::failing_product}) {
    Place place;
    place.state->fault = fault;
    Buffer<float> a(12), b(20), c(15);
    const std::string text = message_of<SystemError>([&] {
      emulated::table<float>().matmul.matmul(place.context, {c.data()}, a.data(), b.data(),
                                             contiguous_product(3, 5, 4), {});
    });
    BOOST_TEST(contains(text, "1 x [3, 4] [4, 5] in 32 bits: CUBLAS_STATUS_INTERNAL_ERROR"), text);
    BOOST_TEST(contains(text, advice), text);
  }
  Place place;
  place.state->fault = FakeFault::no_context;
  const cuda::CublasLtFunctions functions = open_cublaslt();
  const std::string text = message_of<SystemError>([&] { CublasLt(functions, nullptr, {nullptr, 0}); });
  BOOST_TEST(contains(text, "creating its context"), text);
  BOOST_TEST(contains(text, advice), text);
}

BOOST_AUTO_TEST_CASE(a_library_that_is_absent_or_another_says_what_to_install) {
  const auto refusal = [] { return message_of<InputError>([] { open_cublaslt(); }); };
  name_library("/absent/libcublasLt.so");
  const std::string absent = refusal();
  for (const char* part :
       {"/absent/libcublasLt.so", "install NVIDIA's cuBLAS", "MEMSIZER_CUBLASLT", "--matmul own"})
    BOOST_TEST(contains(absent, part), absent);
  BOOST_TEST(!contains(absent, "\n"));
  name_library("libm.so.6");
  BOOST_TEST(contains(refusal(), "no function cublasLtGetVersion"), refusal());
  Place place;
  place.state->fault = FakeFault::old_version;
  BOOST_TEST(contains(refusal(), "it has version 110000"), refusal());
}

BOOST_AUTO_TEST_CASE(without_a_name_the_systems_library_is_looked_for_and_the_toolkits) {
  name_library("");
  const std::vector<std::string> places = cuda::cublaslt_places();
  BOOST_TEST(places.size() == 2u);
  BOOST_TEST(places[0].starts_with("libcublasLt.so."));
  BOOST_TEST(places[1] == "/usr/local/cuda/lib64/" + places[0]);
}

BOOST_AUTO_TEST_SUITE_END()
