// The places of dropout: after the embedding, after each sublayer before its sum, and after the activation.
// Dropout of attention weights is tested with the kernels.
#include <cmath>
#include <functional>

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "memsizer/models/language_model.hpp"
#include "memsizer/nn/parameter_store.hpp"

#include "models/parameter_named.hpp"
#include "tensors.hpp"

BOOST_AUTO_TEST_SUITE(dropout_places)

using namespace memsizer;
using test::largest_difference;
using test::parameter_named;
using test::random_tensor;
namespace test_data = boost::unit_test::data;

namespace {

/// The activation is GELU, because ReLU before dropout equals ReLU after it.
models::BlockConfig decoder_block(bool pre_norm) {
  return {.self_attention = "memsizer",
          .self = {.dim = 12, .settings = {.heads = 3, .slots = 5, .dropout = 0.2}, .causal = true},
          .cross_attention = "transformer",
          .cross = {.dim = 12, .settings = {.heads = 3}},
          .settings = {.ffn = 20,
                       .activation = Activation::gelu,
                       .pre_norm = pre_norm,
                       .dropout = 0.3,
                       .activation_dropout = 0.4}};
}

/// The same block, written out.
Tensor<double> written_out(const models::Block<double>& block, const nn::ParameterStore<double>& store,
                           bool pre_norm, const Tensor<double>& x, const Tensor<double>& source,
                           const nn::Sequence& sequence) {
  const auto weight = [&](const std::string& name) { return parameter_named(store, name); };
  const auto norm = [&](const std::string& place, const Tensor<double>& z) {
    return layer_norm(z, weight(place + "_norm.weight"), weight(place + "_norm.bias"));
  };
  const auto add = [&](const Tensor<double>& z, const std::string& place,
                       const std::function<Tensor<double>(const Tensor<double>&)>& sublayer) {
    const Tensor<double> y =
        dropout(sublayer(pre_norm ? norm(place, z) : z), sequence.dropout(0.3, block.stream(place)));
    return pre_norm ? z + y : norm(place, z + y);
  };
  const auto cross = nn::make_attention<double>("transformer", {.dim = 12, .settings = {.heads = 3}});
  cross->for_each_parameter([&](const std::string& name, nn::Parameter<double>& parameter) {
    parameter.value = weight("cross_attn." + name);
  });
  const Tensor<double> with_self = add(
      x, "self_attn", [&](const Tensor<double>& z) { return block.self_attention().forward(z, sequence); });
  const Tensor<double> with_source = add(with_self, "cross_attn", [&](const Tensor<double>& z) {
    return cross->attend(z, cross->prepare(source, {}), sequence);
  });
  return add(with_source, "ffn", [&](const Tensor<double>& z) {
    const Tensor<double> hidden = gelu(linear(z, weight("fc1.weight"), weight("fc1.bias")));
    const Dropout activation = sequence.dropout(0.4, block.stream("activation_dropout"));
    return linear(dropout(hidden, activation), weight("fc2.weight"), weight("fc2.bias"));
  });
}

}  // namespace

BOOST_DATA_TEST_CASE(each_sublayer_and_the_activation, test_data::make({true, false}), pre_norm) {
  models::Block<double> block(decoder_block(pre_norm));
  const nn::ParameterStore<double> store(block, 7, false);
  const Tensor<double> x = random_tensor({2, 6, 12}, 1), source = random_tensor({2, 4, 12}, 2);
  const nn::PreparedSource<double> prepared = block.prepare(source, {});
  const Tensor<std::uint64_t> key({1}, {9});
  const nn::Sequence sequence{.training = true, .step_key = key.data()};
  const Tensor<double> y = block.forward(x, sequence, nullptr, &prepared);
  BOOST_TEST(largest_difference(y, written_out(block, store, pre_norm, x, source, sequence)) <= 1e-12);
  BOOST_TEST(largest_difference(y, block.forward(x, {}, nullptr, &prepared)) > 0.01);
}

BOOST_AUTO_TEST_CASE(the_embedding) {
  models::LanguageModel<double> model({.attention = {"memsizer"},
                                       .vocab = 17,
                                       .layers = 1,
                                       .dim = 8,
                                       .attention_settings = {.heads = 2, .slots = 3},
                                       .block = {.ffn = 12, .dropout = 0.5}});
  const nn::ParameterStore<double> store(model, 1, false);
  const Tensor<Id> tokens({2, 3}, {1, 5, 16, 0, 5, 9});
  const Tensor<std::uint64_t> key({1}, {9});
  const nn::Sequence sequence{.training = true, .step_key = key.data()};
  const Tensor<double> embedded = embedding(tokens, parameter_named(store, "embedding.weight"),
                                            models::sinusoids<double>(3, 8), {}, std::sqrt(8.0)),
                       x = dropout(embedded, sequence.dropout(0.5, model.stream("embedding")));
  const Tensor<double> expected =
      layer_norm(model.block(0).forward(x, sequence), parameter_named(store, "final_norm.weight"),
                 parameter_named(store, "final_norm.bias"));
  BOOST_TEST(largest_difference(model.hidden(tokens, sequence), expected) <= 1e-12);
}

BOOST_AUTO_TEST_SUITE_END()
