// The training loop for models of one's own.
#include "memsizer/train/fit.hpp"

#include <boost/test/unit_test.hpp>

#include "memsizer/nn/sequential.hpp"

#include "files/temporary_folder.hpp"

BOOST_AUTO_TEST_SUITE(fit)

using namespace memsizer;

namespace {

/// Learns y = 3 x - 1 from 50 points.
struct Line {
  nn::Linear<double> net{1, 1};
  nn::ParameterStore<double> store{net, 1};
  optim::Adam<double> adam{store};
  Tensor<double> x = reshape(arange<double>(50) * 0.02, {50, 1}), y = x * 3 - 1;

  train::FitCalls<double> calls() {
    train::FitCalls<double> calls;
    calls.loss = [this](const Tensor<Id>& rows, const nn::Sequence&) {
      return mse_loss(net.forward(index_select(x, 0, rows)), index_select(y, 0, rows));
    };
    calls.held_out_loss = [this] { return mse_loss(net.forward(x), y).item(); };
    calls.watch = nullptr;
    return calls;
  }
};

train::FitSettings line_settings() {
  return {.examples = 50, .batch = 8, .epochs = 60, .schedule = {.learning_rate = 0.1}};
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_line_is_learnt_and_the_same_seed_gives_the_same_bits) {
  Line line, again, other;
  const train::FitFigures figures = train::fit(line.store, line.adam, line_settings(), line.calls());
  BOOST_TEST(*figures.held_out_loss < 1e-6);
  BOOST_TEST(figures.steps == 60 * 7);
  train::fit(again.store, again.adam, line_settings(), again.calls());
  BOOST_TEST(line.store.weights().to_vector() == again.store.weights().to_vector());
  auto settings = line_settings();
  settings.seed = 2;
  train::fit(other.store, other.adam, settings, other.calls());
  BOOST_TEST(line.store.weights().to_vector() != other.store.weights().to_vector());
}

BOOST_AUTO_TEST_CASE(every_epoch_takes_every_row_once_in_its_own_order) {
  Line line;
  auto calls = line.calls();
  std::vector<Id> rows;
  std::vector<std::size_t> sizes;
  calls.loss = [&, loss = calls.loss](const Tensor<Id>& batch, const nn::Sequence& step) {
    for (const Id row : batch.to_vector()) rows.push_back(row);
    sizes.push_back(static_cast<std::size_t>(batch.size()));
    BOOST_TEST(step.training);
    return loss(batch, step);
  };
  auto settings = line_settings();
  settings.epochs = 2;
  train::fit(line.store, line.adam, settings, calls);
  BOOST_TEST((sizes == std::vector<std::size_t>{8, 8, 8, 8, 8, 8, 2, 8, 8, 8, 8, 8, 8, 2}));
  std::vector<Id> first(rows.begin(), rows.begin() + 50), second(rows.begin() + 50, rows.end()), all(50);
  std::iota(all.begin(), all.end(), Id{0});
  BOOST_TEST(first != second);
  BOOST_TEST(std::ranges::is_permutation(first, all));
  BOOST_TEST(std::ranges::is_permutation(second, all));
}

BOOST_AUTO_TEST_CASE(the_best_weights_are_kept_in_a_file) {
  const TemporaryFolder folder;
  Line line;
  auto calls = line.calls();
  const std::vector<double> losses{3, 1, 2, 4};
  std::size_t epoch = 0;
  std::vector<bool> best;
  std::vector<double> weights_of_best;
  calls.held_out_loss = [&] { return losses[epoch++]; };
  calls.watch = [&](const train::FitFigures& figures) {
    best.push_back(figures.is_best);
    if (figures.is_best) weights_of_best = line.store.weights().to_vector();
    return figures.epoch < 4;
  };
  auto settings = line_settings();
  settings.best = folder / "best.safetensors";
  BOOST_TEST(train::fit(line.store, line.adam, settings, calls).epoch == 4);  // watch ended it
  BOOST_TEST((best == std::vector<bool>{true, true, false, false}));
  BOOST_TEST(line.store.weights().to_vector() != weights_of_best);
  nn::load(line.store, settings.best);
  BOOST_TEST(line.store.weights().to_vector() == weights_of_best);
}

BOOST_AUTO_TEST_CASE(a_loss_that_is_not_finite_ends_it_before_the_update) {
  Line line;
  auto calls = line.calls();
  Index step = 0;
  std::vector<double> before;
  calls.loss = [&, loss = calls.loss](const Tensor<Id>& rows, const nn::Sequence& sequence) {
    before = line.store.weights().to_vector();
    const Tensor<double> value = loss(rows, sequence);
    return ++step == 3 ? value * std::numeric_limits<double>::infinity() : value;
  };
  CHECK_THROWS_SAYING(train::fit(line.store, line.adam, line_settings(), calls), Error,
                      "fit: step 3: the loss is inf");
  BOOST_TEST(line.store.weights().to_vector() == before);
}

BOOST_AUTO_TEST_CASE(a_second_fit_begins_its_schedule_anew) {
  Line line;
  auto settings = line_settings();
  settings.schedule = {.kind = optim::ScheduleKind::linear, .learning_rate = 0.1};
  settings.epochs = 2;
  train::fit(line.store, line.adam, settings, line.calls());
  const std::vector<double> before = line.store.weights().to_vector();
  train::fit(line.store, line.adam, settings, line.calls());
  BOOST_TEST(line.store.weights().to_vector() != before);
}

BOOST_AUTO_TEST_CASE(an_optimiser_of_another_store_is_refused) {
  Line line, other;
  BOOST_CHECK_THROW(train::fit(line.store, other.adam, line_settings(), line.calls()), InputError);
}

BOOST_AUTO_TEST_CASE(settings_that_make_no_sense_are_refused) {
  Line line;
  auto calls = line.calls();
  const auto refused = [&](auto change, const std::string& reason) {
    auto settings = line_settings();
    change(settings);
    CHECK_THROWS_SAYING(train::fit(line.store, line.adam, settings, calls), InputError, reason);
  };
  refused([](auto& s) { s.examples = 0; }, "examples and a batch of at least 1");
  refused([](auto& s) { s.batch = 0; }, "examples and a batch of at least 1");
  refused([](auto& s) { s.schedule.learning_rate = -1; }, "learning_rate");
  calls.held_out_loss = nullptr;
  refused([](auto& s) { s.best = "x"; }, "needs a held_out_loss");
  calls.loss = nullptr;
  refused([](auto&) {}, "a loss expected");
}

BOOST_AUTO_TEST_SUITE_END()
