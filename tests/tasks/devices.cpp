// Runs on a device that is not the host's. No part of them goes to the CPU, and a kernel that the device
// lacks is an error before anything is written.
#include <array>
#include <bit>

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "memsizer/decode.hpp"
#include "memsizer/report/comparison.hpp"

#include "kernel_names.hpp"
#include "tasks/small_run.hpp"

BOOST_AUTO_TEST_SUITE(devices)

using namespace memsizer;
using namespace memsizer::tasks;
using namespace memsizer::train;
namespace test_data = boost::unit_test::data;

namespace {

using Pointer = void (*)();
constexpr std::size_t kernel_count = test::kernel_count<KernelTable<float>>;
using Kernels = std::array<Pointer, kernel_count>;

/// The CPU's table without one of its kernels. If there is no kernel of that number, the table is complete.
KernelTable<float> table_without(std::size_t kernel) {
  auto kernels = std::bit_cast<Kernels>(cpu::table<float>());
  if (kernel < kernel_count) kernels[kernel] = nullptr;
  return std::bit_cast<KernelTable<float>>(kernels);
}

/// The CPU's kernels under another name, with memory that the host may not read, as on a GPU.
class OtherDevice {
 public:
  explicit OtherDevice(std::size_t missing = kernel_count)
      : table_(table_without(missing)),
        memory_{.allocate = cpu::memory().allocate,
                .release = cpu::memory().release,
                .from_host = cpu::memory().from_host,
                .to_host = cpu::memory().to_host,
                .copy = cpu::memory().copy,
                .host_readable = false},
        device_("other", cpu::context(), memory_, table_, cpu::table<double>()) {}

  Device& device() { return device_; }

 private:
  KernelTable<float> table_;
  DeviceMemory memory_;
  Device device_;
};

/// Whether `act` makes no tensor on the CPU.
template <class Act>
bool leaves_the_cpu_alone(const Act& act) {
  MemoryPool& pool = cpu::device().pool();
  pool.reset_peak();
  const Index before = pool.peak_bytes();
  act();
  return pool.peak_bytes() == before;
}

/// Settings for parts of a model that the small request does not use.
const std::vector<std::string> other_parts = {"pre_norm=false",      "positions=learned",     "tie=false",
                                              "activation=gelu",     "optimizer=nesterov",    "momentum=0.5",
                                              "label_smoothing=0.1", "activation_dropout=0.1"};

Request request_of(const TemporaryFolder& folder, const std::string& output, const std::string& architecture,
                   Device& device) {
  Request request = test::small_request(folder, output, architecture, 2);
  request.device = &device;
  if (architecture == "memsizer")
    request.settings.insert(request.settings.end(), other_parts.begin(), other_parts.end());
  return request;
}

nlohmann::ordered_json score(const RunDirectory& run, const TrainedModel& model,
                             const std::filesystem::path& data) {
  return test::evaluate(model, run, {.data = data});
}

std::vector<Id> continued(TrainedModel& model) {
  return decode::generate<float>(*model.make_stepper(), {{.tokens = {2, 70, 71}, .max_tokens = 5}}, {})[0]
      .tokens;
}

/// Whether `act` runs. If a kernel is missing, the error must name the device.
template <class Act>
bool runs(const Act& act) {
  try {
    act();
    return true;
  } catch (const MissingKernel& missing) {
    BOOST_TEST(std::string(missing.what()).find(": device other has no kernel") != std::string::npos,
               missing.what());
    return false;
  }
}

}  // namespace

BOOST_DATA_TEST_CASE(a_run_elsewhere_equals_one_on_the_cpu, test_data::make(test::architectures()),
                     architecture) {
  const TemporaryFolder folder;
  const std::filesystem::path data = test::write_text(folder);
  OtherDevice other;
  Device& device = other.device();
  train_model(request_of(folder, "cpu", architecture, cpu::device()), {});
  Request request = request_of(folder, "other", architecture, device);
  BOOST_TEST(leaves_the_cpu_alone([&] { train_model(request, {}); }));
  for (const char* file : {"model.safetensors", "training.safetensors"})
    BOOST_TEST((contents(folder / "cpu/checkpoints/step-2" / file) ==
                contents(folder / "other/checkpoints/step-2" / file)),
               file);

  const RunDirectory run = RunDirectory::open(folder / "other");
  const auto here = test::load(run);
  std::unique_ptr<TrainedModel> there;
  nlohmann::ordered_json figures;
  std::vector<Id> tokens;
  BOOST_TEST(leaves_the_cpu_alone([&] {
    there = test::load(run, device);
    figures = score(run, *there, data);
    tokens = continued(*there);
  }));
  BOOST_TEST((figures == score(run, *here, data)));
  BOOST_TEST(tokens == continued(*here), boost::test_tools::per_element());

  request = test::resumed(request, 3);
  BOOST_TEST(leaves_the_cpu_alone([&] { train_model(request, {}); }));
  BOOST_TEST(run.named("latest") == "step-3");
}

BOOST_DATA_TEST_CASE(a_missing_kernel_is_told_before_a_run_begins, test_data::make(test::architectures()),
                     architecture) {
  const TemporaryFolder folder;
  test::write_text(folder);
  train_model(request_of(folder, "first", architecture, cpu::device()), {});
  int missed = 0;
  for (std::size_t kernel = 0; kernel < kernel_count; ++kernel) {
    OtherDevice other(kernel);
    Request request = request_of(folder, concatenate("run-", kernel), architecture, other.device());
    request.tokenizer = folder / "first/tokenizer.json";
    if (runs([&] { train_model(request, {}); })) continue;
    ++missed;
    BOOST_TEST(!std::filesystem::exists(request.output), "without kernel " << kernel);
  }
  BOOST_TEST(missed > 10);
}

BOOST_DATA_TEST_CASE(a_dry_run_misses_what_a_run_would_miss, test_data::make(test::architectures()),
                     architecture) {
  const TemporaryFolder folder;
  const std::filesystem::path data = test::write_text(folder);
  train_model(request_of(folder, "run", architecture, cpu::device()), {});
  const RunDirectory run = RunDirectory::open(folder / "run");
  const Config config = run.config();
  int missed = 0;
  for (std::size_t kernel = 0; kernel < kernel_count; ++kernel) {
    OtherDevice other(kernel);
    Device& device = other.device();
    const auto model = test::load(run, device);
    const bool scores = runs([&] { dry_run(DryRun::scoring, config, device); }),
               generates = runs([&] { dry_run(DryRun::generation, config, device); });
    BOOST_TEST(runs([&] { score(run, *model, data); }) == scores, "without kernel " << kernel);
    BOOST_TEST(runs([&] { continued(*model); }) == generates, "without kernel " << kernel);
    missed += !scores;
  }
  BOOST_TEST(missed > 4);
}

BOOST_AUTO_TEST_CASE(a_resumed_run_stays_as_it_was) {
  const TemporaryFolder folder;
  test::write_text(folder);
  Request request = request_of(folder, "run", "transformer", cpu::device());
  train_model(request, {});
  const std::string config = contents(folder / "run/config.json"),
                    log = contents(folder / "run/metrics.jsonl");
  KernelTable<float> table = cpu::table<float>();
  table.optimiser.adam = nullptr;
  Device lacking("lacking", cpu::context(), cpu::memory(), table, cpu::table<double>());
  request = test::resumed(request, 4);
  request.device = &lacking;
  CHECK_THROWS_SAYING(train_model(request, {}), MissingKernel,
                      "training: adam: device lacking has no kernel");
  BOOST_TEST(contents(folder / "run/config.json") == config);
  BOOST_TEST(contents(folder / "run/metrics.jsonl") == log);
}

BOOST_AUTO_TEST_SUITE_END()
