#include "memsizer/train/metrics_log.hpp"

#include <boost/test/unit_test.hpp>

#include "files/saving.hpp"
#include "files/temporary_folder.hpp"

BOOST_AUTO_TEST_SUITE(metrics_log)

using namespace memsizer;
using namespace memsizer::train;

namespace {

const ValidationReport half{.loss = 0.5};

const std::string two_lines = "{\"step\":1,\"validation_loss\":0.5}\n{\"step\":2,\"validation_loss\":0.5}\n";

}  // namespace

BOOST_AUTO_TEST_CASE(lines_are_added_and_those_after_a_checkpoint_dropped) {
  const TemporaryFolder folder;
  Index bytes = 0;
  {
    MetricsLog log(folder / "metrics.jsonl", 0);
    log.write(half, 1);
    log.write(half, 2);
    bytes = log.synchronise();
    log.write(half, 3);
  }
  BOOST_TEST(contents(folder / "metrics.jsonl").size() > two_lines.size());
  MetricsLog log(folder / "metrics.jsonl", bytes);
  BOOST_TEST(contents(folder / "metrics.jsonl") == two_lines);
  log.write(half, 3);
  BOOST_TEST(read_curves(folder / "metrics.jsonl").validation_steps == (std::vector<double>{1, 2, 3}),
             boost::test_tools::per_element());
}

/// A run can go on without its log, because weights and state are complete. It reports what is lost, and
/// keeps the rest.
BOOST_AUTO_TEST_CASE(a_log_that_lacks_lines_goes_on_with_those_that_are_left) {
  const TemporaryFolder folder;
  const std::string cut = two_lines.substr(0, 40), first_line = two_lines.substr(0, two_lines.find('\n') + 1);
  for (const auto& [bytes, left] :
       {std::pair<std::string, std::string>{"", ""}, {cut, first_line}, {two_lines, two_lines}}) {
    const auto file = folder.write("metrics.jsonl", bytes);
    std::string told;
    MetricsLog log(file, 67, [&](const std::string& text) { told += text; });
    BOOST_TEST(contents(file) == left);
    BOOST_TEST(told.starts_with(
                   concatenate(file.string(), ": 67 bytes expected by the checkpoint, got ", bytes.size())),
               told);
    log.write(half, 3);
    BOOST_TEST(read_curves(file).validation_steps.back() == 3);
  }
  std::filesystem::remove(folder / "metrics.jsonl");
  std::string told;
  MetricsLog absent(folder / "metrics.jsonl", 5, [&](const std::string& text) { told += text; });
  BOOST_TEST(told.find("got 0") != told.npos, told);
}

BOOST_AUTO_TEST_CASE(a_log_that_is_no_log_of_the_checkpoint_is_refused) {
  const TemporaryFolder folder;
  const auto refused = [&](const std::string& bytes, Index expected, const std::string& part) {
    const auto file = folder.write("metrics.jsonl", bytes);
    CHECK_THROWS_SAYING(MetricsLog(file, expected), InputError, file.string() + part);
    BOOST_TEST(contents(file) == bytes);
  };
  refused(two_lines, 20, ": the checkpoint expects a line to end at byte 20");
  refused("{\n" + two_lines, 68, ":1:");
  // The lines after the checkpoint would be removed, but only once those before it are found to be whole.
  refused("{\n" + two_lines, 2, ":1:");
  for (const auto& [bytes, expected] :
       {std::pair<std::string, Index>{two_lines, 20}, {"\n\n" + two_lines, 66}})
    CHECK_THROWS_SAYING(MetricsLog(folder.write("metrics.jsonl", bytes), expected), InputError,
                        "Move it away, and --resume goes on without its lines");
  CHECK_THROWS_SAYING(MetricsLog(folder.path(), 0), InputError, "Is a directory");
}

BOOST_AUTO_TEST_CASE(a_full_disk_leaves_whole_lines) {
  const TemporaryFolder folder;
  MetricsLog log(folder / "metrics.jsonl", 0);
  {
    const FileSizeLimit limit(80);
    log.write(half, 1);
    log.write(half, 2);
    CHECK_THROWS_SAYING(log.write(half, 3), SystemError,
                        "cannot write " + (folder / "metrics.jsonl").string() + ": File too large");
  }
  BOOST_TEST(contents(folder / "metrics.jsonl") == two_lines);
  log.write(half, 4);
  BOOST_TEST(read_curves(folder / "metrics.jsonl").validation_steps.back() == 4);
}

BOOST_AUTO_TEST_SUITE_END()
