// The parts of an encoder-decoder: names of weights, first values, places of dropout, losses that layers add,
// and what is refused.
#include <map>

#include <boost/test/unit_test.hpp>

#include "memsizer/nn/parameter_store.hpp"

#include "models/parameter_named.hpp"
#include "models/small_encoder_decoder.hpp"
#include "tensors.hpp"

BOOST_AUTO_TEST_SUITE(encoder_decoder_parts)

using namespace memsizer;
using test::largest_difference;
using test::parameter_named;
using test::random_ids;
using test::small_encoder_decoder;
using Model = models::EncoderDecoder<double>;

namespace {

const test::Mixture hybrid{"transformer", "memsizer", "memsizer"};

/// The shape of each weight by its name. No name may come twice.
std::map<std::string, std::string> shapes_of(const models::EncoderDecoderConfig& config) {
  const Model model(config);
  std::map<std::string, std::string> shapes;
  model.for_each_parameter([&](const std::string& name, const nn::Parameter<double>& parameter) {
    BOOST_TEST(shapes.emplace(name, concatenate(parameter.shape)).second, name);
  });
  return shapes;
}

/// y = scale x, with a penalty on the scale in every place.
template <class T>
class Penalised : public nn::Attention<T> {
 public:
  static constexpr nn::AttentionDescription description{.name = "penalised",
                                                        .causal = true,
                                                        .bidirectional = true,
                                                        .cross = true,
                                                        .absolute_positions = false,
                                                        .auxiliary_losses = {"penalty"}};

  explicit Penalised(const nn::AttentionConfig& config)
      : nn::Attention<T>(description, config), scale_(this->parameter("scale", {1}, nn::ones())) {}

  nn::PreparedSource<T> prepare(const Tensor<T>& source, const nn::Lengths& lengths) const override {
    return {source.extent(0), lengths.on_device};
  }
  Tensor<T> attend(const Tensor<T>& x, const nn::PreparedSource<T>&,
                   const nn::Sequence& sequence) const override {
    this->add_loss(sequence, "penalty", sum(square(scale_.value)) * 3.0);
    return x * scale_.value;
  }
  Index state_bytes(Index) const override { return 0; }
  double step_flops(Index) const override { return 0; }

 protected:
  Tensor<T> forward_causal(const Tensor<T>& x, const nn::Sequence& sequence, nn::State<T>*) const override {
    return attend(x, nn::PreparedSource<T>(x.extent(0), {}), sequence);
  }

 private:
  nn::Parameter<T>& scale_;
};

/// A kind that promises causal use alone.
template <class T>
class CausalOnly : public Penalised<T> {
 public:
  static constexpr nn::AttentionDescription description{.name = "causal only", .causal = true};
  using Penalised<T>::Penalised;
};

/// While this lives, the two kinds are known.
struct Registered {
  Registered() {
    nn::own_attention_kinds<double>().push_back(nn::attention_kind<double, Penalised>());
    nn::own_attention_kinds<double>().push_back(nn::attention_kind<double, CausalOnly>());
  }
  ~Registered() { nn::own_attention_kinds<double>().clear(); }
};

/// A block with the weights and the dropout streams that the model's block has under this path.
std::unique_ptr<models::Block<double>> twin(const models::BlockConfig& config, const std::string& path,
                                            const nn::ParameterStore<double>& store) {
  auto block = std::make_unique<models::Block<double>>(config);
  block->for_each_parameter([&](const std::string& name, nn::Parameter<double>& parameter) {
    parameter.value = parameter_named(store, concatenate(path, '.', name));
  });
  block->set_path(path);
  return block;
}

}  // namespace

BOOST_AUTO_TEST_CASE(names_and_shapes_are_those_of_the_reference) {
  models::EncoderDecoderConfig config = small_encoder_decoder(hybrid);
  auto shapes = shapes_of(config);
  BOOST_TEST(shapes.at("embedding.weight") == "[17, 8]");
  BOOST_TEST(shapes.at("encoder.1.self_attn.out_proj.weight") == "[8, 8]");
  BOOST_TEST(shapes.at("decoder.0.self_attn.k_proj.weight") == "[3, 8]");
  BOOST_TEST(shapes.at("decoder.1.cross_attn.k_proj.weight") == "[5, 8]");
  BOOST_TEST(shapes.at("encoder_norm.weight") == "[8]");
  BOOST_TEST(shapes.at("decoder_norm.bias") == "[8]");
  BOOST_TEST(!shapes.contains("output.weight"));
  config.decoder.block.pre_norm = false;
  shapes = shapes_of(config);
  BOOST_TEST(!shapes.contains("encoder_norm.weight"));
  BOOST_TEST(!shapes.contains("decoder_norm.weight"));
}

BOOST_AUTO_TEST_CASE(embeddings_and_output_may_have_tables_of_their_own) {
  models::EncoderDecoderConfig config = small_encoder_decoder(hybrid);
  config.source.share_embeddings = false;
  config.decoder.tie = false;
  config.decoder.embedding.positions = models::PositionKind::learned;
  config.decoder.max_positions = 11;
  config.source.max_source = 13;
  const auto shapes = shapes_of(config);
  BOOST_TEST(!shapes.contains("embedding.weight"));
  BOOST_TEST(shapes.at("encoder.embedding.weight") == "[17, 8]");
  BOOST_TEST(shapes.at("decoder.embedding.weight") == "[17, 8]");
  BOOST_TEST(shapes.at("encoder.position_embedding.weight") == "[13, 8]");
  BOOST_TEST(shapes.at("decoder.position_embedding.weight") == "[11, 8]");
  BOOST_TEST(shapes.at("output.weight") == "[17, 8]");
  Model model(config);
  const nn::ParameterStore<double> store(model, 1);
  const Tensor<Id> source = random_ids({2, 5}, 1), target = random_ids({2, 4}, 2);
  const auto hidden = [&] { return model.hidden(target, model.encode(source)); };
  const Tensor<double> before = hidden(), logits = model.logits(before);
  parameter_named(store, "output.weight").fill(0);
  BOOST_TEST(largest_difference(hidden(), before) == 0);
  BOOST_TEST(largest_difference(model.logits(before), logits) > 1e-3);
  for (const char* name : {"encoder.embedding.weight", "decoder.position_embedding.weight"}) {
    const Tensor<double> old = hidden();
    parameter_named(store, name).fill(0.5);
    BOOST_TEST(largest_difference(hidden(), old) > 1e-3, name);
  }
}

BOOST_AUTO_TEST_CASE(the_padding_row_begins_as_zero_and_sublayers_share_the_residual_stream) {
  models::EncoderDecoderConfig config = small_encoder_decoder({"memsizer", "memsizer", "memsizer"});
  config.decoder.padding = 2;
  config.decoder.initialisation = nn::Initialisation::gpt2;
  config.source.encoder_layers = 4;
  Model model(config);
  const nn::ParameterStore<double> store(model, 1);
  const std::vector<double> table = parameter_named(store, "embedding.weight").to_vector();
  for (std::size_t i = 16; i < 24; ++i) BOOST_TEST(table[i] == 0);
  BOOST_TEST(table[15] != 0);
  const auto first = [&](const char* name) { return parameter_named(store, name).to_vector()[0]; };
  BOOST_TEST(first("encoder.3.self_attn.v_norm.weight") == 1 / std::sqrt(8.0));
  BOOST_TEST(first("decoder.1.self_attn.v_norm.weight") == 1 / std::sqrt(6.0));
  BOOST_TEST(first("decoder.1.cross_attn.v_norm.weight") == 1 / std::sqrt(6.0));
}

BOOST_AUTO_TEST_CASE(dropout_is_in_its_places_and_differs_between_the_two_sides) {
  models::EncoderDecoderConfig config = small_encoder_decoder(hybrid);
  config.source.encoder_layers = config.decoder.layers = 1;
  config.decoder.block.dropout = 0.3;
  config.decoder.attention_settings.dropout = 0.2;
  Model model(config);
  const nn::ParameterStore<double> store(model, 1, false);
  const Tensor<Id> ids = random_ids({2, 5}, 1);
  const Tensor<std::uint64_t> key({1}, {9});
  const nn::Sequence sequence{.training = true, .step_key = key.data()};
  const auto embedded = [&](const char* side) {
    const Tensor<double> x = embedding(ids, parameter_named(store, "embedding.weight"),
                                       models::sinusoids<double>(5, 8), {}, std::sqrt(8.0));
    return dropout(x, sequence.dropout(0.3, mix_keys(name_key(side), name_key("embedding"))));
  };
  const auto normed = [&](const std::string& side, const Tensor<double>& x) {
    return layer_norm(x, parameter_named(store, side + "_norm.weight"),
                      parameter_named(store, side + "_norm.bias"));
  };
  models::BlockConfig block{.self_attention = "transformer",
                            .self = {.dim = 8, .settings = {.heads = 2, .slots = 5, .dropout = 0.2}},
                            .settings = config.decoder.block};
  const auto encoder = twin(block, "encoder.0", store);
  block.cross_attention = block.self_attention = "memsizer";
  block.cross = block.self;
  block.self.causal = true;
  block.self.settings.slots = 3;
  const auto decoder = twin(block, "decoder.0", store);
  const auto source =
      decoder->prepare(normed("encoder", encoder->forward(embedded("encoder"), sequence)), {});
  const Tensor<double> expected =
      normed("decoder", decoder->forward(embedded("decoder"), sequence, nullptr, &source));
  const Tensor<double> y = model.hidden(ids, model.encode(ids, sequence), sequence);
  BOOST_TEST(largest_difference(y, expected) <= 1e-12);
  const double loss = model.loss(ids, {}, ids, ids, sequence).mean.item();
  BOOST_TEST(std::abs(loss - cross_entropy(model.logits(expected), ids).item()) <= 1e-12);
  BOOST_TEST(largest_difference(model.hidden(ids, model.encode(ids)), expected) > 1e-2);
}

BOOST_AUTO_TEST_CASE(losses_that_layers_of_both_sides_add_are_in_the_models) {
  const Registered registered;
  Model model(small_encoder_decoder({"penalised", "penalised", "penalised"}));
  const nn::ParameterStore<double> store(model, 1);
  const Tensor<Id> ids = random_ids({2, 5}, 1);
  Tape tape;
  const auto loss = model.loss(ids, {}, ids, ids);
  BOOST_TEST(loss.auxiliary.all<double>().size() == 6u);  // two layers in each of three places
  const std::vector<double> total = loss.total.to_vector();
  BOOST_TEST(std::abs(loss.mean.item() - (total[0] / total[1] + 6 * 3)) <= 1e-12);
  for (const auto& [name, shape] : shapes_of(small_encoder_decoder({"penalised", "penalised", "penalised"})))
    BOOST_TEST(name.find("position") == std::string::npos, name);
}

BOOST_AUTO_TEST_CASE(wrong_configurations_are_refused) {
  const Registered registered;
  const auto refused = [](const auto& change) {
    models::EncoderDecoderConfig config = small_encoder_decoder(hybrid);
    change(config);
    BOOST_CHECK_THROW(Model{config}, InputError);
  };
  refused([](auto& c) { c.source.encoder_layers = 0; });
  refused([](auto& c) { c.decoder.layers = 0; });
  refused([](auto& c) { c.decoder.vocab = 0; });
  refused([](auto& c) { c.source.cross_slots = -1; });
  refused([](auto& c) { c.source.cross_attention = {}; });
  refused([](auto& c) { c.source.cross_attention = {"memsizer", "memsizer", "memsizer"}; });
  refused([](auto& c) { c.source.encoder_attention = {"none"}; });
  refused([](auto& c) { c.source.encoder_attention = {"causal only"}; });
  refused([](auto& c) { c.source.cross_attention = {"memsizer", "causal only"}; });
  refused([](auto& c) { c.decoder.padding = 17; });
  refused([](auto& c) {
    c.decoder.embedding.positions = models::PositionKind::learned;
    c.decoder.max_positions = 5;  // but max_source is 0
  });
}

BOOST_AUTO_TEST_CASE(inputs_that_do_not_fit_are_refused_and_leave_the_state_as_it_was) {
  Model model(small_encoder_decoder(hybrid));
  const nn::ParameterStore<double> store(model, 1);
  const Tensor<Id> ids = random_ids({2, 5}, 1);
  const auto with_lengths = [](std::vector<Id> lengths) {
    return nn::Sequence{.lengths = nn::Lengths(std::move(lengths), cpu::device())};
  };
  BOOST_CHECK_THROW(model.encode(ids, with_lengths({5, 0})), InputError);
  BOOST_CHECK_THROW(model.encode(ids, with_lengths({5, 6})), InputError);
  BOOST_CHECK_THROW(model.encode(ids, with_lengths({5})), InputError);
  BOOST_CHECK_THROW(model.encode(Tensor<Id>({2, 0}, {})), InputError);
  BOOST_CHECK_THROW(model.encode(Tensor<Id>({5}, {1, 2, 3, 4, 5})), InputError);
  BOOST_CHECK_THROW(model.encode(Tensor<Id>({1, 1}, {17})), InputError);
  const auto sources = model.encode(ids);
  BOOST_CHECK_THROW(model.hidden(random_ids({3, 5}, 1), sources), InputError);
  BOOST_CHECK_THROW(model.hidden(ids, {sources[0]}), InputError);
  BOOST_CHECK_THROW(model.initial_state({}), InputError);
  BOOST_CHECK_THROW(model.loss(ids, {}, ids, Tensor<Id>({2, 5}, std::vector<Id>(10, 17))), InputError);
  auto state = model.initial_state(sources);
  model.hidden(ids, state);
  auto copy = state;
  BOOST_CHECK_THROW(model.hidden(random_ids({3, 1}, 1), state), InputError);
  BOOST_CHECK_THROW(model.hidden(Tensor<Id>({2, 1}, {1, 17}), state), InputError);
  BOOST_CHECK_THROW(state.reorder({2}), InputError);
  const Tensor<Id> next({2, 1}, {1, 16});
  BOOST_TEST(largest_difference(model.hidden(next, state), model.hidden(next, copy)) == 0);
}

BOOST_AUTO_TEST_SUITE_END()
