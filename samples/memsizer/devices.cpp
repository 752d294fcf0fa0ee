#include "devices.hpp"

#include "memsizer/base/lists.hpp"
#include "memsizer/cpu/context.hpp"

#include "kernels/emulated/device.hpp"
#ifdef MEMSIZER_CUDA
#include "kernels/cuda/device.hpp"
#endif

namespace memsizer::program {

namespace {

#ifdef MEMSIZER_CUDA
std::vector<Device*> cuda_devices() {
  return cuda::present() ? std::vector<Device*>{&cuda::device()} : std::vector<Device*>{};
}
constexpr std::string_view without_cuda =
    "this machine has no GPU that the NVIDIA driver can use (nvidia-smi lists those it has)";
#else
std::vector<Device*> cuda_devices() {
  return {};
}
constexpr std::string_view without_cuda =
    "this program was built without CUDA; where nvcc is installed, `cmake --workflow --preset cuda` builds "
    "one with it, build/cuda/memsizer";
#endif

Device& find_device(const std::string& name) {
  const std::vector<Device*> present = devices_present();
  for (Device* device : present)
    if (device->name() == name) return *device;
  const std::string names = join(present, ", ", &Device::name);
  require(name != "cuda", "--device cuda: ", without_cuda, "; there is ", names);
  throw InputError(concatenate("--device: one of ", names, " expected, got '", name, "'"));
}

}  // namespace

void add_threads_option(const Command& command, Index& threads) {
  command.option("--threads", "N", threads,
                 "number of threads; 0, the default, means one for each processor that the process may use");
}

void check_threads(Index threads) {
  require(threads >= 0 && threads <= ThreadPool::most_threads, "--threads: a number from 0 to ",
          ThreadPool::most_threads, " expected, got ", threads);
}

void use_threads(Index threads) {
  check_threads(threads);
  cpu::set_threads(threads);
}

void Machine::add_options(const Command& command) {
  add_threads_option(command, threads);
  command.option("--device", "NAME", device, "cpu, emulated or cuda");
  command.option("--matmul", "NAME", matmul,
                 "the backend for matrix products: eigen or openblas on the cpu, own on the other devices");
}

Device& Machine::use() const {
  use_threads(threads);
  Device& found = find_device(device);
  const bool is_cpu = device == "cpu";
  require(is_cpu || matmul.empty() || matmul == "own", "--matmul: on ", device,
          " own expected (eigen and openblas go with --device cpu), got '", matmul, "'");
  use_matmul_backend(is_cpu && !matmul.empty() ? matmul : default_matmul);
  return found;
}

std::vector<Device*> devices_present() {
  std::vector<Device*> devices = {&cpu::device(), &emulated::device()};
  for (Device* device : cuda_devices()) devices.push_back(device);
  return devices;
}

std::vector<Device*> devices_named(const std::string& names) {
  if (names.empty()) return devices_present();
  std::vector<Device*> devices;
  for (const std::string& name : split_list(names, "--device")) devices.push_back(&find_device(name));
  return devices;
}

}  // namespace memsizer::program
