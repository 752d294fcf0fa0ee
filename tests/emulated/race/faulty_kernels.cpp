// Every kernel with a seeded fault is reported under every schedule; its correct twin is never reported.
#include <cmath>

#include <boost/test/unit_test.hpp>

#include "emulated/race/cases.hpp"

BOOST_AUTO_TEST_SUITE(faulty_kernels_suite)

using namespace memsizer::emulated;
using faulty_kernels::Case;

namespace {

constexpr unsigned schedules = 20;

std::vector<float> small_integers(int n) {
  std::vector<float> values(static_cast<std::size_t>(n));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<float>(i * 7 % 13);
  return values;
}

/// Runs one twin and returns its output.
std::vector<float> run_twin(const Case& test, faulty_kernels::Launcher twin, unsigned seed) {
  const std::vector<float> values = small_integers(test.in_elements);
  Buffer<float> in(values, "in"),
      out(static_cast<memsizer::Index>(test.expected(values, test.n).size()), "out");
  out.assign(std::vector<float>(static_cast<std::size_t>(out.size())));
  EmulatedContext context;
  context.schedule = {.seed = seed, .accesses_per_switch = 1 + seed % 8};
  twin(context, {.kernel = test.name, .blocks = test.blocks, .threads = test.threads}, out.data(), in.data(),
       test.n);
  return out.values();
}

bool names(const KernelFault& report, const Case& test) {
  return std::ranges::any_of(report.faults(), [&](const Fault& fault) {
    return fault.kind == test.fault && fault.kernel == test.name && fault.variable == test.variable;
  });
}

}  // namespace

BOOST_AUTO_TEST_CASE(there_are_a_hundred_and_three) {
  BOOST_TEST(faulty_kernels::cases().size() == 103u);
}

BOOST_AUTO_TEST_CASE(each_faulty_kernel_is_reported_under_every_schedule) {
  for (const Case& test : faulty_kernels::cases())
    for (unsigned seed = 0; seed < schedules; ++seed) BOOST_TEST_CONTEXT(test.name << ", schedule " << seed)
  BOOST_CHECK_EXCEPTION(run_twin(test, test.faulty, seed), KernelFault, [&](const KernelFault& report) {
    BOOST_TEST_INFO(report.what());
    return names(report, test);
  });
}

BOOST_AUTO_TEST_CASE(no_correct_kernel_is_ever_reported) {
  for (const Case& test : faulty_kernels::cases())
    for (unsigned seed = 0; seed < schedules; ++seed) BOOST_TEST_CONTEXT(test.name << ", schedule " << seed)
  BOOST_CHECK(run_twin(test, test.correct, seed) == test.expected(small_integers(test.in_elements), test.n));
}

BOOST_AUTO_TEST_CASE(a_report_says_what_happened_where) {
  const Case& test = faulty_kernels::cases()[1];
  BOOST_CHECK_EXCEPTION(run_twin(test, test.faulty, 0), KernelFault, [](const KernelFault& report) {
    const std::string text = report.what();
    BOOST_TEST_INFO(text);
    return text.find("kernel inclusive_scan, block (0,0,0), thread (") == 0 &&
           text.find("data race in a block, sums + ") != text.npos && text.find(" after ") != text.npos &&
           text.find(" with no barrier between; lines: addr2line -Cfpe test_race 0x") != text.npos;
  });
}

BOOST_AUTO_TEST_SUITE_END()
