// memsizer gradcheck: checks every operation and kind of attention against differences, on every device.

#include <algorithm>
#include <iomanip>
#include <limits>
#include <map>
#include <memory>
#include <sstream>

#include <nlohmann/json.hpp>

#include "memsizer/base/nearest.hpp"
#include "memsizer/check/narrow_checks.hpp"
#include "memsizer/nn/attention/check_attention.hpp"

#include "commands.hpp"
#include "devices.hpp"
#include "exit_code.hpp"
#include "output.hpp"

namespace memsizer::program {

namespace gradcheck_command {

struct Options {
  std::string operation, devices, dtype = "double", matmul;
  Index threads = 0;
  std::optional<Index> kernel_version, largest_size;
  bool list = false, json = false;
};

/// The result of one case on one device: a report, or none if the device does not have the kernel yet, or if
/// no size was small enough.
struct Result {
  std::optional<check::GradientReport> report = {};
  std::string place = {};                  // the size or the check with the worst error
  std::optional<Index> largest_size = {};  // of those that were checked; a kind of attention has none
  bool missing_kernel = false;

  std::string status() const {
    if (!report) return missing_kernel ? "not yet" : "left out";
    return report->passed() ? "ok" : "FAILED";
  }

  /// Adds the report of a size. Sizes come in order.
  void add_size(const check::GradientReport& other, Index size) {
    add(other, concatenate("size ", size));
    largest_size = size;
  }

  /// Keeps the worse of two reports. NaN is the worst.
  void add(const check::GradientReport& other, std::string where) {
    if (report && !(std::isnan(other.error) || other.error > report->error)) return;
    if (report && std::isnan(report->error)) return;
    report = other;
    place = std::move(where);
  }
};

/// Where to check, and up to which size.
struct Site {
  Device& device;
  Index largest_size;
};

/// The site for a device, with all sizes unless the options name the largest. On the emulated device a thread
/// of a GPU is a fiber, and some cases of size 1,023 take minutes, so only 33 is the largest there.
Site site_for(Device& device, const Options& options) {
  const Index usual = device.name() == "emulated" ? 33 : std::ranges::max(check::case_sizes);
  return {device, options.largest_size.value_or(usual)};
}

/// A row of the table: its name, and the function that checks it. It may throw MissingKernel.
struct Case {
  std::string name;
  std::function<Result(const Site&)> check;
};

Result check_operation(const check::OperationCase<double>& one, const Site& site) {
  Result result;
  for (const Index size : check::case_sizes)
    if (size >= one.smallest && size <= site.largest_size)
      result.add_size(check::gradient_error(one, size, site.device), size);
  return result;
}

/// Compares values and gradients in T with those in double on the cpu.
template <class T>
Result check_narrow(const check::OperationCase<T>& one, const check::OperationCase<double>& exact,
                    const Site& site) {
  Result result;
  for (const Index size : check::case_sizes)
    if (size >= std::max(one.smallest, check::least_narrow_size<T>) && size <= site.largest_size) {
      const check::NarrowError found = check::narrow_error(one, exact, size, site.device);
      check::GradientReport report;
      report.error = found.error;
      report.tolerance = found.most;
      result.add_size(report, size);
    }
  return result;
}

Result check_kind(const std::string& kind, const Site& site) {
  Result result;
  for (const nn::AttentionCheck& check : nn::check_attention(kind, site.device))
    result.add(check.report, check.name);
  return result;
}

template <class T>
std::vector<Case> narrow_cases() {
  std::vector<Case> cases;
  const auto exact = check::operation_cases<double>();
  std::size_t number = 0;
  for (check::OperationCase<T>& one : check::operation_cases<T>()) {
    const check::OperationCase<double>& twin = exact[number++];
    cases.push_back({one.name, [one, twin](const Site& site) { return check_narrow<T>(one, twin, site); }});
  }
  return cases;
}

std::vector<Case> all_cases(const std::string& dtype) {
  if (dtype == "float") return narrow_cases<float>();
  if (dtype == "bfloat16") return narrow_cases<bfloat16>();
  require(dtype == "double", "--dtype: double, float or bfloat16 expected, got '", dtype, "'");
  std::vector<Case> cases;
  for (check::OperationCase<double>& one : check::operation_cases<double>())
    cases.push_back({one.name, [one](const Site& site) { return check_operation(one, site); }});
  for (const auto& kind : nn::attention_kinds<double>)
    cases.push_back({concatenate("attention kind ", kind.name),
                     [name = std::string(kind.name)](const Site& site) { return check_kind(name, site); }});
  return cases;
}

/// The cases whose name is `operation`, or begins with `operation` and a space. All cases if it is empty.
std::vector<Case> cases_named(const std::string& operation, const std::string& dtype) {
  std::vector<Case> cases = all_cases(dtype);
  if (operation.empty()) return cases;
  std::vector<std::string> names;
  for (const Case& one : cases) names.push_back(one.name.substr(0, one.name.find(' ')));
  std::erase_if(cases, [&](const Case& one) {
    return one.name != operation && !one.name.starts_with(operation + ' ');
  });
  const bool has_near = is_near(operation, nearest_name(operation, names));
  require(!cases.empty(), "--operation: no operation is named '", operation, "'",
          has_near ? suggestion(operation, names) : "", "; --list shows all");
  return cases;
}

Result run(const Case& one, const Site& site) {
  try {
    return one.check(site);
  } catch (const MissingKernel&) {
    return {.missing_kernel = true};
  }
}

std::string row_text(const std::string& name, const std::string& device, const Result& result,
                     std::size_t width) {
  std::ostringstream row;
  row << std::left << std::setw(static_cast<int>(width) + 2) << name << std::setw(10) << device
      << std::setw(8) << result.status();
  if (result.report) {
    row << "  " << std::scientific << std::setprecision(1) << std::setw(8) << result.report->error << "  at "
        << result.place;
    if (!result.report->passed()) row << "\n    " << *result.report;
  }
  return row.str() + '\n';
}

/// The cpu's kernels have no rungs, so its kernel_version is null.
nlohmann::ordered_json row_json(const std::string& name, Device& device, const Result& result) {
  nlohmann::ordered_json row{{"operation", name}, {"device", device.name()}, {"kernel_version", nullptr}};
  if (device.name() != "cpu") row["kernel_version"] = device.context().highest_rung;
  row["status"] = result.status();
  row["error"] = nullptr;
  if (!result.report) return row;
  if (std::isfinite(result.report->error)) row["error"] = result.report->error;
  row["tolerance"] = result.report->tolerance;
  row["place"] = result.place;
  if (result.largest_size) row["largest_size"] = *result.largest_size;
  return row;
}

std::string summary(std::map<std::string, Index>& counts) {
  const std::string left_out =
      concatenate(", ", counts["left out"], " left out, which have no size up to the largest");
  return concatenate(counts["ok"], " passed, ", counts["FAILED"], " failed, ", counts["not yet"],
                     " without a kernel yet", counts["left out"] > 0 ? left_out : "", '\n');
}

void list(const std::vector<Case>& cases, bool json) {
  nlohmann::ordered_json names = nlohmann::ordered_json::array();
  for (const Case& one : cases) {
    names.push_back(one.name);
    if (!json) print(one.name + '\n');
  }
  if (json) print_json({{"operations", names}});
}

void check_options(const Options& options) {
  const Index rung = options.kernel_version.value_or(Context::newest_rung);
  require(rung >= 1 && rung <= Context::newest_rung, "--kernel-version: a number from 1 to ",
          Context::newest_rung, " expected, got ", rung);
  require(options.largest_size.value_or(0) >= 0, "--largest-size: 0 or more expected, got ",
          options.largest_size.value_or(0));
}

/// The devices that the options ask for, with the products and the rung that they choose. The cpu is left out
/// where it has nothing to check: its kernels have no rungs, and none is for bfloat16.
std::vector<Device*> devices_for(const Options& options) {
  std::vector<Device*> devices = devices_named(options.devices);
  const bool narrow = options.dtype == "bfloat16";
  if (narrow || options.kernel_version)
    std::erase_if(devices, [](const Device* device) { return device->name() == "cpu"; });
  require(!devices.empty(), narrow ? "--dtype bfloat16" : "--kernel-version",
          ": --device emulated or cuda expected; the cpu has no ", narrow ? "kernels for it" : "rungs");
  for (Device* device : devices)
    device->context().highest_rung = static_cast<int>(options.kernel_version.value_or(Context::newest_rung));
  if (!options.matmul.empty())
    for (const Device* device : devices) use_products(*device, options.matmul);
  return devices;
}

void check(const Options& options) {
  use_threads(options.threads);
  check_options(options);
  const std::vector<Case> cases = cases_named(options.operation, options.dtype);
  if (options.list) return list(cases, options.json);
  std::size_t width = 0;
  for (const Case& one : cases) width = std::max(width, one.name.size());
  std::map<std::string, Index> counts;
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  for (Device* device : devices_for(options))
    for (const Case& one : cases) {
      const Result result = run(one, site_for(*device, options));
      ++counts[result.status()];
      if (options.json)
        rows.push_back(row_json(one.name, *device, result));
      else
        print(row_text(one.name, std::string(device->name()), result, width));
      flush_output();
    }
  if (options.json)
    print_json({{"passed", counts["ok"]},
                {"failed", counts["FAILED"]},
                {"not_yet", counts["not yet"]},
                {"left_out", counts["left out"]},
                {"checks", rows}});
  else
    print(summary(counts));
  if (counts["FAILED"] > 0) throw Exit{exit_failure};
}

}  // namespace gradcheck_command

void add_gradcheck_command(const Command& program) {
  using namespace gradcheck_command;
  const Command command =
      program.command("gradcheck", "Check every operation's gradient against differences, on every device",
                      "build/release/memsizer gradcheck --operation softmax --device cpu,emulated");
  const auto options = std::make_shared<Options>();
  command.flag("--list", options->list, "list the checks and stop");
  command.option("--operation", "NAME", options->operation, "check only this operation");
  command.option("--device", "LIST", options->devices,
                 "a comma list of cpu, emulated, cuda; the default is every device that is present");
  command.option("--dtype", "TYPE", options->dtype,
                 "double, the default: gradients against differences. float, bfloat16: values and gradients "
                 "against double on the cpu; in bfloat16 the error is a number of roundings");
  command.option("--matmul", "NAME", options->matmul,
                 "who computes matrix products on the devices, as for train; the default is our own kernels");
  command.option("--threads", "N", options->threads,
                 "number of threads on the cpu; 0, the default, means one for each processor");
  command.option(
      "--kernel-version", "N", options->kernel_version,
      "the highest rung of the CUDA kernels that emulated and cuda run: 1 has the simplest kernels, "
      "and the default the newest; docs/kernels.md tells what each rung is. The cpu has no rungs, and is "
      "left out");
  command.option("--largest-size", "N", options->largest_size,
                 "leave out larger sizes of each operation; there are 0, 1, 31, 33 and 1023. The default is "
                 "1023, but 33 on emulated, where some operations take minutes at 1023");
  command.flag("--json", options->json, "print one JSON object");
  command.action([options] { check(*options); });
}

}  // namespace memsizer::program
