#include "devices.hpp"

#include <sstream>

#include "memsizer/cpu/table.hpp"

#include "kernels/emulated/device.hpp"

namespace memsizer::program {

namespace {

Device& find_device(const std::string& name) {
  std::string names;
  for (Device* device : devices_present()) {
    if (device->name() == name) return *device;
    names += (names.empty() ? "" : ", ") + std::string(device->name());
  }
  throw InputError(concatenate("--device: one of ", names, " expected, got '", name,
                               name == "cuda" ? "'; this program was built without CUDA" : "'"));
}

}  // namespace

void Machine::add_options(const Command& command) {
  command.option("--threads", "N", threads, "threads to work with; as many as processors if not given");
  command.option("--device", "NAME", device, "cpu, emulated or cuda");
  std::string names;
  for (const std::string& name : matmul_fillings()) names += (names.empty() ? "" : " or ") + name;
  command.option("--matmul", "NAME", matmul, "what multiplies matrices on the cpu: " + names);
}

Device& Machine::use() const {
  require(threads >= 0 && threads <= 4096, "--threads: a number from 1 to 4096 expected, got ", threads);
  cpu::set_threads(static_cast<int>(threads));
  use_matmul_filling(matmul);
  return find_device(device);
}

std::vector<Device*> devices_present() {
  return {&cpu::device(), &emulated::device()};
}

std::vector<Device*> devices_named(const std::string& names) {
  if (names.empty()) return devices_present();
  std::vector<Device*> devices;
  std::istringstream stream(names);
  for (std::string name; std::getline(stream, name, ',');) devices.push_back(&find_device(name));
  return devices;
}

}  // namespace memsizer::program
