// Initial values of parameters: a function of seed and name. MemSizer's are as in its paper, the
// Transformer's as in fairseq.
#include <cmath>

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "memsizer/models/language_model.hpp"

#include "attention_kind_names.hpp"
#include "models/parameter_named.hpp"
#include "tensors.hpp"

BOOST_AUTO_TEST_SUITE(first_values)

using namespace memsizer;
using boost::test_tools::tolerance;

namespace {

using Store = nn::ParameterStore<double>;

models::LanguageModelConfig config_of(const std::string& kind) {
  return {.attention = {kind},
          .vocab = 400,
          .layers = 1,
          .dim = 64,
          .attention_settings = {.heads = 4, .slots = 8},
          .block = {.ffn = 128}};
}

std::vector<double> values_of(const Store& store, const std::string& name) {
  return test::parameter_named(store, name).to_vector();
}

double largest_of(const std::vector<double>& values) {
  double largest = 0;
  for (const double value : values) largest = std::max(largest, std::abs(value));
  return largest;
}

double mean_square(const std::vector<double>& values) {
  double squares = 0;
  for (const double value : values) squares += value * value;
  return squares / static_cast<double>(values.size());
}

/// Checks for a uniform distribution between -bound and bound.
void check_uniform(const Store& store, const std::string& name, double bound) {
  BOOST_TEST_CONTEXT(name) {
    const std::vector<double> values = values_of(store, name);
    BOOST_TEST(largest_of(values) <= bound);
    BOOST_TEST(largest_of(values) >= 0.85 * bound);
    BOOST_TEST(mean_square(values) == bound * bound / 3, tolerance(0.3));
  }
}

/// Checks for a normal distribution with mean 0. A uniform one would end at 1.7 times its deviation.
void check_normal(const Store& store, const std::string& name, double deviation) {
  BOOST_TEST_CONTEXT(name) {
    const std::vector<double> values = values_of(store, name);
    BOOST_TEST(largest_of(values) > 2.5 * deviation);
    BOOST_TEST(mean_square(values) == deviation * deviation, tolerance(0.1));
  }
}

void check_constant(const Store& store, const std::string& name, double expected) {
  for (const double value : values_of(store, name)) BOOST_TEST(value == expected, name);
}

/// Initial values in every architecture: norms have 1 and 0, the feed-forward layer those of PyTorch's linear
/// layers.
void check_common(const Store& store) {
  for (const std::string norm : {"blocks.0.self_attn_norm", "blocks.0.ffn_norm", "final_norm"}) {
    check_constant(store, norm + ".weight", 1);
    check_constant(store, norm + ".bias", 0);
  }
  for (const std::string part : {"weight", "bias"}) {
    check_uniform(store, "blocks.0.fc1." + part, 1 / std::sqrt(64.0));
    check_uniform(store, "blocks.0.fc2." + part, 1 / std::sqrt(128.0));
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(they_depend_on_seed_and_name_alone) {
  models::LanguageModelConfig config = config_of("memsizer");
  config.layers = 2;
  models::LanguageModel<double> one(config), other(config);
  config.layers = 3;
  models::LanguageModel<double> deeper(config);
  const Store a(one, 1), b(other, 2), c(deeper, 1);
  const std::vector<double> values = values_of(a, "blocks.1.fc1.weight");
  BOOST_TEST((values == values_of(c, "blocks.1.fc1.weight")));
  BOOST_TEST((values != values_of(b, "blocks.1.fc1.weight")));
  BOOST_TEST((values != values_of(a, "blocks.0.fc1.weight")));
}

BOOST_AUTO_TEST_CASE(a_transformer_begins_as_fairseqs) {
  models::LanguageModel<double> model(config_of("transformer"));
  const Store store(model, 1);
  check_common(store);
  for (const std::string projection : {"q_proj", "k_proj", "v_proj"}) {
    check_uniform(store, "blocks.0.self_attn." + projection + ".weight", std::sqrt(6.0 / (64 + 64) / 2));
    check_uniform(store, "blocks.0.self_attn." + projection + ".bias", 1 / std::sqrt(64.0));
  }
  check_uniform(store, "blocks.0.self_attn.out_proj.weight", std::sqrt(6.0 / (64 + 64)));
  check_constant(store, "blocks.0.self_attn.out_proj.bias", 0);
}

BOOST_AUTO_TEST_CASE(a_memsizer_begins_as_its_papers) {
  models::LanguageModelConfig config = config_of("memsizer");
  config.attention_settings.q_init_scale = 8;
  config.attention_settings.kv_init_scale = 2;
  models::LanguageModel<double> model(config);
  const Store store(model, 1);
  check_common(store);
  const std::string attention = "blocks.0.self_attn.";
  check_uniform(store, attention + "q_proj.weight", std::sqrt(6.0 / (64 + 4 * 8) / 8));
  check_uniform(store, attention + "k_proj.weight", std::sqrt(6.0 / (64 + 8) / 2));
  check_uniform(store, attention + "v_proj.weight", std::sqrt(6.0 / (64 + 64) / 2));
  for (const std::string projection : {"q_proj", "k_proj", "v_proj"})
    check_constant(store, attention + projection + ".bias", 0);
  for (const std::string norm : {"k_norm", "v_norm"}) {
    check_constant(store, attention + norm + ".weight", 1);
    check_constant(store, attention + norm + ".bias", 0);
  }
}

BOOST_AUTO_TEST_CASE(tables_begin_normal_and_the_padding_token_as_zero) {
  models::LanguageModelConfig config = config_of("memsizer");
  config.padding = 0;
  config.tie = false;
  config.embedding.positions = models::PositionKind::learned;
  config.max_positions = 100;
  models::LanguageModel<double> model(config);
  const Store store(model, 1);
  for (const char* table : {"embedding.weight", "position_embedding.weight", "output.weight"})
    check_normal(store, table, 1 / std::sqrt(64.0));
  const std::vector<double> embedding = values_of(store, "embedding.weight");
  BOOST_TEST(std::all_of(embedding.begin(), embedding.begin() + 64, [](double value) { return value == 0; }));
  BOOST_TEST(largest_of({embedding.begin() + 64, embedding.begin() + 128}) > 0);
}

BOOST_AUTO_TEST_CASE(gpt2s_first_values) {
  models::LanguageModelConfig config = config_of("transformer");
  config.initialisation = nn::Initialisation::gpt2;
  config.layers = 8;
  config.embedding.positions = models::PositionKind::learned;
  config.max_positions = 100;
  config.tie = false;
  models::LanguageModel<double> model(config);
  const Store store(model, 1);
  for (const auto& entry : store.entries()) {
    const bool is_residual = entry.name.ends_with("out_proj.weight") || entry.name.ends_with("fc2.weight");
    if (entry.name.ends_with(".bias"))
      check_constant(store, entry.name, 0);
    else if (entry.name.ends_with("norm.weight"))
      check_constant(store, entry.name, 1);
    else
      check_normal(store, entry.name, is_residual ? 0.02 / 4 : 0.02);
  }
}

BOOST_AUTO_TEST_CASE(a_memsizer_begins_with_gpt2s_values) {
  models::LanguageModelConfig config = config_of("memsizer");
  config.initialisation = nn::Initialisation::gpt2;
  config.layers = 8;
  config.attention_settings = {.heads = 4, .slots = 32, .q_init_scale = 8};
  models::LanguageModel<double> model(config);
  const Store store(model, 1);
  const std::string attention = "blocks.0.self_attn.";
  for (const std::string projection : {"q_proj", "k_proj", "v_proj"}) {
    check_normal(store, attention + projection + ".weight", 0.02);
    check_constant(store, attention + projection + ".bias", 0);
  }
  check_constant(store, attention + "k_norm.weight", 1);
  check_constant(store, attention + "v_norm.weight", 0.25);
  check_constant(store, attention + "v_norm.bias", 0);
  check_normal(store, "blocks.0.fc1.weight", 0.02);
}

BOOST_DATA_TEST_CASE(the_residual_factor_of_gpt2s_values_scales_the_first_outputs_of_every_kind,
                     boost::unit_test::data::make(test::attention_kind_names()), kind) {
  const auto& description = nn::find_attention_kind<double>(kind);
  const auto output = [&](nn::Initialisation initialisation, double factor) {
    const auto attention = nn::make_attention<double>(kind, {.dim = 12,
                                                             .settings = {.heads = 3, .slots = 5},
                                                             .causal = description.causal,
                                                             .initialisation = initialisation,
                                                             .residual_factor = factor});
    const Store store(*attention, 1);
    const Tensor<double> x = test::random_tensor({2, 9, 12}, 1);
    if (description.causal || description.bidirectional) return attention->forward(x, {});
    return attention->attend(x, attention->prepare(test::random_tensor({2, 7, 12}, 2), {}), {});
  };
  using enum nn::Initialisation;
  const Tensor<double> whole = output(gpt2, 1), scaled = output(gpt2, 0.25);
  BOOST_TEST(test::largest_difference(scaled, whole * 0.25) <=
             1e-9 * test::largest_difference(whole, whole * 0.0));
  BOOST_TEST(test::largest_difference(output(fairseq, 0.25), output(fairseq, 1)) == 0);
}

BOOST_AUTO_TEST_SUITE_END()
