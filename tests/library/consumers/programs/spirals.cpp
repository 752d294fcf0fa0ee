// An outside program: two spirals, a network of three layers, Adam, and weights that are saved and loaded.
#include <cmath>
#include <cstdio>
#include <numbers>

#include <memsizer/core.hpp>
#include <memsizer/nn/save.hpp>
#include <memsizer/nn/sequential.hpp>

using namespace memsizer;

namespace {

nn::Sequential<float> network() {
  return nn::Sequential<float>(nn::Linear<float>(2, 48), nn::Tanh(), nn::Linear<float>(48, 48), nn::Tanh(),
                               nn::Linear<float>(48, 2));
}

float accuracy(const Tensor<float>& logits, const Tensor<Id>& classes) {
  return mean((argmax(logits, 1) == classes).to<float>()).item();
}

}  // namespace

int main() {
  std::vector<float> points;
  std::vector<Id> spirals;
  for (int i = 0; i < 400; ++i) {
    const float radius = static_cast<float>(i / 2) / 200;
    const float angle =
        2 * std::numbers::pi_v<float> * radius + std::numbers::pi_v<float> * static_cast<float>(i % 2);
    points.insert(points.end(), {radius * std::cos(angle), radius * std::sin(angle)});
    spirals.push_back(i % 2);
  }
  const Tensor<float> x({400, 2}, points);
  const Tensor<Id> classes({400}, spirals);

  auto net = network();
  nn::ParameterStore<float> store(net, 7);
  optim::Adam<float> adam(store);
  for (int step = 0; step < 300; ++step) {
    store.clear_gradients();
    Tape tape;
    const auto loss = cross_entropy(net.forward(x), classes);
    tape.backward(loss);
    adam.step(0.01);
    if (step % 100 == 99) std::printf("step %d: loss %.4f\n", step + 1, static_cast<double>(loss.item()));
  }
  nn::save(net, "spirals.safetensors");
  auto again = network();
  const nn::ParameterStore<float> other(again, 8);
  nn::load(again, "spirals.safetensors");
  const float reached = accuracy(again.forward(x), classes);
  std::printf("accuracy %.3f\n", static_cast<double>(reached));
  return reached > 0.95f && accuracy(net.forward(x), classes) == reached ? 0 : 1;
}
