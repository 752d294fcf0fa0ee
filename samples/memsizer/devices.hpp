#pragma once
// The devices of this program by name, and the options that choose among them.

#include <string>
#include <vector>

#include "memsizer/device/device.hpp"

#include "command_line.hpp"
#include "matmul_backends.hpp"

namespace memsizer::program {

/// The option --threads.
void add_threads_option(const Command& command, Index& threads);

/// InputError if the number of --threads is out of range.
void check_threads(Index threads);

/// Sets the number of the CPU's threads; 0: one for each processor. InputError if the number is out of range.
void use_threads(Index threads);

/// The options for the machine that runs a command: --threads, --device and --matmul.
struct Machine {
  Index threads = 0;  // 0: one for each processor
  std::string device = "cpu";
  std::string matmul;  // empty: the device's default

  void add_options(const Command& command);

  /// Sets the number of threads and the backend. Returns the device. If this program or this machine has no
  /// device or backend with that name, an InputError says what to do.
  Device& use() const;
};

/// Sets who computes the matrix products of the device; `name` is a value of --matmul. InputError, which says
/// what to do, if nobody there has the name or if what it names is absent.
void use_products(const Device& device, const std::string& name);

/// All devices that this program was built with and that this machine has.
std::vector<Device*> devices_present();

/// The devices in a comma list; all devices if the list is empty. InputError if a device is not present.
std::vector<Device*> devices_named(const std::string& names);

}  // namespace memsizer::program
