// A kind's description refuses uses that it does not promise, and a forward keeps the promises. Most tests
// add a kind of their own that promises little.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "memsizer/models/language_model.hpp"
#include "memsizer/models/model_settings.hpp"
#include "memsizer/nn/parameter_store.hpp"
#include "memsizer/nn/step_key.hpp"

#include "attention_kind_names.hpp"
#include "tensors.hpp"

BOOST_AUTO_TEST_SUITE(promises)

using namespace memsizer;
using test::largest_difference;
using test::random_tensor;
namespace data = boost::unit_test::data;

namespace {

/// y = scale x, with a penalty on the scale. The kind promises causal use and needs no positions, nothing
/// more.
template <class T>
class Scaled : public nn::Attention<T> {
 public:
  static constexpr nn::AttentionDescription description{
      .name = "scaled", .causal = true, .absolute_positions = false, .auxiliary_losses = {"penalty"}};

  explicit Scaled(const nn::AttentionConfig& config)
      : nn::Attention<T>(description, config), scale_(this->parameter("scale", {1}, nn::ones())) {}

  Index state_bytes(Index) const override { return 0; }
  double step_flops(Index) const override { return 0; }

 protected:
  Tensor<T> forward_causal(const Tensor<T>& x, const nn::Sequence& sequence,
                           nn::State<T>* state) const override {
    if (state != nullptr) state->advance(sequence, x.extent(1));
    this->add_loss(sequence, "penalty", sum(square(scale_.value)) * 3.0);
    return x * scale_.value;
  }

 private:
  nn::Parameter<T>& scale_;
};

/// While this lives, the kind is known.
struct Registered {
  Registered() { nn::own_attention_kinds<double>().push_back(nn::attention_kind<double, Scaled>()); }
  ~Registered() { nn::own_attention_kinds<double>().clear(); }
};

models::LanguageModelConfig config_of(const std::string& kind) {
  return {.attention = {kind},
          .vocab = 7,
          .layers = 2,
          .dim = 8,
          .attention_settings = {.heads = 2, .slots = 3},
          .block = {.ffn = 12}};
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_use_that_is_not_promised_is_refused) {
  const auto is_clear = [](const InputError& error) {
    return std::string_view(error.what()).starts_with("attention kind scaled: ");
  };
  const Registered registered;
  const auto all = nn::make_attention<double>("scaled", {.dim = 4});
  const Tensor<double> x = random_tensor({1, 2, 4}, 1);
  BOOST_CHECK_EXCEPTION(all->forward(x, {}), InputError, is_clear);
  BOOST_CHECK_EXCEPTION(all->prepare(x, {}), InputError, is_clear);
  BOOST_CHECK_EXCEPTION(all->attend(x, nn::PreparedSource<double>(1, {}), {}), InputError, is_clear);
  const auto causal = nn::make_attention<double>("scaled", {.dim = 4, .causal = true});
  const nn::ParameterStore<double> store(*causal, 1);
  BOOST_CHECK_NO_THROW(causal->forward(x, {}));
  BOOST_CHECK_EXCEPTION(causal->forward(x, {.inner_document_starts = {{1}}}), InputError, is_clear);
  BOOST_CHECK_NO_THROW(causal->forward(x, {.inner_document_starts = {{}}}));
}

BOOST_DATA_TEST_CASE(documents_inside_of_a_segment_are_honoured_or_refused,
                     data::make(test::attention_kind_names()), kind) {
  if (nn::find_attention_kind<double>(kind).document_boundaries) return;
  models::LanguageModel<double> model(config_of(kind));
  const nn::ParameterStore<double> store(model, 1);
  const Tensor<Id> tokens({2, 3}, {1, 2, 3, 4, 5, 6});
  auto state = model.initial_state(2);
  BOOST_CHECK_THROW(model.hidden(tokens, {.inner_document_starts = {{}, {1, 2}}}, &state), InputError);
  BOOST_TEST((state[0].counts() == std::vector<Id>{0, 0}));
  BOOST_CHECK_NO_THROW(model.hidden(tokens, {.inner_document_starts = {{}, {}}}));
}

/// Whether equal tokens at different positions get different vectors, in a model whose layers do not mix
/// tokens.
bool tells_positions(const models::LanguageModelConfig& config) {
  models::LanguageModel<double> model(config);
  const nn::ParameterStore<double> store(model, 1);
  auto state = model.initial_state(1);
  const Tensor<double> first = model.hidden(Tensor<Id>({1, 1}, {3}), {}, &state);
  return largest_difference(first, model.hidden(Tensor<Id>({1, 1}, {3}), {}, &state)) > 1e-3;
}

BOOST_AUTO_TEST_CASE(a_model_adds_positions_where_a_layer_wants_them) {
  const Registered registered;
  models::LanguageModelConfig config = config_of("scaled");
  config.max_positions = 4;
  for (const auto positions : {models::PositionKind::sinusoidal, models::PositionKind::learned}) {
    config.embedding.positions = positions;
    config.attention = {"scaled"};
    BOOST_TEST(!tells_positions(config));
    const models::LanguageModel<double> none(config);
    BOOST_TEST((none.positions() == models::PositionKind::none));
    none.for_each_parameter([](const std::string& name, const nn::Parameter<double>&) {
      BOOST_TEST(name != "position_embedding.weight");
    });
    config.attention = {"scaled", "memsizer"};
    BOOST_TEST((models::LanguageModel<double>(config).positions() == positions));
  }
}

BOOST_AUTO_TEST_CASE(places_of_documents_must_lie_in_the_segment) {
  for (const std::vector<std::vector<Id>>& starts :
       {std::vector<std::vector<Id>>{{1}}, {{}, {0}}, {{}, {3}}, {{2, 1}, {}}, {{1, 1}, {}}, {{-1}, {}}}) {
    const nn::Sequence sequence{.inner_document_starts = starts};
    BOOST_CHECK_THROW(sequence.require_fits(2, 3), InputError);
  }
}

BOOST_AUTO_TEST_CASE(losses_that_layers_add_are_in_the_models) {
  const Registered registered;
  models::LanguageModel<double> model(config_of("scaled"));
  const nn::ParameterStore<double> store(model, 1);
  const Tensor<Id> tokens({1, 3}, {1, 2, 3}), targets({1, 3}, {2, 3, 4});
  Tape tape;
  const auto loss = model.loss(tokens, targets, {});
  const std::vector<double> total = loss.total.to_vector();
  BOOST_TEST(std::abs(loss.mean.item() - (total[0] / total[1] + 2 * 3)) < 1e-12);
  BOOST_TEST_REQUIRE(loss.auxiliary.all<double>().size() == 2u);
  BOOST_TEST(loss.auxiliary.all<double>()[1].name == "penalty");
  tape.backward(loss.mean);
  double with = 0;
  for (const auto& entry : store.entries())
    if (entry.name == "blocks.0.self_attn.scale") with = entry.parameter->value.gradient().item();
  Tape again;
  const Tensor<double> hidden = model.hidden(tokens, {});
  again.backward(cross_entropy(model.logits(hidden), targets));
  for (const auto& entry : store.entries())
    if (entry.name == "blocks.0.self_attn.scale")
      BOOST_TEST(std::abs(with - (entry.parameter->value.gradient().item() - with) - 6) < 1e-9);
}

BOOST_AUTO_TEST_CASE(a_loss_is_one_number_and_declared) {
  nn::AuxiliaryLosses losses;
  BOOST_CHECK_THROW(losses.add("two", Tensor<float>({2}, {1, 2})), InputError);
  losses.add("one", Tensor<float>({1}, {1}));
  BOOST_TEST(losses.all<float>().size() == 1u);
  BOOST_TEST(losses.all<double>().empty());
}

BOOST_AUTO_TEST_CASE(an_unknown_kind_is_told_all_names) {
  const Registered registered;
  BOOST_CHECK_EXCEPTION(nn::find_attention_kind<double>("scald"), InputError, [](const InputError& error) {
    return std::string_view(error.what()).ends_with(", scaled");
  });
}

namespace {

/// The parameters' shapes and first values, and what a layer with these settings makes of some tokens.
std::vector<double> trace_of(const std::string& kind, const nn::AttentionSettings& settings) {
  const auto attention = nn::make_attention<double>(kind, {.dim = 12, .settings = settings, .causal = true});
  const nn::ParameterStore<double> store(*attention, 7);
  std::vector<double> trace;
  for (const auto& entry : store.entries()) {
    for (const Index extent : entry.parameter->shape.extents()) trace.push_back(static_cast<double>(extent));
    const std::vector<double> values = store.values(entry);
    trace.insert(trace.end(), values.begin(), values.end());
  }
  nn::StepKey key(1);
  const std::vector<double> y = attention->forward(random_tensor({2, 9, 12}, 1), key.training(0)).to_vector();
  trace.insert(trace.end(), y.begin(), y.end());
  return trace;
}

}  // namespace

BOOST_DATA_TEST_CASE(a_kind_reads_the_settings_that_it_lists_and_no_other,
                     data::make(test::attention_kind_names(&nn::AttentionDescription::causal)), kind) {
  const nn::AttentionSettings plain{.heads = 2, .slots = 4};
  const auto& listed = nn::find_attention_kind<double>(kind).settings;
  for (const auto& row : models::attention_settings()) {
    nn::AttentionSettings changed = plain;
    row.assign(changed, row.name.ends_with("dropout") ? "0.5" : "3");
    const bool is_read = trace_of(kind, changed) != trace_of(kind, plain);
    BOOST_TEST(is_read == (std::ranges::count(listed, row.name) == 1),
               kind << (is_read ? " reads " : " does not read ") << row.name);
  }
}

BOOST_AUTO_TEST_SUITE_END()
