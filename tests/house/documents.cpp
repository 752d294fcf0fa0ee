// Promises to the reader: each header says what it is, each link and path in a document exists, and the tests
// mirror the tree.
#include <algorithm>
#include <regex>
#include <set>

#include <boost/test/unit_test.hpp>

#include "house/includes.hpp"
#include "house/repository.hpp"

BOOST_AUTO_TEST_SUITE(documents_and_mirrors)

namespace {

namespace fs = std::filesystem;

bool is_public_header(const std::string& path) {
  return path.starts_with("include/") && path.ends_with(".hpp");
}

/// All matches of the pattern's first group in a text.
std::vector<std::string> all_matches(const std::string& text, const std::regex& pattern) {
  std::vector<std::string> found;
  for (std::sregex_iterator at(text.begin(), text.end(), pattern), end; at != end; ++at)
    found.push_back((*at)[1]);
  return found;
}

std::vector<std::string> documents() {
  std::vector<std::string> found = house::files();
  std::erase_if(found, [](const std::string& path) { return !path.ends_with(".md"); });
  return found;
}

/// A document without its blocks of code, where brackets are not links.
std::string prose_of(const std::string& document) {
  std::string prose;
  bool in_code = false;
  for (const std::string& line : house::lines_of(house::read(document))) {
    const bool fence = line.find("```") != line.npos;
    if (!fence && !in_code) prose += line + '\n';
    in_code = in_code != fence;
  }
  return prose;
}

/// The paths from the root that a file's comments name. A path with NN, which stands for digits, names no
/// file and is left out.
std::vector<std::string> paths_in_comments(const std::string& path) {
  static const std::regex name(
      "(?:^|[^A-Za-z0-9_./-])"
      "((?:include|kernels|tests|samples|scripts|docs|bench|cmake)/[A-Za-z0-9_./-]*[A-Za-z0-9_])");
  const std::string mark = house::is_cpp(path) ? "//" : "#";
  std::vector<std::string> found;
  for (const std::string& line : house::lines_of(house::read(path)))
    if (const std::size_t at = line.find(mark); at != line.npos)
      for (const std::string& named : all_matches(line.substr(at), name))
        if (named.find("/NN_") == named.npos) found.push_back(named);
  return found;
}

/// The project's headers that a file names in an #include.
std::vector<std::string> own_includes(const std::string& path) {
  static const std::regex own(R"re(#include\s*[<"]memsizer/([^>"]+)[>"])re");
  return all_matches(house::read(path), own);
}

/// Every header that the files reach, as "ops/softmax.hpp".
std::set<std::string> reached_headers(std::vector<std::string> open) {
  std::set<std::string> headers;
  while (!open.empty()) {
    const std::string path = open.back();
    open.pop_back();
    for (const std::string& header : own_includes(path))
      if (headers.insert(header).second) open.push_back("include/memsizer/" + header);
  }
  return headers;
}

}  // namespace

BOOST_AUTO_TEST_CASE(each_header_says_what_it_is) {
  for (const std::string& path : house::files()) {
    if (!is_public_header(path)) continue;
    const std::vector<std::string> lines = house::lines_of(house::read(path));
    BOOST_TEST_REQUIRE(lines.size() > 2u, path << " is empty");
    BOOST_TEST(lines[0] == "#pragma once", path << " does not begin with #pragma once");
    BOOST_TEST(lines[1].starts_with("// "), path << ": the second line does not say what the file is");
  }
}

BOOST_AUTO_TEST_CASE(each_link_leads_somewhere) {
  static const std::regex link(R"(\]\(([^)#\s]+)[^)]*\))");
  for (const std::string& document : documents())
    for (const std::string& target : all_matches(prose_of(document), link)) {
      if (target.find("://") != target.npos || target.starts_with("mailto:")) continue;
      const fs::path path = (house::root() / document).parent_path() / target;
      BOOST_TEST(fs::exists(path), document << " links to " << target << ", which does not exist");
    }
}

BOOST_AUTO_TEST_CASE(each_path_named_in_a_document_exists) {
  static const std::regex path(
      "`((?:include|kernels|tests|samples|scripts|docs|bench|cmake)/[A-Za-z0-9_./-]+)`"),
      header("`([a-z]+/[A-Za-z0-9_/]+\\.hpp)`");  // such as `train/config.hpp`
  for (const std::string& document : documents()) {
    if (document == "CHANGELOG.md") continue;  // the history names files that are gone
    for (const std::string& name : all_matches(house::read(document), path))
      BOOST_TEST(fs::exists(house::root() / name), document << " names " << name << ", which does not exist");
    for (const std::string& name : all_matches(house::read(document), header))
      if (house::rooms().contains(house::room_of(name)) && !name.starts_with("kernels/"))
        BOOST_TEST(fs::exists(house::root() / "include/memsizer" / name),
                   document << " names the header " << name << ", which does not exist");
  }
}

BOOST_AUTO_TEST_CASE(each_path_named_in_a_comment_exists) {
  std::size_t named = 0;
  for (const std::string& path : house::files()) {
    if (!house::is_written(path) || path.ends_with(".md") || path.ends_with(".json")) continue;
    for (const std::string& name : paths_in_comments(path)) {
      ++named;
      BOOST_TEST(fs::exists(house::root() / name), path << " names " << name << ", which does not exist");
    }
  }
  BOOST_TEST(named > 5u);
}

// A test in tests/<folder> must reach every header of include/memsizer/<folder>. Operations may also be
// reached by the list of operation cases, and the CPU's kernels through the object that holds them all.
BOOST_AUTO_TEST_CASE(tests_mirror_the_tree) {
  std::map<std::string, std::vector<std::string>> tests;
  for (const std::string& path : house::files())
    if (path.starts_with("tests/") && path.ends_with(".cpp"))
      tests[house::room_of(path.substr(6))].push_back(path);
  tests["ops"].insert(tests["ops"].end(), tests["check"].begin(), tests["check"].end());
  tests["cpu"].push_back(house::cpu_table);
  for (const auto& [room, table] : house::rooms()) {
    const std::set<std::string> reached = reached_headers(tests[room]);
    for (const std::string& path : house::files())
      if (path.starts_with("include/memsizer/" + room + "/"))
        BOOST_TEST(reached.contains(path.substr(17)), "no test in tests/" << room << " reaches " << path);
  }
}

BOOST_AUTO_TEST_SUITE_END()
