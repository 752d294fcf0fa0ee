// An outside program with the core's one header: a small MemSizer language model learns a sequence by heart.
// bench/include_cost measures what compiling this file costs.
#include <cstdio>
#include <vector>

#ifdef MEMSIZER_KERNELS_ARE_LINKED
#include <memsizer/core.hpp>
#else
#include <memsizer/memsizer.hpp>
#endif

int main() {
  using namespace memsizer;
  models::LanguageModel<float> model({.attention = {"memsizer"},
                                      .vocab = 7,
                                      .layers = 1,
                                      .dim = 16,
                                      .attention_settings = {.heads = 2, .slots = 4},
                                      .block = {.ffn = 32}});
  nn::ParameterStore<float> parameters(model, 1);
  optim::Adam<float> adam(parameters.weights(), parameters.gradients());

  std::vector<Id> inputs, targets;
  for (Id i = 0; i < 24; ++i) {
    inputs.push_back(i * i % 7);
    targets.push_back((i + 1) * (i + 1) % 7);
  }
  const Tensor<Id> tokens(Shape{1, 24}, inputs), next(Shape{1, 24}, targets);

  float first = 0, last = 0;
  for (int step = 0; step < 60; ++step) {
    Tape tape;
    parameters.clear_gradients();
    const Tensor<float> loss = model.loss(tokens, next, {}).mean;
    tape.backward(loss);
    adam.step(0.01, 1.0);
    last = loss.item();
    if (step == 0) first = last;
  }
  std::printf("loss %.3f after one step, %.3f after sixty\n", static_cast<double>(first),
              static_cast<double>(last));
  return last < 0.5f * first ? 0 : 1;
}
