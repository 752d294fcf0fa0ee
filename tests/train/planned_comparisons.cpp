// A comparison on several tasks plans each of them once, before the first model trains.
#include <boost/test/unit_test.hpp>

#include "memsizer/report/task_comparisons.hpp"

#include "tasks/small_run.hpp"

BOOST_AUTO_TEST_SUITE(planned_comparisons)

using namespace memsizer;
using namespace memsizer::report;

namespace {

int scans = 0;  // a kernel is a plain function, so what it counts is no member

/// A CPU that counts the scans of MemSizer's memory. Only dry runs do them here: nothing is trained.
struct CountingDevice {
  CountingDevice() {
    scans = 0;
    static const auto original = table.scan.causal_scan;
    table.scan.causal_scan = +[](Context& context, const ScanOutputs<float>& outputs,
                                 const ScanInputs<float>& inputs, const ScanShape& shape) {
      ++scans;
      original(context, outputs, inputs, shape);
    };
  }

  KernelTable<float> table = cpu::table<float>();
  Device device{"counting", cpu::context(), cpu::memory(), table, cpu::table<double>()};
};

}  // namespace

BOOST_AUTO_TEST_CASE(a_part_is_planned_once) {
  const TemporaryFolder folder;
  const std::vector<TaskOnData> parts = {{"language-modeling", test::write_text(folder)},
                                         {"language-modeling", folder / "data"}};
  CountingDevice counting;
  ComparisonRequest request;
  request.training = test::small_request(folder, "one", "", 2);
  request.training.device = &counting.device;
  request.architectures = {"memsizer"};
  plan_comparison(request);
  const int of_a_plan = scans;
  BOOST_TEST_REQUIRE(of_a_plan > 0);

  request.training.output = folder / "all";
  int planned = 0, trained = 0;
  const auto train = [&](const std::string&, const tasks::Request&) {
    ++trained;
    planned = scans - of_a_plan;
    return train::Outcome::interrupted;
  };
  compare_tasks(request, parts, train, [](const std::string&) {});
  BOOST_TEST(trained == 1);
  BOOST_TEST(planned == 2 * of_a_plan);
}

BOOST_AUTO_TEST_CASE(parts_that_have_begun_are_asked_for_again) {
  const TemporaryFolder folder;
  const std::vector<TaskOnData> parts = {{"language-modeling", test::write_text(folder)},
                                         {"language-modeling", folder / "data"}};
  ComparisonRequest request;
  request.training = test::small_request(folder, "all", "", 1);
  request.architectures = {"memsizer"};
  int trained = 0;
  const auto train = [&](const std::string&, const tasks::Request& own) {
    return ++trained < 2 ? train_and_draw(own, {}) : train::Outcome::interrupted;
  };
  compare_tasks(request, parts, train, [](const std::string&) {});
  BOOST_TEST_REQUIRE(trained == 2);
  request.training.resume = tasks::Resume::yes;
  CHECK_THROWS_SAYING(compare_tasks(request, {parts[0]}, train, [](const std::string&) {}), InputError,
                      "all: the comparison has the part language-modeling-2, and only language-modeling");
  BOOST_TEST(trained == 2);
}

BOOST_AUTO_TEST_SUITE_END()
