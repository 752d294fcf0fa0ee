#pragma once
// A training loop for models of one's own: epochs over rows of tensors that lie in memory. Runs of language
// models, with folders, logs and resuming, are trainer.hpp's.

#include <cstdio>
#include <filesystem>
#include <functional>
#include <numeric>
#include <optional>

#include "memsizer/base/linkage.hpp"
#include "memsizer/nn/save.hpp"
#include "memsizer/nn/step_key.hpp"
#include "memsizer/optim/optimiser.hpp"
#include "memsizer/optim/schedule.hpp"

namespace memsizer::train {

struct FitSettings {
  Index examples = 0;                     // rows of the training data
  Index batch = 32;                       // rows a step; the last step of an epoch takes what is left
  Index epochs = 10;                      // passes over all rows, each in an order of its own
  optim::ScheduleSettings schedule = {};  // learning rate; steps = 0 means all steps of this training
  double clip = 0;                        // greatest norm of the gradient; 0: any
  std::uint64_t seed = 1;                 // of the orders and of dropout
  std::filesystem::path best = {};        // gets the weights of the least held-out loss; empty: no file
};

/// What is known at the end of an epoch.
struct FitFigures {
  Index epoch = 0, epochs = 0;               // epochs done, and of how many
  Index steps = 0;                           // steps done
  double loss = 0;                           // mean over the epoch's examples, each before its step's update
  std::optional<double> held_out_loss = {};  // nothing where none is measured
  bool is_best = false;                      // whether the held-out loss is the least so far
};

/// One line an epoch on standard error; goes on.
inline bool write_figures(const FitFigures& figures) {
  std::fprintf(stderr, "epoch %lld of %lld: loss %.6f", static_cast<long long>(figures.epoch),
               static_cast<long long>(figures.epochs), figures.loss);
  if (figures.held_out_loss) std::fprintf(stderr, ", held out %.6f", *figures.held_out_loss);
  std::fputs(figures.is_best ? " (best)\n" : "\n", stderr);
  return true;
}

/// What fit() calls.
template <class T>
struct FitCalls {
  /// The loss [1] of some rows of the data, whose numbers are `rows` [batch]. Example:
  ///   cross_entropy(net.forward(index_select(x, 0, rows), step), index_select(classes, 0, rows))
  std::function<Tensor<T>(const Tensor<Id>& rows, const nn::Sequence& step)> loss;
  /// The loss of examples that are not trained on, after each epoch; empty: none is measured.
  std::function<double()> held_out_loss = {};
  /// Sees each epoch's figures; false ends the training. Empty: nothing is shown.
  std::function<bool(const FitFigures&)> watch = write_figures;
};

/// Trains the store's parameters, epoch by epoch, and gives the last epoch's figures. After the training the
/// weights are the last ones; nn::load(store, settings.best) brings the best. The same seed gives the same
/// weights. Error where a loss or a gradient is not finite: the weights are those before that step.
template <class T>
FitFigures fit(nn::ParameterStore<T>& store, optim::Optimiser<T>& optimiser, FitSettings settings,
               const FitCalls<T>& calls);

#if MEMSIZER_CORE_HAS_BODIES

namespace detail {

/// The numbers 0 .. count - 1 in a random order (Fisher and Yates).
inline std::vector<Id> shuffled_rows(Index count, std::uint64_t key) {
  std::vector<Id> rows(static_cast<std::size_t>(count));
  std::iota(rows.begin(), rows.end(), Id{0});
  RandomStream random(key);
  for (std::size_t i = rows.size(); i > 1; --i) std::swap(rows[i - 1], rows[random.below(i)]);
  return rows;
}

/// Trains on all rows once; the mean loss of an example. Error where a loss or a gradient is not finite.
template <class T>
double fit_epoch(nn::ParameterStore<T>& store, optim::Optimiser<T>& optimiser, const FitSettings& settings,
                 const optim::Schedule& schedule, const FitCalls<T>& calls, nn::StepKey& key, Index epoch,
                 Index steps_before) {
  const std::vector<Id> order =
      shuffled_rows(settings.examples, mix_keys(settings.seed, static_cast<std::uint64_t>(epoch)));
  double total = 0;
  for (Index begin = 0; begin < settings.examples; begin += settings.batch) {
    const Index count = std::min(settings.batch, settings.examples - begin);
    const auto first = order.begin() + begin;
    const Tensor<Id> rows(Shape{count}, std::vector<Id>(first, first + count), store.device());
    Tape tape;
    store.clear_gradients();
    const Tensor<T> loss = calls.loss(rows, key.training(optimiser.steps()));
    tape.backward(loss);
    const double value = static_cast<double>(loss.item());
    const Tensor<Accumulate<T>> watched({1}, {static_cast<Accumulate<T>>(value)}, store.device());
    optimiser.step(schedule.at(optimiser.steps() - steps_before + 1), settings.clip, watched.data());
    if (optimiser.failed_step() > 0) {
      const std::string name = store.first_not_finite(store.gradients());
      throw Error(concatenate("fit: step ", optimiser.steps(), ": the loss is ", value,
                              name.empty() ? "" : " and the gradient of " + name + " is not finite",
                              "; a lower learning rate or a clip may help"));
    }
    total += value * static_cast<double>(count);
  }
  return total / static_cast<double>(settings.examples);
}

}  // namespace detail

template <class T>
FitFigures fit(nn::ParameterStore<T>& store, optim::Optimiser<T>& optimiser, FitSettings settings,
               const FitCalls<T>& calls) {
  require(settings.examples > 0 && settings.batch > 0 && settings.epochs >= 0,
          "fit: examples and a batch of at least 1 and epochs of at least 0 expected, got ",
          settings.examples, ", ", settings.batch, " and ", settings.epochs);
  require(static_cast<bool>(calls.loss), "fit: a loss expected, got an empty function");
  require(settings.best.empty() || calls.held_out_loss, "fit: best = ", settings.best.string(),
          " needs a held_out_loss, by which the best is known");
  // A schedule as long as this call begins anew after an earlier one; any other counts all steps.
  const Index steps_before = settings.schedule.steps == 0 ? optimiser.steps() : 0;
  if (settings.schedule.steps == 0)
    settings.schedule.steps = settings.epochs * divide_up(settings.examples, settings.batch);
  const optim::Schedule schedule(settings.schedule);
  require(optimiser.trains(store), "fit: an optimiser of this store expected, got one of other parameters");
  nn::StepKey key(settings.seed, store.device());
  FitFigures figures{.epochs = settings.epochs};
  std::optional<double> best;
  for (Index epoch = 0; epoch < settings.epochs; ++epoch) {
    figures.loss = detail::fit_epoch(store, optimiser, settings, schedule, calls, key, epoch, steps_before);
    figures.epoch = epoch + 1;
    figures.steps = optimiser.steps();
    if (calls.held_out_loss) figures.held_out_loss = calls.held_out_loss();
    figures.is_best = figures.held_out_loss && (!best || *figures.held_out_loss < *best);
    if (figures.is_best) {
      best = figures.held_out_loss;
      if (!settings.best.empty()) nn::save(store, settings.best);
    }
    if (calls.watch && !calls.watch(figures)) break;
  }
  return figures;
}

#endif

}  // namespace memsizer::train

/// What memsizer::kernels holds of this file, as MEMSIZER_CORE_CLASSES says it of the classes.
#define MEMSIZER_FITTING(INSTANTIATE, T)                                                              \
  INSTANTIATE memsizer::train::FitFigures memsizer::train::fit<T>(                                    \
      memsizer::nn::ParameterStore<T>&, memsizer::optim::Optimiser<T>&, memsizer::train::FitSettings, \
      const memsizer::train::FitCalls<T>&)
