#include "memsizer/models/cost.hpp"

#include <boost/test/unit_test.hpp>

#include "memsizer/nn/parameter_store.hpp"

#include "attention_kind_names.hpp"
#include "models/small_encoder_decoder.hpp"

BOOST_AUTO_TEST_SUITE(cost)

using namespace memsizer;

namespace {

models::LanguageModelConfig small_config(const std::string& attention) {
  return {.attention = {attention},
          .vocab = 11,
          .layers = 2,
          .dim = 8,
          .attention_settings = {.heads = 2, .slots = 3},
          .block = {.ffn = 16}};
}

}  // namespace

BOOST_AUTO_TEST_CASE(parameters_are_counted_by_hand) {
  // The embedding has 11 * 8 parameters and the final norm 16. Each of the two layers has two norms, a
  // feed-forward part of 2 * 8 * 16 + 16 + 8, and the attention.
  models::LanguageModel<float> transformer(small_config("transformer")), memsizer(small_config("memsizer")),
      linear(small_config("linear"));
  BOOST_TEST(nn::parameter_count(linear) == nn::parameter_count(transformer));
  BOOST_TEST(nn::parameter_count(transformer) == 104 + 2 * (32 + 280 + 4 * (64 + 8)));
  BOOST_TEST(nn::parameter_count(memsizer) == 104 + 2 * (32 + 280 + (48 + 6) + (24 + 3) + (64 + 8) + 6 + 16));
  for (const std::string& attention : test::attention_kind_names()) {
    models::LanguageModel<float> model(small_config(attention));
    BOOST_TEST(nn::ParameterStore<float>(model, 1).parameter_count() == nn::parameter_count(model));
  }
}

BOOST_AUTO_TEST_CASE(operations_are_counted_by_hand) {
  // The output takes 2 * 8 * 11 operations. Each of the two layers has a feed-forward part of 4 * 8 * 16, and
  // the attention.
  const models::LanguageModel<float> transformer(small_config("transformer")),
      memsizer(small_config("memsizer")), linear(small_config("linear"));
  BOOST_TEST(models::step_flops(transformer, 9) == 176 + 2 * (512 + 8 * 64 + 4 * 8 * 10));
  BOOST_TEST(models::step_flops(memsizer, 9) == 176 + 2 * (512 + 2 * 8 * (6 + 3 + 8) + 4 * 3 * 8));
  BOOST_TEST(models::step_flops(linear, 9) == 176 + 2 * (512 + 8 * 64 + 4 * 4 * 8));
  for (const auto* model : {&memsizer, &linear})
    BOOST_TEST(models::step_flops(*model, 9) == models::step_flops(*model, 16384));
}

BOOST_AUTO_TEST_CASE(states_hold_the_bytes_that_are_counted) {
  for (const std::string& attention : test::attention_kind_names()) {
    models::LanguageModel<float> model(small_config(attention));
    const nn::ParameterStore<float> store(model, 1);
    auto state = model.initial_state(1);
    model.hidden(Tensor<Id>({1, 40}, std::vector<Id>(40, 3)), {}, &state);
    Index bytes = 0;
    for (const auto& layer : state) bytes += layer.bytes();
    BOOST_TEST(models::state_bytes(model, 40) == bytes);
  }
}

BOOST_AUTO_TEST_CASE(operations_beside_a_source_are_counted_by_hand) {
  // 17 words, width 8; two layers, each with a feed-forward part of 4 * 8 * 12. The decoder has 3 slots, the
  // memory of the source 5.
  const auto flops = [](const std::string& kind, Index source) {
    return models::step_flops(models::EncoderDecoder<float>(test::small_encoder_decoder({kind, kind, kind})),
                              9, source);
  };
  const double common = 2 * 8 * 17 + 2 * 4 * 8 * 12;
  BOOST_TEST(flops("transformer", 20) == common + 2 * (8 * 64 + 4 * 8 * 10 + 4 * 64 + 4 * 8 * 20));
  BOOST_TEST(flops("memsizer", 20) ==
             common + 2 * (2 * 8 * (6 + 3 + 8) + 4 * 3 * 8 + 2 * 8 * 10 + 2 * 5 * 8));
  BOOST_TEST(flops("linear", 20) == common + 2 * (8 * 64 + 4 * 4 * 8 + 4 * 64 + 2 * 4 * 8));
  for (const char* kind : {"memsizer", "linear"}) BOOST_TEST(flops(kind, 20) == flops(kind, 2000));
}

BOOST_AUTO_TEST_CASE(sources_and_states_hold_the_bytes_that_are_counted) {
  for (const test::Mixture& mixture : test::mixtures()) {
    models::EncoderDecoder<float> model(test::small_encoder_decoder(mixture));
    const nn::ParameterStore<float> store(model, 1);
    const nn::Sequence whole{.lengths = nn::Lengths({20}, cpu::device())};
    auto state = model.initial_state(model.encode(test::random_ids({1, 20}, 1), whole));
    model.hidden(test::random_ids({1, 40}, 2), state);
    BOOST_TEST(models::state_bytes(model, 40, 20) == state.bytes(), mixture);
  }
}

BOOST_AUTO_TEST_SUITE_END()
