// MemSizer beside the Transformer: two models that differ only in the kind of attention. The sample prints
// the size of each model's state in generation, and checks that reading token by token gives the same values
// as reading the whole sequence at once.
#include <iomanip>
#include <iostream>

#include "memsizer/models/language_model.hpp"
#include "memsizer/nn/parameter_store.hpp"

using namespace memsizer;

namespace {

Tensor<Id> some_tokens(Index count) {
  std::vector<Id> tokens;
  for (Index i = 0; i < count; ++i) tokens.push_back(static_cast<Id>(i * i % 50));
  return Tensor<Id>({1, count}, tokens);
}

/// The bytes of state after a number of tokens.
Index state_bytes(const models::LanguageModel<double>& model, Index tokens) {
  auto state = model.initial_state(1);
  model.hidden(some_tokens(tokens), {}, &state);
  Index bytes = 0;
  for (const auto& layer : state) bytes += layer.bytes();
  return bytes;
}

/// The largest difference between reading all tokens at once and reading one token at a time.
double difference_of_steps(const models::LanguageModel<double>& model) {
  const Tensor<Id> tokens = some_tokens(100);
  const std::vector<double> whole = model.hidden(tokens, {}).to_vector();
  auto state = model.initial_state(1);
  double largest = 0;
  for (Index t = 0; t < 100; ++t) {
    const std::vector<double> step = model.hidden(tokens.view(t, {1, 1}), {}, &state).to_vector();
    for (std::size_t i = 0; i < step.size(); ++i)
      largest = std::max(largest, std::abs(step[i] - whole[static_cast<std::size_t>(t) * step.size() + i]));
  }
  return largest;
}

}  // namespace

int main() {
  for (const char* kind : {"transformer", "memsizer"}) {
    models::LanguageModel<double> model({.attention = {kind},
                                         .vocab = 50,
                                         .layers = 2,
                                         .dim = 32,
                                         .attention_settings = {.heads = 4, .slots = 8},
                                         .block = {.ffn = 64}});
    const nn::ParameterStore<double> store(model, 1);
    std::cout << kind << ": " << store.parameter_count() << " parameters\n";
    for (Index tokens : {16, 256, 1024})
      std::cout << "  state after " << tokens << " tokens: " << state_bytes(model, tokens) << " bytes\n";
    std::cout << "  steps equal the whole: " << (difference_of_steps(model) < 1e-12 ? "yes" : "no") << '\n';
  }
  // A hybrid names a kind for each layer, and needs no new model.
  models::LanguageModel<double> hybrid({.attention = {"memsizer", "transformer"},
                                        .vocab = 50,
                                        .layers = 2,
                                        .dim = 32,
                                        .attention_settings = {.heads = 4, .slots = 8},
                                        .block = {.ffn = 64}});
  const nn::ParameterStore<double> store(hybrid, 1);
  std::cout << "hybrid: " << store.parameter_count()
            << " parameters, steps equal the whole: " << (difference_of_steps(hybrid) < 1e-12 ? "yes" : "no")
            << '\n';
}
