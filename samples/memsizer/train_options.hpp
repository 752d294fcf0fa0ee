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

/// Adds these options to a command, all but --task and --data. `options` must outlive the command line.
void add_train_options(const Command& command, TrainOptions& options);

/// The names for --task, with the default.
std::string task_names();

/// The request, with the device that the options choose. InputError if there is no device with that name.
tasks::Request request_on_device(const TrainOptions& options);

/// Trains, and shows the progress on standard error: on a terminal a line that is written over, elsewhere
/// plain lines.
train::Outcome train_and_show(const std::string& label, const tasks::Request& request);

}  // namespace memsizer::program
