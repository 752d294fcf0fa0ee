// Initial values of parameters, and the store that holds the parameters.
#include "memsizer/nn/parameter_store.hpp"

#include <boost/test/unit_test.hpp>

#include "memsizer/nn/layers.hpp"
#include "memsizer/optim/optimiser.hpp"

BOOST_AUTO_TEST_SUITE(parameter_store)

using namespace memsizer;

BOOST_AUTO_TEST_CASE(a_row_of_zeros_lies_in_its_table) {
  nn::Embedding<float> table(5, 4, nn::normal(1, 4));
  const nn::ParameterStore<float> store(table, 1);
  const std::vector<float> values = table.weight->value.to_vector();
  BOOST_TEST(std::all_of(values.begin() + 16, values.end(), [](float value) { return value == 0; }));
  BOOST_TEST(std::none_of(values.begin(), values.begin() + 16, [](float value) { return value == 0; }));
  for (const Index row : {5, 7}) {
    nn::Embedding<float> wrong(5, 4, nn::normal(1, row));
    BOOST_CHECK_THROW(nn::ParameterStore<float>(wrong, 1), InputError);
  }
}

BOOST_AUTO_TEST_CASE(a_flat_array_of_another_size_is_refused) {
  nn::Embedding<float> table(5, 4, nn::normal(1));
  const nn::ParameterStore<float> store(table, 1);
  BOOST_TEST(store.first_not_finite(store.weights()) == "");
  for (const Index size : {0, 20, 64})
    BOOST_CHECK_THROW(store.first_not_finite(Tensor<float>::zeros({size})), InputError);
}

BOOST_AUTO_TEST_CASE(values_are_set_by_name_and_read_back) {
  nn::LayerNorm<float> norm(5);
  const nn::ParameterStore<float> store(norm, 1);
  for (const auto& entry : store.entries()) {
    const std::vector<float> values{1, 2, 3, 4, static_cast<float>(entry.offset)};
    store.set_values(entry, values);
    BOOST_TEST((store.values(entry) == values));
    BOOST_TEST((entry.parameter->value.to_vector() == values));
    BOOST_CHECK_THROW(store.set_values(entry, std::vector<float>(4)), InputError);
  }
}

BOOST_AUTO_TEST_CASE(a_module_is_held_as_long_as_an_optimiser_of_its_store_lives) {
  nn::LayerNorm<float> norm(5);
  {
    const optim::Adam<float> adam(nn::ParameterStore<float>(norm, 1));
    BOOST_CHECK_THROW(nn::ParameterStore<float>(norm, 1), InputError);
  }
  BOOST_CHECK_NO_THROW(nn::ParameterStore<float>(norm, 1));
}

namespace {

struct TwoParts : nn::Module<double> {
  nn::Linear<double> lower{3, 2}, middle{2, 2}, upper{2, 1};
  TwoParts() {
    child("lower", lower);
    child("middle", middle);
    child("upper", upper);
  }
};

/// Trains with gradients of 1 everywhere and returns the weights.
template <class Make>
std::vector<double> trained(Make make) {
  TwoParts net;
  nn::ParameterStore<double> store(net, 1);
  const auto adam = make(net, store);
  Tensor<double> gradients = store.gradients();
  for (int step = 0; step < 3; ++step) {
    gradients.fill(1);
    adam->step(0.1);
  }
  return store.weights().to_vector();
}

using Adam = optim::Adam<double>;

}  // namespace

BOOST_AUTO_TEST_CASE(an_optimiser_of_all_listed_parameters_is_one_of_the_store) {
  const auto whole = trained([](TwoParts&, auto& store) { return std::make_unique<Adam>(store); });
  const auto listed = trained([](TwoParts& net, auto&) {
    auto list = net.parameters();
    std::ranges::reverse(list);                 // the order does not matter
    list.push_back(net.lower.parameters()[0]);  // nor that one comes twice
    return std::make_unique<Adam>(list, 0.1);
  });
  TwoParts net;
  const nn::ParameterStore<double> store(net, 1);
  BOOST_TEST(store.entries().size() == 6u);
  for (const auto& entry : store.entries())
    for (Index i = entry.offset; i < entry.offset + entry.parameter->shape.size(); ++i)
      BOOST_TEST(listed[static_cast<std::size_t>(i)] == whole[static_cast<std::size_t>(i)]);
}

BOOST_AUTO_TEST_CASE(an_optimiser_of_a_part_leaves_the_rest) {
  const auto weights = trained([](TwoParts& net, auto&) {
    auto list = net.lower.parameters();
    for (auto* parameter : net.upper.parameters()) list.push_back(parameter);
    return std::make_unique<Adam>(list, 0.1);
  });
  TwoParts net;
  const nn::ParameterStore<double> store(net, 1);
  const std::vector<double> initial = store.weights().to_vector();
  for (const auto& entry : store.entries())
    for (Index i = entry.offset; i < entry.offset + entry.parameter->shape.size(); ++i) {
      const auto at = static_cast<std::size_t>(i);
      BOOST_TEST((weights[at] == initial[at]) == entry.name.starts_with("middle."), entry.name);
    }
}

BOOST_AUTO_TEST_CASE(neighbours_are_one_segment) {
  const auto segments = optim::detail::joined_segments({{48, 3}, {0, 5}, {16, 16}, {32, 0}}, 16);
  BOOST_TEST_REQUIRE(segments.size() == 2u);
  BOOST_TEST((segments[0].offset == 0 && segments[0].length == 32));
  BOOST_TEST((segments[1].offset == 48 && segments[1].length == 3));
}

BOOST_AUTO_TEST_SUITE_END()
