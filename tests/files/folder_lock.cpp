#include "memsizer/files/folder_lock.hpp"

#include <optional>

#include <boost/test/unit_test.hpp>
#include <signal.h>
#include <sys/wait.h>

#include "files/temporary_folder.hpp"

BOOST_AUTO_TEST_SUITE(folder_lock)

using namespace memsizer;
using namespace memsizer::files;

BOOST_AUTO_TEST_CASE(one_at_a_time) {
  const TemporaryFolder folder;
  std::optional<FolderLock> first(folder.path());
  CHECK_THROWS_SAYING(FolderLock(folder.path()), InputError,
                      folder.path().string() + ": in use by process " + std::to_string(::getpid()));
  first.reset();
  BOOST_CHECK(std::filesystem::is_empty(folder.path()));
  BOOST_CHECK_NO_THROW(FolderLock(folder.path()));
}

BOOST_AUTO_TEST_CASE(a_moved_lock_is_held_once) {
  const TemporaryFolder folder;
  std::optional<FolderLock> first(folder.path());
  FolderLock second = std::move(*first);
  first.reset();
  CHECK_THROWS_SAYING(FolderLock(folder.path()), InputError, "in use by process");
}

BOOST_AUTO_TEST_CASE(a_killed_holder_leaves_no_lock) {
  const TemporaryFolder folder;
  int ready[2];
  BOOST_REQUIRE_EQUAL(::pipe(ready), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    const FolderLock lock(folder.path());
    if (::write(ready[1], "x", 1) == 1) ::pause();
    ::_exit(0);
  }
  char byte = 0;
  BOOST_REQUIRE_EQUAL(::read(ready[0], &byte, 1), 1);
  CHECK_THROWS_SAYING(FolderLock(folder.path()), InputError, "in use by process " + std::to_string(child));
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  BOOST_CHECK(std::filesystem::exists(folder / FolderLock::file_name));
  BOOST_CHECK_NO_THROW(FolderLock(folder.path()));
  ::close(ready[0]);
  ::close(ready[1]);
}

BOOST_AUTO_TEST_CASE(a_folder_that_is_none_is_refused) {
  const TemporaryFolder folder;
  CHECK_THROWS_SAYING(FolderLock(folder / "absent"), InputError, "absent/.lock: No such file");
}

BOOST_AUTO_TEST_SUITE_END()
