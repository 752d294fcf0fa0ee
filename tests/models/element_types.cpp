// One training step for every element type. It runs in float and double, and compiles in bfloat16, where the
// device lacks nothing but kernels.
#include <boost/test/unit_test.hpp>

#include "memsizer/models/language_model.hpp"
#include "memsizer/nn/parameter_store.hpp"
#include "memsizer/optim/optimiser.hpp"

BOOST_AUTO_TEST_SUITE(element_types)

using namespace memsizer;

namespace {

/// The losses of a few steps on one batch.
template <class T>
std::vector<double> losses() {
  using A = Accumulate<T>;
  models::LanguageModel<T> model({.attention = {"memsizer", "transformer"},
                                  .vocab = 17,
                                  .layers = 2,
                                  .dim = 8,
                                  .attention_settings = {.heads = 2, .slots = 3},
                                  .block = {.ffn = 12, .dropout = 0.1}});
  nn::ParameterStore<T> store(model, 1);
  optim::AdamW<T> adam(store);
  auto state = model.initial_state(2);
  const Tensor<Id> tokens({2, 3}, {1, 2, 3, 4, 5, 6}), targets({2, 3}, {2, 3, 4, 5, 6, 7});
  const Tensor<std::uint64_t> key({1}, {9});
  std::vector<double> losses;
  for (int step = 0; step < 5; ++step) {
    store.clear_gradients();
    Tape tape;
    const auto loss =
        model.loss(tokens, targets,
                   {.document_start = {true, true}, .training = true, .step_key = key.data()}, {}, &state);
    tape.backward(loss.mean);
    adam.step(0.01, 1.0, loss.mean.data());
    static_assert(std::is_same_v<decltype(store.gradients()), const Tensor<A>&>);
    losses.push_back(loss.mean.item());
  }
  return losses;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_step_in_float_follows_one_in_double) {
  const std::vector<double> narrow = losses<float>(), wide = losses<double>();
  for (std::size_t step = 0; step < wide.size(); ++step)
    BOOST_TEST(std::abs(narrow[step] - wide[step]) < 1e-4 * wide[step]);
  BOOST_TEST(wide[4] < wide[0]);
}

BOOST_AUTO_TEST_CASE(a_step_in_bfloat16_compiles_and_names_what_the_device_lacks) {
  BOOST_CHECK_THROW(losses<bfloat16>(), MissingKernel);
}

BOOST_AUTO_TEST_SUITE_END()
