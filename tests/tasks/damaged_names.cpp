// Runs whose files `latest` and `best` are damaged. The checkpoints are whole, so --resume goes on from the
// newest one, and every other use refuses with its name.
#include <boost/test/unit_test.hpp>

#include "memsizer/tasks/start.hpp"

#include "files/saving.hpp"
#include "tasks/small_run.hpp"

BOOST_AUTO_TEST_SUITE(damaged_names)

using namespace memsizer;
using namespace memsizer::tasks;
using namespace memsizer::train;
namespace fs = std::filesystem;

namespace {

/// What a damaged file holds instead of "step-8\n". The last one names a checkpoint that does not exist.
const std::vector<std::string> damages = {"",        "\n", "ste", "step-", "stdp-8\n", "step-8\nstep-4\n",
                                          "step-9\n"};

/// A run of 8 steps, with checkpoints at steps 4 and 8, and what it becomes at step 12 without damage.
struct DamagedNames {
  DamagedNames() {
    test::write_text(folder);
    train_model(test::small_request(folder, "whole", "memsizer", 12), {});
    train_model(test::small_request(folder, "good", "memsizer", 8), {});
    restore();
  }

  void restore() const {
    fs::remove_all(folder / "run");
    fs::copy(folder / "good", folder / "run", fs::copy_options::recursive);
  }

  /// Continues the run, and returns what the user is told.
  std::string resume(Index steps) const {
    std::string told;
    Observer observer;
    observer.tell = [&](const std::string& text) { told += text + '\n'; };
    train_model(test::resumed(test::small_request(folder, "run", "memsizer", steps), steps), observer);
    return told;
  }

  RunDirectory run() const { return RunDirectory(folder / "run"); }

  test::HiddenGnuplot hidden;
  TemporaryFolder folder;
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(a_damaged_latest_costs_no_step, DamagedNames) {
  for (const std::string& damage : damages) {
    folder.write("run/latest", damage);
    const std::string told = resume(12);
    BOOST_TEST(told.find((folder / "run").string()) != told.npos, told);
    BOOST_TEST(told.find("going on from step-8, the newest checkpoint that is whole") != told.npos, told);
    test::check_same_run(folder / "whole", folder / "run", "step-12");
    BOOST_TEST(contents(folder / "run/latest") == "step-12\n");
    restore();
  }
  fs::remove(folder / "run/latest");
  resume(12);
  test::check_same_run(folder / "whole", folder / "run", "step-12");
}

BOOST_FIXTURE_TEST_CASE(a_damaged_best_is_found_again_in_the_log, DamagedNames) {
  const std::string best = run().named("best");
  for (const std::string& damage : damages) {
    folder.write("run/best", damage);
    const std::string told = resume(9);
    BOOST_TEST(told.find((folder / "run/best").string() + ": now names " + best) != told.npos, told);
    resume(12);
    test::check_same_run(folder / "whole", folder / "run", "step-12");
    restore();
  }
}

// There is nothing left to train, but the names become right.
BOOST_FIXTURE_TEST_CASE(a_finished_run_gets_its_names_back, DamagedNames) {
  folder.write("run/latest", "step-");
  folder.write("run/best", "");
  resume(8);
  for (const char* pointer : {"latest", "best"})
    BOOST_TEST(contents(folder / "run" / pointer) == contents(folder / "good" / pointer), pointer);
  test::check_same_run(folder / "good", folder / "run", "step-8");
}

BOOST_FIXTURE_TEST_CASE(other_uses_name_the_file_and_the_newest_whole_step, DamagedNames) {
  const auto refused = [&](const std::string& file) {
    CHECK_THROWS_SAYING(test::load(run()), InputError, (folder / "run").string());
    CHECK_THROWS_SAYING(test::load(run()), InputError, file);
    CHECK_THROWS_SAYING(test::load(run()), InputError, "; the newest that is whole is step-8");
  };
  for (const std::string& damage : damages) {
    folder.write("run/best", damage);
    refused(damage == "step-9\n" ? "step-9" : "run/best: the name of a checkpoint, step-N, expected");
  }
  fs::remove(folder / "run/best");
  refused("run/best: the name of a checkpoint expected, got no such file");
  folder.write("run/latest", "stdp-8\n");
  refused("run/latest: the name of a checkpoint, step-N, expected");
  fs::remove(folder / "run/latest");
  refused("run/latest: the name of a checkpoint expected, got no such file");
  fs::remove_all(folder / "run/checkpoints");
  CHECK_THROWS_SAYING(test::load(run()), InputError, "; no checkpoint of the run is whole");
}

// Nothing but --resume needs `latest` while `best` is there, so its damage harms no evaluation.
BOOST_FIXTURE_TEST_CASE(a_best_that_is_there_is_used, DamagedNames) {
  folder.write("run/latest", "");
  BOOST_CHECK_NO_THROW(test::load(run()));
}

BOOST_FIXTURE_TEST_CASE(a_folder_in_the_place_of_a_name_is_refused, DamagedNames) {
  for (const char* pointer : {"latest", "best"}) {
    fs::remove(folder / "run" / pointer);
    fs::create_directory(folder / "run" / pointer);
    CHECK_THROWS_SAYING(resume(12), InputError, (folder / "run" / pointer).string() + ": a file");
    restore();
  }
}

BOOST_AUTO_TEST_SUITE_END()
