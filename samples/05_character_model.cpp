// A language model of characters: a small Transformer learns a text of a few sentences and continues it.
#include <iomanip>
#include <iostream>

#include "memsizer/models/language_model.hpp"
#include "memsizer/nn/parameter_store.hpp"
#include "memsizer/optim/optimiser.hpp"

using namespace memsizer;

namespace {

const std::string text =
    "the river runs to the lake, the lake lies by the town, and the town sleeps by the river. "
    "the river runs to the lake, the lake lies by the town, and the town sleeps by the river. ";

/// A row of characters as tokens; a character is its byte.
Tensor<Id> tokens_of(std::string_view characters) {
  return Tensor<Id>({1, static_cast<Index>(characters.size())},
                    std::vector<Id>(characters.begin(), characters.end()));
}

}  // namespace

int main() {
  models::LanguageModel<float> model(
      {.attention = {"transformer"}, .vocab = 128, .layers = 2, .dim = 32, .heads = 2, .ffn = 64});
  nn::ParameterStore<float> store(model, 1);
  optim::Adam<float> adam(store.weights(), store.gradients());
  std::cout << "parameters: " << store.parameter_count() << '\n' << std::fixed << std::setprecision(1);

  const Tensor<Id> inputs = tokens_of(text.substr(0, text.size() - 1)), targets = tokens_of(text.substr(1));
  for (int step = 0; step <= 150; ++step) {
    store.clear_gradients();
    Tape tape;
    const auto loss = model.loss(inputs, targets, {.training = true});
    tape.backward(loss.mean);
    adam.step(0.01, 1);
    if (step % 50 == 0)
      std::cout << "step " << step << ": loss " << loss.mean.item() << " nats a character\n";
  }

  // Generation: the prompt as one segment, then a character at a time; the state remembers what was seen.
  auto state = model.initial_state(1);
  std::string answer = "the lake";
  Tensor<Id> next = tokens_of(answer);
  for (int i = 0; i < 60; ++i) {
    const Tensor<float> hidden = model.hidden(next, {}, &state);
    const Index last = hidden.extent(1) - 1;
    const std::vector<float> logits = model.logits(slice(hidden, 1, last, last + 1)).to_vector();
    answer += static_cast<char>(std::ranges::max_element(logits) - logits.begin());
    next = tokens_of(answer.substr(answer.size() - 1));
  }
  std::cout << answer << '\n';
}
