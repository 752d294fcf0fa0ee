// CMakeLists.txt has the version; every other file that names it says the same.
#include <regex>

#include <boost/test/unit_test.hpp>

#include "house/repository.hpp"

BOOST_AUTO_TEST_SUITE(versions)

namespace {

/// The pattern's first group where it first occurs in a file; empty if it does not.
std::string first_match(const std::string& path, const char* pattern) {
  const std::string text = house::read(path);
  std::smatch found;
  return std::regex_search(text, found, std::regex(pattern)) ? found[1].str() : "";
}

}  // namespace

BOOST_AUTO_TEST_CASE(ports_and_documents_name_the_version_of_the_build) {
  const std::string version = first_match("CMakeLists.txt", R"(project\(memsizer VERSION (\d+\.\d+\.\d+))");
  BOOST_TEST_REQUIRE(version != "");
  BOOST_TEST(first_match("packaging/vcpkg/memsizer/vcpkg.json", R"re("version": "([^"]*)")re") == version);
  BOOST_TEST(first_match("docs/install.md", R"(memsizer/(\d[0-9.]*\d))") == version);
  // Conan's recipe has no number of its own: it reads CMakeLists.txt, with this expression.
  BOOST_TEST(first_match("packaging/conan/conanfile.py", R"re((project\\\(memsizer VERSION))re") != "");
  BOOST_TEST(first_match("packaging/conan/conanfile.py", R"re((version = ["0-9]))re") == "");
}

BOOST_AUTO_TEST_SUITE_END()
