#pragma once
// The options that `train` and `compare` share.

#include "memsizer/train/start.hpp"

#include "commands.hpp"

namespace memsizer::program {

struct TrainOptions {
  train::Request request = {};
  Index threads = 0;
  std::string device = "cpu";
  bool json = false;
};

/// Describes them; `options` outlives the command line.
void add_train_options(const Command& command, TrainOptions& options);

/// Sets threads; InputError where the device or a number makes no sense.
void apply(const TrainOptions& options);

/// Shows a run on standard error: a line that renews itself on a terminal, plain lines elsewhere.
std::function<train::Outcome(const train::Request&)> training_shown_as(const std::string& label);

}  // namespace memsizer::program
