// Operations that get one tensor more than once. Each use must add to the tensor's gradient, in whatever way
// the backward kernel is called.
#include <boost/test/unit_test.hpp>

#include "memsizer/base/random.hpp"
#include "memsizer/ops/ops.hpp"

BOOST_AUTO_TEST_SUITE(shared_inputs)

using namespace memsizer;

namespace {

using Values = std::vector<double>;
using Inputs = std::vector<Tensor<double>>;

Values uniform(Index n, std::uint64_t key) {
  RandomStream random(key);
  Values values(static_cast<std::size_t>(n));
  for (double& value : values) value = 0.5 + random.uniform();
  return values;
}

/// The gradient of sum(cotangent * f(inputs)) with respect to a leaf. The inputs are one shared result of the
/// leaf, or equal results that are computed one by one.
template <class F>
Values gradient_of_leaf(const Shape& shape, std::size_t inputs, bool shared, const F& f) {
  Tensor<double> leaf = Tensor<double>(shape, uniform(shape.size(), 1)).require_gradient();
  Tape tape;
  Inputs given;
  const Tensor<double> one = leaf * 2.0;
  for (std::size_t i = 0; i < inputs; ++i) given.push_back(shared ? one : leaf * 2.0);
  const Tensor<double> y = f(given);
  tape.backward(y, Tensor<double>(y.shape(), uniform(y.size(), 2)));
  return leaf.gradient().to_vector();
}

template <class F>
void check(const char* name, const Shape& shape, std::size_t inputs, const F& f) {
  const Values shared = gradient_of_leaf(shape, inputs, true, f);
  const Values alone = gradient_of_leaf(shape, inputs, false, f);
  for (std::size_t i = 0; i < alone.size(); ++i)
    BOOST_TEST(std::abs(shared[i] - alone[i]) <= 1e-13 * (1 + std::abs(alone[i])),
               name << ": " << shared[i] << " instead of " << alone[i]);
}

}  // namespace

BOOST_AUTO_TEST_CASE(one_tensor_in_every_place_of_an_operation) {
  const Tensor<Id> ids({2, 3}, {0, 1, 2, 3, 2, 1});
  check("add", {2, 3}, 2, [](const Inputs& x) { return x[0] + x[1]; });
  check("subtract", {2, 3}, 2, [](const Inputs& x) { return x[0] - x[1]; });
  check("multiply", {2, 3}, 2, [](const Inputs& x) { return x[0] * x[1]; });
  check("divide", {2, 3}, 2, [](const Inputs& x) { return x[0] / (x[1] * x[2 % x.size()]); });
  check("matmul", {3, 3}, 2, [](const Inputs& x) { return matmul(x[0], x[1]); });
  check("linear", {4, 4}, 2, [](const Inputs& x) { return linear(x[0], x[1]); });
  check("layer_norm", {5}, 3, [](const Inputs& x) { return layer_norm(x[0], x[1], x[2]); });
  check("embedding", {4, 5}, 2, [&](const Inputs& x) { return embedding(ids, x[0], x[1]); });
  check("attention", {2, 4, 6}, 3,
        [](const Inputs& x) { return attention(x[0], x[1], x[2], {.heads = 2, .causal = true}); });
  check("causal_scan", {2, 4, 3}, 3, [](const Inputs& x) { return causal_scan(x[0], x[1], x[2]); });
  check("key_value_memory", {2, 4, 3}, 2,
        [](const Inputs& x) { return key_value_memory(x[0], x[1]).memory; });
  check("causal_scan with a decay", {2, 2, 2}, 4,
        [](const Inputs& x) { return causal_scan(x[0], x[1], x[2], {.heads = 2, .decay = x[3]}); });
  check("read_memory", {2, 2, 2, 2}, 2, [](const Inputs& x) {
    const Tensor<double> q = reshape(x[0], Shape{2, 2, 4});
    return read_memory(q, SourceMemory<double>{x[1], sum(x[1], 3)});
  });
  check("concatenate", {2, 3}, 2, [](const Inputs& x) { return concatenate(x, 0); });
  check("cross_entropy", {6, 6}, 2,
        [&](const Inputs& x) { return linear_cross_entropy(x[0], x[1], ids.view(0, {6})).mean; });
}

BOOST_AUTO_TEST_CASE(powers_of_a_result) {
  Tensor<double> x = Tensor<double>({3}, {1, 2, 3}).require_gradient();
  Tape tape;
  Tensor<double> y = x * 1.0;
  for (int i = 0; i < 3; ++i) y = y * y;  // x^8
  tape.backward(sum(y));
  BOOST_TEST((x.gradient().to_vector() == Values{8, 8 * 128, 8 * 2187}));
}

BOOST_AUTO_TEST_SUITE_END()
