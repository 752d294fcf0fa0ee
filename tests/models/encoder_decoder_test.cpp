#include "memsizer/models/encoder_decoder.hpp"

#include <set>

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "memsizer/check/gradient_check.hpp"
#include "memsizer/nn/parameter_store.hpp"

#include "models/parameter_named.hpp"
#include "models/small_encoder_decoder.hpp"
#include "tensors.hpp"

BOOST_AUTO_TEST_SUITE(encoder_decoder)

using namespace memsizer;
using test::largest_difference;
using test::part;
using test::random_ids;
using test::small_encoder_decoder;
namespace data = boost::unit_test::data;
using Model = models::EncoderDecoder<double>;

namespace {

const std::vector<Id> source_lengths{7, 3, 1}, target_lengths{4, 6, 2};

nn::Sequence with_lengths(const std::vector<Id>& lengths) {
  return {.lengths = nn::Lengths(lengths, cpu::device())};
}

/// A row of ids [rows, time] without its padding.
Tensor<Id> real(const Tensor<Id>& ids, Index row, const std::vector<Id>& lengths) {
  return part(ids, row, row + 1, 0, lengths[static_cast<std::size_t>(row)]);
}

}  // namespace

BOOST_DATA_TEST_CASE(padding_changes_nothing, data::make(test::mixtures()), mixture) {
  Model model(small_encoder_decoder(mixture));
  const nn::ParameterStore<double> store(model, 1);
  const Tensor<Id> source = random_ids({3, 7}, 5), target = random_ids({3, 6}, 6);
  const auto sources = model.encode(source, with_lengths(source_lengths));
  const Tensor<double> together = model.hidden(target, sources, with_lengths(target_lengths));
  for (Index row = 0; row < 3; ++row) {
    const Tensor<double> alone =
        model.hidden(real(target, row, target_lengths), model.encode(real(source, row, source_lengths)));
    const Tensor<double> of_row = slice(slice(together, 0, row, row + 1), 1, 0, alone.extent(1));
    BOOST_TEST(largest_difference(of_row, alone) <= 1e-12);
  }
  std::vector<Id> ids = source.to_vector();
  for (const std::size_t padding : {10u, 13u, 15u, 20u}) ids[padding] = (ids[padding] + 1) % 17;
  const auto others = model.encode(Tensor<Id>({3, 7}, ids), with_lengths(source_lengths));
  BOOST_TEST(largest_difference(model.hidden(target, others, with_lengths(target_lengths)), together) == 0);
}

BOOST_DATA_TEST_CASE(steps_with_a_state_equal_the_whole, data::make(test::mixtures()), mixture) {
  Model model(small_encoder_decoder(mixture));
  const nn::ParameterStore<double> store(model, 1);
  const auto sources = model.encode(random_ids({3, 7}, 5), with_lengths(source_lengths));
  const Tensor<Id> target = random_ids({3, 20}, 6);
  auto state = model.initial_state(sources);
  std::vector<Tensor<double>> parts{model.hidden(part(target, 0, 3, 0, 4), state)};
  for (Index t = 4; t < 20; ++t) parts.push_back(model.hidden(part(target, 0, 3, t, t + 1), state));
  BOOST_TEST(largest_difference(concatenate(parts, 1), model.hidden(target, sources)) <= 1e-12);
}

BOOST_DATA_TEST_CASE(rows_are_reordered_with_their_sources, data::make(test::mixtures()), mixture) {
  Model model(small_encoder_decoder(mixture));
  const nn::ParameterStore<double> store(model, 1);
  const Tensor<Id> source = random_ids({3, 7}, 5), begun = random_ids({3, 4}, 6),
                   next = random_ids({3, 3}, 7);
  auto state = model.initial_state(model.encode(source, with_lengths(source_lengths)));
  model.hidden(begun, state);
  state.reorder({2, 0, 2});
  state.reorder({1, 0, 0});
  BOOST_TEST(state.batch() == 3);
  const Tensor<double> y = model.hidden(next, state);
  const std::vector<Index> was{0, 2, 2};
  for (Index row = 0; row < 3; ++row) {
    const Index old = was[static_cast<std::size_t>(row)];
    auto expected = model.initial_state(model.encode(real(source, old, source_lengths)));
    model.hidden(part(begun, old, old + 1, 0, 4), expected);
    const Tensor<double> alone = model.hidden(part(next, row, row + 1, 0, 3), expected);
    BOOST_TEST(largest_difference(slice(y, 0, row, row + 1), alone) <= 1e-12);
  }
}

BOOST_AUTO_TEST_CASE(hypotheses_of_one_source_share_it) {
  Model model(small_encoder_decoder({"transformer", "memsizer", "transformer"}));
  const nn::ParameterStore<double> store(model, 1);
  auto state = model.initial_state(model.encode(random_ids({2, 7}, 5)));
  state.reorder({0, 0, 1, 1});
  model.hidden(random_ids({4, 3}, 6), state);
  const auto keys = [&] { return state.sources()[0].get<double>("keys").data(); };
  const double* const before = keys();
  auto expected = state;
  state.reorder({1, 0, 3, 3});
  BOOST_TEST(keys() == before);
  state.reorder({0, 1, 2, 2});
  BOOST_TEST(keys() == before);
  BOOST_TEST(state.sources()[1].batch() == 2);
  const Tensor<Id> next = random_ids({4, 1}, 7);
  const std::vector<Id> ids = next.to_vector();
  const Tensor<double> y = model.hidden(Tensor<Id>({4, 1}, {ids[1], ids[0], ids[3], ids[3]}), state),
                       plain = model.hidden(next, expected);
  BOOST_TEST(largest_difference(slice(y, 0, 0, 1), slice(plain, 0, 1, 2)) == 0);
  BOOST_TEST(largest_difference(slice(y, 0, 1, 2), slice(plain, 0, 0, 1)) == 0);
  BOOST_TEST(largest_difference(slice(y, 0, 2, 3), slice(plain, 0, 3, 4)) == 0);
  state.reorder({2, 2});  // nobody reads the first source any more
  BOOST_TEST(keys() != before);
  BOOST_TEST(state.sources()[1].batch() == 1);
  BOOST_TEST((state.source_of_row() == std::vector<Index>{0, 0}));
}

// Runs of several lengths, sources out of order, and a source whose rows are not neighbours.
BOOST_DATA_TEST_CASE(a_row_reads_its_source_wherever_it_is, data::make(test::mixtures()), mixture) {
  Model model(small_encoder_decoder(mixture));
  const nn::ParameterStore<double> store(model, 1);
  const Tensor<Id> source = random_ids({3, 7}, 5), tokens = random_ids({3, 2}, 6);
  auto state = model.initial_state(model.encode(source, with_lengths(source_lengths)));
  model.hidden(tokens, state);
  const std::vector<Index> was{2, 0, 0, 1, 2, 2, 2, 1};
  state.reorder(was);
  const Tensor<Id> next = random_ids({8, 1}, 7);
  const Tensor<double> y = model.hidden(next, state);
  for (Index row = 0; row < 8; ++row) {
    const Index old = was[static_cast<std::size_t>(row)];
    auto expected = model.initial_state(model.encode(real(source, old, source_lengths)));
    model.hidden(part(tokens, old, old + 1, 0, 2), expected);
    const Tensor<double> alone = model.hidden(part(next, row, row + 1, 0, 1), expected);
    BOOST_TEST(largest_difference(slice(y, 0, row, row + 1), alone) <= 1e-12, "row " << row);
  }
}

BOOST_AUTO_TEST_CASE(a_memory_of_the_source_has_the_same_size_for_every_length) {
  Model memsizer(small_encoder_decoder({"transformer", "memsizer", "memsizer"}));
  const nn::ParameterStore<double> store(memsizer, 1);
  const auto bytes = [&](Index time) {
    return memsizer.initial_state(memsizer.encode(random_ids({2, time}, 5))).bytes();
  };
  BOOST_TEST(bytes(3) == bytes(90));
  BOOST_TEST(bytes(3) >= 2 * 2 * 5 * 8 * Index{sizeof(double)});  // layers, rows, cross_slots, dim
}

BOOST_DATA_TEST_CASE(all_parameters_pass_the_gradient_check, data::make(test::mixtures()), mixture) {
  models::EncoderDecoderConfig config = small_encoder_decoder(mixture);
  config.decoder.block.activation = Activation::gelu;  // ReLU has kinks
  Model model(config);
  const nn::ParameterStore<double> store(model, 1);
  const Tensor<Id> source = random_ids({2, 4}, 5), input = random_ids({2, 3}, 6);
  const Tensor<Id> targets({2, 3}, {3, 9, 4, 16, 2, -1});
  const nn::Lengths lengths({4, 2}, cpu::device());
  std::vector<Tensor<double>> values;
  for (const auto& entry : store.entries()) values.push_back(entry.parameter->value.detach());
  const auto loss = [&](const std::vector<Tensor<double>>& x) {
    for (std::size_t i = 0; i < x.size(); ++i) store.entries()[i].parameter->value = x[i];
    return model.loss(source, lengths, input, targets, {}, {0.1, LabelSmoothing::Over::all}).mean;
  };
  const check::GradientReport report =
      check::check_gradient(loss, values, {.tolerance = 1e-6, .step = 1e-4, .every_element = 4});
  BOOST_TEST(report.passed(), mixture << ": " << report);
}

BOOST_AUTO_TEST_CASE(the_loss_is_that_of_the_logits_in_both_forms_of_smoothing) {
  Model model(small_encoder_decoder({"transformer", "memsizer", "memsizer"}));
  const nn::ParameterStore<double> store(model, 1);
  const Tensor<Id> source = random_ids({3, 7}, 5), input = random_ids({3, 6}, 6);
  std::vector<Id> ids = random_ids({3, 6}, 8).to_vector();
  for (const std::size_t padding : {4u, 5u, 14u, 15u, 16u, 17u}) ids[padding] = -1;
  const Tensor<Id> targets({3, 6}, ids);
  const nn::Sequence of_source = with_lengths(source_lengths);
  const Tensor<double> logits = model.logits(model.hidden(input, model.encode(source, of_source)));
  for (const auto over : {LabelSmoothing::Over::others, LabelSmoothing::Over::all}) {
    const LabelSmoothing smoothing{0.1, over};
    const auto loss = model.loss(source, of_source.lengths, input, targets, {}, smoothing);
    BOOST_TEST(std::abs(loss.mean.item() - cross_entropy(logits, targets, smoothing).item()) <= 1e-12);
    BOOST_TEST(loss.total.to_vector()[1] == 12);
    const double nats = 12 * cross_entropy(logits, targets).item();
    BOOST_TEST(std::abs(loss.nats() - nats) <= 1e-11);  // without smoothing
  }
}

BOOST_AUTO_TEST_CASE(float_follows_double) {
  const auto loss = []<class T>(T) {
    models::EncoderDecoder<T> model(small_encoder_decoder({"transformer", "memsizer", "memsizer"}));
    const nn::ParameterStore<T> store(model, 1);
    return static_cast<double>(model
                                   .loss(random_ids({3, 7}, 5), nn::Lengths(source_lengths, cpu::device()),
                                         random_ids({3, 6}, 6), random_ids({3, 6}, 8))
                                   .mean.item());
  };
  BOOST_TEST(std::abs(loss(float{}) - loss(double{})) < 1e-4);
}

BOOST_AUTO_TEST_SUITE_END()
