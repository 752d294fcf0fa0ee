#include "memsizer/files/text_stream.hpp"

#include <thread>

#include <boost/test/unit_test.hpp>
#include <sys/stat.h>

#include "memsizer/files/line_reader.hpp"

#include "files/compress.hpp"
#include "files/temporary_folder.hpp"

BOOST_AUTO_TEST_SUITE(text_stream)

using namespace memsizer;
using namespace memsizer::files;

namespace {

std::string read_all(const std::filesystem::path& path, size_t block_bytes, bool some) {
  TextStream stream(path);
  std::string text, block(block_bytes, '\0');
  while (const Index count = some ? stream.read_some(block) : stream.read(block))
    text.append(block, 0, static_cast<size_t>(count));
  return text;
}

}  // namespace

BOOST_AUTO_TEST_CASE(all_bytes_of_a_text_come_in_blocks_of_any_size) {
  const TemporaryFolder folder;
  for (const size_t size : {0, 1, 7, 511, 512, 513, 70000}) {
    std::string text;
    while (text.size() < size)
      text += text.size() % 90 == 89 ? '\n' : static_cast<char>('a' + text.size() % 26);
    for (const std::string& packed : {text, gzip(text), zstd(text)})
      for (const size_t block : {1, 5, 512, 100000})
        for (const bool some : {false, true})
          BOOST_TEST((read_all(folder.write("a", packed), block, some) == text), size << " in " << block);
  }
}

BOOST_AUTO_TEST_CASE(odd_texts_are_text) {
  const TemporaryFolder folder;
  for (const std::string& text :
       {std::string("PAR"), std::string("PK"), std::string("\xEF\xBB\xBFtext"), std::string("\xFF"),
        std::string("\0", 1), std::string("\0\0\0", 3), std::string("a zero\0here and\0there", 21),
        std::string("\x1f"), std::string("(\xb5")})
    BOOST_TEST((read_all(folder.write("a", text), 100, false) == text));
}

BOOST_AUTO_TEST_CASE(other_formats_are_named_with_what_to_do) {
  const TemporaryFolder folder;
  const auto refused = [&](const std::string& bytes, const char* part) {
    CHECK_THROWS_SAYING(TextStream(folder.write("f", bytes)), InputError, part);
    CHECK_THROWS_SAYING(LineReader(folder.write("f", gzip(bytes))), InputError, part);
  };
  refused("PAR1\x15", "f: expected text, got a Parquet file");
  refused("\xFF\xFEh", "f: expected text, got UTF-16, `iconv -f UTF-16 -t UTF-8` converts it");
  refused(std::string("h\0e\0l\0l\0o\0", 10), "bytes of which many are zero; if it is UTF-16");
  refused(std::string("\0\0\0h\0\0\0e", 8), "bytes of which many are zero");
  refused("BZh91AY", "got bzip2 data, unpack it first");
}

BOOST_AUTO_TEST_CASE(a_line_is_there_before_the_next_is_written) {
  const TemporaryFolder folder;
  const std::string pipe = (folder / "pipe").string();
  BOOST_TEST_REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  const int writer = ::open(pipe.c_str(), O_RDWR | O_CLOEXEC);
  BOOST_TEST_REQUIRE(writer >= 0);
  const auto write = [&](std::string_view text) {
    BOOST_TEST_REQUIRE(::write(writer, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
  };
  write("a\n");  // shorter than the first bytes of a packed file
  LineReader reader(pipe);
  std::string line;
  BOOST_TEST(reader.next(line));
  BOOST_TEST(line == "a");
  BOOST_TEST(reader.would_wait());
  write("two\nthree\nf");
  BOOST_TEST(!reader.would_wait());
  for (const char* expected : {"two", "three"}) {
    BOOST_TEST(reader.next(line));
    BOOST_TEST(line == expected);
  }
  std::thread later([&] {
    write("our");
    ::close(writer);
  });
  BOOST_TEST(reader.next(line));
  BOOST_TEST(line == "four");
  BOOST_TEST(!reader.next(line));
  later.join();
}

BOOST_AUTO_TEST_SUITE_END()
