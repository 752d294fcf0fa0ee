// Ctrl-C in a step and in a validation, and what a run logs at its end.
#include <csignal>

#include <boost/test/unit_test.hpp>

#include "tasks/small_run.hpp"

BOOST_AUTO_TEST_SUITE(interrupted_runs)

using namespace memsizer;
using namespace memsizer::tasks;
using namespace memsizer::train;
using test::check_same_run;
using test::resumed;
using test::small_request;

namespace {

/// Writes a text whose validation takes more than one batch of windows.
void write_long_text(const TemporaryFolder& folder) {
  test::write_text(folder);
  folder.write("data/wiki.valid.tokens", contents(folder / "data/wiki.train.tokens"));
}

std::vector<Index> logged(const std::filesystem::path& run, bool validations) {
  const RunCurves curves = read_curves(run / "metrics.jsonl");
  const std::vector<double>& steps = validations ? curves.validation_steps : curves.steps;
  return {steps.begin(), steps.end()};
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_validation_that_is_broken_off_is_done_by_the_resumed_run) {
  const TemporaryFolder folder;
  write_long_text(folder);
  train_model(small_request(folder, "whole", "memsizer", 9), {});
  Observer observer;
  Index parts = 0, windows = 0;
  observer.validating = [&](Index done, Index of) {
    if (parts++ == 0) std::raise(SIGINT);
    windows = of;
    BOOST_TEST(done < of);
  };
  const bool interrupted =
      train_model(small_request(folder, "run", "memsizer", 9), observer) == Outcome::interrupted;
  BOOST_TEST(interrupted);
  BOOST_TEST(parts == 1);
  BOOST_TEST(windows > 16);
  BOOST_TEST(RunDirectory(folder / "run").named("latest") == "step-4");
  BOOST_TEST(logged(folder / "run", true).empty());
  parts = 0;  // the repeated validation is broken off too, and the next run repeats it again
  const Request again = resumed(small_request(folder, "run", "memsizer", 9), 9);
  BOOST_TEST((train_model(again, observer) == Outcome::interrupted));
  BOOST_TEST(RunDirectory(folder / "run").named("latest") == "step-4");
  BOOST_TEST(logged(folder / "run", true).empty());
  train_model(again, {});
  check_same_run(folder / "whole", folder / "run", "step-9");
}

BOOST_AUTO_TEST_CASE(an_interrupt_in_the_last_validation_is_told) {
  const TemporaryFolder folder;
  write_long_text(folder);
  Observer observer;
  observer.validating = [](Index, Index) { std::raise(SIGINT); };
  const bool interrupted =
      train_model(small_request(folder, "run", "memsizer", 3), observer) == Outcome::interrupted;
  BOOST_TEST(interrupted);
  BOOST_TEST(RunDirectory(folder / "run").named("latest") == "step-3");
}

BOOST_AUTO_TEST_CASE(the_last_step_is_logged_and_a_resumed_run_forgets_it) {
  const TemporaryFolder folder;
  test::write_text(folder);
  const auto request = [&](const char* output, Index steps) {
    Request request = small_request(folder, output, "memsizer", steps);
    request.settings.push_back("log_every=5");
    return request;
  };
  train_model(request("whole", 12), {});
  BOOST_TEST(logged(folder / "whole", false) == (std::vector<Index>{1, 5, 10, 12}),
             boost::test_tools::per_element());
  train_model(request("parts", 7), {});
  BOOST_TEST(logged(folder / "parts", false) == (std::vector<Index>{1, 5, 7}),
             boost::test_tools::per_element());
  train_model(resumed(request("parts", 7), 12), {});
  check_same_run(folder / "whole", folder / "parts", "step-12");
}

BOOST_AUTO_TEST_SUITE_END()
