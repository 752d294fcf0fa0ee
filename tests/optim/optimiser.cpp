#include "memsizer/optim/optimiser.hpp"

#include <limits>

#include <boost/mpl/list.hpp>
#include <boost/test/unit_test.hpp>

#include "memsizer/cpu/context.hpp"

BOOST_AUTO_TEST_SUITE(optimiser)

using namespace memsizer;
using namespace memsizer::optim;

namespace {

using Types = boost::mpl::list<float, double>;

constexpr Index size = 33;

/// A bowl, the sum of curvature (w - centre)^2 / 2, with its weights and gradients.
template <class T>
struct Bowl {
  Tensor<T> weights = Tensor<T>::zeros({size}), gradients = Tensor<T>::zeros({size});

  static double curvature(Index i) { return 0.1 + static_cast<double>(i) / 11; }
  static double centre(Index i) { return static_cast<double>(i % 7) - 3; }

  void compute_gradients() {
    std::vector<T> values = weights.to_vector();
    for (Index i = 0; i < size; ++i) values[i] = static_cast<T>(curvature(i) * (values[i] - centre(i)));
    gradients.copy_from(values);
  }

  double worst_distance() const {
    double worst = 0;
    const std::vector<T> values = weights.to_vector();
    for (Index i = 0; i < size; ++i) worst = std::max(worst, std::abs(values[i] - centre(i)));
    return worst;
  }
};

template <class T>
void check_close(const Tensor<T>& actual, const std::vector<double>& expected) {
  const std::vector<T> values = actual.to_vector();
  const double tolerance = sizeof(T) == 4 ? 2e-5 : 1e-13;
  for (std::size_t i = 0; i < expected.size(); ++i)
    BOOST_TEST(std::abs(values[i] - expected[i]) <= tolerance, values[i] << " is not " << expected[i]);
}

/// Adam's formulas from its paper, in double, with clipping by the gradient's norm.
std::vector<double> naive_adam(int steps, double rate, double clip, const AdamSettings& s) {
  std::vector<double> w(size, 0), m(size, 0), v(size, 0), g(size, 0);
  for (int t = 1; t <= steps; ++t) {
    double square = 0;
    for (Index i = 0; i < size; ++i) {
      g[i] = Bowl<double>::curvature(i) * (w[i] - Bowl<double>::centre(i));
      square += g[i] * g[i];
    }
    const double scale = clip == 0 ? 1 : std::min(1.0, clip / (std::sqrt(square) + 1e-6));
    for (Index i = 0; i < size; ++i) {
      double gradient = g[i] * scale;
      if (s.decoupled)
        w[i] *= 1 - rate * s.weight_decay;
      else
        gradient += s.weight_decay * w[i];
      m[i] = s.beta1 * m[i] + (1 - s.beta1) * gradient;
      v[i] = s.beta2 * v[i] + (1 - s.beta2) * gradient * gradient;
      w[i] -= rate * (m[i] / (1 - std::pow(s.beta1, t))) /
              (std::sqrt(v[i] / (1 - std::pow(s.beta2, t))) + s.epsilon);
    }
  }
  return w;
}

}  // namespace

BOOST_AUTO_TEST_CASE_TEMPLATE(adam_and_adamw_follow_their_papers, T, Types) {
  const AdamSettings settings{.beta1 = 0.9, .beta2 = 0.98, .epsilon = 1e-6, .weight_decay = 0.1};
  for (double clip : {0.0, 0.5}) {
    Bowl<T> bowl, decoupled_bowl;
    Adam<T> adam(bowl.weights, bowl.gradients, settings);
    AdamW<T> adamw(decoupled_bowl.weights, decoupled_bowl.gradients, settings);
    for (int t = 0; t < 12; ++t) {
      bowl.compute_gradients();
      adam.step(0.05, clip);
      decoupled_bowl.compute_gradients();
      adamw.step(0.05, clip);
    }
    check_close(bowl.weights, naive_adam(12, 0.05, clip, settings));
    AdamSettings decoupled = settings;
    decoupled.decoupled = true;
    check_close(decoupled_bowl.weights, naive_adam(12, 0.05, clip, decoupled));
    BOOST_TEST(adam.steps() == 12);
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(nesterov_is_two_gradients_ahead, T, Types) {
  Bowl<T> bowl;
  NesterovSgd<T> sgd(bowl.weights, bowl.gradients, {.momentum = 0.9});
  std::vector<double> w(size, 0), velocity(size, 0);
  for (int t = 0; t < 12; ++t) {
    bowl.compute_gradients();
    sgd.step(0.05);
    for (Index i = 0; i < size; ++i) {
      const double g = Bowl<T>::curvature(i) * (w[i] - Bowl<T>::centre(i));
      velocity[i] = 0.9 * velocity[i] + g;
      w[i] -= 0.05 * (g + 0.9 * velocity[i]);
    }
  }
  check_close(bowl.weights, w);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(all_reach_the_bottom, T, Types) {
  Bowl<T> a, b, c;
  Adam<T> adam(a.weights, a.gradients);
  AdamW<T> adamw(b.weights, b.gradients, {.weight_decay = 0});
  NesterovSgd<T> sgd(c.weights, c.gradients);
  for (int t = 0; t < 800; ++t) {
    a.compute_gradients(), b.compute_gradients(), c.compute_gradients();
    adam.step(0.05), adamw.step(0.05), sgd.step(0.05);
  }
  for (const Bowl<T>* bowl : {&a, &b, &c}) BOOST_TEST(bowl->worst_distance() < 1e-2);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_run_goes_on_from_its_saved_states, T, Types) {
  Bowl<T> whole, part;
  Adam<T> first(whole.weights, whole.gradients), second(part.weights, part.gradients);
  const auto run = [](Bowl<T>& bowl, Optimiser<T>& method, int steps) {
    for (int t = 0; t < steps; ++t) {
      bowl.compute_gradients();
      method.step(0.05, 1.0);
    }
  };
  run(whole, first, 5);
  part.weights.copy_from(whole.weights.to_vector());
  BOOST_TEST_REQUIRE(first.states().size() == 2u);
  BOOST_TEST(first.states()[0].name == "first_moment");
  BOOST_TEST(first.states()[1].name == "second_moment");
  for (std::size_t i = 0; i < 2; ++i) {
    Tensor<T> state = second.states()[i].values;
    state.copy_from(first.states()[i].values.to_vector());
  }
  second.set_steps(first.steps());
  run(whole, first, 5);
  run(part, second, 5);
  BOOST_TEST((whole.weights.to_vector() == part.weights.to_vector()));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_gradient_that_is_not_finite_changes_nothing, T, Types) {
  for (T bad : {std::numeric_limits<T>::infinity(), std::numeric_limits<T>::quiet_NaN()}) {
    Bowl<T> bowl;
    AdamW<T> adam(bowl.weights, bowl.gradients);
    bowl.compute_gradients();
    adam.step(0.1, 1.0);
    BOOST_TEST(std::isfinite(adam.gradient_norm()));
    const std::vector<T> before = bowl.weights.to_vector(), moment = adam.states()[0].values.to_vector();
    std::vector<T> gradients(size, T{1});
    gradients[size - 1] = bad;
    bowl.gradients.copy_from(gradients);
    adam.step(0.1, 1.0);
    BOOST_TEST(!std::isfinite(adam.gradient_norm()));
    BOOST_TEST((bowl.weights.to_vector() == before));
    BOOST_TEST((adam.states()[0].values.to_vector() == moment));
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_failure_lasts_until_it_is_reset, T, Types) {
  const T nan = std::numeric_limits<T>::quiet_NaN();
  for (const bool loss_fails : {false, true}) {
    Bowl<T> bowl;
    NesterovSgd<T> sgd(bowl.weights, bowl.gradients);
    const auto loss = Tensor<T>::zeros({1});
    const auto step = [&](bool fails) {
      bowl.compute_gradients();
      if (fails && !loss_fails) bowl.gradients.fill(nan);
      Tensor<T>(loss).fill(fails && loss_fails ? nan : T{1});
      sgd.step(0.05, 1.0, loss.data());
    };
    step(false), step(false);
    BOOST_TEST(sgd.failed_step() == 0);
    const std::vector<T> weights = bowl.weights.to_vector(), velocity = sgd.states()[0].values.to_vector();
    step(true), step(false), step(true);
    BOOST_TEST(sgd.failed_step() == 3);
    BOOST_TEST(sgd.steps() == 5);
    BOOST_TEST((bowl.weights.to_vector() == weights));
    BOOST_TEST((sgd.states()[0].values.to_vector() == velocity));
    sgd.reset_failure();
    BOOST_TEST(sgd.failed_step() == 0);
    step(false);
    BOOST_TEST((bowl.weights.to_vector() != weights));
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_step_reads_nothing_from_the_device, T, Types) {
  DeviceMemory memory = cpu::memory();
  memory.host_readable = false;
  memory.to_host = [](Context&, void*, const void*, Index) { throw Error("the device was read"); };
  Device device("silent", cpu::context(), memory, cpu::table<T>());
  FlatParameters<T> parameters(size, true, device);
  AdamW<T> adam(parameters);
  const auto ring = Tensor<T>::zeros({4}, device);
  for (Index i = 0; i < 4; ++i) {
    adam.step(0.1, 1.0, parameters.weights().data());
    ring.view(i, {1}).copy_from(adam.device_gradient_norm());
  }
  BOOST_CHECK_THROW(adam.gradient_norm(), Error);
  BOOST_CHECK_THROW(adam.failed_step(), Error);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(segments_are_updated_each_in_its_own_way, T, Types) {
  // A segment moves as the whole bowl would under the segment's rate and decay. Weights outside all segments
  // stay.
  const AdamSettings adam{.weight_decay = 0.2};
  const NesterovSettings nesterov{.weight_decay = 0.2};
  const std::vector<Segment> segments = {{0, 7, 0}, {7, 1, 1, 0.5}, {9, 13, 0.5, 2}, {22, 0}, {30, 3}};
  const auto run = [](Bowl<T>& bowl, Optimiser<T>& optimiser, double rate) {
    for (int t = 0; t < 5; ++t) {
      bowl.compute_gradients();
      optimiser.step(rate);
    }
    return bowl.weights.to_vector();
  };
  const auto check = [&](const auto& make) {
    Bowl<T> bowl;
    bowl.weights.fill(T{1});
    FlatParameters<T> flat(bowl.weights, bowl.gradients);
    const std::vector<T> actual = run(bowl, *make(flat, 1.0, segments), 0.05);
    std::vector<double> expected(size, 1);
    for (const Segment& segment : segments) {
      Bowl<T> whole;
      whole.weights.fill(T{1});
      FlatParameters<T> all(whole.weights, whole.gradients);
      const std::vector<T> values = run(whole, *make(all, segment.decay, {}), 0.05 * segment.rate_factor);
      for (Index i = segment.offset; i < segment.offset + segment.length; ++i) expected[i] = values[i];
    }
    check_close(Tensor<T>({size}, actual), expected);
    BOOST_TEST(actual[8] == 1);
    BOOST_TEST(actual[25] == 1);
  };
  using Made = std::unique_ptr<Optimiser<T>>;
  for (const bool decoupled : {false, true})
    check([&](FlatParameters<T>& flat, double decay, std::vector<Segment> parts) -> Made {
      AdamSettings settings = adam;
      settings.decoupled = decoupled;
      settings.weight_decay *= decay;
      return std::make_unique<Adam<T>>(flat, settings, parts);
    });
  check([&](FlatParameters<T>& flat, double decay, std::vector<Segment> parts) -> Made {
    NesterovSettings settings = nesterov;
    settings.weight_decay *= decay;
    return std::make_unique<NesterovSgd<T>>(flat, settings, parts);
  });
}

BOOST_AUTO_TEST_CASE_TEMPLATE(one_segment_of_all_is_no_segment_bit_for_bit, T, Types) {
  Bowl<T> plain, whole;
  Adam<T> a(plain.weights, plain.gradients);
  FlatParameters<T> flat(whole.weights, whole.gradients);
  Adam<T> b(flat, {}, {{0, size}});
  for (int t = 0; t < 5; ++t) {
    plain.compute_gradients(), whole.compute_gradients();
    a.step(0.05), b.step(0.05);
  }
  BOOST_TEST((plain.weights.to_vector() == whole.weights.to_vector()));
}

BOOST_AUTO_TEST_CASE(segments_that_do_not_fit_are_refused) {
  FlatParameters<double> flat(10, true, cpu::device());
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const std::vector<Segment>& segments : {std::vector<Segment>{{-1, 3}},
                                               {{0, 11}},
                                               {{0, 5}, {4, 2}},
                                               {{5, 2}, {0, 2}},
                                               {{0, -1}},
                                               {{11, 0}},
                                               {{0, 5, -1}},
                                               {{0, 5, 1, -1}},
                                               {{0, 5, nan}},
                                               {{0, 5, 1, nan}},
                                               {{1, std::numeric_limits<Index>::max()}}})
    BOOST_CHECK_THROW(Adam<double>(flat, {}, segments), InputError);
  FlatParameters<double> fixed(10, false, cpu::device());
  BOOST_CHECK_THROW(Adam<double>{fixed}, InputError);
}

BOOST_AUTO_TEST_CASE(masters_stand_beside_narrow_weights_alone) {
  const auto narrow = Tensor<bfloat16>::zeros({3});
  const auto wide = Tensor<float>::zeros({3}), other = Tensor<float>::zeros({4});
  BOOST_CHECK_NO_THROW(FlatParameters<bfloat16>(narrow, wide, wide.clone()));
  BOOST_CHECK_THROW(FlatParameters<bfloat16>(narrow, wide), InputError);
  BOOST_CHECK_THROW(FlatParameters<bfloat16>(narrow, wide, other), InputError);
  BOOST_CHECK_THROW(FlatParameters<float>(wide, wide, wide), InputError);
  FlatParameters<bfloat16> parameters(3, true, cpu::device());
  BOOST_TEST(parameters.masters().size() == 3);
  BOOST_TEST(!FlatParameters<float>(3, true, cpu::device()).masters().defined());
}

BOOST_AUTO_TEST_CASE(moments_lie_with_the_parameters) {
  FlatParameters<double> parameters(3, true, cpu::device());
  const Adam<double> adam(parameters);
  BOOST_TEST_REQUIRE(parameters.moments().size() == 2u);
  for (std::size_t i = 0; i < 2; ++i) {
    BOOST_TEST(parameters.moments()[i].name == adam.states()[i].name);
    BOOST_TEST(parameters.moments()[i].values.data() == adam.states()[i].values.data());
  }
  const NesterovSgd<double> sgd(parameters);
  const Adam<double> fresh(parameters);
  BOOST_TEST(parameters.moments().size() == 3u);
  BOOST_TEST(fresh.states()[0].values.data() != adam.states()[0].values.data());
}

BOOST_AUTO_TEST_CASE_TEMPLATE(nothing_to_train_is_no_error, T, Types) {
  const auto nothing = Tensor<T>::zeros({0});
  Adam<T> adam(nothing, nothing);
  adam.step(0.1, 1.0);
  BOOST_TEST(adam.gradient_norm() == 0);
}

BOOST_AUTO_TEST_SUITE_END()
