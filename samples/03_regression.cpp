// A small regression: a network with one hidden layer learns sin(x) from 64 points. train::fit runs the loop,
// and the loss on 63 points between them shows that the network has learnt the curve and not the points.
#include <filesystem>
#include <iomanip>
#include <iostream>

#include "memsizer/core.hpp"
#include "memsizer/nn/summary.hpp"
#include "memsizer/train/fit.hpp"

using namespace memsizer;

namespace {

/// Parameters and parts register themselves by name in the constructor.
class Network : public nn::Module<double> {
 public:
  Network() : first_(1, 16, nn::uniform(2), nn::uniform(2)), second_(16, 1) {
    child("first", first_);
    child("second", second_);
  }

  Tensor<double> forward(const Tensor<double>& x) const { return second_.forward(tanh(first_.forward(x))); }

 private:
  nn::Linear<double> first_, second_;
};

}  // namespace

int main() {
  const Tensor<double> x = reshape(arange(64.) * (6 / 63.) - 3, {64, 1}), y = sin(x);
  const Tensor<double> between = slice(x, 0, 0, 63) + 3 / 63.;

  Network network;
  nn::ParameterStore<double> store(network, 1);  // all parameters in one flat storage; 1 is the seed
  std::cout << nn::summary(network) << std::scientific << std::setprecision(3);

  optim::Adam<double> adam(store);
  const std::filesystem::path best = std::filesystem::temp_directory_path() / "regression.safetensors";
  train::FitCalls<double> calls;
  calls.loss = [&](const Tensor<Id>& rows, const nn::Sequence&) {
    return mse_loss(network.forward(index_select(x, 0, rows)), index_select(y, 0, rows));
  };
  calls.held_out_loss = [&] { return mse_loss(network.forward(between), sin(between)).item(); };
  calls.watch = [](const train::FitFigures& figures) {
    if (figures.epoch % 50 == 0)
      std::cout << "epoch " << std::setw(3) << figures.epoch << ": loss " << figures.loss << ", held out "
                << *figures.held_out_loss << '\n';
    return true;  // go on
  };
  train::fit(store, adam,
             {.examples = 64,
              .batch = 16,
              .epochs = 250,
              .schedule = {.kind = optim::ScheduleKind::cosine, .learning_rate = 0.03},
              .best = best},
             calls);

  nn::load(store, best);  // Python reads the file too: safetensors.torch.load_file
  const Tensor<double> questions({3, 1}, {-1.5, 0, 1});
  const Tensor<double> answers = network.forward(questions);
  std::cout << std::fixed << std::setprecision(4);
  for (Index i = 0; i < 3; ++i)
    std::cout << "sin(" << questions(i, 0) << ") = " << answers(i, 0) << ", in truth "
              << std::sin(questions(i, 0)) << '\n';
  std::filesystem::remove(best);
}
