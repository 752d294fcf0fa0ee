#include "memsizer/train/run_directory.hpp"

#include <boost/test/unit_test.hpp>
#include <sys/stat.h>

#include "files/saving.hpp"
#include "files/temporary_folder.hpp"

BOOST_AUTO_TEST_SUITE(run_directory)

using namespace memsizer;
using namespace memsizer::train;

namespace {

using Names = std::set<std::string>;

/// A run's folder with checkpoints of these names.
RunDirectory with_checkpoints(const TemporaryFolder& folder, const Names& names, const std::string& latest,
                              const std::string& best) {
  for (const std::string& name : names) folder.write("checkpoints/" + name + "/model", "weights");
  folder.write("latest", latest + '\n');
  folder.write("best", best + '\n');
  return RunDirectory(folder.path());
}

/// The files of a start that was killed after its first checkpoint and before config.json.
void write_start(const TemporaryFolder& folder) {
  for (const char* file : {".lock", "tokenizer.json", "metrics.jsonl", "latest", "best", "ids-1-2.cache",
                           ".config.json.1-2.memsizer-tmp", "checkpoints/step-0/model.safetensors",
                           "checkpoints/.step-0.1-2.memsizer-tmp/model.safetensors"})
    folder.write(file, "x");
}

}  // namespace

BOOST_AUTO_TEST_CASE(pruning_keeps_the_last_the_best_and_what_is_no_checkpoint) {
  const TemporaryFolder folder;
  with_checkpoints(folder, {"step-1", "step-9", "step-10", "step-11", "step-x", "other"}, "step-11", "step-1")
      .prune(2);
  BOOST_TEST((names_in(folder / "checkpoints") == Names{"step-1", "step-10", "step-11", "step-x", "other"}));
}

// A run was killed after it saved a checkpoint and before it wrote `latest`, so it goes on from the earlier
// checkpoint.
BOOST_AUTO_TEST_CASE(pruning_never_takes_the_latest_for_one_beyond_it) {
  const TemporaryFolder folder;
  const RunDirectory run = with_checkpoints(folder, {"step-5", "step-6", "step-8"}, "step-6", "step-5");
  run.prune(1);
  BOOST_TEST((names_in(folder / "checkpoints") == Names{"step-5", "step-6"}));
}

BOOST_AUTO_TEST_CASE(a_new_folder_is_emptied_of_a_killed_start_alone) {
  const TemporaryFolder folder;
  write_start(folder);
  BOOST_TEST((names_in(RunDirectory::create(folder.path()).path()) == Names{".lock"}));
  const auto refused = [](const TemporaryFolder& other) {
    const Names before = names_in(other.path());
    CHECK_THROWS_SAYING(RunDirectory::create(other.path()), InputError, "not empty");
    BOOST_TEST(names_in(other.path()).size() >= before.size() - 1);  // the lock may be gone
  };
  for (const char* more : {"config.json", "notes.txt", "checkpoints/step-1/model.safetensors"}) {
    const TemporaryFolder other;
    write_start(other);
    other.write(more, "x");
    refused(other);
  }
  const TemporaryFolder never_locked;
  never_locked.write("tokenizer.json", "someone's own");
  refused(never_locked);
}

BOOST_AUTO_TEST_CASE(what_does_not_become_a_run_goes) {
  const TemporaryFolder folder;
  {
    const RunDirectory run = RunDirectory::create(folder / "runs/failed");
    folder.write("runs/failed/tokenizer.json", "x");
  }
  BOOST_TEST(!std::filesystem::exists(folder / "runs"));
  std::filesystem::create_directory(folder / "present");
  { const RunDirectory run = RunDirectory::create(folder / "present"); }
  BOOST_TEST(std::filesystem::is_empty(folder / "present"));
  {
    const RunDirectory run = RunDirectory::create(folder / "begun");
    folder.write("begun/tokenizer.json", "x");
    folder.write("begun/config.json", "{}");
  }
  BOOST_TEST((names_in(folder / "begun") == Names{"config.json", "tokenizer.json"}));
  {
    RunDirectory run = RunDirectory::create(folder / "kept");
    folder.write("kept/tokenizer.json", "x");
    run.keep();
  }
  BOOST_TEST((names_in(folder / "kept") == Names{"tokenizer.json"}));
}

BOOST_AUTO_TEST_CASE(a_pipe_with_the_name_of_a_file_is_refused) {
  for (const char* name : {"config.json", "tokenizer.json", "metrics.jsonl", "best", "latest"}) {
    const TemporaryFolder folder;
    folder.write("config.json", "{}");
    std::filesystem::remove(folder / name);
    BOOST_TEST_REQUIRE(::mkfifo((folder / name).c_str(), 0600) == 0);
    CHECK_THROWS_SAYING(RunDirectory::open(folder.path()), InputError,
                        (folder / name).string() + ": a file of the run expected, got a pipe");
  }
}

BOOST_AUTO_TEST_SUITE_END()
