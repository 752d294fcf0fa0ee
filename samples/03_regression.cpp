// A small regression. A network with one hidden layer learns sin(x), using a module, a parameter store and
// Adam.
#include <iomanip>
#include <iostream>

#include "memsizer/nn/layers.hpp"
#include "memsizer/nn/parameter_store.hpp"
#include "memsizer/optim/optimiser.hpp"

using namespace memsizer;

namespace {

/// The constructor registers the parts by name, and with them their parameters.
class Network : public nn::Module<double> {
 public:
  Network()
      : first_(1, 16, nn::uniform(2), nn::uniform(2)), second_(16, 1, nn::fan_in_uniform(16), nn::zeros()) {
    child("first", first_);
    child("second", second_);
  }

  Tensor<double> forward(const Tensor<double>& x) const { return second_.forward(tanh(first_.forward(x))); }

 private:
  nn::Linear<double> first_, second_;
};

}  // namespace

int main() {
  std::vector<double> inputs, targets;
  for (int i = 0; i < 64; ++i) {
    inputs.push_back(-3 + 6 * i / 63.0);
    targets.push_back(std::sin(inputs.back()));
  }
  const Tensor<double> x({64, 1}, inputs), y({64, 1}, targets);

  Network network;
  nn::ParameterStore<double> store(network, 1);  // all parameters in one flat storage; 1 is the seed
  for (const auto& entry : store.entries()) std::cout << entry.name << ' ' << entry.parameter->shape << '\n';
  optim::Adam<double> adam(store.weights(), store.gradients());

  std::cout << std::fixed << std::setprecision(3);
  for (int step = 0; step <= 500; ++step) {
    store.clear_gradients();
    Tape tape;
    const Tensor<double> loss = mean(square(network.forward(x) - y));
    tape.backward(loss);
    adam.step(0.02);
    if (step % 100 == 0) std::cout << "step " << step << ": loss " << loss.item() << '\n';
  }

  const Tensor<double> questions({3, 1}, {-1.5, 0, 1});
  const std::vector<double> answers = network.forward(questions).to_vector();
  for (int i = 0; i < 3; ++i)
    std::cout << "sin(" << questions.to_vector()[i] << ") = " << answers[i] << ", in truth "
              << std::sin(questions.to_vector()[i]) << '\n';
}
