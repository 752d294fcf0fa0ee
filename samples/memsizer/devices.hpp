#pragma once
// The devices of this program, by name, and the options that choose among them.

#include <string>
#include <vector>

#include "memsizer/device/device.hpp"

#include "command_line.hpp"
#include "matmul_backends.hpp"

namespace memsizer::program {

/// The cpu works with so many threads from now on; 0: as many as processors. InputError where that is too
/// many.
void use_threads(Index threads);

/// What runs a command: --threads, --device and --matmul.
struct Machine {
  Index threads = 0;  // 0: as many as there are processors
  std::string device = "cpu";
  std::string matmul = default_matmul;

  void add_options(const Command& command);

  /// Sets the number of threads and the backend; returns the device. InputError, saying what to do, where
  /// this program or this machine has no device or backend of that name.
  Device& use() const;
};

/// Every device that this program was built with and that is there.
std::vector<Device*> devices_present();

/// Those named in a comma list; all where it is empty. InputError on a name that is not there.
std::vector<Device*> devices_named(const std::string& names);

}  // namespace memsizer::program
