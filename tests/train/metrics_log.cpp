#include "memsizer/train/metrics_log.hpp"

#include <boost/test/unit_test.hpp>

#include "files/saving.hpp"
#include "files/temporary_folder.hpp"

BOOST_AUTO_TEST_SUITE(metrics_log)

using namespace memsizer;
using namespace memsizer::train;

namespace {

nlohmann::ordered_json line(int step) {
  return {{"step", step}, {"validation_loss", 0.5}};
}

const std::string two_lines = "{\"step\":1,\"validation_loss\":0.5}\n{\"step\":2,\"validation_loss\":0.5}\n";

}  // namespace

BOOST_AUTO_TEST_CASE(lines_are_added_and_those_after_a_checkpoint_dropped) {
  const TemporaryFolder folder;
  Index bytes = 0;
  {
    MetricsLog log(folder / "metrics.jsonl", 0);
    log.write(line(1));
    log.write(line(2));
    bytes = log.synchronise();
    log.write(line(3));
  }
  BOOST_TEST(contents(folder / "metrics.jsonl").size() > two_lines.size());
  MetricsLog log(folder / "metrics.jsonl", bytes);
  BOOST_TEST(contents(folder / "metrics.jsonl") == two_lines);
  log.write(line(3));
  BOOST_TEST(read_curves(folder / "metrics.jsonl").validation_steps == (std::vector<double>{1, 2, 3}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_log_without_what_the_checkpoint_knows_of_is_refused) {
  const TemporaryFolder folder;
  const auto refused = [&](const std::string& bytes, Index expected, const std::string& part) {
    const auto file = folder.write("metrics.jsonl", bytes);
    CHECK_THROWS_SAYING(MetricsLog(file, expected), InputError, file.string() + part);
    BOOST_TEST(contents(file) == bytes);
  };
  refused("", 1, ": the checkpoint expects at least 1 bytes, got 0");
  refused(two_lines, 67, ": the checkpoint expects at least 67 bytes, got 66");
  refused(two_lines, 20, ": the checkpoint expects a line to end at byte 20");
  refused("{\n" + two_lines, 68, ":1:");
  CHECK_THROWS_SAYING(MetricsLog(folder.path(), 0), InputError, "Is a directory");
}

BOOST_AUTO_TEST_CASE(a_full_disk_leaves_whole_lines) {
  const TemporaryFolder folder;
  MetricsLog log(folder / "metrics.jsonl", 0);
  {
    const FileSizeLimit limit(80);
    log.write(line(1));
    log.write(line(2));
    CHECK_THROWS_SAYING(log.write(line(3)), SystemError,
                        "cannot write " + (folder / "metrics.jsonl").string() + ": File too large");
  }
  BOOST_TEST(contents(folder / "metrics.jsonl") == two_lines);
  log.write(line(4));
  BOOST_TEST(read_curves(folder / "metrics.jsonl").validation_steps.back() == 4);
}

BOOST_AUTO_TEST_SUITE_END()
