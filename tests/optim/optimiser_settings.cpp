#include "memsizer/optim/optimiser_settings.hpp"

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(optimiser_settings)

using namespace memsizer;
using namespace memsizer::optim;

namespace {

/// The weights, 1 at first, after a step with gradients of 0.5.
std::vector<double> after_a_step(const OptimiserSettings& settings, std::vector<Segment> segments = {}) {
  const Tensor<double> weights = Tensor<double>::full({4}, 1), gradients = Tensor<double>::full({4}, 0.5);
  FlatParameters<double> parameters(weights, gradients);
  make_optimiser(settings, parameters, std::move(segments))->step(0.1);
  return weights.to_vector();
}

}  // namespace

BOOST_AUTO_TEST_CASE(each_kind_is_the_one_of_its_name) {
  const auto rows = optim::optimiser_settings();
  for (const auto& [name, kind] : {std::pair{"adam", OptimiserKind::adam},
                                   {"adamw", OptimiserKind::adamw},
                                   {"nesterov", OptimiserKind::nesterov}}) {
    OptimiserSettings settings;
    rows[0].assign(settings, name);
    BOOST_TEST((settings.kind == kind));
  }
  // Adam's first step is as large as the learning rate. A decay of 0.5 moves the weights further in AdamW
  // only.
  OptimiserSettings settings{.kind = OptimiserKind::adam, .adam = {.weight_decay = 0.5}};
  BOOST_TEST(after_a_step(settings)[0] == 0.9, boost::test_tools::tolerance(1e-6));
  settings.kind = OptimiserKind::adamw;
  BOOST_TEST(after_a_step(settings)[0] == 1 - 0.1 * 0.5 - 0.1, boost::test_tools::tolerance(1e-6));
  settings = {.kind = OptimiserKind::nesterov, .nesterov = {.momentum = 0.5}};
  BOOST_TEST(after_a_step(settings)[0] == 1 - 0.1 * (0.5 + 0.5 * 0.5), boost::test_tools::tolerance(1e-12));
}

BOOST_AUTO_TEST_CASE(every_method_decays_by_the_one_key) {
  const auto rows = optim::optimiser_settings();
  const auto row = [&](const std::string& name) {
    return *std::ranges::find(rows, name, &Setting<OptimiserSettings>::name);
  };
  for (const char* method : {"adam", "adamw", "nesterov"}) {
    OptimiserSettings settings, plain;
    for (OptimiserSettings* one : {&settings, &plain}) row("optimizer").assign(*one, method);
    row("weight_decay").assign(settings, "0.5");
    BOOST_TEST(row("weight_decay").text(settings) == "0.5", method);
    BOOST_TEST(row("weight_decay").text(plain) == "0", method);
    // Adam's first step has the length of the learning rate, whatever the gradient.
    const double moved = after_a_step(plain)[0] - after_a_step(settings)[0];
    BOOST_TEST((moved > 0.01) == (std::string(method) != "adam"), method << " moves " << moved);
  }
  // The text is that of the method that reads the field.
  const OptimiserSettings own{.kind = OptimiserKind::nesterov, .nesterov = {.weight_decay = 0.25}};
  BOOST_TEST(row("weight_decay").text(own) == "0.25");
}

// A config.json of an older run may lack a key; then these are its values.
BOOST_AUTO_TEST_CASE(the_defaults_are_those_of_old_runs) {
  const OptimiserSettings settings;
  std::string all;
  for (const auto& row : optim::optimiser_settings()) all += row.name + '=' + row.text(settings) + ' ';
  BOOST_TEST(all ==
             "optimizer=adamw betas=0.9,0.98 epsilon=1e-08 momentum=0.99 weight_decay=0 "
             "weight_decay_on=all clip=0 ");
}

BOOST_AUTO_TEST_CASE(segments_are_updated_in_their_own_way) {
  const std::vector<double> weights =
      after_a_step({.adam = {.weight_decay = 0.5}}, {{0, 2, 1, 1}, {2, 2, 0, 0.5}});
  BOOST_TEST(weights[0] == 0.85, boost::test_tools::tolerance(1e-6));
  BOOST_TEST(weights[3] == 0.95, boost::test_tools::tolerance(1e-6));
}

BOOST_AUTO_TEST_SUITE_END()
