// Code in a document is code that the tests compile: each piece stands, word by word, in a file of theirs.
#include <algorithm>
#include <regex>
#include <set>

#include <boost/test/unit_test.hpp>

#include "house/repository.hpp"

BOOST_AUTO_TEST_SUITE(code_in_documents)

namespace {

struct Piece {
  std::string document, language, text;
};

/// The pieces of a document between ``` and ```, each with the language that its first line names.
std::vector<Piece> pieces_in(const std::string& document, const std::string& text) {
  std::vector<Piece> pieces;
  bool in_code = false;
  for (const std::string& line : house::lines_of(text)) {
    const std::size_t fence = line.find("```");
    if (fence != line.npos) {
      in_code = !in_code;
      if (in_code) pieces.push_back({document, line.substr(fence + 3), ""});
    } else if (in_code) {
      pieces.back().text += line + '\n';
    }
  }
  return pieces;
}

/// The pieces of one language in all documents.
std::vector<Piece> pieces_of(const std::string& language) {
  std::vector<Piece> found;
  for (const std::string& document : house::files())
    if (document.ends_with(".md"))
      for (Piece& piece : pieces_in(document, house::read(document)))
        if (piece.language == language) found.push_back(std::move(piece));
  return found;
}

/// A text in which any white space is one space: a document may break and indent lines in its own way.
std::string squeezed(const std::string& text) {
  std::string result;
  for (const char c : text)
    if (c != ' ' && c != '\n')
      result += c;
    else if (!result.empty() && result.back() != ' ')
      result += ' ';
  return result;
}

std::string without_space(std::string text) {
  std::erase_if(text, [](char c) { return c == ' ' || c == '\n'; });
  return text;
}

/// All C++ that the tests compile. Of files whose lines do not compile on purpose, nothing counts.
const std::string& compiled_code() {
  static const std::string code = [] {
    std::string all;
    for (const std::string& path : house::files())
      if (house::is_cpp(path) && path.find("/refused") == path.npos)
        all += squeezed(house::read(path)) + '\n';
    return all;
  }();
  return code;
}

/// The beginnings of pieces that a guide tells its reader to add to a table. They name what does not exist.
constexpr std::array lines_to_add = {"attention_kind<T, MyAttention>(),", "{\"mine\", ",
                                     "static const LanguageModeling language_modeling;"};

bool is_to_be_added(const std::string& piece) {
  return std::ranges::any_of(lines_to_add, [&](const char* begin) { return piece.starts_with(begin); });
}

/// A line of CMake without its comment. A document writes /path/to/memsizer for what the tests know.
std::string cmake_line(const std::string& line) {
  static const std::regex comment(R"(\s*#.*$)"), path("/path/to/memsizer");
  return std::regex_replace(std::regex_replace(line, comment, ""), path, "$${path_to_memsizer}");
}

}  // namespace

BOOST_AUTO_TEST_CASE(each_piece_of_cpp_is_compiled) {
  std::size_t compiled = 0, added = 0;
  for (const Piece& piece : pieces_of("cpp")) {
    const std::string text = squeezed(piece.text);
    const bool exempt = is_to_be_added(text.substr(text.find_first_not_of(' ')));
    (exempt ? added : compiled) += 1;
    BOOST_TEST((exempt || compiled_code().find(text) != std::string::npos),
               piece.document << " has code that no test compiles:\n"
                              << piece.text);
  }
  BOOST_TEST(compiled >= 6u);
  BOOST_TEST(added == lines_to_add.size());
}

BOOST_AUTO_TEST_CASE(each_line_of_cmake_is_run) {
  std::set<std::string> run;
  for (const std::string& path : house::files())
    if (path.starts_with("tests/library/consumers/") && path.ends_with("/CMakeLists.txt"))
      for (const std::string& line : house::lines_of(house::read(path))) run.insert(line);
  std::size_t count = 0;
  for (const Piece& piece : pieces_of("cmake"))
    for (const std::string& shown : house::lines_of(piece.text)) {
      const std::string line = cmake_line(shown);
      ++count;
      BOOST_TEST(run.contains(line), piece.document << " has CMake that no consumer runs: " << line);
    }
  BOOST_TEST(count >= 14u);
}

BOOST_AUTO_TEST_CASE(the_program_that_the_readme_shows_is_a_sample) {
  BOOST_TEST(pieces_of("cpp").at(0).document == "README.md");
  BOOST_TEST(pieces_of("cpp").at(0).text == house::read("samples/00_first_program.cpp"));
}

BOOST_AUTO_TEST_CASE(the_lines_for_users_of_pytorch_are_compiled) {
  static const std::regex row(R"(\| `([^`]+)` \|$)");
  const std::string compiled = squeezed(house::read("tests/library/newcomer/pytorch.cpp"));
  const std::string document = house::read("docs/coming_from_pytorch.md");
  std::size_t count = 0;
  for (const std::string& line : house::lines_of(document)) {
    std::smatch ours;
    if (!std::regex_search(line, ours, row)) continue;
    ++count;
    BOOST_TEST(compiled.find(ours[1]) != compiled.npos, "not compiled by the tests: " << ours[1]);
  }
  BOOST_TEST(count >= 40u);
}

// The first lines of newcomers, "name;code" with @ for a line break, word by word.
BOOST_AUTO_TEST_CASE(each_line_of_a_newcomer_is_tested) {
  const std::string folder = "tests/library/newcomer/";
  const std::string works = without_space(house::read(folder + "lines.cpp")),
                    refused = without_space(house::read(folder + "refused.cpp") +
                                            house::read(folder + "refused_parentheses.cpp"));
  std::size_t working = 0, refusing = 0;
  for (const std::string& line : house::lines_of(house::read(folder + "lines.txt"))) {
    std::string code = without_space(line.substr(line.find(';') + 1)) + ';';
    std::ranges::replace(code, '@', ';');
    const bool is_working = works.find(code) != works.npos;
    const bool is_refused = refused.find(code) != refused.npos;
    BOOST_TEST(is_working != is_refused, "in neither file or in both: " << line);
    working += is_working;
    refusing += is_refused;
  }
  BOOST_TEST(working == 72u);
  BOOST_TEST(refusing == 7u);
}

// bench/include_cost --write puts the seconds of each header into both documents.
BOOST_AUTO_TEST_CASE(the_readme_has_the_seconds_of_performance) {
  static const std::regex measured(
      R"(^\| (`[a-z/_]+\.hpp`) \| ([0-9.]+) s, [0-9]+ MB \| ([0-9.]+) s, [0-9]+ MB \|$)");
  const std::string readme = house::read("README.md");
  std::size_t count = 0;
  for (const std::string& line : house::lines_of(house::read("docs/performance.md"))) {
    std::smatch found;
    if (!std::regex_match(line, found, measured)) continue;
    ++count;
    const std::size_t row = readme.find("\n| " + found[1].str() + " |");
    BOOST_TEST_REQUIRE((row != readme.npos), "the README has no row of " << found[1]);
    const std::string shown = readme.substr(row + 1, readme.find('\n', row + 1) - row - 1);
    BOOST_TEST(shown.ends_with("| " + found[2].str() + " / " + found[3].str() + " |"), shown);
  }
  BOOST_TEST(count >= 11u);
}

BOOST_AUTO_TEST_CASE(pieces_are_told_from_prose) {
  const std::string text = "a\n```cpp\nint  x;\n```\nb\n   ```cmake\n   set(x) # y\n   ```\n";
  const std::vector<Piece> pieces = pieces_in("name.md", text);
  BOOST_TEST_REQUIRE(pieces.size() == 2u);
  BOOST_TEST(pieces[0].text == "int  x;\n");
  BOOST_TEST(squeezed(pieces[0].text) == "int x; ");
  BOOST_TEST(pieces[1].language == "cmake");
  BOOST_TEST(cmake_line("add(/path/to/memsizer m)   # y") == "add(${path_to_memsizer} m)");
}

BOOST_AUTO_TEST_SUITE_END()
