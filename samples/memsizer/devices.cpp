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
void use_cuda_products(const std::string& name) {
  using enum cuda::Products;
  cuda::use_products(name == "own" ? own : name == "cublaslt" ? cublaslt : automatic);
}
#else
std::vector<Device*> cuda_devices() {
  return {};
}
constexpr std::string_view without_cuda =
    "this program was built without CUDA; where nvcc is installed, `cmake --workflow --preset cuda` builds "
    "one with it, build/cuda/memsizer";
void use_cuda_products(const std::string&) {}
#endif

/// InputError if --matmul names nobody who computes matrix products on cuda or emulated.
void check_products(const std::string& device, const std::string& name) {
  const bool on_cuda = device == "cuda";
  if (name.empty() || name == "own" || (!on_cuda && device != "emulated")) return;
  require(on_cuda && (name == "cublaslt" || name == "auto"), "--matmul: on ", device, ' ',
          on_cuda ? "own, cublaslt or auto" : "own",
          " expected (eigen and openblas go with --device cpu), got '", name, "'");
}

Device& find_device(const std::string& name) {
  const std::vector<Device*> present = devices_present();
  for (Device* device : present)
    if (device->name() == name) return *device;
  const std::string names = join(present, ", ", &Device::name);
  require(name != "cuda", "--device cuda: ", without_cuda, "; there is ", names);
  const bool has_cuda = !cuda_devices().empty();
  throw InputError(concatenate("--device: cpu, emulated or cuda expected, got '", name, "'",
                               has_cuda ? "" : "; cuda is not there: ", has_cuda ? "" : without_cuda));
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
  command.option(
      "--matmul", "NAME", matmul,
      "who computes matrix products: eigen or openblas on the cpu; own on emulated; own, cublaslt or "
      "auto on cuda, where auto, the default, takes for each product what a measurement in "
      "docs/kernels.md showed to be faster");
}

Device& Machine::use() const {
  use_threads(threads);
  check_products(device, matmul);
  Device& found = find_device(device);
  use_products(found, matmul);
  return found;
}

void use_products(const Device& device, const std::string& name) {
  check_products(std::string(device.name()), name);
  use_matmul_backend(device.name() == "cpu" && !name.empty() ? name : default_matmul);
  if (device.name() == "cuda") use_cuda_products(name);
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
