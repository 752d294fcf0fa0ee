// One step of training never reads the device, makes one gradient of several batches, and changes nothing if
// it fails.
#include "memsizer/train/learner.hpp"

#include <cmath>
#include <limits>

#include <boost/test/unit_test.hpp>

#include "memsizer/cpu/context.hpp"
#include "memsizer/models/language_model.hpp"
#include "memsizer/optim/optimiser_settings.hpp"

BOOST_AUTO_TEST_SUITE(learner)

using namespace memsizer;
using train::Learner;
using train::LearnerOptions;
using train::StepResult;

namespace {

constexpr Index rows = 2, columns = 5, vocab = 11;

/// The CPU's kernels with a memory that counts how often the host reads it.
struct CountingDevice {
  CountingDevice()
      : memory{.allocate = cpu::memory().allocate,
               .release = cpu::memory().release,
               .from_host = cpu::memory().from_host,
               .to_host =
                   [](Context& context, void* to, const void* from, Index bytes) {
                     ++reads;
                     cpu::memory().to_host(context, to, from, bytes);
                   },
               .copy = cpu::memory().copy,
               .host_readable = false},
        device("counting", cpu::context(), memory, cpu::table<float>(), cpu::table<double>()) {}

  static inline int reads = 0;
  DeviceMemory memory;
  Device device;
};

/// A small model with its batches, for any element type.
template <class T>
struct Setup {
  explicit Setup(Device& device = cpu::device(), const std::string& kind = "memsizer",
                 const LearnerOptions& options = {.clip = 1})
      : model({.attention = {kind},
               .vocab = vocab,
               .layers = 2,
               .dim = 8,
               .attention_settings = {.heads = 2, .slots = 3},
               .block = {.ffn = 8, .dropout = 0.1}}),
        store(model, 3, true, device),
        learner(store, optim::make_optimiser<T>({}, store), options),
        inputs(Shape{rows, columns}, device),
        targets(Shape{rows, columns}, device) {}

  /// The loss of batch i. The batch is a function of i and of the step.
  LinearCrossEntropy<T> loss(Index i, const nn::Sequence& sequence) {
    std::vector<Id> in, out;
    for (Index k = 0; k < rows * columns; ++k) {
      in.push_back(static_cast<Id>((k * k + 3 * i + learner.optimiser().steps()) % vocab));
      out.push_back(static_cast<Id>((3 * k + i) % vocab));
    }
    inputs.copy_from(in);
    targets.copy_from(out);
    return model.loss(inputs, targets, sequence);
  }

  void step(double rate = 0.01, Index batches = 2) {
    learner.step(rate, std::vector<Index>(static_cast<std::size_t>(batches), rows * columns),
                 [&](Index i, const nn::Sequence& sequence) { return loss(i, sequence); });
  }

  models::LanguageModel<T> model;
  nn::ParameterStore<T> store;
  Learner<T> learner;
  Tensor<Id> inputs, targets;
};

// A step in bfloat16 compiles. It would run on a device that has the kernels.
template struct Setup<bfloat16>;

}  // namespace

BOOST_AUTO_TEST_CASE(a_step_never_reads_the_device) {
  CountingDevice counting;
  for (const char* kind : {"transformer", "memsizer"}) {
    Setup<float> setup(counting.device, kind);
    CountingDevice::reads = 0;
    for (int step = 0; step < 5; ++step) setup.step();
    BOOST_TEST(CountingDevice::reads == 0, kind);
    BOOST_TEST(setup.learner.results(1).size() == 1u);
    BOOST_TEST(CountingDevice::reads > 0);
  }
}

BOOST_AUTO_TEST_CASE(results_are_those_of_their_own_steps) {
  Setup<double> read_at_once, read_late;
  std::vector<StepResult> expected;
  for (int step = 0; step < 6; ++step) {
    read_at_once.step();
    expected.push_back(read_at_once.learner.results(1).at(0));
    read_late.step();
  }
  const std::vector<StepResult> results = read_late.learner.results(100);
  BOOST_TEST_REQUIRE(results.size() == expected.size());
  for (std::size_t i = 0; i < results.size(); ++i) {
    BOOST_TEST(results[i].step == static_cast<Index>(i) + 1);
    BOOST_TEST(results[i].loss == expected[i].loss);
    BOOST_TEST(results[i].gradient_norm == expected[i].gradient_norm);
    BOOST_TEST(results[i].loss > 0);
  }
}

BOOST_AUTO_TEST_CASE(the_ring_keeps_the_newest) {
  Setup<double> setup(cpu::device(), "memsizer", {.results_kept = 3});
  for (int step = 0; step < 8; ++step) setup.step();
  std::vector<Index> steps;
  for (const StepResult& result : setup.learner.results(100)) steps.push_back(result.step);
  BOOST_TEST(steps == (std::vector<Index>{6, 7, 8}), boost::test_tools::per_element());
  setup.learner.restore_steps(20);
  BOOST_TEST(setup.learner.results(100).empty());
  setup.step();
  BOOST_TEST(setup.learner.results(100).at(0).step == 21);
}

BOOST_AUTO_TEST_CASE(a_step_learns) {
  Setup<double> setup;
  setup.step();
  const double first = setup.learner.results(1).at(0).loss;
  for (int step = 0; step < 100; ++step) setup.step(0.03);
  BOOST_TEST(setup.learner.results(1).at(0).loss < 0.85 * first);
}

BOOST_AUTO_TEST_CASE(a_failed_step_changes_nothing_and_is_explained) {
  for (const double bad : {std::nan(""), std::numeric_limits<double>::infinity()}) {
    Setup<double> setup;
    for (int step = 0; step < 3; ++step) setup.step();
    const auto& entry = setup.store.entries()[2];
    std::vector<double> values = entry.parameter->value.to_vector();
    values[1] = bad;
    entry.parameter->value.copy_from(values);
    const std::vector<double> before = setup.store.weights().to_vector(),
                              moments = setup.store.moments()[0].values.to_vector();
    for (int step = 0; step < 4; ++step) setup.step();
    BOOST_TEST(setup.learner.failed_step() == 4);
    const std::vector<double> after = setup.store.weights().to_vector();
    for (std::size_t i = 0; i < before.size(); ++i)
      BOOST_TEST((before[i] == after[i] || (std::isnan(before[i]) && std::isnan(after[i]))));
    BOOST_TEST(setup.store.moments()[0].values.to_vector() == moments, boost::test_tools::per_element());
    const std::string why = setup.learner.explain_failure(
        4, {10, 10}, [&](Index i, const nn::Sequence& sequence) { return setup.loss(i, sequence); });
    BOOST_TEST(why.find("the first that is not finite: the weights of " + entry.name) != why.npos, why);
  }
}

// Two processes with the same batch learn the same as one. The communicator doubles each sum, as an equal
// twin would.
BOOST_AUTO_TEST_CASE(a_world_of_equals_learns_as_one_process) {
  struct Twin : train::Communicator {
    Index rank() const override { return 0; }
    Index world() const override { return 2; }
    void sum(Device&, float*, Index) const override { BOOST_FAIL("double expected"); }
    void sum(Device&, double* values, Index n) const override {
      for (Index i = 0; i < n; ++i) values[i] *= 2;  // the twin has computed the same
    }
    Index sum(Index count) const override { return 2 * count; }
  };
  const Twin twin;
  Setup<double> alone, together;
  Learner<double> learner(together.store, optim::make_optimiser<double>({}, together.store), {.clip = 1},
                          twin);
  for (int step = 0; step < 3; ++step) {
    alone.step(0.01, 1);
    learner.step(0.01, {rows * columns}, [&](Index i, const nn::Sequence& sequence) {
      together.learner.optimiser().set_steps(step);
      return together.loss(i, sequence);
    });
  }
  const std::vector<double> a = alone.store.weights().to_vector(), b = together.store.weights().to_vector();
  for (std::size_t i = 0; i < a.size(); ++i) BOOST_TEST(a[i] == b[i], boost::test_tools::tolerance(1e-12));
}

BOOST_AUTO_TEST_CASE(weight_decay_leaves_norms_and_biases_alone_if_asked) {
  for (const optim::DecayOn decay_on : {optim::DecayOn::all, optim::DecayOn::matrices}) {
    Setup<double> setup;
    Tensor<double> weights = setup.store.weights();
    weights.fill(1.0);
    setup.store.clear_gradients();
    const auto optimiser =
        train::make_optimiser<double>({.adam = {.weight_decay = 0.5}, .decay_on = decay_on}, setup.store);
    optimiser->step(0.1);
    int decayed = 0, kept = 0;
    for (const auto& entry : setup.store.entries()) {
      const bool is_matrix = entry.parameter->shape.rank() >= 2;
      const bool decays = is_matrix || decay_on == optim::DecayOn::all;
      (decays ? decayed : kept) += 1;
      for (const double value : entry.parameter->value.to_vector())
        BOOST_TEST(value == (decays ? 0.95 : 1.0), boost::test_tools::tolerance(1e-12));
    }
    BOOST_TEST(decayed > 0);
    BOOST_TEST((kept > 0) == (decay_on == optim::DecayOn::matrices));
  }
}

BOOST_AUTO_TEST_SUITE_END()
