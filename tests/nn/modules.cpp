// Modules that are moved, lists of modules, and what a training loop of one's own needs of them.
#include <optional>

#include <boost/test/unit_test.hpp>

#include "memsizer/nn/parameter_store.hpp"
#include "memsizer/nn/sequential.hpp"
#include "memsizer/nn/step_key.hpp"
#include "memsizer/nn/summary.hpp"
#include "memsizer/optim/optimiser.hpp"

#include "files/temporary_folder.hpp"
#include "nn/pair.hpp"

BOOST_AUTO_TEST_SUITE(modules)

using namespace memsizer;
using test::names_of, test::Pair, test::pair_names;

BOOST_AUTO_TEST_CASE(a_module_that_moves_keeps_its_parts_and_its_store) {
  std::optional<Pair> old(std::in_place);
  const nn::ParameterStore<double> store(*old, 1);
  const Tensor<double> x({1, 2}, {0.5, -2});
  const double before = old->forward(x).item();
  Pair pair = std::move(*old);
  BOOST_TEST(names_of(*old).empty());
  old.reset();
  BOOST_TEST(names_of(pair) == pair_names);
  BOOST_TEST(pair.forward(x).item() == before);
  BOOST_TEST(pair.parameters().size() == 4u);
}

BOOST_AUTO_TEST_CASE(a_vector_that_grows_moves_its_modules) {
  std::vector<Pair> pairs;
  for (int i = 0; i < 9; ++i) pairs.emplace_back();
  struct Holder : nn::Module<double> {
    explicit Holder(std::vector<Pair>& parts) {
      for (std::size_t i = 0; i < parts.size(); ++i) child(std::to_string(i), parts[i]);
    }
  } holder(pairs);
  pairs.reserve(100);  // moves what the holder knows
  const auto names = names_of(holder);
  BOOST_TEST(names.size() == 36u);
  BOOST_TEST(names[35] == "8.second.bias");
  const nn::ParameterStore<double> store(holder, 1);
  BOOST_TEST(pairs[8].forward(Tensor<double>({1, 2}, {1, 1})).size() == 1);
}

BOOST_AUTO_TEST_CASE(a_parent_forgets_a_child_that_is_gone_and_a_child_its_parent) {
  std::optional<nn::Linear<double>> part(std::in_place, 2, 2), other(std::in_place, 2, 2);
  struct Holder : nn::Module<double> {
    using nn::Module<double>::child;
  };
  std::optional<Holder> holder(std::in_place);
  holder->child("a", *part);
  holder->child("b", *other);
  part.reset();
  BOOST_TEST((names_of(*holder) == std::vector<std::string>{"b.weight", "b.bias"}));
  holder.reset();
  Holder next;
  next.child("c", *other);
  BOOST_TEST(names_of(next).size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_child_has_one_parent) {
  struct Twice : nn::Module<double> {
    nn::Linear<double> part{2, 2};
    Twice() {
      child("a", part);
      child("b", part);
    }
  };
  CHECK_THROWS_SAYING(Twice(), InputError, "child(\"b\") of a module that is registered already");
}

BOOST_AUTO_TEST_CASE(sequential_applies_its_layers_in_order) {
  nn::Sequential<double> net(nn::Linear<double>(2, 3), nn::ReLU<double>(), nn::Linear<double>(3, 1));
  Pair pair;
  const nn::ParameterStore<double> store(net, 1), other(pair, 2);
  BOOST_TEST((names_of(net) == std::vector<std::string>{"0.weight", "0.bias", "2.weight", "2.bias"}));
  for (std::size_t i = 0; i < 4; ++i) other.set_values(other.entries()[i], store.values(store.entries()[i]));
  const Tensor<double> x({2, 2}, {0.5, -2, 1, 3});
  BOOST_TEST(net.forward(x).to_vector() == pair.forward(x).to_vector());
  nn::Sequential<double> nested;
  nested.append(std::move(net)).append(nn::Tanh<double>()).append(nn::Softmax<double>(0));
  BOOST_TEST(names_of(nested)[3] == "0.2.bias");
  BOOST_TEST(nested.size() == 3u);
  BOOST_TEST(nested.forward(x).to_vector() == softmax(tanh(pair.forward(x)), 0).to_vector());
  BOOST_TEST(nn::Sequential<double>().forward(x).to_vector() == x.to_vector());
}

BOOST_AUTO_TEST_CASE(activation_modules_are_the_functions) {
  const Tensor<double> x({3}, {-1, 0.5, 2});
  BOOST_TEST(nn::ReLU<double>().forward(x).to_vector() == relu(x).to_vector());
  BOOST_TEST(nn::GELU<double>().forward(x).to_vector() == gelu(x).to_vector());
  BOOST_TEST(nn::Tanh<double>().forward(x).to_vector() == tanh(x).to_vector());
  BOOST_TEST(nn::Sigmoid<double>().forward(x).to_vector() == sigmoid(x).to_vector());
  BOOST_TEST(nn::Softmax<double>().forward(x).to_vector() == softmax(x).to_vector());
}

BOOST_AUTO_TEST_CASE(dropout_draws_by_step_and_is_off_outside_training) {
  nn::Sequential<double> net(nn::Dropout<double>(0.5), nn::Dropout<double>(0.5));
  net.set_path("");
  const Tensor<double> x = Tensor<double>::full({1000}, 1);
  BOOST_TEST(net.forward(x).to_vector() == x.to_vector());
  nn::StepKey key(7), again(7), other(8);
  const auto first = net.forward(x, key.training(0)).to_vector();
  const auto kept = std::ranges::count(first, 4.);  // 1 / 0.5^2: the two places draw apart
  BOOST_TEST(kept > 180);
  BOOST_TEST(kept < 320);
  BOOST_TEST(std::ranges::count(first, 0.) == 1000 - kept);
  BOOST_TEST(first != net.forward(x, key.training(1)).to_vector());
  BOOST_TEST(first == net.forward(x, key.training(0)).to_vector());
  BOOST_TEST(first == net.forward(x, again.training(0)).to_vector());
  BOOST_TEST(first != net.forward(x, other.training(0)).to_vector());
  for (const double wrong : {-0.1, 1., std::nan("")})
    BOOST_CHECK_THROW(nn::Dropout<double>{wrong}, InputError);
}

BOOST_AUTO_TEST_CASE(a_dropout_layer_without_a_name_draws_nothing) {
  const nn::Dropout<double> one(0.5), none(0);  // two without names would draw the same
  const Tensor<double> x = Tensor<double>::full({4}, 1);
  nn::StepKey key(7);
  BOOST_CHECK_THROW(one.forward(x, key.training(0)), InputError);
  BOOST_TEST(one.forward(x, {}).to_vector() == x.to_vector());
  BOOST_TEST(none.forward(x, key.training(0)).to_vector() == x.to_vector());
}

BOOST_AUTO_TEST_CASE(a_key_stays_until_backward_has_drawn_with_it) {
  nn::Dropout<double> layer(0.5);
  layer.set_path("layer");
  const auto leaf = [] { return Tensor<double>::full({100}, 1).require_gradient(); };
  const Tensor<double> x = leaf(), y = leaf(), z = leaf(), u = leaf();
  Tape tape;
  nn::StepKey key(7);
  std::optional<nn::StepKey> other(8);
  const Tensor<double> first = layer.forward(x, key.training(0)), second = layer.forward(y, key.training(1));
  const Tensor<double> third = layer.forward(z, other->training(0));
  other.reset();
  const Tensor<double> fourth = layer.forward(u, key.training(2));
  key = nn::StepKey(9);
  const Tensor<std::uint64_t> reused({1}, {0});  // would lie where a released key lay
  tape.backward(sum(first + second + third + fourth));
  BOOST_TEST(x.gradient().to_vector() == first.to_vector());
  BOOST_TEST(y.gradient().to_vector() == second.to_vector());
  BOOST_TEST(z.gradient().to_vector() == third.to_vector());
  BOOST_TEST(u.gradient().to_vector() == fourth.to_vector());
  BOOST_TEST(first.to_vector() != second.to_vector());
  // Where nothing is recorded the memory stays the same, for a step on a device that is played again.
  const std::uint64_t* const memory = key.at(3);
  BOOST_TEST(key.at(4) == memory);
}

BOOST_AUTO_TEST_CASE(a_layer_without_inputs_begins_with_zeros) {
  nn::Linear<double> layer(0, 3);
  const nn::ParameterStore<double> store(layer, 1);
  BOOST_TEST((layer.forward(Tensor<double>({2, 0})).to_vector() == std::vector<double>(6, 0)));
}

BOOST_AUTO_TEST_CASE(layers_begin_as_pytorch_s_by_default) {
  nn::Linear<double> layer(16, 500);
  nn::Embedding<double> table(100, 50);
  const nn::ParameterStore<double> store(layer, 1), tables(table, 1);
  for (const auto& entry : store.entries())
    for (const double value : store.values(entry)) BOOST_REQUIRE(std::abs(value) <= 0.25);
  BOOST_TEST(mean(square(store.weights())).item() == 0.25 * 0.25 / 3, boost::test_tools::tolerance(0.05));
  BOOST_TEST(mean(square(table.weight->value)).item() == 1., boost::test_tools::tolerance(0.05));
  const Tensor<double> row = table.forward(Tensor<Id>({1, 2}, {3, 99}));
  BOOST_TEST(row.shape() == Shape({1, 2, 50}));
  BOOST_TEST(row.to_vector()[0] == table.weight->value.to_vector()[150]);
}

BOOST_AUTO_TEST_CASE(a_summary_names_every_parameter) {
  const Pair pair;
  BOOST_TEST(nn::summary(pair) ==
             "first.weight   [3, 2]   6\n"
             "first.bias        [3]   3\n"
             "second.weight  [1, 3]   3\n"
             "second.bias       [1]   1\n"
             "all                    13\n");
}

BOOST_AUTO_TEST_CASE(groups_are_given_by_patterns_of_names) {
  Pair pair;
  nn::ParameterStore<double> store(pair, 1);
  const auto groups = store.groups({{"*.bias", {.decay = 0}}, {"second.*", {.rate_factor = 0.1}}});
  BOOST_REQUIRE_EQUAL(groups.size(), 4u);
  const std::vector<std::pair<double, double>> expected{{1, 1}, {0, 1}, {1, 0.1}, {0, 1}};
  for (std::size_t i = 0; i < 4; ++i) {
    BOOST_TEST(groups[i].offset == store.entries()[i].offset);
    BOOST_TEST(groups[i].decay == expected[i].first);
    BOOST_TEST(groups[i].rate_factor == expected[i].second);
  }
  const auto before = store.weights().to_vector();
  optim::AdamW<double> adam(store, {.weight_decay = 0.5}, groups);
  adam.step(0.1);  // no gradient: decay alone
  const auto after = store.weights().to_vector();
  for (const std::size_t i : {0u, 2u}) {
    const auto at = static_cast<std::size_t>(groups[i].offset);
    BOOST_TEST(after[at] == before[at] * (1 - 0.05 * groups[i].rate_factor),
               boost::test_tools::tolerance(1e-12));
  }
  for (const std::size_t i : {1u, 3u})
    BOOST_TEST(after[static_cast<std::size_t>(groups[i].offset)] ==
               before[static_cast<std::size_t>(groups[i].offset)]);
  CHECK_THROWS_SAYING(store.groups({{"*.biass", {}}}), InputError, "the pattern *.biass decides about no");
  CHECK_THROWS_SAYING(store.groups({{"*", {.decay = 0}}, {"second.*", {.rate_factor = 0.1}}}), InputError,
                      "the pattern second.* decides about no");
}

BOOST_AUTO_TEST_CASE(parameters_compute_like_tensors) {
  nn::Linear<double> layer(2, 1);
  const nn::ParameterStore<double> store(layer, 1);
  const Tensor<double> x({1, 2}, {3, 4});
  Tape tape;
  const Tensor<double> y = 2 * layer.weight * x + layer.weight / x - layer.weight;
  const auto w = layer.weight.tensor().to_vector();
  BOOST_TEST(y.to_vector() == (std::vector<double>{6 * w[0] + w[0] / 3 - w[0], 8 * w[1] + w[1] / 4 - w[1]}),
             boost::test_tools::per_element());
  tape.backward(sum(y));
  BOOST_TEST(
      layer.weight->value.gradient().to_vector() == (std::vector<double>{6 + 1 / 3. - 1, 8 + 0.25 - 1}),
      boost::test_tools::tolerance(1e-14) << boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(layers_hold_floats_unless_told) {
  nn::Linear layer(2, 3);
  const nn::ParameterStore store(layer, 1);
  BOOST_TEST(layer.forward(Tensor<float>({1, 2}, {1, 2})).shape() == Shape({1, 3}));
}

BOOST_AUTO_TEST_CASE(a_parameter_with_another_tensor_is_not_trained_in_silence) {
  nn::Linear<double> layer(2, 1);
  nn::ParameterStore<double> store(layer, 1);
  layer.weight->value.copy_from(Tensor<double>({1, 2}, {3, 4}));
  store.clear_gradients();
  BOOST_TEST((store.weights().to_vector()[0] == 3));
  layer.weight->value = Tensor<double>({1, 2}, {5, 6});
  CHECK_THROWS_SAYING(store.clear_gradients(), InputError, "weight was given another tensor");
}

BOOST_AUTO_TEST_SUITE_END()
