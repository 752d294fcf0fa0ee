#pragma once
// The options that `train` and `compare` share.

#include "memsizer/tasks/start.hpp"

#include "commands.hpp"
#include "devices.hpp"

namespace memsizer::program {

struct TrainOptions {
  tasks::Request request = {};
  std::string resume;  // empty, "yes" or "auto"
  Machine machine;
  bool json = false;
};

/// Describes them; `options` outlives the command line.
void add_train_options(const Command& command, TrainOptions& options);

/// The request, on the device that the options choose. InputError where there is none of that name.
tasks::Request request_on_device(const TrainOptions& options);

/// Trains, and shows it on standard error: a line that renews itself on a terminal, plain lines elsewhere.
train::Outcome train_and_show(const std::string& label, const tasks::Request& request);

}  // namespace memsizer::program
