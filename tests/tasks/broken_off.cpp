// Runs that are killed, or that meet a full disk, at each system call that changes the disk. The run must go
// on from the files that are left as if nothing had happened.
#include <csignal>

#include <boost/test/unit_test.hpp>
#include <sys/mman.h>

#include "memsizer/report/comparison.hpp"

#include "files/killed_child.hpp"
#include "files/saving.hpp"
#include "tasks/small_run.hpp"

BOOST_AUTO_TEST_SUITE(broken_off)

using namespace memsizer;
using namespace memsizer::tasks;
using namespace memsizer::train;
namespace fs = std::filesystem;

namespace {

/// Logs every step, validates after steps 4 and 8, and saves there and at the end. Keeps only the last
/// checkpoint and the best one.
Request request_of(const TemporaryFolder& folder, const std::string& output, Index steps) {
  Request request = test::small_request(folder, output, "memsizer", steps);
  request.settings.push_back("keep=1");
  return request;
}

/// Leaves a run as Ctrl-C would: saved at a step, without a validation.
void train_and_interrupt_at(Index step, const Request& request) {
  Observer observer;
  observer.stepped = [&](Index done, double, const StepReport*) {
    if (done == step) std::raise(SIGINT);
  };
  const bool interrupted = train_model(request, observer) == Outcome::interrupted;
  BOOST_TEST_REQUIRE(interrupted);
}

/// The names of the checkpoints. Each must be whole.
std::set<std::string> whole_checkpoints(const fs::path& run) {
  std::set<std::string> names;
  for (const std::string& name : names_in(run / "checkpoints")) {
    if (files::is_temporary(name)) continue;
    BOOST_TEST(names_in(run / "checkpoints" / name) ==
                   (std::set<std::string>{"model.safetensors", "training.safetensors", "state.json"}),
               name << " is not whole");
    names.insert(name);
  }
  return names;
}

bool has_temporaries(const fs::path& run) {
  for (const auto& entry : fs::recursive_directory_iterator(run))
    if (files::is_temporary(entry.path())) return true;
  return false;
}

/// A message from a child process to its parent.
class ChildMessage {
 public:
  ChildMessage()
      : text_(static_cast<char*>(
            ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0))) {
    clear();
  }
  ChildMessage(const ChildMessage&) = delete;
  ~ChildMessage() { ::munmap(text_, size); }

  void clear() { text_[0] = 0; }
  void say(const std::string& text) { text_[text.copy(text_, size - 1)] = 0; }
  std::string text() const { return text_; }

 private:
  static constexpr std::size_t size = 4096;
  char* text_;
};

/// A run of 9 steps without a break, and another run that is broken off.
struct Runs {
  Runs() {
    cpu::set_threads(1);  // a forked child has no other threads
    test::write_text(folder);
    train_model(request_of(folder, "whole", 9), {});
  }

  Request request() const { return request_of(folder, "run", 9); }

  /// Continues the broken run from the files that are left. It must become equal to the whole run.
  void go_on() const {
    const fs::path run = folder / "run";
    const bool begun = fs::exists(run / "config.json");
    if (begun) {
      const RunDirectory left = RunDirectory::open(run);
      const std::set<std::string> checkpoints = whole_checkpoints(run);
      BOOST_TEST(checkpoints.contains(left.named("latest")));
      BOOST_TEST(checkpoints.contains(left.named("best")));
      BOOST_CHECK_NO_THROW(test::load(left));
    }
    train_model(begun ? test::resumed(request(), 9) : request(), {});
    test::check_same_run(folder / "whole", run, "step-9");
    BOOST_TEST((whole_checkpoints(run) == whole_checkpoints(folder / "whole")));
    BOOST_TEST((names_in(run) == names_in(folder / "whole")));
    BOOST_TEST(!has_temporaries(run));
  }

  /// Trains, and tells the parent how the program answers a full disk.
  void train(const Request& request) {
    try {
      train_model(request, {});
      told.say("finished");
    } catch (const SystemError& error) {
      told.say(concatenate("SystemError ", error.what()));
    } catch (const std::exception& error) {
      told.say(error.what());
    }
  }

  /// Checks that the error names the file, and that nothing is half-written.
  void check_told() const {
    const fs::path run = folder / "run";
    BOOST_TEST(told.text().starts_with("SystemError "), told.text());
    BOOST_TEST((told.text().find(run.string()) != std::string::npos), told.text());
    BOOST_TEST(told.text().find("No space left on device") != std::string::npos, told.text());
    if (fs::exists(run)) BOOST_TEST(!has_temporaries(run));
    const std::string log = contents(run / "metrics.jsonl");
    BOOST_TEST((log.empty() || log.ends_with('\n')));
  }

  test::HiddenGnuplot hidden;
  TemporaryFolder folder;
  ChildMessage told;
};

/// The same for a run that has stopped at step 7. In its last two steps it saves, prunes, validates, finds a
/// new best checkpoint and ends.
struct RunsInTheMiddle : Runs {
  RunsInTheMiddle() { train_and_interrupt_at(7, request_of(folder, "middle", 9)); }

  void restore() const {
    fs::remove_all(folder / "run");
    fs::copy(folder / "middle", folder / "run", fs::copy_options::recursive);
  }
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(a_run_killed_while_it_saves_and_ends_goes_on_bit_for_bit, RunsInTheMiddle,
                        *boost::unit_test::precondition(tracing_is_possible)) {
  std::map<std::string, int> resumed_from;
  const int deaths = killed_child::kill_at_every_call(
      [&] { restore(); }, [&] { train_model(test::resumed(request(), 9), {}); },
      [&] {
        ++resumed_from[RunDirectory(folder / "run").named("latest")];
        go_on();
      },
      killed_child::changes_files);
  BOOST_TEST_MESSAGE(deaths << " deaths");
  for (const char* latest : {"step-7", "step-8", "step-9"}) BOOST_TEST(resumed_from[latest] > 10, latest);
  BOOST_TEST(resumed_from.size() == 3u);
}

BOOST_FIXTURE_TEST_CASE(a_run_killed_while_it_starts_goes_on_or_starts_anew, Runs,
                        *boost::unit_test::precondition(tracing_is_possible)) {
  int anew = 0, resumed = 0;
  killed_child::kill_at_every_call([&] { fs::remove_all(folder / "run"); },
                                   [&] { train_model(request_of(folder, "run", 1), {}); },
                                   [&] {
                                     ++(fs::exists(folder / "run/config.json") ? resumed : anew);
                                     go_on();
                                   },
                                   killed_child::changes_files);
  BOOST_TEST(anew > 20);
  BOOST_TEST(resumed > 20);
}

BOOST_FIXTURE_TEST_CASE(a_disk_that_fills_up_leaves_a_run_that_goes_on, RunsInTheMiddle,
                        *boost::unit_test::precondition(full_disks_are_possible)) {
  const int failures = killed_child::fill_disk_at_every_call([&] { restore(), told.clear(); },
                                                             [&] { train(test::resumed(request(), 9)); },
                                                             [&] {
                                                               check_told();
                                                               go_on();
                                                             });
  BOOST_TEST_MESSAGE(failures << " full disks");
  BOOST_TEST(told.text() == "finished");
  BOOST_TEST(failures > 30);
}

BOOST_FIXTURE_TEST_CASE(a_disk_that_fills_up_leaves_a_start_that_can_be_made_again, Runs,
                        *boost::unit_test::precondition(full_disks_are_possible)) {
  const int failures = killed_child::fill_disk_at_every_call(
      [&] { fs::remove_all(folder / "run"), told.clear(); }, [&] { train(request_of(folder, "run", 1)); },
      [&] {
        check_told();
        go_on();
      });
  BOOST_TEST(told.text() == "finished");
  BOOST_TEST(failures > 30);
}

BOOST_AUTO_TEST_SUITE_END()
