// Mistakes that users make. Each gives one sentence, which says what was expected and what came.
#include <boost/test/unit_test.hpp>

#include "memsizer/core.hpp"
#include "memsizer/decode/generate.hpp"
#include "memsizer/decode/language_model_stepper.hpp"

#include "files/temporary_folder.hpp"

BOOST_AUTO_TEST_SUITE(mistakes)

using namespace memsizer;

namespace {

using Vector = Tensor<double>;

struct Net : nn::Module<double> {
  nn::Linear<double> l{2, 2, nn::ones(), nn::zeros()};
  explicit Net(bool registered = true) {
    if (registered) child("l", l);
  }
};

/// A network and its store.
struct Held {
  Net net;
  nn::ParameterStore<double> store{net, 1};
  optim::Adam<double> adam{store};
};

Vector leaf() {
  return Vector({2}, {1, 2}).require_gradient();
}
Vector row() {
  return Vector({1, 2}, {1, 2});
}

using Model = models::LanguageModel<double>;

models::LanguageModelConfig small_model() {
  models::LanguageModelConfig config{.attention = {"transformer"}, .vocab = 8, .layers = 1, .dim = 8};
  config.attention_settings.heads = 2;
  config.block.ffn = 8;
  return config;
}

/// The loss of a model with these settings on tokens of this shape.
template <class Change>
double loss_of(Change change, const Shape& shape = {1, 4}, const nn::Sequence& step = {}) {
  models::LanguageModelConfig config = small_model();
  change(config);
  Model model(config);
  const nn::ParameterStore<double> store(model, 1);
  const Tensor<Id> tokens(shape, {1, 2, 3, 4});
  return model.loss(tokens, tokens, step).mean.item();
}

const auto nothing = [](auto&) {};

}  // namespace

// MISTAKE(name, part of the sentence, what is done)
#define MISTAKE(name, part, ...)                                  \
  BOOST_AUTO_TEST_CASE(name) {                                    \
    CHECK_THROWS_SAYING([] { __VA_ARGS__; }(), InputError, part); \
  }

// clang-format off: a line each
MISTAKE(wrong_count_of_values, "tensor of shape [2, 2]: 4 values expected, got 2", Vector({2, 2}, {3, 4}))
MISTAKE(reshape_to_another_size, "reshape: 6 elements of shape [2, 3] do not fill [1, 4]",
        reshape(Vector({2, 3}, {1, 2, 3, 4, 5, 6}), {-1, 4}))
MISTAKE(matmul_of_shapes_that_do_not_fit, "matmul: inner extents differ in shapes [2, 3] and [2, 3]",
        const Vector a({2, 3}, {1, 2, 3, 4, 5, 6});
        matmul(a, a))
MISTAKE(linear_of_another_width, "linear: input of shape [1, 3] does not fit a weight of shape [2, 2]",
        Held h;
        h.net.l.forward(Vector({1, 3}, {1, 2, 3})))
MISTAKE(forward_without_a_store, "has no elements: write nn::ParameterStore<float> store(net, seed) first",
        Net net;
        net.l.forward(row()))
MISTAKE(child_not_registered, "has no elements: write nn::ParameterStore<float> store(net, seed) first",
        Net net(false);
        const nn::ParameterStore<double> store(net, 1); net.l.forward(row()))
MISTAKE(backward_without_a_gradient,
        "backward: the output of shape [] does not depend on anything that requires a gradient on this tape",
        Tape tape;
        tape.backward(sum(Vector({2}, {1, 2}))))
MISTAKE(tape_made_after_forward, "does not depend on anything that requires a gradient on this tape",
        const auto y = sum(square(leaf()));
        Tape tape; tape.backward(y))
MISTAKE(backward_twice,
        "backward: the output of shape [] was not computed on this tape since its last backward", Tape tape;
        const auto y = sum(square(leaf())); tape.backward(y); tape.backward(y))
MISTAKE(backward_of_a_vector, "backward: a loss of one element expected, got shape [2]", Tape tape;
        tape.backward(square(leaf())))
MISTAKE(gradient_of_an_intermediate, "gradient: none has arrived at this tensor of shape [2]", Tape tape;
        const auto y = square(leaf()); tape.backward(sum(y)); y.gradient())
MISTAKE(changed_in_place_after_it_was_recorded,
        "backward of square: a tensor of shape [2] that it needs was changed in place after the operation",
        auto x = leaf();
        Tape tape; const auto y = sum(square(x)); x.fill(10); tape.backward(y))
MISTAKE(view_loses_the_gradient, "does not depend on anything that requires a gradient on this tape",
        Tape tape;
        tape.backward(sum(leaf().view(0, {2, 1}))))
MISTAKE(class_out_of_range, "cross_entropy: target 5 of 2 classes",
        cross_entropy(row(), Tensor<Id>({1}, {5})))
MISTAKE(targets_of_another_batch, "cross_entropy: logits of shape [2, 2] do not fit targets of shape [1]",
        cross_entropy(Vector({2, 2}, {1, 2, 3, 4}), Tensor<Id>({1}, {1})))
MISTAKE(id_out_of_range, "embedding: ids from 0 to 1 expected, got 7",
        embedding(Tensor<Id>({1}, {7}), Vector({2, 2}, {1, 2, 3, 4})))
MISTAKE(slice_out_of_range, "slice: 2 to 9 does not lie in axis 0 of shape [4]",
        slice(Vector({4}, {1, 2, 3, 4}), 0, 2, 9))
MISTAKE(negative_extent, "shape: negative size -1", Vector x({-1, 2}))
MISTAKE(item_of_two, "item: a tensor of one element expected, got shape [2]", leaf().item())
MISTAKE(shapes_that_do_not_broadcast, "add: shapes [2, 2] and [3] do not fit at axis -1",
        Vector({2, 2}, {1, 2, 3, 4}) + Vector({3}, {1, 2, 3}))
MISTAKE(tensor_without_elements, "tensor: used before it was given a value", sum(Vector()))
MISTAKE(negative_learning_rate, "a finite learning rate of at least 0 expected, got -1", Held h;
        h.adam.step(-1))
MISTAKE(learning_rate_that_is_no_number, "a finite learning rate of at least 0 expected, got nan", Held h;
        h.adam.step(std::nan("")))
MISTAKE(two_stores_on_one_module, "l.weight is held by another ParameterStore", Held h;
        nn::ParameterStore<double>(h.net, 2))
MISTAKE(
    tape_that_ended, "from before the last backward is used again", const auto x = leaf();
    const auto f =
        [&] {
          Tape inner;
          return square(x);
        };
    Tape tape; tape.backward(sum(f())))
MISTAKE(dropout_without_a_key,
        "the key of the step expected, as key.training(step) of an nn::StepKey key(seed)",
        loss_of([](auto& c) { c.block.dropout = 0.1; }, {1, 4}, {.training = true}))
MISTAKE(token_beyond_the_vocabulary, "ids below 4 expected, got 4", loss_of([](auto& c) { c.vocab = 4; }))
MISTAKE(unknown_kind_of_attention,
        "no attention kind is named 'linea'; there are transformer, memsizer, linear",
        loss_of([](auto& c) { c.attention = {"linea"}; }))
MISTAKE(forgotten_width, "block: a feed-forward width above 0 expected, got 0",
        loss_of([](auto& c) { c.block.ffn = 0; }))
MISTAKE(tokens_of_one_axis, "language model: tokens [batch, time] expected, got [4]", loss_of(nothing, {4}))
MISTAKE(model_without_a_store, "has no elements: write nn::ParameterStore<float> store(net, seed) first",
        Model model(small_model());
        const Tensor<Id> t({1, 2}, {1, 2}); model.loss(t, t, {}))
MISTAKE(generating_without_a_store, "has no elements: write nn::ParameterStore<float> store(net, seed) first",
        Model model(small_model());
        decode::LanguageModelStepper<double> stepper(model);
        decode::generate(stepper, {{.tokens = {1}, .max_tokens = 3}}, {}))
MISTAKE(optimiser_before_the_store,
        "no store holds the parameter weight: write nn::ParameterStore<float> store", Net net;
        optim::Adam<double>(net.parameters(), 1e-3))
MISTAKE(optimiser_of_two_stores, "another store holds the parameter weight than the first of the list",
        Held a;
        Held b; auto both = a.net.parameters(); both.push_back(b.net.parameters()[0]);
        optim::Adam<double>(both, 1e-3))
MISTAKE(step_without_a_rate, "made without a learning rate: give one, as in adam.step(1e-3)", Held h;
        h.adam.step())
MISTAKE(beta_out_of_range, "Adam: betas in 0 .. 1 (1 excluded) expected, got 1.5 and 0.999", Net net;
        nn::ParameterStore<double> store(net, 1); optim::Adam<double>(store, {.beta1 = 1.5}))
MISTAKE(attention_of_two_axes, "attention: x [batch, time, 8] expected, got [4, 8]",
        nn::MemSizerAttention<double> a({.dim = 8, .settings = {.heads = 2, .slots = 4}, .causal = true});
        nn::ParameterStore<double> s(a, 1); a.forward(Vector(Shape{4, 8}), {}))
MISTAKE(attention_of_another_width, "attention: x [batch, time, 8] expected, got [1, 4, 6]",
        nn::MemSizerAttention<double> a({.dim = 8, .settings = {.heads = 2, .slots = 4}, .causal = true});
        nn::ParameterStore<double> s(a, 1); a.forward(Vector(Shape{1, 4, 6}), {}))
// clang-format on

BOOST_AUTO_TEST_SUITE_END()
