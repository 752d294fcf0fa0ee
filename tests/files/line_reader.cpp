#include "memsizer/files/line_reader.hpp"

#include <boost/test/unit_test.hpp>

#include "files/compress.hpp"
#include "files/temporary_folder.hpp"

BOOST_AUTO_TEST_SUITE(line_reader)

using namespace memsizer;
using namespace memsizer::files;

namespace {

std::vector<std::string> lines_of(const std::filesystem::path& path) {
  LineReader reader(path);
  std::vector<std::string> lines;
  for (std::string line; reader.next(line);) lines.push_back(line);
  BOOST_CHECK_EQUAL(reader.number(), static_cast<Index>(lines.size()));
  return lines;
}

using Lines = std::vector<std::string>;

}  // namespace

BOOST_AUTO_TEST_CASE(lines_end_at_newline_only) {
  const TemporaryFolder folder;
  BOOST_CHECK(lines_of(folder.write("a", "")).empty());
  BOOST_CHECK((lines_of(folder.write("a", "one\ntwo\n")) == Lines{"one", "two"}));
  BOOST_CHECK((lines_of(folder.write("a", "one\ntwo")) == Lines{"one", "two"}));
  BOOST_CHECK((lines_of(folder.write("a", "\n\n x\n")) == Lines{"", "", " x"}));
  const std::string odd = "a\rb\r\x0b\x0c\x1c\xc2\x85\xe2\x80\xa8" + std::string(1, '\0') + "\r";
  BOOST_CHECK((lines_of(folder.write("a", odd + "\nx\n")) == Lines{odd, "x"}));
  BOOST_CHECK((lines_of(folder.write("a.gz", gzip(odd + "\nx\n"))) == Lines{odd, "x"}));
}

BOOST_AUTO_TEST_CASE(lines_may_cross_blocks) {
  const TemporaryFolder folder;
  Lines expected;
  std::string text;
  for (size_t size : {65535, 65536, 65537, 0, 200000, 1}) {
    expected.push_back(std::string(size, static_cast<char>('a' + expected.size())));
    text += expected.back() + '\n';
  }
  BOOST_CHECK(lines_of(folder.write("a", text)) == expected);
}

BOOST_AUTO_TEST_CASE(the_last_newline_is_known) {
  const TemporaryFolder folder;
  LineReader reader(folder.write("a", "one\ntwo"));
  std::string line;
  BOOST_CHECK(reader.next(line) && reader.has_newline());
  BOOST_CHECK(reader.next(line) && !reader.has_newline());
  BOOST_CHECK(!reader.next(line) && !reader.next(line));
  BOOST_CHECK_EQUAL(reader.number(), 2);
}

BOOST_AUTO_TEST_CASE(an_endless_line_is_refused) {
  const TemporaryFolder folder;
  LineReader reader(folder.write("a", "short\n" + std::string(300000, 'x')), 100000);
  std::string line;
  BOOST_CHECK(reader.next(line));
  CHECK_THROWS_SAYING(reader.next(line), InputError, "a:2: expected lines of at most 100000 bytes");
}

BOOST_AUTO_TEST_SUITE_END()
