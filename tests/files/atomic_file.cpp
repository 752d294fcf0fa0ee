#include "memsizer/files/atomic_file.hpp"

#include <set>

#include <boost/test/unit_test.hpp>

#include "files/killed_child.hpp"
#include "files/saving.hpp"
#include "files/temporary_folder.hpp"

BOOST_AUTO_TEST_SUITE(atomic_file)

using namespace memsizer;
using namespace memsizer::files;
namespace fs = std::filesystem;

namespace {

mode_t permissions(const std::filesystem::path& path) {
  struct stat status {};
  ::stat(path.c_str(), &status);
  return status.st_mode & 0777;
}

/// The system calls that decide what survives a power cut, in their order: w(rite), f(sync), r(ename).
std::string order_of_saving(const std::vector<long>& calls) {
  std::string order;
  for (const long call : calls) {
    const char letter = call == SYS_write ? 'w' : call == SYS_fsync ? 'f' : is_rename(call) ? 'r' : 0;
    if (letter && (order.empty() || order.back() != letter)) order += letter;
  }
  return order;
}

}  // namespace

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
  const auto run = killed_child::run([&] { write_file_atomically(folder / "a", "x"); });
  BOOST_CHECK_EQUAL(order_of_saving(run.calls), "wfrf");
}

BOOST_AUTO_TEST_SUITE_END()
