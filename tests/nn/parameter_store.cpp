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

BOOST_AUTO_TEST_SUITE_END()
