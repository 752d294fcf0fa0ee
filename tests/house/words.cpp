// Words that have no place in the project, and the plain form of text files.
#include <algorithm>
#include <cctype>

#include <boost/test/unit_test.hpp>

#include "house/repository.hpp"

BOOST_AUTO_TEST_SUITE(words)

namespace {

struct Forbidden {
  std::string word;
  const char* reason;
};

/// The words are split in two, so that this file does not contain what it looks for.
const std::vector<Forbidden>& forbidden() {
  static const std::vector<Forbidden> words = {
      {std::string("TO") + "DO", "an open end"},
      {std::string("FIX") + "ME", "an open end"},
      {std::string("X") + "XX", "an open end"},
      {std::string("HA") + "CK", "an open end"},
      {std::string("not ") + "implemented", "an open end"},
      {std::string("unimple") + "mented", "an open end"},
      {std::string("/ho") + "me/", "a machine's path"},
      {std::string("/ro") + "ot/", "a machine's path"},
      {std::string("/wo") + "rk/", "a machine's path"},
      {std::string("/Us") + "ers/", "a machine's path"},
      {std::string("<<<") + "<<<<", "a merge conflict"},
      {std::string(">>>") + ">>>>", "a merge conflict"},
  };
  return words;
}

bool is_word_character(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || c == '_';
}

/// Whether `word` occurs in `line`. A word that begins and ends with letters must stand alone there.
bool stands_in(std::string_view line, std::string_view word) {
  const bool whole = is_word_character(word.front()) && is_word_character(word.back());
  for (std::size_t at = line.find(word); at != line.npos; at = line.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    const bool starts = at == 0 || !is_word_character(line[at - 1]);
    const bool ends = end == line.size() || !is_word_character(line[end]);
    // A path such as "net/<name>/" inside a longer path is not a path of a machine.
    if (!whole ? (word.front() != '/' || starts) : (starts && ends)) return true;
  }
  return false;
}

/// The fault in the plain form of a text; empty if there is none.
std::string form_fault(const std::string& text, bool markdown) {
  if (text.empty() || text.back() != '\n') return "does not end with a newline";
  if (text.find('\r') != text.npos) return "has a carriage return";
  if (text.find('\t') != text.npos) return "has a tab";
  if (!markdown && text.find(" \n") != text.npos) return "has white space at a line's end";
  // U+1F000 and above, where most emojis are, begin with the bytes F0 9F in UTF-8.
  if (text.find("\xF0\x9F") != text.npos) return "has an emoji";
  return "";
}

}  // namespace

BOOST_AUTO_TEST_CASE(no_file_holds_a_forbidden_word) {
  for (const std::string& path : house::files()) {
    if (!house::is_written(path)) continue;
    const std::vector<std::string> lines = house::lines_of(house::read(path));
    for (std::size_t i = 0; i < lines.size(); ++i)
      for (const auto& [word, reason] : forbidden())
        if (stands_in(lines[i], word))
          BOOST_ERROR(path << ':' << i + 1 << ": \"" << word << "\", " << reason);
  }
}

BOOST_AUTO_TEST_CASE(text_files_have_a_plain_form) {
  for (const std::string& path : house::files()) {
    if (!house::is_written(path)) continue;
    const std::string fault = form_fault(house::read(path), path.ends_with(".md"));
    BOOST_TEST(fault.empty(), path << ' ' << fault);
  }
}

BOOST_AUTO_TEST_CASE(scripts_can_be_run) {
  for (const std::string& path : house::files()) {
    if (!house::read(path).starts_with("#!")) continue;
    const auto permissions = std::filesystem::status(house::root() / path).permissions();
    const bool executable =
        (permissions & std::filesystem::perms::owner_exec) != std::filesystem::perms::none;
    BOOST_TEST(executable, path << " begins with #! but is not executable");
  }
}

BOOST_AUTO_TEST_CASE(the_checks_find_what_they_look_for) {
  for (const auto& [word, reason] : forbidden()) BOOST_TEST(stands_in("// see " + word, word));
  const std::string open_end = forbidden()[0].word;
  BOOST_TEST(stands_in(open_end + ": later", open_end));
  BOOST_TEST(!stands_in("MAS" + open_end + "N", open_end));
  const std::string path = forbidden()[8].word;
  BOOST_TEST(stands_in("cd " + path + "main", path));
  BOOST_TEST(!stands_in("home" + path + "main", path));
  BOOST_TEST(form_fault("a\n", false) == "");
  for (const char* text : {"", "a", "a\r\n", "\ta\n", "a \n", "a \xF0\x9F\x98\x80\n"})
    BOOST_TEST(form_fault(text, false) != "");
}

BOOST_AUTO_TEST_SUITE_END()
