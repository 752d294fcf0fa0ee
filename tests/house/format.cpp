// All C++ files have clang-format's formatting. Versions of clang-format differ in detail; the version that
// Debian 12 ships decides.
#include <boost/test/unit_test.hpp>

#include "house/repository.hpp"

BOOST_AUTO_TEST_SUITE(format)

namespace {

boost::test_tools::assertion_result has_clang_format(boost::unit_test::test_unit_id) {
  boost::test_tools::assertion_result found(
      house::output_of("clang-format --version 2>/dev/null").find(" version 14.") != std::string::npos);
  found.message() << "clang-format 14 was not found";
  return found;
}

}  // namespace

BOOST_AUTO_TEST_CASE(files_are_formatted, *boost::unit_test::precondition(has_clang_format)) {
  std::string command = "cd '" + house::root().string() + "' && clang-format --dry-run";
  for (const std::string& path : house::files())
    if (house::is_cpp(path)) command += " '" + path + "'";
  const std::string complaints = house::output_of(command + " 2>&1");
  std::string last;
  for (const std::string& line : house::lines_of(complaints))
    if (const std::string path = line.substr(0, line.find(':'));
        line.find("warning:") != line.npos && path != last)
      BOOST_ERROR("run clang-format -i " << (last = path));
}

BOOST_AUTO_TEST_CASE(a_badly_formatted_file_is_noticed, *boost::unit_test::precondition(has_clang_format)) {
  const std::string style =
      " | clang-format --dry-run --style=file:'" + house::root().string() + "/.clang-format' 2>&1";
  BOOST_TEST(house::output_of("echo 'int  a ;'" + style).find("warning:") != std::string::npos);
  BOOST_TEST(house::output_of("echo 'int a;'" + style) == "");
}

BOOST_AUTO_TEST_SUITE_END()
