#include "memsizer/text/utf8_lines.hpp"

#include <vector>

#include <boost/test/unit_test.hpp>

#include "files/compress.hpp"
#include "files/temporary_folder.hpp"

BOOST_AUTO_TEST_SUITE(utf8_lines)

using namespace memsizer;
using namespace memsizer::text;

namespace {

std::vector<std::string> all_lines(const std::filesystem::path& file) {
  Utf8Lines lines(file);
  std::vector<std::string> all;
  for (std::string line; lines.next(line);) all.push_back(line);
  return all;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_line_ends_at_a_newline_only) {
  const TemporaryFolder folder;
  const std::string text = "a\u0085b\u2028c\r\n\n d ";
  const std::vector<std::string> expected{"a\u0085b\u2028c\r", "", " d "};
  BOOST_CHECK(all_lines(folder.write("plain", text)) == expected);
  BOOST_CHECK(all_lines(folder.write("a.gz", gzip(text))) == expected);
  BOOST_CHECK(all_lines(folder.write("empty", "")).empty());
}

BOOST_AUTO_TEST_CASE(a_byte_order_mark_is_removed_from_the_first_line_alone) {
  const TemporaryFolder folder;
  Utf8Lines lines(folder.write("marked", "\uFEFFa\n\uFEFFb\n"));
  std::string line;
  BOOST_CHECK(lines.next_without_mark(line) && line == "a");
  BOOST_CHECK(lines.next_without_mark(line) && line == "\uFEFFb");
  BOOST_CHECK(all_lines(folder / "marked")[0] == "\uFEFFa");
}

BOOST_AUTO_TEST_CASE(invalid_bytes_name_their_place) {
  const TemporaryFolder folder;
  CHECK_THROWS_SAYING(all_lines(folder.write("a.de", "gut\nsch\xf6n\n")), InputError,
                      (folder / "a.de").string() + ":2: expected UTF-8, got an invalid byte at column 4");
  CHECK_THROWS_SAYING(all_lines(folder.write("a.de", "gut\nabc\xc3")), InputError, ":2: expected UTF-8");
}

BOOST_AUTO_TEST_SUITE_END()
