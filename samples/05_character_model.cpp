// A language model of characters. A small Transformer learns one sentence and continues a part of it.
#include <iomanip>
#include <iostream>

#include "memsizer/models/language_model.hpp"
#include "memsizer/nn/parameter_store.hpp"
#include "memsizer/nn/step_key.hpp"
#include "memsizer/optim/optimiser.hpp"

using namespace memsizer;

namespace {

const std::string sentence =
    "the river runs to the lake, the lake lies by the town, and the town sleeps by the river. ";

/// Rows of characters as tokens. The token of a character is its byte.
Tensor<Id> tokens_of(const std::vector<std::string>& rows) {
  std::vector<Id> tokens;
  for (const std::string& row : rows) tokens.insert(tokens.end(), row.begin(), row.end());
  return Tensor<Id>({static_cast<Index>(rows.size()), static_cast<Index>(rows[0].size())}, tokens);
}

}  // namespace

int main() {
  models::LanguageModel<double> model({.attention = {"transformer"},
                                       .vocab = 128,
                                       .layers = 2,
                                       .dim = 32,
                                       .attention_settings = {.heads = 2},
                                       .block = {.ffn = 64, .dropout = 0.05}});
  nn::ParameterStore<double> store(model, 1);
  optim::Adam<double> adam(store);
  nn::StepKey key(1);  // what dropout draws is a function of this seed and the step
  std::cout << "parameters: " << store.parameter_count() << '\n' << std::fixed << std::setprecision(4);

  // Pieces that begin at many places of the sentence. The target of each character is the next one.
  const std::string twice = sentence + sentence;
  std::vector<std::string> pieces, continuations;
  for (std::size_t begin = 0; begin < sentence.size(); begin += 5) {
    pieces.push_back(twice.substr(begin, 60));
    continuations.push_back(twice.substr(begin + 1, 60));
  }
  const Tensor<Id> inputs = tokens_of(pieces), targets = tokens_of(continuations);
  // Another sentence in the same words shows that the model learns this text by heart, and no language.
  const std::string other =
      "by the river the town runs, and to the bridge the sleep flows and turns at night.";
  const Tensor<Id> other_inputs = tokens_of({other.substr(0, 60)}),
                   other_targets = tokens_of({other.substr(1, 60)});
  for (int step = 0; step <= 300; ++step) {
    store.clear_gradients();
    Tape tape;
    const auto loss = model.loss(inputs, targets, key.training(step));
    tape.backward(loss.mean);
    adam.step(0.003, 1);
    if (step % 100 == 0)
      std::cout << "step " << step << ": loss " << loss.mean.item()
                << " nats a character, on another sentence "
                << model.loss(other_inputs, other_targets, {}).mean.item() << '\n';
  }

  // The pieces had 60 characters. Later ones have positions that the model has never met.
  const Tensor<Id> text = tokens_of({twice});
  for (const Index begin : {0, 30, 60, 90}) {
    const Tensor<Id> no_targets = Tensor<Id>::full({1, begin}, -1),
                     targets_there = cat({no_targets, slice(text, 1, begin + 1, begin + 31)}, 1);
    std::cout << "characters " << begin + 1 << " to " << begin + 30 << ": "
              << model.loss(slice(text, 1, 0, begin + 30), targets_there, {}).mean.item()
              << " nats a character\n";
  }

  // Generation: first the prompt as one segment, then one character at a time. The state remembers earlier
  // ones.
  auto state = model.initial_state(1);
  std::string answer = "and the town";
  Tensor<Id> next = tokens_of({answer});
  for (int i = 0; i < 40; ++i) {
    const Tensor<double> hidden = model.hidden(next, {}, &state);
    const Index last = hidden.extent(1) - 1;
    const std::vector<double> logits = model.logits(slice(hidden, 1, last, last + 1)).to_vector();
    answer += static_cast<char>(std::ranges::max_element(logits) - logits.begin());
    next = tokens_of({answer.substr(answer.size() - 1)});
  }
  std::cout << answer << '\n';
}
