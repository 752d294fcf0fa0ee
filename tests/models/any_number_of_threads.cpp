// Training gives the same bits with any number of threads.
#include <utility>

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "memsizer/cpu/context.hpp"
#include "memsizer/models/language_model.hpp"
#include "memsizer/nn/parameter_store.hpp"
#include "memsizer/optim/optimiser.hpp"

#include "attention_kind_names.hpp"

using namespace memsizer;

namespace {

/// The sizes are not multiples of a packet, so that every loop has elements left over.
models::LanguageModelConfig model_of(const std::string& kind) {
  return {.attention = {kind},
          .vocab = 1031,
          .layers = 2,
          .dim = 36,
          .attention_settings = {.heads = 3, .slots = 5, .dropout = 0.1},
          .block = {.ffn = 75, .dropout = 0.1, .activation_dropout = 0.1}};
}

/// The losses of 20 steps of Adam and the weights after them.
std::vector<float> train(const std::string& kind, int threads) {
  cpu::set_threads(threads);
  models::LanguageModel<float> model(model_of(kind));
  nn::ParameterStore<float> store(model, 1);
  optim::Adam<float> optimiser(store.weights(), store.gradients());
  std::vector<float> results;
  for (int step = 0; step < 20; ++step) {
    RandomStream random(static_cast<std::uint64_t>(step));
    std::vector<Id> ids(3 * 37), targets;
    for (Id& id : ids) id = static_cast<Id>(random.below(1031));
    for (const Id id : ids) targets.push_back((id * 7 + 3) % 1031);
    const Tensor<std::uint64_t> step_key(Shape{1}, {mix_keys(5, static_cast<std::uint64_t>(step))});
    Tape tape;
    store.clear_gradients();
    const auto loss = model.loss(Tensor<Id>({3, 37}, ids), Tensor<Id>({3, 37}, targets),
                                 {.training = true, .step_key = step_key.data()});
    tape.backward(loss.mean);
    optimiser.step(1e-3, 1.0);
    results.push_back(loss.mean.item());
  }
  for (const float weight : store.weights().to_vector()) results.push_back(weight);
  return results;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(any_number_of_threads)

BOOST_DATA_TEST_CASE(twenty_steps_of_training_give_the_same_bits,
                     boost::unit_test::data::make(test::attention_kind_names()), kind) {
  const Index grain = std::exchange(cpu::context().grain, 1);  // so that threads share small loops too
  const std::vector<float> expected = train(kind, 1);
  BOOST_TEST(expected[19] < expected[0]);
  for (int threads : {2, 3, 7}) BOOST_TEST((train(kind, threads) == expected), threads << " threads");
  cpu::context().grain = grain;
  cpu::set_threads(0);
}

BOOST_AUTO_TEST_SUITE_END()
