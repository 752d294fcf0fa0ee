// An outside program: MemSizer's attention in a module of one's own, with weight decay on matrices alone.
#include <cstdio>

#include <memsizer/core.hpp>

using namespace memsizer;

namespace {

/// Says which of 6 letters stood before the last one.
class Recaller : public nn::Module<float> {
 public:
  Recaller()
      : letters_(6, 16),
        memory_({.dim = 16, .settings = {.heads = 2, .slots = 4}, .causal = true}),
        answer_(16, 6) {
    child("letters", letters_);
    child("memory", memory_);
    child("answer", answer_);
  }
  /// ids [batch, time] to logits [batch * time, 6]
  Tensor<float> forward(const Tensor<Id>& ids) const {
    const Tensor<float> x = letters_.forward(ids);
    return reshape(answer_.forward(x + memory_.forward(x, {})), {-1, 6});
  }

 private:
  nn::Embedding<float> letters_;
  nn::MemSizerAttention<float> memory_;
  nn::Linear<float> answer_;
};

}  // namespace

int main() {
  Recaller recaller;
  nn::ParameterStore<float> store(recaller, 3);
  optim::AdamW<float> adam(store, {.weight_decay = 0.01}, store.groups({{"*.bias", {.decay = 0}}}));
  const Tensor<Id> ids({2, 6}, {0, 1, 2, 3, 4, 5, 5, 4, 3, 2, 1, 0});
  const Tensor<Id> before({12}, {-1, 0, 1, 2, 3, 4, -1, 5, 4, 3, 2, 1});  // below 0: no target
  float first = 0, last = 0;
  for (int step = 0; step < 150; ++step) {
    store.clear_gradients();
    Tape tape;
    const auto loss = cross_entropy(recaller.forward(ids), before);
    tape.backward(loss);
    adam.step(0.02, 1);
    last = loss.item();
    if (step == 0) first = last;
  }
  std::printf("loss %.4f, then %.4f; last parameter: %s\n", static_cast<double>(first),
              static_cast<double>(last), store.entries().back().name.c_str());
  return last < 0.2f * first && store.entries().back().name == "answer.bias" ? 0 : 1;
}
