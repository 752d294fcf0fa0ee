// A test that a document names exists: `suite/case`, the same after the name of its binary as ctest writes
// it, or a test of a CMakeLists.txt, such as `cuda_compile/kernels`.
#include <map>
#include <regex>
#include <set>

#include <boost/test/unit_test.hpp>

#include "house/repository.hpp"

BOOST_AUTO_TEST_SUITE(test_names)

namespace {

/// All matches of a pattern, each with its groups.
std::vector<std::smatch> matches(const std::string& text, const std::regex& pattern) {
  return {std::sregex_iterator(text.begin(), text.end(), pattern), std::sregex_iterator()};
}

/// The test binary of each folder below tests/, as memsizer_add_tests names it.
std::map<std::string, std::string> binaries() {
  static const std::regex call(R"(memsizer_add_tests\((\w+)[^)]*FOLDERS ([a-z_/ ]+))"), word("[a-z_/]+");
  std::map<std::string, std::string> found;
  const std::string build = house::read("tests/CMakeLists.txt");
  for (const std::smatch& binary : matches(build, call)) {
    const std::string folders = binary[2];
    for (const std::smatch& folder : matches(folders, word)) found[folder.str()] = binary[1];
  }
  return found;
}

/// The names of all Boost test cases: "suite/case" and "binary/suite/case".
std::set<std::string> cases() {
  static const std::regex begin(R"(\nBOOST_\w*TEST_(SUITE|CASE)\w*\(\s*(\w+))");
  const std::map<std::string, std::string> binary_of = binaries();
  std::set<std::string> names;
  for (const std::string& path : house::files()) {
    if (!path.starts_with("tests/") || !path.ends_with(".cpp")) continue;
    const auto binary = binary_of.find(path.substr(6, path.rfind('/') - 6));
    if (binary == binary_of.end()) continue;
    const std::string text = house::read(path);
    std::string suite;
    for (const std::smatch& found : matches(text, begin)) {
      if (found[1] == "SUITE") {
        suite = found[2];
        continue;
      }
      names.insert(suite + '/' + found[2].str());
      names.insert(binary->second + '/' + suite + '/' + found[2].str());
    }
  }
  return names;
}

/// Whether a CMakeLists.txt adds tests with the name's first part and has its last part as a word.
bool is_added_by_cmake(const std::string& name) {
  const std::string group = name.substr(0, name.find('/') + 1);
  const std::regex word("\\b" + name.substr(group.size()) + "\\b");
  for (const std::string& path : house::files())
    if (path.ends_with("CMakeLists.txt")) {
      const std::string text = house::read(path);
      if (text.find("NAME " + group) != text.npos && std::regex_search(text, word)) return true;
    }
  return false;
}

}  // namespace

BOOST_AUTO_TEST_CASE(each_test_named_in_a_document_exists) {
  static const std::regex name("`([a-z_0-9]+(?:/[a-z_0-9]+)+)`");  // of a test, a folder or a script
  const std::set<std::string> known = cases();
  std::size_t count = 0;
  for (const std::string& document : house::files()) {
    if (!document.ends_with(".md") || document == "CHANGELOG.md") continue;  // history names what is gone
    const std::string text = house::read(document);
    for (const std::smatch& found : matches(text, name)) {
      const std::string named = found[1];
      if (named.starts_with("build/") || std::filesystem::exists(house::root() / named)) continue;
      ++count;
      BOOST_TEST((known.contains(named) || is_added_by_cmake(named)),
                 document << " names " << named << ", which is neither a test nor a path");
    }
  }
  BOOST_TEST(count > 15u);
}

BOOST_AUTO_TEST_CASE(tests_are_found_by_name) {
  const std::set<std::string> known = cases();
  BOOST_TEST(known.contains("house/test_names/tests_are_found_by_name"));
  BOOST_TEST(known.contains("test_names/tests_are_found_by_name"));
  BOOST_TEST(!known.contains("house/tests_are_found_by_name"));
  BOOST_TEST(!known.contains("emulated/test_names/tests_are_found_by_name"));
  BOOST_TEST(is_added_by_cmake("cuda_compile/words"));
  BOOST_TEST(!is_added_by_cmake("cuda_compile/letters"));
  BOOST_TEST(!is_added_by_cmake("emulated/words"));
}

BOOST_AUTO_TEST_SUITE_END()
