#pragma once
// Learning rates over the steps of a training run.

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <string_view>
#include <utility>

#include "memsizer/base/checked.hpp"

namespace memsizer::optim {

enum class ScheduleKind { constant, linear, cosine, inverse_sqrt };

/// The settings of a schedule. fairseq's lr-period-updates, t-mult, lr-shrink, min-lr and warmup-init-lr are
/// period, period_multiplier, shrink, minimum and initial here.
struct ScheduleSettings {
  ScheduleKind kind = ScheduleKind::constant;
  double learning_rate = 1e-3;   // the peak
  Index warmup = 0;              // steps of linear increase to the peak
  Index steps = 0;               // the step at which linear and cosine reach the minimum; 0: not known yet
  double initial = 0;            // where the warm-up starts
  double minimum = 0;            // where linear and cosine end
  Index period = 0;              // cosine with restarts: steps of the first cycle; 0: no restarts
  double period_multiplier = 1;  // each cycle is so many times as long as the one before
  double shrink = 1;             // and its peak and minimum so many times as high

  friend bool operator==(const ScheduleSettings&, const ScheduleSettings&) = default;

  /// Whether the schedule has an end, after which the learning rate stays at its minimum.
  bool has_an_end() const {
    return kind == ScheduleKind::linear || (kind == ScheduleKind::cosine && period == 0);
  }
};

/// The learning rate r(t) at step t, counted from 1, with peak p, warm-up w and last step n:
///
///   t <= w         initial + (p - initial) t / w
///   constant       p
///   linear         p - (p - minimum) u          with u = min(1, (t - w) / (n - w))
///   cosine         minimum + (p - minimum) (1 + cos(pi u)) / 2    (Loshchilov and Hutter 2017)
///   inverse_sqrt   p sqrt(w / t)                (Vaswani et al. 2017; w = 0 counts as 1)
///
/// Cosine with restarts, as in fairseq: cycle i = 0, 1, ... is period * period_multiplier^i steps long. In
/// it, u is the part of the cycle that has passed, and p and minimum are multiplied by shrink^i.
class Schedule {
 public:
  /// InputError, whose text names the setting, if a setting makes no sense.
  explicit Schedule(const ScheduleSettings& settings) : settings_(settings) {
    const ScheduleSettings& s = settings_;
    const auto check = [](bool right, const char* name, const char* expected, auto value) {
      require(right, "schedule: ", name, " must be ", expected, ", got ", value);
    };
    check(s.learning_rate > 0 && std::isfinite(s.learning_rate), "learning_rate", "above 0", s.learning_rate);
    check(s.warmup >= 0, "warmup", "at least 0", s.warmup);
    check(s.initial >= 0 && s.initial <= s.learning_rate, "initial", "in 0 .. learning_rate", s.initial);
    check(s.minimum >= 0 && s.minimum <= s.learning_rate, "minimum", "in 0 .. learning_rate", s.minimum);
    check(s.period >= 0, "period", "at least 0", s.period);
    check(s.period_multiplier >= 1 && std::isfinite(s.period_multiplier), "period_multiplier", "at least 1",
          s.period_multiplier);
    check(s.shrink > 0 && s.shrink <= 1, "shrink", "above 0 and at most 1", s.shrink);
    if (s.kind == ScheduleKind::linear || (s.kind == ScheduleKind::cosine && s.period == 0))
      check(s.steps > 0, "schedule_steps", "above 0", s.steps);
  }

  /// The rate at a step, counted from 1; at 0 that from which the schedule begins. InputError for a step
  /// below 0.
  double at(Index step) const {
    require(step >= 0, "schedule: a step of at least 0 expected, got ", step);
    const ScheduleSettings& s = settings_;
    const double t = static_cast<double>(step), warmup = static_cast<double>(s.warmup);
    if (s.warmup > 0 && step <= s.warmup) return s.initial + (s.learning_rate - s.initial) * t / warmup;
    switch (s.kind) {
      case ScheduleKind::constant:
        return s.learning_rate;
      case ScheduleKind::linear:
        return s.minimum + (s.learning_rate - s.minimum) * (1 - progress(step));
      case ScheduleKind::cosine:
        return cosine(step);
      case ScheduleKind::inverse_sqrt:
        return s.learning_rate * std::sqrt(std::max(warmup, 1.0) / std::max(t, 1.0));
    }
    return s.learning_rate;
  }

 private:
  /// The part of the steps after the warm-up that has passed.
  double progress(Index step) const {
    if (step >= settings_.steps) return 1;
    return static_cast<double>(step - settings_.warmup) /
           static_cast<double>(settings_.steps - settings_.warmup);
  }

  double cosine(Index step) const {
    double part = 0, height = 1;
    if (settings_.period == 0) {
      part = progress(step);
    } else {
      double passed = static_cast<double>(step - settings_.warmup);
      double length = static_cast<double>(settings_.period);
      if (settings_.period_multiplier == 1) {
        const double cycles = std::floor(passed / length);
        passed -= cycles * length;
        height = std::pow(settings_.shrink, cycles);
      }
      // If cycles grow, there are few of them, so a loop is fast enough.
      for (; passed >= length; length *= settings_.period_multiplier, height *= settings_.shrink)
        passed -= length;
      part = passed / length;
    }
    const double peak = settings_.learning_rate, minimum = settings_.minimum;
    return height * (minimum + 0.5 * (peak - minimum) * (1 + std::cos(std::numbers::pi * part)));
  }

  ScheduleSettings settings_;
};

}  // namespace memsizer::optim
