// Every test label that the README names selects some tests, and tests on real data have the label "data".
#include <regex>

#include <boost/test/unit_test.hpp>

#include "house/repository.hpp"

BOOST_AUTO_TEST_SUITE(labels)

namespace {

/// All lines in which test cases and build files set labels.
std::string labelled() {
  std::string text;
  for (const std::string& path : house::files()) {
    if (path.ends_with("CMakeLists.txt"))
      for (const std::string& line : house::lines_of(house::read(path)))
        if (const auto at = line.find("LABELS"); at != line.npos) text += line.substr(at) + '\n';
    if (path.starts_with("tests/") && path.ends_with(".cpp") && path != "tests/house/labels.cpp")
      for (const std::string& line : house::lines_of(house::read(path)))
        if (line.find("unit_test::label(") != line.npos) text += line + '\n';
  }
  return text;
}

std::vector<std::string> labels_named_in(const std::string& document) {
  static const std::regex sentence("other labels: ([a-z, _]+)"), word("[a-z_]+");
  const std::string text = house::read(document);
  std::vector<std::string> labels;
  if (std::smatch found; std::regex_search(text, found, sentence)) {
    const std::string list = found[1];
    for (std::sregex_iterator at(list.begin(), list.end(), word), end; at != end; ++at)
      labels.push_back(at->str());
  }
  return labels;
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_label_in_the_readme_selects_tests) {
  const std::string given = labelled();
  const std::vector<std::string> named = labels_named_in("README.md");
  BOOST_TEST(named.size() > 4u);
  for (const std::string& label : named)
    BOOST_TEST(std::regex_search(given, std::regex("\\b" + label + "\\b")),
               "no test has the label " << label);
}

BOOST_AUTO_TEST_CASE(tests_on_real_data_are_labelled_so) {
  static const std::regex needs(R"(unit_test::precondition\(real_data::is_there\))"),
      labelled(R"(unit_test::label\("data"\)\s*\*\s*boost::unit_test::precondition\(real_data::)");
  const auto count = [](const std::string& text, const std::regex& pattern) {
    return std::distance(std::sregex_iterator(text.begin(), text.end(), pattern), std::sregex_iterator());
  };
  for (const std::string& path : house::files()) {
    if (!path.starts_with("tests/") || !path.ends_with(".cpp") || path == "tests/house/labels.cpp") continue;
    const std::string text = house::read(path);
    BOOST_TEST(count(text, needs) == count(text, labelled),
               path << ": a test on real data lacks label(\"data\")");
  }
}

BOOST_AUTO_TEST_SUITE_END()
