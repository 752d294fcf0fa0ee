#include "memsizer/files/atomic_file.hpp"

#include <map>
#include <set>

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include "memsizer/files/atomic_folder.hpp"

#include "killed_child.hpp"
#include "temporary_folder.hpp"

using namespace memsizer;
using namespace memsizer::files;
namespace fs = std::filesystem;

namespace {

std::set<std::string> names_in(const fs::path& folder) {
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder)) names.insert(entry.path().filename().string());
  return names;
}

/// Writes fail at this many bytes, as on a full disk.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    handler_ = ::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &old_);
    rlimit limit = old_;
    limit.rlim_cur = bytes;
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &old_);
    ::signal(SIGXFSZ, handler_);
  }

 private:
  rlimit old_{};
  void (*handler_)(int);
};

mode_t permissions(const fs::path& path) {
  struct stat status {};
  ::stat(path.c_str(), &status);
  return status.st_mode & 0777;
}

bool is_rename(long call) {
#ifdef SYS_rename
  if (call == SYS_rename) return true;
#endif
  return call == SYS_renameat || call == SYS_renameat2;
}

/// The system calls that decide what survives a power cut, in order: w(rite), f(sync), r(ename).
std::string order_of_saving(const std::vector<long>& calls) {
  std::string order;
  for (const long call : calls) {
    const char letter = call == SYS_write ? 'w' : call == SYS_fsync ? 'f' : is_rename(call) ? 'r' : 0;
    if (letter && (order.empty() || order.back() != letter)) order += letter;
  }
  return order;
}

boost::test_tools::assertion_result tracing_is_possible(boost::unit_test::test_unit_id) {
  boost::test_tools::assertion_result result(killed_child::can_trace());
  result.message() << "this machine does not let a process trace its child";
  return result;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(atomic_file)

BOOST_AUTO_TEST_CASE(commit_creates_and_replaces) {
  const TemporaryFolder folder;
  write_file_atomically(folder / "a", "one");
  BOOST_CHECK_EQUAL(contents(folder / "a"), "one");
  AtomicFile file(folder / "a");
  file.write(std::string_view("tw"));
  file.write(std::as_bytes(std::span("o", 1)));
  BOOST_CHECK_EQUAL(contents(folder / "a"), "one");
  file.commit();
  BOOST_CHECK_EQUAL(contents(folder / "a"), "two");
  BOOST_CHECK(names_in(folder.path()) == std::set<std::string>{"a"});
}

BOOST_AUTO_TEST_CASE(large_and_small_writes_keep_their_order) {
  const TemporaryFolder folder;
  std::string expected;
  AtomicFile file(folder / "a");
  for (size_t size : {0, 1, 1 << 19, (1 << 19) - 1, 1, 3 << 20, 5, 1 << 20, (1 << 20) + 1, 7}) {
    const std::string bytes(size, static_cast<char>('a' + expected.size() % 26));
    file.write(bytes);
    expected += bytes;
  }
  file.commit();
  BOOST_CHECK(contents(folder / "a") == expected);
}

BOOST_AUTO_TEST_CASE(without_commit_the_old_file_stays) {
  const TemporaryFolder folder;
  folder.write("a", "old");
  { AtomicFile(folder / "a").write(std::string_view("new")); }
  { AtomicFile(folder / "b").write(std::string_view("new")); }
  BOOST_CHECK_EQUAL(contents(folder / "a"), "old");
  BOOST_CHECK(names_in(folder.path()) == std::set<std::string>{"a"});
}

BOOST_AUTO_TEST_CASE(a_full_disk_leaves_the_old_file_and_nothing_else) {
  const TemporaryFolder folder;
  folder.write("a", "old");
  for (size_t size : {5000, 3 << 20}) {
    const FileSizeLimit limit(4096);
    CHECK_THROWS_SAYING(write_file_atomically(folder / "a", std::string(size, 'x')), SystemError,
                        "cannot write " + (folder / "a").string() + ": File too large");
  }
  BOOST_CHECK_EQUAL(contents(folder / "a"), "old");
  BOOST_CHECK(names_in(folder.path()) == std::set<std::string>{"a"});
  CHECK_THROWS_SAYING(write_file_atomically("/dev/full", "x"), SystemError,
                      "cannot write /dev/full: No space left on device");
}

BOOST_AUTO_TEST_CASE(bad_targets_are_input_errors) {
  const TemporaryFolder folder;
  folder.write("a", "old");
  CHECK_THROWS_SAYING(write_file_atomically(folder.path(), "x"), InputError, "Is a directory");
  CHECK_THROWS_SAYING(write_file_atomically(folder / "no/b", "x"), InputError,
                      "no/b: No such file or directory");
  CHECK_THROWS_SAYING(write_file_atomically(folder / "a/b", "x"), InputError, "a/b: Not a directory");
  CHECK_THROWS_SAYING(write_file_atomically(folder / std::string(300, 'n'), "x"), InputError,
                      "name too long");
  BOOST_CHECK(names_in(folder.path()) == std::set<std::string>{"a"});
}

BOOST_AUTO_TEST_CASE(permissions_are_kept_or_follow_the_umask) {
  const TemporaryFolder folder;
  const mode_t mask = ::umask(027);
  write_file_atomically(folder / "new", "x");
  folder.write("old", "x");
  ::chmod((folder / "old").c_str(), 0604);
  write_file_atomically(folder / "old", "y");
  ::umask(mask);
  BOOST_CHECK_EQUAL(permissions(folder / "new"), 0640u);
  BOOST_CHECK_EQUAL(permissions(folder / "old"), 0604u);
}

BOOST_AUTO_TEST_CASE(a_link_stays_and_its_file_is_replaced) {
  const TemporaryFolder folder;
  folder.write("real/a", "old");
  fs::create_symlink("real/a", folder / "link");
  write_file_atomically(folder / "link", "new");
  BOOST_CHECK(fs::is_symlink(folder / "link"));
  BOOST_CHECK_EQUAL(contents(folder / "real/a"), "new");
  fs::create_symlink("circle", folder / "circle");
  CHECK_THROWS_SAYING(write_file_atomically(folder / "circle", "x"), InputError, "symbolic links");
}

BOOST_AUTO_TEST_CASE(leftovers_go_and_living_temporaries_stay) {
  const TemporaryFolder folder;
  folder.write(".a.123-0.memsizer-tmp", "left by a killed process");
  folder.write(".step-5.123-1.memsizer-tmp/model", "left by a killed process");
  folder.write(".a.tmp", "not ours");
  fs::create_symlink(folder / ".a.tmp", folder / ".link.memsizer-tmp");
  AtomicFile living(folder / "b");
  living.write(std::string_view("b"));
  write_file_atomically(folder / "a", "x");
  BOOST_CHECK_EQUAL(names_in(folder.path()).size(), 4u);  // a, .a.tmp, the link, b's temporary
  living.commit();
  BOOST_CHECK_EQUAL(contents(folder / "b"), "b");
  BOOST_CHECK((names_in(folder.path()) == std::set<std::string>{"a", "b", ".a.tmp", ".link.memsizer-tmp"}));
}

BOOST_AUTO_TEST_CASE(a_save_killed_at_any_system_call_leaves_old_or_new,
                     *boost::unit_test::precondition(tracing_is_possible)) {
  const TemporaryFolder folder;
  const std::string old_bytes(3 << 20, 'o'), new_bytes((3 << 20) + 1, 'n');
  int olds = 0, news = 0;
  const int deaths = killed_child::kill_at_every_call(
      [&] { folder.write("a", old_bytes); }, [&] { write_file_atomically(folder / "a", new_bytes); },
      [&] {
        const std::string found = contents(folder / "a");
        BOOST_CHECK(found == old_bytes || found == new_bytes);
        ++(found == old_bytes ? olds : news);
        remove_leftovers(folder.path());
        BOOST_CHECK(names_in(folder.path()) == std::set<std::string>{"a"});
      });
  BOOST_TEST_MESSAGE(deaths << " deaths: " << olds << " left the old file, " << news << " the new");
  BOOST_CHECK_GT(olds, 10);
  BOOST_CHECK_GT(news, 3);
}

BOOST_AUTO_TEST_CASE(the_file_is_on_the_disk_before_its_name,
                     *boost::unit_test::precondition(tracing_is_possible)) {
  const TemporaryFolder folder;
  const auto run = killed_child::run([&] { write_file_atomically(folder / "a", "x"); }, std::nullopt);
  BOOST_CHECK_EQUAL(order_of_saving(run.calls), "wfrf");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(atomic_folder)

namespace {

void fill(const fs::path& folder, const std::string& text) {
  fs::create_directories(folder / "deep");
  for (const char* name : {"model", "state", "deep/more"}) {
    std::ofstream file(folder / name);
    file << text;
    if (!file.flush()) throw SystemError("full");
  }
}

void save(const fs::path& target, const std::string& text) {
  AtomicFolder folder(target);
  fill(folder.path(), text);
  folder.commit();
}

/// The text that all files of a folder agree on; "none" for no folder, "mixed" otherwise.
std::string text_of(const fs::path& folder) {
  if (!fs::exists(folder)) return "none";
  std::set<std::string> texts;
  for (const char* name : {"model", "state", "deep/more"}) texts.insert(contents(folder / name));
  return texts.size() == 1 ? *texts.begin() : "mixed";
}

}  // namespace

BOOST_AUTO_TEST_CASE(commit_creates_and_replaces) {
  const TemporaryFolder folder;
  for (const char* text : {"one", "two"}) {
    AtomicFolder step(folder / "step-5");
    fill(step.path(), text);
    BOOST_CHECK_NE(text_of(folder / "step-5"), text);
    BOOST_CHECK(is_temporary(step.path()));
    step.commit();
    BOOST_CHECK_EQUAL(text_of(folder / "step-5"), text);
  }
  save(folder.path().string() + "/step-6/", "three");
  BOOST_CHECK_EQUAL(text_of(folder / "step-6"), "three");
  BOOST_CHECK((names_in(folder.path()) == std::set<std::string>{"step-5", "step-6"}));
}

BOOST_AUTO_TEST_CASE(without_commit_the_old_folder_stays) {
  const TemporaryFolder folder;
  save(folder / "step-5", "old");
  { fill(AtomicFolder(folder / "step-5").path(), "new"); }
  {
    const FileSizeLimit limit(4096);
    BOOST_CHECK_THROW(save(folder / "step-5", std::string(5000, 'x')), SystemError);
  }
  BOOST_CHECK_EQUAL(text_of(folder / "step-5"), "old");
  BOOST_CHECK(names_in(folder.path()) == std::set<std::string>{"step-5"});
}

BOOST_AUTO_TEST_CASE(bad_targets_are_input_errors) {
  const TemporaryFolder folder;
  folder.write("a", "file");
  CHECK_THROWS_SAYING(AtomicFolder(folder / "a"), InputError, "a file has that name");
  CHECK_THROWS_SAYING(AtomicFolder(folder / "no/step-5"), InputError, "no/step-5: No such file or directory");
}

BOOST_AUTO_TEST_CASE(a_save_killed_at_any_system_call_leaves_old_or_new,
                     *boost::unit_test::precondition(tracing_is_possible)) {
  const TemporaryFolder folder;
  const fs::path target = folder / "step-5";
  for (const std::string before : {"none", "old"}) {
    std::map<std::string, int> found;
    killed_child::kill_at_every_call(
        [&] {
          fs::remove_all(target);
          if (before == "old") save(target, "old");
        },
        [&] { save(target, "new"); },
        [&] {
          ++found[text_of(target)];
          remove_leftovers(folder.path());
          for (const std::string& name : names_in(folder.path())) BOOST_CHECK_EQUAL(name, "step-5");
        });
    BOOST_CHECK_EQUAL(found.size(), 2u);
    BOOST_CHECK_GT(found[before], 20);
    BOOST_CHECK_GT(found["new"], 3);
  }
}

BOOST_AUTO_TEST_CASE(the_files_are_on_the_disk_before_the_name,
                     *boost::unit_test::precondition(tracing_is_possible)) {
  const TemporaryFolder folder;
  const auto run = killed_child::run([&] { save(folder / "step-5", "x"); }, std::nullopt);
  const auto renamed = std::find_if(run.calls.begin(), run.calls.end(), is_rename);
  // Three files, the folder within, the folder itself; after the rename the folder it is in.
  BOOST_CHECK_EQUAL(std::count(run.calls.begin(), renamed, SYS_fsync), 5);
  BOOST_CHECK_EQUAL(std::count(renamed, run.calls.end(), SYS_fsync), 1);
}

BOOST_AUTO_TEST_SUITE_END()
