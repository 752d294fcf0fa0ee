// memsizer kernels: how fast a device moves memory, attends and scans.

#include <memory>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "memsizer/base/text_table.hpp"
#include "memsizer/report/number_text.hpp"

#include "commands.hpp"
#include "devices.hpp"
#include "memory_kernels.hpp"
#include "output.hpp"
#include "sequence_kernels.hpp"

namespace memsizer::program {

namespace kernels_command {

struct Options {
  Machine machine;
  std::string family, dtype = "float";
  bool json = false;
};

/// What is computed: much on a GPU, less on the cpu, and on the emulated device as little as there can be.
struct Sizes {
  MemorySizes memory;
  std::vector<SequenceSizes> sequences;
  std::vector<std::pair<Index, Index>> heads;  // their number and their width
  Index slots, dim;                            // of MemSizer's memory
};

Sizes sizes_for(const Device& device) {
  if (device.name() == "emulated") return {{4, 36, 33}, {{16, 8}}, {{2, 8}}, 4, 16};
  if (device.name() == "cpu") return {{1024, 1024, 8192}, {{512, 512}}, {{12, 64}}, 32, 768};
  // 2^25 elements are at least 64 MiB, more than any cache holds; 50,257 is GPT-2's vocabulary.
  return {{32768, 1024, 50257}, {{16384, 512}, {16384, 2048}, {16384, 8192}}, {{12, 64}, {6, 128}}, 32, 1024};
}

template <class T>
std::vector<KernelTime> measure(Device& device, const std::string& family) {
  const Sizes sizes = sizes_for(device);
  const auto wanted = [&](const char* name) { return family.empty() || family == name; };
  std::vector<KernelTime> times;
  if (wanted("memory")) times = MemoryKernelTimes<T>(device, sizes.memory).measure();
  for (const SequenceSizes& sequence : sizes.sequences) {
    if (wanted("attention"))
      for (const auto& [heads, head_dim] : sizes.heads)
        add_attention<T>(times, device, causal_attention(sequence, heads, head_dim));
    if (wanted("scan"))
      add_scan<T>(times, device,
                  {.batch = sequence.tokens / sequence.time,
                   .time = sequence.time,
                   .features = sizes.slots,
                   .dim = sizes.dim,
                   .inverse_root_count = true});
  }
  return times;
}

std::vector<KernelTime> measure(const Options& options) {
  const std::string& family = options.family;
  require(family.empty() || family == "memory" || family == "attention" || family == "scan",
          "--family: memory, attention or scan expected, got '", family, "'");
  Device& device = options.machine.use();
  if (options.dtype == "float") return measure<float>(device, family);
  if (options.dtype == "double") return measure<double>(device, family);
  require(options.dtype == "bfloat16", "--dtype: double, float or bfloat16 expected, got '", options.dtype,
          "'");
  require(device.name() != "cpu",
          "--dtype bfloat16: --device emulated or cuda expected; the cpu has no kernels for it");
  return measure<bfloat16>(device, family);
}

/// The rate of the work that limits the kernel, if it does such work.
nlohmann::ordered_json rate(double work, double seconds, double unit) {
  return work > 0 ? nlohmann::ordered_json(work / seconds / unit) : nullptr;
}

void print_times(const std::vector<KernelTime>& times, const Options& options) {
  nlohmann::ordered_json objects = nlohmann::ordered_json::array();
  std::vector<std::vector<std::string>> lines = {{"kernel", "sizes", "microseconds", "GB/s", "TFLOP/s"}};
  for (const KernelTime& one : times) {
    nlohmann::ordered_json sizes = nlohmann::ordered_json::object();
    std::string text;
    for (const auto& [name, size] : one.sizes) {
      sizes[name] = size;
      text += concatenate(text.empty() ? "" : ", ", name, ' ', size);
    }
    objects.push_back({{"kernel", one.kernel},
                       {"dtype", options.dtype},
                       {"sizes", sizes},
                       {"seconds", one.seconds},
                       {"gigabytes_per_second", rate(one.bytes, one.seconds, 1e9)},
                       {"teraflops", rate(one.operations, one.seconds, 1e12)}});
    const auto number = [&](double work, double unit) {
      return work > 0 ? report::short_number(work / one.seconds / unit) : std::string();
    };
    lines.push_back({one.kernel, text, report::short_number(one.seconds * 1e6), number(one.bytes, 1e9),
                     number(one.operations, 1e12)});
  }
  if (options.json) return print_json({{"kernels", objects}});
  print(text_table(lines, "llrrr"));
}

}  // namespace kernels_command

void add_kernels_command(const Command& program) {
  using namespace kernels_command;
  const Command command =
      program.command("kernels", "Measure how fast a device moves memory, attends and scans",
                      "build/release/memsizer kernels --device cpu --family attention");
  const auto options = std::make_shared<Options>();
  options->machine.add_options(command);
  command.option("--family", "NAME", options->family,
                 "memory (functions, sums, rows, losses, optimiser), attention or scan; the default is all");
  command.option("--dtype", "TYPE", options->dtype, "float, double, or on emulated and cuda bfloat16");
  command.flag("--json", options->json, "print one JSON object");
  command.action([options] { print_times(measure(*options), *options); });
}

}  // namespace memsizer::program
