#include "memsizer/files/output_checks.hpp"

#include <boost/test/unit_test.hpp>

#include "files/temporary_folder.hpp"

BOOST_AUTO_TEST_SUITE(output_checks)

using namespace memsizer;
using namespace memsizer::files;

BOOST_AUTO_TEST_CASE(what_can_be_written_passes_and_nothing_is_created) {
  const TemporaryFolder folder;
  folder.write("old", "x");
  std::filesystem::create_symlink("absent", folder / "link");
  for (const char* name : {"new", "old", "link"}) BOOST_CHECK_NO_THROW(require_can_write(folder / name));
  for (const char* name : {"-", "/dev/stdout", "/dev/null", "new"})
    BOOST_CHECK_NO_THROW(require_can_write(name));
  BOOST_TEST(!std::filesystem::exists(folder / "new"));
  BOOST_TEST(!std::filesystem::exists(folder / "absent"));
  BOOST_TEST(contents(folder / "old") == "x");
}

BOOST_AUTO_TEST_CASE(what_cannot_be_written_is_refused_as_in_writing) {
  const TemporaryFolder folder;
  folder.write("file", "x");
  std::filesystem::create_symlink("missing/file", folder / "link");
  std::filesystem::create_symlink("loop", folder / "loop");
  for (const char* name : {"missing/file", "file/below", "link", "loop", "."}) {
    CHECK_THROWS_SAYING(require_can_write(folder / name), InputError,
                        "cannot create " + (folder / name).string());
    BOOST_CHECK_THROW(write_file_atomically(folder / name, "x"), InputError);
  }
}

BOOST_AUTO_TEST_CASE(an_output_is_no_input_under_any_name) {
  const TemporaryFolder folder;
  const auto text = folder.write("text", "x");
  folder.write("other", "x");
  std::filesystem::create_directory(folder / "below");
  std::filesystem::create_symlink("text", folder / "link");
  std::filesystem::create_symlink("link", folder / "link_to_link");
  std::filesystem::create_hard_link(text, folder / "hard");
  for (const char* name : {"text", "link", "link_to_link", "hard", "below/../text"}) {
    CHECK_THROWS_SAYING(require_not_an_input(folder / name, {folder / "other", text}), InputError,
                        "is the same file as the input " + text.string());
    CHECK_THROWS_SAYING(require_not_an_input(text, {folder / name}), InputError, "is the same file");
  }
  CHECK_THROWS_SAYING(require_not_an_input(folder.path(), {folder / "below/.."}), InputError,
                      "is the same file");
  BOOST_CHECK_NO_THROW(require_not_an_input(folder / "new", {text, "", folder / "absent"}));
  BOOST_CHECK_NO_THROW(require_not_an_input(folder / "other", {text, "", folder / "new"}));
  BOOST_CHECK_NO_THROW(require_not_an_input("/dev/null", {"/dev/null"}));
}

BOOST_AUTO_TEST_SUITE_END()
