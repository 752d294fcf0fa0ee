#include "memsizer/files/unfinished_files.hpp"

#include <fstream>

#include <boost/test/unit_test.hpp>

#include "memsizer/files/atomic_file.hpp"

#include "temporary_folder.hpp"

BOOST_AUTO_TEST_SUITE(unfinished_files)

using namespace memsizer::files;

BOOST_AUTO_TEST_CASE(noted_files_are_removed_and_forgotten_ones_stay) {
  const TemporaryFolder folder;
  UnfinishedFiles files;
  for (const char* name : {"a", "b"}) std::ofstream(folder / name) << "x";
  files.note(folder / "a");
  files.forget(files.note(folder / "b"));
  files.remove_all();
  BOOST_TEST(!std::filesystem::exists(folder / "a"));
  BOOST_TEST(std::filesystem::exists(folder / "b"));
}

BOOST_AUTO_TEST_CASE(a_full_table_and_long_names_are_no_error) {
  UnfinishedFiles files;
  BOOST_TEST(files.note(std::string(5000, 'x')) == -1);
  int last = 0;
  for (int i = 0; i < 100; ++i) last = files.note("no such file");
  BOOST_TEST(last == -1);
  files.forget(last);
  files.forget(0);
  BOOST_TEST(files.note("another") == 0);
  files.remove_all();
}

BOOST_AUTO_TEST_CASE(a_file_is_noted_while_it_is_written) {
  const TemporaryFolder folder;
  const auto count = [&] {
    return std::distance(std::filesystem::directory_iterator(folder / ""),
                         std::filesystem::directory_iterator());
  };
  {
    AtomicFile file(folder / "a");
    file.write("x");
    BOOST_TEST(count() == 1);
    memsizer::files::unfinished_files().remove_all();
    BOOST_TEST(count() == 0);
  }
  AtomicFile file(folder / "b");
  file.commit();
  memsizer::files::unfinished_files().remove_all();
  BOOST_TEST(std::filesystem::exists(folder / "b"));
}

BOOST_AUTO_TEST_SUITE_END()
