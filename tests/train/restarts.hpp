#pragma once
// A schedule with restarts, as settings and as learning rates computed by hand.

#include <cmath>
#include <numbers>
#include <string>
#include <vector>

#include "memsizer/base/checked.hpp"

namespace memsizer::test {

inline const std::vector<std::string> restarts = {"schedule=cosine",
                                                  "learning_rate=0.02",
                                                  "warmup=2",
                                                  "schedule_period=3",
                                                  "schedule_period_multiplier=2",
                                                  "schedule_shrink=0.5",
                                                  "min_learning_rate=0.004",
                                                  "warmup_init_learning_rate=0.01"};

/// The rate by hand: a warm-up of 2 steps from 0.01, then cycles of 3 and 6 steps whose peaks and ends halve.
inline double expected_rate(Index step) {
  if (step <= 2) return 0.01 + 0.005 * static_cast<double>(step);
  const bool first = step < 5;
  const double part = static_cast<double>(first ? step - 2 : step - 5) / (first ? 3 : 6),
               height = first ? 1 : 0.5;
  return height * (0.004 + 0.008 * (1 + std::cos(std::numbers::pi * part)));
}

}  // namespace memsizer::test
