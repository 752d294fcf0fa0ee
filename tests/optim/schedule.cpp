#include <limits>

#include <boost/test/unit_test.hpp>

#include "memsizer/optim/schedule_settings.hpp"

BOOST_AUTO_TEST_SUITE(schedule)

using namespace memsizer;
using namespace memsizer::optim;

namespace {

const ScheduleSettings base{.learning_rate = 0.003, .warmup = 8, .steps = 60};

ScheduleSettings with_kind(ScheduleKind kind) {
  ScheduleSettings settings = base;
  settings.kind = kind;
  return settings;
}

void check_close(double actual, double expected) {
  BOOST_TEST(std::abs(actual - expected) <= 1e-15 + 1e-13 * std::abs(expected),
             actual << " is not " << expected);
}

/// fairseq's cosine learning rate after `updates` updates, by fairseq's own formulas.
double fairseq_cosine(const ScheduleSettings& s, Index updates) {
  const double current = static_cast<double>(updates - s.warmup), period = static_cast<double>(s.period);
  const double multiplier = s.period_multiplier;
  double cycle, length, position;
  if (multiplier != 1) {
    // The small addend stops the logarithm from falling just below a whole number.
    cycle = std::floor(std::log(1 - current / period * (1 - multiplier)) / std::log(multiplier) + 1e-12);
    length = std::pow(multiplier, cycle) * period;
    position = current - (1 - std::pow(multiplier, cycle)) / (1 - multiplier) * period;
  } else {
    cycle = std::floor(current / period);
    length = period;
    position = current - period * cycle;
  }
  const double height = std::pow(s.shrink, cycle);
  const double minimum = s.minimum * height, maximum = s.learning_rate * height;
  return minimum + 0.5 * (maximum - minimum) * (1 + std::cos(std::numbers::pi * position / length));
}

void check_refused(const ScheduleSettings& settings, std::string_view part) {
  BOOST_CHECK_EXCEPTION(Schedule{settings}, InputError, [&](const InputError& error) {
    return std::string_view(error.what()).find(part) != std::string_view::npos;
  });
}

}  // namespace

BOOST_AUTO_TEST_CASE(curves_follow_the_formulas) {
  const Schedule constant(with_kind(ScheduleKind::constant)), linear(with_kind(ScheduleKind::linear)),
      cosine(with_kind(ScheduleKind::cosine)), inverse_sqrt(with_kind(ScheduleKind::inverse_sqrt));
  for (Index step = 1; step <= 70; ++step) {
    const double t = static_cast<double>(step), ramp = std::min(t / 8, 1.0);
    const double after = std::clamp((t - 8) / 52, 0.0, 1.0);
    check_close(constant.at(step), 0.003 * ramp);
    check_close(linear.at(step), 0.003 * ramp * (1 - after));
    check_close(inverse_sqrt.at(step), 0.003 * std::min(t / 8, std::sqrt(8 / t)));
    check_close(cosine.at(step), t <= 8 ? 0.003 * ramp : 0.0015 * (1 + std::cos(std::numbers::pi * after)));
  }
}

BOOST_AUTO_TEST_CASE(without_warmup_the_peak_comes_first) {
  for (ScheduleKind kind : {ScheduleKind::constant, ScheduleKind::inverse_sqrt}) {
    const Schedule schedule({.kind = kind, .learning_rate = 2});
    check_close(schedule.at(1), 2);
  }
  check_close(Schedule({.kind = ScheduleKind::inverse_sqrt, .learning_rate = 2}).at(4), 1);
  check_close(Schedule({.kind = ScheduleKind::linear, .learning_rate = 2, .steps = 4}).at(1), 1.5);
}

BOOST_AUTO_TEST_CASE(a_rate_is_finite_at_every_step) {
  for (ScheduleKind kind :
       {ScheduleKind::constant, ScheduleKind::linear, ScheduleKind::cosine, ScheduleKind::inverse_sqrt}) {
    const Schedule schedule({.kind = kind, .learning_rate = 2, .steps = 4});
    check_close(schedule.at(0), 2);
    BOOST_CHECK_EXCEPTION(schedule.at(-1), InputError, [](const InputError& error) {
      return std::string_view(error.what()) == "schedule: a step of at least 0 expected, got -1";
    });
  }
}

BOOST_AUTO_TEST_CASE(warmup_starts_and_curves_end_where_told) {
  ScheduleSettings settings = with_kind(ScheduleKind::cosine);
  settings.initial = 1e-7;
  settings.minimum = 1e-4;
  const Schedule cosine(settings);
  check_close(cosine.at(0), 1e-7);
  check_close(cosine.at(4), 1e-7 + (0.003 - 1e-7) / 2);
  check_close(cosine.at(8), 0.003);
  check_close(cosine.at(60), 1e-4);
  check_close(cosine.at(100000), 1e-4);
  settings.kind = ScheduleKind::linear;
  check_close(Schedule(settings).at(34), (0.003 + 1e-4) / 2);
  check_close(Schedule(settings).at(61), 1e-4);
}

BOOST_AUTO_TEST_CASE(a_warmup_longer_than_the_run_only_rises) {
  const Schedule schedule({.kind = ScheduleKind::linear, .learning_rate = 1, .warmup = 100, .steps = 50});
  check_close(schedule.at(50), 0.5);
  check_close(schedule.at(100), 1);
  check_close(schedule.at(101), 0);
}

BOOST_AUTO_TEST_CASE(restarts_follow_fairseq) {
  for (double multiplier : {1.0, 2.0, 3.0})
    for (double shrink : {1.0, 0.75}) {
      const ScheduleSettings settings{.kind = ScheduleKind::cosine,
                                      .learning_rate = 1,
                                      .warmup = 16,
                                      .minimum = 1e-9,
                                      .period = 27,
                                      .period_multiplier = multiplier,
                                      .shrink = shrink};
      const Schedule schedule(settings);
      for (Index step = 17; step < 1000; ++step)
        check_close(schedule.at(step), fairseq_cosine(settings, step));
      // A cycle begins at its peak, right after the last cycle has ended.
      check_close(schedule.at(16 + 27), shrink);
      BOOST_TEST(schedule.at(16 + 26) < 0.01);
      check_close(schedule.at(16 + 27 + static_cast<Index>(27 * multiplier)), shrink * shrink);
    }
}

BOOST_AUTO_TEST_CASE(a_step_after_many_restarts_is_found_at_once) {
  const Schedule schedule({.kind = ScheduleKind::cosine, .learning_rate = 2, .period = 4});
  const Index many = 4'000'000'000'000;
  check_close(schedule.at(many), 2);
  check_close(schedule.at(many + 2), 1);
}

BOOST_AUTO_TEST_CASE(names_are_known_and_others_refused) {
  BOOST_TEST((schedule_kind("constant") == ScheduleKind::constant));
  BOOST_TEST((schedule_kind("linear") == ScheduleKind::linear));
  BOOST_TEST((schedule_kind("cosine") == ScheduleKind::cosine));
  BOOST_TEST((schedule_kind("inverse_sqrt") == ScheduleKind::inverse_sqrt));
  for (const char* name : {"", "Cosine", "step"}) BOOST_CHECK_THROW(schedule_kind(name), InputError);
}

BOOST_AUTO_TEST_CASE(settings_without_sense_are_refused_by_name) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (double rate : {0.0, -1.0, nan, std::numeric_limits<double>::infinity()})
    check_refused({.learning_rate = rate}, "learning_rate");
  check_refused({.warmup = -1}, "warmup");
  for (double rate : {1.0, nan, -1.0}) {
    check_refused({.initial = rate}, "initial");
    check_refused({.minimum = rate}, "minimum");
  }
  for (double factor : {nan, -1.0, std::numeric_limits<double>::infinity()}) {
    check_refused({.period_multiplier = factor}, "period_multiplier");
    check_refused({.shrink = factor}, "shrink");
  }
  check_refused({.kind = ScheduleKind::linear}, "schedule_steps");
  check_refused({.kind = ScheduleKind::cosine}, "schedule_steps");
  check_refused({.kind = ScheduleKind::cosine, .period = -5}, "period");
  check_refused({.kind = ScheduleKind::cosine, .period = 5, .period_multiplier = 0.5}, "period_multiplier");
  check_refused({.kind = ScheduleKind::cosine, .period = 5, .shrink = 0}, "shrink");
  BOOST_CHECK_NO_THROW(Schedule({.kind = ScheduleKind::cosine, .period = 5}));
}

BOOST_AUTO_TEST_SUITE_END()
