// An outside program: a Transformer learns a sentence character by character and continues it.
#include <cstdio>
#include <string>

#include <memsizer/core.hpp>
#include <memsizer/decode/generate.hpp>
#include <memsizer/decode/language_model_stepper.hpp>

using namespace memsizer;

int main() {
  const std::string text = "the heron stands in the reeds and the herring swims by. ";
  models::LanguageModelConfig config{.attention = {"transformer"}, .vocab = 128, .layers = 1, .dim = 32};
  config.attention_settings.heads = 2;
  config.block.ffn = 64;
  models::LanguageModel<float> model(config);
  nn::ParameterStore<float> store(model, 1);
  optim::Adam<float> adam(store);

  const std::vector<Id> ids(text.begin(), text.end());
  const auto length = static_cast<Index>(ids.size()) - 1;
  const Tensor<Id> inputs({1, length}, std::vector<Id>(ids.begin(), ids.end() - 1));
  const Tensor<Id> targets({1, length}, std::vector<Id>(ids.begin() + 1, ids.end()));
  float loss = 0;
  for (int step = 0; step < 200; ++step) {
    store.clear_gradients();
    Tape tape;
    const auto mean = model.loss(inputs, targets, {.training = true}).mean;
    tape.backward(mean);
    adam.step(0.01, 1);
    loss = mean.item();
  }
  decode::LanguageModelStepper<float> stepper(model);
  const auto generated =
      decode::generate(stepper, {{.tokens = {ids.begin(), ids.begin() + 9}, .max_tokens = 20}}, {});
  std::string answer;
  for (const Id id : generated[0].tokens) answer += static_cast<char>(id);
  std::printf("loss %.4f, continued: %s\n", static_cast<double>(loss), answer.c_str());
  return loss < 0.2f && text.find(answer) == 9 ? 0 : 1;
}
