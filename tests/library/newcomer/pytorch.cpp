// The lines of docs/coming_from_pytorch.md, each as it stands there, and what it gives. tests/house compares
// the two.
#include <iostream>
#include <sstream>

#include <boost/test/unit_test.hpp>

#include "memsizer/core.hpp"
#include "memsizer/nn/save.hpp"

#include "files/temporary_folder.hpp"

BOOST_AUTO_TEST_SUITE(pytorch)

using namespace memsizer;

BOOST_AUTO_TEST_CASE(tensors) {
  const std::vector<float> values{1, 2, 3, 4, 5, 6};
  Tensor<float> x({2, 3}, values);
  const Tensor<float> v({3}, {1, 2, 3});
  auto noise = randn({2, 3}, 1);
  auto zero = zeros({2, 3});
  auto ids = arange(6);
  auto m = matrix({{1, 2}, {3, 4}});
  auto wide = x.to<double>();
  BOOST_TEST(x.shape() == Shape({2, 3}));
  BOOST_TEST(x.size(0) == 2);
  BOOST_TEST(x(1, -1) == 6);
  auto row = x[0];
  auto part = slice(x, 1, 0, 2);
  auto flat = reshape(x, {-1});
  auto turned = transpose(x, 0, 1);
  auto picked = index_select(x, 0, Tensor<Id>({1}, {1}));
  auto both = cat({x, x}, 0);
  BOOST_TEST(noise.size() + zero.size() + ids.size() + m.size() == 22);
  BOOST_TEST(wide(1, 2) == 6.0);
  BOOST_TEST((row.to_vector() == std::vector<float>{1, 2, 3}));
  BOOST_TEST((part.to_vector() == std::vector<float>{1, 2, 4, 5}));
  BOOST_TEST(flat.shape() == Shape({6}));
  BOOST_TEST((turned.to_vector() == std::vector<float>{1, 4, 2, 5, 3, 6}));
  BOOST_TEST((picked.to_vector() == std::vector<float>{4, 5, 6}));
  BOOST_TEST(both.shape() == Shape({4, 3}));
  std::ostringstream printed;
  auto* const old = std::cout.rdbuf(printed.rdbuf());
  std::cout << x;
  std::cout.rdbuf(old);
  BOOST_TEST(printed.str().find("[2, 3]") != std::string::npos);
  x[0].copy_from(v);
  x[1].fill(5);
  BOOST_TEST((x.to_vector() == std::vector<float>{1, 2, 3, 5, 5, 5}));
  slice(x, 0, 0, 1).fill(2);  // a copy
  BOOST_TEST(x(0, 0) == 1);
}

BOOST_AUTO_TEST_CASE(arithmetic) {
  const Tensor<float> x({2, 2}, {1, 2, 3, 4}), y({2, 2}, {4, 3, 2, 1});
  auto product = matmul(x, y);
  auto total = sum(x).item();
  auto means = mean(x, 1, true);
  const Tensor<Id> classes({2}, {1, 0});
  auto best = argmax(x, 1);
  auto largest = max(x, 1);
  auto larger = maximum(x, y);
  auto positive = relu(x);
  auto correct = sum(argmax(x, 1) == classes).item();
  auto between = (x > 1.0) * (x < 4.0);
  auto hit = mean((argmax(x, 1) == Tensor<Id>({2}, {1, 0})).to<float>());
  auto kept = where(x > 2.0, x, 0.0);
  auto bounded = clamp(x, 0, 1);
  auto probabilities = softmax(x, -1);
  BOOST_TEST((product.to_vector() == std::vector<float>{8, 5, 20, 13}));
  BOOST_TEST(total == 10);
  BOOST_TEST((means.to_vector() == std::vector<float>{1.5, 3.5}));
  BOOST_TEST((best.to_vector() == std::vector<Id>{1, 1}));
  BOOST_TEST(hit.item() == 0.5f);
  BOOST_TEST((largest.to_vector() == std::vector<float>{2, 4}));
  BOOST_TEST((larger.to_vector() == std::vector<float>{4, 3, 3, 4}));
  BOOST_TEST(all(positive == x));
  BOOST_TEST(correct == 1);
  BOOST_TEST((between.to_vector() == std::vector<Id>{0, 1, 1, 0}));
  BOOST_TEST((kept.to_vector() == std::vector<float>{0, 0, 3, 4}));
  BOOST_TEST((bounded.to_vector() == std::vector<float>{1, 1, 1, 1}));
  BOOST_TEST(sum(probabilities).item() == 2.f);
  BOOST_TEST(all(x == x));
}

BOOST_AUTO_TEST_CASE(gradients) {
  Tensor<float> x({2}, {1, 2});
  x.requires_grad_();
  Tape tape;
  sum(square(x)).backward();
  auto gradient = x.grad();
  {
    NoGradGuard guard;
    BOOST_TEST(!square(x).requires_gradient());
  }
  auto constant = x.detach();
  BOOST_TEST((gradient.to_vector() == std::vector<float>{2, 4}));
  BOOST_TEST(!constant.requires_gradient());
}

BOOST_AUTO_TEST_CASE(training) {
  const TemporaryFolder folder;
  const std::string path = (folder / "net.safetensors").string();
  const Tensor<float> x = randn({8, 2}, 1);
  const Tensor<Id> classes({8}, {0, 1, 2, 0, 1, 2, 0, 1});
  nn::Sequential<float> net(nn::Linear<float>(2, 16), nn::ReLU(), nn::Dropout<float>(0.1),
                            nn::Linear<float>(16, 3));
  nn::ParameterStore<float> store(net, 7);
  optim::AdamW<float> adam(store, {.weight_decay = 0.1}, store.groups({{"*.bias", {.decay = 0}}}));
  optim::Schedule schedule({.kind = optim::ScheduleKind::cosine, .learning_rate = 0.05, .steps = 40});
  nn::StepKey key(7);
  float first = 0, last = 0;
  for (Index step = 0; step < 40; ++step) {
    store.clear_gradients();
    Tape tape;
    auto logits = net.forward(x, key.training(step));
    auto loss = cross_entropy(logits, classes);
    tape.backward(loss);
    adam.step(schedule.at(step + 1), 1);
    last = loss.item();
    if (step == 0) first = last;
  }
  BOOST_TEST(last < first);
  optim::NesterovSgd<float> sgd(net.parameters(), 0.1, {.momentum = 0.9});
  const std::vector<float> before = store.weights().to_vector();
  sgd.step();
  BOOST_TEST(store.weights().to_vector() != before);
  auto scores = net.forward(x);
  nn::save(net, path);
  nn::load(net, path);
  BOOST_TEST(net.forward(x).to_vector() == scores.to_vector());
  auto table = nn::summary(net);
  BOOST_TEST(table.find("0.weight") != std::string::npos);
  std::ostringstream names;
  auto* const old = std::cout.rdbuf(names.rdbuf());
  for (const auto& entry : store.entries()) std::cout << entry.name << ' ' << entry.parameter->shape << '\n';
  std::cout.rdbuf(old);
  BOOST_TEST(names.str() == "0.weight [16, 2]\n0.bias [16]\n3.weight [3, 16]\n3.bias [3]\n");
}

BOOST_AUTO_TEST_SUITE_END()
