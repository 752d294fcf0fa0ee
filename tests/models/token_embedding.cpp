// How tokens enter a model: scales, each kind of positions, and positions far away.
#include "memsizer/models/token_embedding.hpp"

#include <boost/test/unit_test.hpp>

#include "memsizer/models/language_model.hpp"
#include "memsizer/nn/parameter_store.hpp"

#include "tensors.hpp"

BOOST_AUTO_TEST_SUITE(token_embedding)

using namespace memsizer;
using models::PositionKind;
using test::largest_difference;
using Embedding = models::TokenEmbedding<double>;

namespace {

Embedding made(PositionKind positions, models::EmbeddingScale scale = models::EmbeddingScale::sqrt_dim) {
  return Embedding(
      {.vocab = 11, .dim = 8, .settings = {.positions = positions, .scale = scale}, .max_positions = 6});
}

/// A segment whose rows already have `first` tokens each.
nn::Sequence with_positions_after(const std::vector<Id>& first, Index time) {
  return nn::Sequence().with_positions_after(first, time, cpu::device());
}

const Tensor<Id> tokens({2, 3}, {1, 10, 3, 4, 4, 0});

Tensor<double> rows(const Tensor<double>& table, double scale) {
  return embedding(tokens, table, {}, {}, scale);
}

}  // namespace

BOOST_AUTO_TEST_CASE(scales_and_positions_are_those_asked_for) {
  for (const auto& [scale, factor] : {std::pair{models::EmbeddingScale::one, 1.0},
                                      std::pair{models::EmbeddingScale::sqrt_dim, std::sqrt(8.0)}})
    for (const PositionKind kind : {PositionKind::none, PositionKind::sinusoidal, PositionKind::learned}) {
      Embedding module = made(kind, scale);
      const nn::ParameterStore<double> store(module, 1);
      Tensor<double> expected = rows(module.table(), factor);
      const Tensor<double> positions = kind == PositionKind::learned ? store.entries()[1].parameter->value
                                                                     : models::sinusoids<double>(6, 8);
      if (kind != PositionKind::none) expected = expected + slice(positions, 0, 2, 5);
      BOOST_TEST(largest_difference(module.forward(tokens, with_positions_after({2, 2}, 3)), expected) <=
                 1e-15);
    }
}

BOOST_AUTO_TEST_CASE(sinusoids_far_away_are_computed_where_they_are_needed) {
  Embedding module = made(PositionKind::sinusoidal);
  const nn::ParameterStore<double> store(module, 1);
  const double root = std::sqrt(8.0);
  for (const auto& [a, b] :
       {std::pair{4093, 4093}, {4094, 4094}, {1000000, 1000000}, {7, 100000}, {70000, 3}}) {
    const std::vector<Id> positions{a, a + 1, a + 2, b, b + 1, b + 2};
    const Tensor<double> expected =
        rows(module.table(), root) + reshape(models::sinusoids<double>(positions, 8), {2, 3, 8});
    const Tensor<double> y = module.forward(tokens, with_positions_after({a, b}, 3));
    BOOST_TEST(largest_difference(y, expected) <= 1e-14, a << " " << b);
  }
}

BOOST_AUTO_TEST_CASE(memory_does_not_grow_with_the_text) {
  Embedding module = made(PositionKind::sinusoidal);
  const nn::ParameterStore<double> store(module, 1);
  const auto bytes_after = [&](Id position) {
    module.forward(tokens, with_positions_after({position, position}, 3));
    return cpu::device().pool().bytes_in_use();
  };
  const Index before = bytes_after(4000);
  for (const Id position : {5000, 100000, 20000000}) BOOST_TEST(bytes_after(position) == before);
}

BOOST_AUTO_TEST_CASE(ragged_rows_may_end_where_the_learned_positions_end) {
  Embedding module = made(PositionKind::learned);
  const nn::ParameterStore<double> store(module, 1);
  nn::Sequence sequence{.lengths = nn::Lengths({1, 3}, cpu::device())};
  sequence = sequence.with_positions_after({5, 3}, 3, cpu::device());
  Tape tape;
  const Tensor<double> y = module.forward(tokens, sequence),
                       whole = module.forward(tokens, with_positions_after({3, 3}, 3));
  for (const double value : y.to_vector()) BOOST_TEST(std::isfinite(value));  // also at padding
  BOOST_TEST(largest_difference(slice(y, 0, 1, 2), slice(whole, 0, 1, 2)) <= 1e-15);
  const Tensor<double> last = module.forward(Tensor<Id>({1, 1}, {1}), with_positions_after({5}, 1));
  BOOST_TEST(largest_difference(slice(slice(y, 0, 0, 1), 1, 0, 1), last) <= 1e-15);
  tape.backward(sum(y));
  const std::vector<double> gradient = store.entries()[1].parameter->value.gradient().to_vector();
  for (Index position = 0; position < 6; ++position)  // row 1 is at 3, 4 and 5, row 0 and its padding at 5
    BOOST_TEST(gradient[static_cast<std::size_t>(8 * position)] == (position < 3 ? 0 : position < 5 ? 1 : 4));
  BOOST_CHECK_THROW(module.forward(tokens, sequence.with_positions_after({5, 4}, 3, cpu::device())),
                    InputError);
  BOOST_CHECK_THROW(module.forward(tokens, with_positions_after({3, 4}, 3)), InputError);
}

BOOST_AUTO_TEST_CASE(a_model_may_have_no_positions_and_no_final_norm) {
  models::LanguageModelConfig config{.attention = {"memsizer"},
                                     .vocab = 11,
                                     .layers = 1,
                                     .dim = 8,
                                     .attention_settings = {.heads = 2, .slots = 3},
                                     .block = {.ffn = 12}};
  config.embedding.positions = PositionKind::none;
  config.final_norm = false;
  models::LanguageModel<double> model(config);
  const nn::ParameterStore<double> store(model, 1);
  for (const auto& entry : store.entries()) BOOST_TEST(!entry.name.starts_with("final_norm"), entry.name);
  const Tensor<double> expected =
      model.block(0).forward(rows(store.entries()[0].parameter->value, std::sqrt(8.0)), {});
  BOOST_TEST(largest_difference(model.hidden(tokens, {}), expected) <= 1e-14);
}

BOOST_AUTO_TEST_SUITE_END()
