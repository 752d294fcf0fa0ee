// A MemSizer learns to count modulo 7.
#include <cstdio>

#include "memsizer/core.hpp"

using namespace memsizer;

int main() {
  models::LanguageModelConfig config{.attention = {"memsizer"}, .vocab = 7, .layers = 2, .dim = 16};
  config.attention_settings = {.heads = 2, .slots = 4};
  config.block.ffn = 32;
  models::LanguageModel<float> model(config);
  nn::ParameterStore<float> parameters(model, 1);  // the weights, drawn with seed 1
  optim::Adam<float> adam(parameters);
  const Tensor<Id> tokens({1, 10}, {0, 1, 2, 3, 4, 5, 6, 0, 1, 2}),
      next({1, 10}, {1, 2, 3, 4, 5, 6, 0, 1, 2, 3});
  for (int step = 1; step <= 60; ++step) {
    parameters.clear_gradients();
    Tape tape;
    const auto loss = model.loss(tokens, next, {});
    tape.backward(loss.mean);
    adam.step(0.01, 1);  // the learning rate, and the largest norm of the gradient
    if (step % 20 == 0) std::printf("step %d: loss %.4f\n", step, static_cast<double>(loss.mean.item()));
  }
}
