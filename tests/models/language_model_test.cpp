#include "memsizer/models/language_model.hpp"

#include <thread>

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "memsizer/check/gradient_check.hpp"
#include "memsizer/nn/parameter_store.hpp"

#include "attention_kind_names.hpp"
#include "models/parameter_named.hpp"
#include "tensors.hpp"

BOOST_AUTO_TEST_SUITE(language_model)

using namespace memsizer;
using test::largest_difference;
namespace data = boost::unit_test::data;

namespace {

/// Every kind alone, and every two neighbours in the list of kinds.
const std::vector<std::string> kinds = [] {
  std::vector<std::string> names = test::attention_kind_names();
  for (std::size_t i = 1, alone = names.size(); i < alone; ++i)
    names.push_back(names[i - 1] + ',' + names[i]);
  return names;
}();

models::LanguageModelConfig small(const std::string& kinds) {
  models::LanguageModelConfig config{.attention = {},
                                     .vocab = 17,
                                     .layers = 2,
                                     .dim = 8,
                                     .attention_settings = {.heads = 2, .slots = 3},
                                     .block = {.ffn = 12}};
  std::istringstream list(kinds);
  for (std::string kind; std::getline(list, kind, ',');) config.attention.push_back(kind);
  return config;
}

Tensor<Id> random_ids(Shape shape, std::uint64_t seed, Index vocab = 17) {
  RandomStream random(seed);
  std::vector<Id> ids(static_cast<std::size_t>(shape.size()));
  for (Id& id : ids) id = static_cast<Id>(random.below(static_cast<std::uint64_t>(vocab)));
  return Tensor<Id>(shape, ids);
}

Tensor<Id> columns(const Tensor<Id>& ids, Index begin, Index end) {
  std::vector<Id> part;
  const std::vector<Id> all = ids.to_vector();
  for (Index row = 0; row < ids.extent(0); ++row)
    for (Index t = begin; t < end; ++t)
      part.push_back(all[static_cast<std::size_t>(row * ids.extent(1) + t)]);
  return Tensor<Id>({ids.extent(0), end - begin}, part);
}

}  // namespace

BOOST_DATA_TEST_CASE(steps_with_a_state_equal_the_whole, data::make(kinds), kind) {
  models::LanguageModel<double> model(small(kind));
  const nn::ParameterStore<double> store(model, 1);
  const Tensor<Id> tokens = random_ids({2, 90}, 5);
  const Tensor<double> whole = model.hidden(tokens, {});
  auto state = model.initial_state(2);
  std::vector<Tensor<double>> parts;
  for (Index begin : {0, 40, 41, 89}) {
    const Index end = begin == 0 ? 40 : begin == 40 ? 41 : begin == 41 ? 89 : 90;
    parts.push_back(model.hidden(columns(tokens, begin, end), {}, &state));
  }
  BOOST_TEST(largest_difference(concatenate(parts, 1), whole) <= 1e-12);
}

BOOST_DATA_TEST_CASE(a_new_document_forgets_the_old_one, data::make(kinds), kind) {
  models::LanguageModel<double> model(small(kind));
  const nn::ParameterStore<double> store(model, 1);
  const Tensor<Id> first = random_ids({2, 6}, 5), second = random_ids({2, 4}, 6);
  auto state = model.initial_state(2);
  model.hidden(first, {}, &state);
  const Tensor<double> y = model.hidden(second, {.document_start = {true, false}}, &state);
  const Tensor<double> alone = model.hidden(second, {});
  BOOST_TEST(largest_difference(slice(y, 0, 0, 1), slice(alone, 0, 0, 1)) <= 1e-12);
  BOOST_TEST(largest_difference(slice(y, 0, 1, 2), slice(alone, 0, 1, 2)) > 1e-3);
}

BOOST_DATA_TEST_CASE(a_sequence_of_other_sizes_changes_no_state, data::make(kinds), kind) {
  models::LanguageModel<double> model(small(kind));
  const nn::ParameterStore<double> store(model, 1);
  const Tensor<Id> tokens = random_ids({2, 6}, 5);
  auto state = model.initial_state(2);
  model.hidden(tokens, {}, &state);
  for (const nn::Sequence& sequence :
       {nn::Sequence{.lengths = nn::Lengths({6, 7}, tokens.device()), .document_start = {true, true}},
        nn::Sequence{.lengths = nn::Lengths({6}, tokens.device()), .document_start = {true, true}},
        nn::Sequence{.document_start = {true}}}) {
    BOOST_CHECK_THROW(model.hidden(tokens, sequence, &state), InputError);
    for (const auto& layer : state) BOOST_TEST((layer.counts() == std::vector<Id>{6, 6}));
  }
}

BOOST_DATA_TEST_CASE(all_parameters_pass_the_gradient_check, data::make(kinds), kind) {
  models::LanguageModel<double> model(small(kind));
  const nn::ParameterStore<double> store(model, 1);
  const Tensor<Id> tokens = random_ids({2, 5}, 5), targets = random_ids({2, 5}, 6);
  // The checker's inputs take the place of the parameters' tensors, so that it moves the parameters.
  std::vector<Tensor<double>> values;
  for (const auto& entry : store.entries()) values.push_back(entry.parameter->value.detach());
  const auto loss = [&](const std::vector<Tensor<double>>& x) {
    for (std::size_t i = 0; i < x.size(); ++i) store.entries()[i].parameter->value = x[i];
    return model.loss(tokens, targets, {}).mean;
  };
  const check::GradientReport report = check::check_gradient(loss, values, {.tolerance = 1e-6, .step = 1e-4});
  BOOST_TEST(report.passed(), kind << ": " << report);
}

BOOST_AUTO_TEST_CASE(threads_may_run_one_model) {
  const Tensor<Id> few = random_ids({1, 3}, 5), many = random_ids({1, 600}, 6);
  models::LanguageModel<double> model(small("memsizer")), other(small("memsizer"));
  const nn::ParameterStore<double> store(model, 1), other_store(other, 1);
  const Tensor<double> few_alone = other.hidden(few, {}), many_alone = other.hidden(many, {});
  Tensor<double> many_beside;
  std::jthread thread([&] { many_beside = model.hidden(many, {}); });
  for (int i = 0; i < 20; ++i) BOOST_TEST(largest_difference(model.hidden(few, {}), few_alone) == 0);
  thread.join();
  BOOST_TEST(largest_difference(many_beside, many_alone) == 0);
}

BOOST_AUTO_TEST_CASE(the_fused_loss_equals_that_of_the_logits) {
  models::LanguageModel<double> model(small("memsizer"));
  const nn::ParameterStore<double> store(model, 1);
  const Tensor<Id> tokens = random_ids({2, 9}, 5), targets = random_ids({2, 9}, 6);
  const LabelSmoothing smoothing{0.1, LabelSmoothing::Over::all};
  const double fused = model.loss(tokens, targets, {}, smoothing).mean.item();
  const double plain = cross_entropy(model.logits(model.hidden(tokens, {})), targets, smoothing).item();
  BOOST_TEST(std::abs(fused - plain) <= 1e-12);
}

BOOST_AUTO_TEST_CASE(names_and_shapes_are_those_of_pytorch) {
  models::LanguageModelConfig config = small("memsizer,transformer");
  config.tie = false;
  config.embedding.positions = models::PositionKind::learned;
  config.max_positions = 11;
  models::LanguageModel<double> model(config);
  std::map<std::string, std::string> shapes;
  model.for_each_parameter([&](const std::string& name, const nn::Parameter<double>& parameter) {
    shapes[name] = concatenate(parameter.shape);
  });
  BOOST_TEST(shapes.at("embedding.weight") == "[17, 8]");
  BOOST_TEST(shapes.at("position_embedding.weight") == "[11, 8]");
  BOOST_TEST(shapes.at("blocks.0.self_attn.q_proj.weight") == "[6, 8]");
  BOOST_TEST(shapes.at("blocks.0.self_attn.k_norm.bias") == "[3]");
  BOOST_TEST(shapes.at("blocks.1.self_attn.out_proj.weight") == "[8, 8]");
  BOOST_TEST(shapes.at("blocks.1.fc1.weight") == "[12, 8]");
  BOOST_TEST(shapes.at("final_norm.weight") == "[8]");
  BOOST_TEST(shapes.at("output.weight") == "[17, 8]");
}

BOOST_AUTO_TEST_CASE(the_first_parameter_that_is_not_finite_is_named) {
  models::LanguageModel<double> model(small("memsizer"));
  const nn::ParameterStore<double> store(model, 1);
  BOOST_TEST(store.first_not_finite(store.weights()) == "");
  for (const char* name : {"blocks.1.fc2.bias", "blocks.0.ffn_norm.weight"}) {
    test::parameter_named(store, name).fill(std::nan(""));
    BOOST_TEST(store.first_not_finite(store.weights()) == name);  // earlier than the last name
  }
}

BOOST_AUTO_TEST_CASE(wrong_configurations_are_refused) {
  const auto refused = [](const auto& change) {
    models::LanguageModelConfig config = small("memsizer");
    change(config);
    BOOST_CHECK_THROW(models::LanguageModel<double>{config}, InputError);
  };
  refused([](auto& c) { c.vocab = 0; });
  refused([](auto& c) { c.attention = {"memsizer", "memsizer", "memsizer"}; });
  refused([](auto& c) { c.attention = {"none"}; });
  refused([](auto& c) { c.block.ffn = 0; });
  refused([](auto& c) { c.embedding.positions = models::PositionKind::learned; });
  refused([](auto& c) { c.padding = 17; });
  models::LanguageModelConfig config = small("transformer");
  config.embedding.positions = models::PositionKind::learned;
  config.max_positions = 4;
  models::LanguageModel<double> model(config);
  const nn::ParameterStore<double> store(model, 1);
  BOOST_CHECK_THROW(model.hidden(random_ids({1, 5}, 1), {}), InputError);
}

BOOST_AUTO_TEST_SUITE_END()
