#include "memsizer/files/atomic_folder.hpp"

#include <algorithm>
#include <fstream>
#include <map>
#include <set>

#include <boost/test/unit_test.hpp>

#include "files/killed_child.hpp"
#include "files/saving.hpp"
#include "files/temporary_folder.hpp"

BOOST_AUTO_TEST_SUITE(atomic_folder)

using namespace memsizer;
using namespace memsizer::files;
namespace fs = std::filesystem;

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

/// The text that all files of a folder share; "none" without a folder, "mixed" if the files differ.
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

// NFS, for example, cannot exchange two names.
BOOST_AUTO_TEST_CASE(an_old_folder_is_replaced_where_names_cannot_be_exchanged) {
  const TemporaryFolder folder;
  for (const int error : {EINVAL, ENOSYS, ENOTSUP}) {
    save(folder / "step-5", "old");
    files::detail::exchange_error = error;
    BOOST_CHECK_NO_THROW(save(folder / "step-5", "new"));
    files::detail::exchange_error = 0;
    BOOST_CHECK_EQUAL(text_of(folder / "step-5"), "new");
    BOOST_CHECK((names_in(folder.path()) == std::set<std::string>{"step-5"}));
  }
  files::detail::exchange_error = EIO;
  BOOST_CHECK_THROW(save(folder / "step-5", "newer"), Error);
  files::detail::exchange_error = 0;
  BOOST_CHECK_EQUAL(text_of(folder / "step-5"), "new");
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
          if (before == "old") fill(target, "old");
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

BOOST_AUTO_TEST_CASE(a_removal_killed_at_any_system_call_leaves_the_folder_whole_or_gone,
                     *boost::unit_test::precondition(tracing_is_possible)) {
  const TemporaryFolder folder;
  const fs::path target = folder / "step-5";
  std::map<std::string, int> found;
  killed_child::kill_at_every_call([&] { fill(target, "old"); }, [&] { remove_folder_atomically(target); },
                                   [&] {
                                     ++found[text_of(target)];
                                     remove_leftovers(folder.path());
                                   });
  BOOST_CHECK_EQUAL(found.size(), 2u);
  BOOST_CHECK_GT(found["old"], 0);
  BOOST_CHECK_GT(found["none"], 3);
  BOOST_CHECK(fs::is_empty(folder.path()));
  CHECK_THROWS_SAYING(remove_folder_atomically(target), InputError, "cannot remove " + target.string());
}

BOOST_AUTO_TEST_CASE(the_files_are_on_the_disk_before_the_name,
                     *boost::unit_test::precondition(tracing_is_possible)) {
  const TemporaryFolder folder;
  const auto run = killed_child::run([&] { save(folder / "step-5", "x"); });
  const auto renamed = std::find_if(run.calls.begin(), run.calls.end(), is_rename);
  // Before the rename: three files, the inner folder and the folder itself. After it: the parent folder.
  BOOST_CHECK_EQUAL(std::count(run.calls.begin(), renamed, SYS_fsync), 5);
  BOOST_CHECK_EQUAL(std::count(renamed, run.calls.end(), SYS_fsync), 1);
}

BOOST_AUTO_TEST_SUITE_END()
