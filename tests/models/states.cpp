// States of a whole model: advanced in all layers or in none, uploaded to the device once a call, saved and
// restored.
#include <functional>

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "memsizer/cpu/context.hpp"
#include "memsizer/models/language_model.hpp"
#include "memsizer/nn/parameter_store.hpp"
#include "memsizer/optim/optimiser.hpp"

#include "attention_kind_names.hpp"
#include "kernel_names.hpp"
#include "tensors.hpp"

BOOST_AUTO_TEST_SUITE(model_states)

using namespace memsizer;
using test::largest_difference;
namespace data = boost::unit_test::data;

namespace {

using Model = models::LanguageModel<double>;

/// Every causal kind alone, and beside the next kind in both orders.
const std::vector<std::vector<std::string>> stacks = [] {
  const std::vector<std::string> names = test::attention_kind_names(&nn::AttentionDescription::causal);
  std::vector<std::vector<std::string>> stacks;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const std::string& next = names[(i + 1) % names.size()];
    stacks.push_back({names[i], names[i]});
    stacks.push_back({names[i], next});
    stacks.push_back({next, names[i]});
  }
  return stacks;
}();

models::LanguageModelConfig config_of(std::vector<std::string> kinds) {
  const auto layers = static_cast<Index>(kinds.size());
  return {.attention = std::move(kinds),
          .vocab = 17,
          .layers = layers,
          .dim = 8,
          .attention_settings = {.heads = 2, .slots = 3},
          .block = {.ffn = 12}};
}

Tensor<Id> random_ids(Shape shape, std::uint64_t seed, Device& device = cpu::device()) {
  RandomStream random(seed);
  std::vector<Id> ids(static_cast<std::size_t>(shape.size()));
  for (Id& id : ids) id = static_cast<Id>(random.below(17));
  return Tensor<Id>(shape, ids, device);
}

/// Trains on segments of one text and carries the states. A test can read and replace all that a checkpoint
/// holds.
struct Run {
  explicit Run(const std::vector<std::string>& kinds)
      : model(config_of(kinds)), store(model, 3), adam(store), states(model.initial_state(2)) {}

  void train(std::uint64_t first, std::uint64_t last) {
    for (std::uint64_t segment = first; segment < last; ++segment) {
      store.clear_gradients();
      Tape tape;
      tape.backward(model
                        .loss(random_ids({2, 5}, 2 * segment), random_ids({2, 5}, 2 * segment + 1),
                              {.document_start = {false, segment == 3}}, {}, &states)
                        .mean);
      adam.step(0.01, 1.0);
    }
  }

  Model model;
  nn::ParameterStore<double> store;
  optim::Adam<double> adam;
  Model::State states;
};

}  // namespace

BOOST_DATA_TEST_CASE(a_forward_that_fails_leaves_every_layer_as_it_was, data::xrange(stacks.size()), i) {
  // Takes one kernel away at a time, so that the forward fails in every possible place, in the first layer or
  // later.
  const KernelTable<double> whole = cpu::table<double>();
  Device device("one kernel missing", cpu::context(), cpu::memory(), cpu::table<float>(), whole);
  Model model(config_of(stacks[i]));
  const nn::ParameterStore<double> store(model, 1, false, device);
  const Tensor<Id> before = random_ids({2, 6}, 5, device), after = random_ids({2, 20}, 6, device);
  const nn::Sequence sequence{.document_start = {false, true}};
  auto state = model.initial_state(2);
  model.hidden(before, {}, &state);
  auto expected_state = state;
  const Tensor<double> expected = model.hidden(after, sequence, &expected_state);
  const std::vector<std::string> names = test::kernel_names();
  int failed = 0;
  for (std::size_t missing = 0; missing < names.size(); ++missing) {
    KernelTable<double> lacking = whole;
    reinterpret_cast<void**>(&lacking)[missing] = nullptr;
    device.use(lacking);
    auto tried = state;
    try {
      model.hidden(after, sequence, &tried);
    } catch (const MissingKernel&) {
      ++failed;
      device.use(whole);
      for (const auto& layer : tried) BOOST_TEST((layer.counts() == std::vector<Id>{6, 6}), names[missing]);
      BOOST_TEST(largest_difference(model.hidden(after, sequence, &tried), expected) == 0, names[missing]);
    }
    device.use(whole);
  }
  BOOST_TEST(failed > 3);
}

BOOST_AUTO_TEST_CASE(counts_and_lengths_are_uploaded_once_a_call) {
  static int uploads;
  DeviceMemory memory = cpu::memory();
  memory.from_host = [](Context& context, void* to, const void* from, Index bytes) {
    ++uploads;
    copy_on_host(context, to, from, bytes);
  };
  for (const std::string& kind : test::attention_kind_names(&nn::AttentionDescription::causal)) {
    const auto uploads_of = [&](std::size_t layers) {
      Device device("counting", cpu::context(), memory, cpu::table<double>());
      Model model(config_of(std::vector<std::string>(layers, kind)));
      const nn::ParameterStore<double> store(model, 1, false, device);
      auto state = model.initial_state(2);
      const Tensor<Id> tokens = random_ids({2, 3}, 1, device), next = random_ids({2, 1}, 2, device);
      const nn::Sequence ragged{.lengths = nn::Lengths({3, 2}, device)};
      uploads = 0;
      model.hidden(tokens, ragged, &state);
      model.hidden(next, {}, &state);
      return uploads;
    };
    BOOST_TEST(uploads_of(1) == uploads_of(4), kind);
  }
}

BOOST_DATA_TEST_CASE(training_that_carries_states_goes_on_bit_for_bit, data::xrange(stacks.size()), i) {
  Run whole(stacks[i]), resumed(stacks[i]);
  whole.train(0, 4);
  // What a checkpoint holds: weights, optimiser and states, as values on the host.
  for (std::size_t entry = 0; entry < whole.store.entries().size(); ++entry)
    resumed.store.set_values(resumed.store.entries()[entry],
                             whole.store.values(whole.store.entries()[entry]));
  for (std::size_t moment = 0; moment < 2; ++moment)
    Tensor<double>(resumed.adam.states()[moment].values)
        .copy_from(whole.adam.states()[moment].values.to_vector());
  resumed.adam.set_steps(whole.adam.steps());
  resumed.states = nn::restored_states<double>(nn::save(whole.states), 2, cpu::device());
  whole.train(4, 8);
  resumed.train(4, 8);
  BOOST_TEST((whole.store.weights().to_vector() == resumed.store.weights().to_vector()));
  for (std::size_t layer = 0; layer < 2; ++layer) {
    BOOST_TEST((whole.states[layer].counts() == std::vector<Id>{40, 25}));
    BOOST_TEST((whole.states[layer].counts() == resumed.states[layer].counts()));
  }
  // The states matter: training that goes on from empty ones gives other weights.
  Run empty(stacks[i]);
  empty.train(0, 4);
  empty.states = empty.model.initial_state(2);
  empty.train(4, 8);
  BOOST_TEST((whole.store.weights().to_vector() != empty.store.weights().to_vector()));
}

BOOST_AUTO_TEST_CASE(states_of_other_layers_or_rows_are_refused) {
  Run run(stacks[0]);
  run.train(0, 1);
  std::vector<nn::HostArray> arrays = nn::save(run.states);
  for (const Index layers : {0, 1, 3})
    BOOST_CHECK_THROW(nn::restored_states<double>(arrays, layers, cpu::device()), InputError);
  auto other_rows = run.model.initial_state(3);
  const Tensor<Id> tokens = random_ids({2, 5}, 1);
  BOOST_CHECK_THROW(run.model.hidden(tokens, {}, &other_rows), InputError);
  Model::State none;
  BOOST_CHECK_THROW(run.model.hidden(tokens, {}, &none), InputError);
}

BOOST_AUTO_TEST_SUITE_END()
