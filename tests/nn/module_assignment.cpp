// Modules that are assigned: what the assignment takes, what it ends, and where it is refused.
#include <optional>

#include <boost/test/unit_test.hpp>

#include "memsizer/models/language_model.hpp"
#include "memsizer/nn/parameter_store.hpp"
#include "memsizer/nn/sequential.hpp"
#include "memsizer/optim/optimiser.hpp"

#include "files/temporary_folder.hpp"
#include "nn/pair.hpp"

BOOST_AUTO_TEST_SUITE(module_assignment)

using namespace memsizer;
using test::names_of, test::Pair, test::pair_names;

BOOST_AUTO_TEST_CASE(a_sequential_becomes_another) {
  nn::Sequential<double> net(nn::Linear<double>(2, 3), nn::LayerNorm<double>(3));
  net = nn::Sequential<double>(nn::Linear<double>(2, 4), nn::ReLU<double>(), nn::Linear<double>(4, 1));
  const std::vector<std::string> names{"0.weight", "0.bias", "2.weight", "2.bias"};
  BOOST_TEST(names_of(net) == names);
  const nn::ParameterStore<double> store(net, 1);
  nn::Sequential<double> same(nn::Linear<double>(2, 4), nn::ReLU<double>(), nn::Linear<double>(4, 1));
  const nn::ParameterStore<double> other(same, 1);
  const Tensor<double> x({1, 2}, {0.5, -2});
  BOOST_TEST(net.forward(x).item() == same.forward(x).item());
}

BOOST_AUTO_TEST_CASE(a_module_takes_the_parameters_and_the_store_of_another) {
  Pair pair(3);
  const Tensor<double> x({1, 2}, {0.5, -2});
  std::optional<Pair> other(std::in_place, 5);
  const nn::ParameterStore<double> store(*other, 1);
  const double before = other->forward(x).item();
  pair = std::move(*other);
  BOOST_TEST(names_of(*other).empty());
  other.reset();
  BOOST_TEST(names_of(pair) == pair_names);
  BOOST_TEST((pair.first.weight->shape == Shape{5, 2}));
  BOOST_TEST(pair.forward(x).item() == before);
  store.weights().view(0, {store.size()}).copy_from(std::vector<double>(store.size(), 0.));
  BOOST_TEST(pair.forward(x).item() == 0);
}

BOOST_AUTO_TEST_CASE(modules_are_swapped_and_assigned_to_themselves) {
  Pair a(3), b(5);
  std::swap(a, b);
  BOOST_TEST((a.first.weight->shape == Shape{5, 2}));
  BOOST_TEST((b.second.weight->shape == Shape{1, 3}));
  BOOST_TEST(names_of(a) == pair_names);
  BOOST_TEST(names_of(b) == pair_names);
  Pair& same = a;
  a = std::move(same);
  BOOST_TEST(names_of(a) == pair_names);
  BOOST_TEST((a.first.weight->shape == Shape{5, 2}));
}

BOOST_AUTO_TEST_CASE(a_parent_follows_a_child_that_is_moved_into_another_module) {
  struct Holder : nn::Module<double> {
    using nn::Module<double>::child;
  };
  nn::Linear<double> target(2, 2);
  Holder holder;
  {
    nn::Linear<double> part(3, 1);
    holder.child("part", part);
    target = std::move(part);
  }
  BOOST_TEST((names_of(holder) == std::vector<std::string>{"part.weight", "part.bias"}));
  BOOST_TEST(holder.parameters()[0] == target.parameters()[0]);
}

BOOST_AUTO_TEST_CASE(old_children_are_free_for_another_parent) {
  struct Holder : nn::Module<double> {
    using nn::Module<double>::child;
  };
  nn::Linear<double> part(2, 2);
  Holder holder, next;
  holder.child("part", part);
  holder = Holder();
  BOOST_TEST(names_of(holder).empty());
  BOOST_CHECK_NO_THROW(next.child("part", part));
}

BOOST_AUTO_TEST_CASE(the_child_of_another_module_is_refused_and_stays) {
  Pair pair(3);
  nn::Linear<double> other(2, 7);
  CHECK_THROWS_SAYING(pair.first = std::move(other), InputError,
                      "the child of another module was assigned to; assign to the outermost module");
  BOOST_TEST((pair.first.weight->shape == Shape{3, 2}));
  BOOST_TEST((other.weight->shape == Shape{7, 2}));
  BOOST_TEST(names_of(pair) == pair_names);
}

BOOST_AUTO_TEST_CASE(a_module_that_a_store_holds_is_refused_and_stays) {
  Pair pair(3);
  const Tensor<double> x({1, 2}, {0.5, -2});
  std::optional<nn::ParameterStore<double>> store(std::in_place, pair, 1);
  std::optional<optim::Adam<double>> adam(std::in_place, *store);
  const double before = pair.forward(x).item();
  const auto refused = [&] {
    CHECK_THROWS_SAYING(pair = Pair(5), InputError,
                        "assigned to while a ParameterStore or its optimiser holds first.weight");
    BOOST_TEST(pair.forward(x).item() == before);
  };
  refused();
  store.reset();
  refused();
  adam.reset();
  pair = Pair(5);
  BOOST_TEST((pair.first.weight->shape == Shape{5, 2}));
}

BOOST_AUTO_TEST_CASE(a_language_model_becomes_another) {
  const auto model_of = [](Index dim) {
    models::LanguageModelConfig config{.vocab = 7, .layers = 2, .dim = dim};
    config.block.ffn = 8;
    return models::LanguageModel<double>(config);
  };
  const Tensor<Id> tokens({1, 3}, {1, 2, 3});
  models::LanguageModel<double> model = model_of(4), same = model_of(8);
  model = model_of(8);
  const nn::ParameterStore<double> store(model, 1), other(same, 1);
  BOOST_TEST(model.hidden(tokens, {}).to_vector() == same.hidden(tokens, {}).to_vector());
  BOOST_TEST(model.loss(tokens, tokens, {}).mean.item() == same.loss(tokens, tokens, {}).mean.item());
}

BOOST_AUTO_TEST_SUITE_END()
