#include <random>

#include <boost/test/unit_test.hpp>

#include "memsizer/files/byte_stream.hpp"
#include "memsizer/files/line_reader.hpp"

#include "compress.hpp"
#include "temporary_folder.hpp"

using namespace memsizer;
using namespace memsizer::files;

namespace {

/// Text that compresses to several blocks: repetition and noise.
std::string sample_text(size_t bytes) {
  std::mt19937 random(3);
  std::string text;
  while (text.size() < bytes) {
    text += " The same words again @-@ and again .\r\n \n";
    for (int i = 0; i < 20; ++i) text += static_cast<char>(random());
  }
  text.resize(bytes);
  return text;
}

std::string read_in_blocks(const std::filesystem::path& path, size_t block_bytes) {
  ByteStream stream(path);
  std::string text, block(block_bytes, '\0');
  while (const Index count = stream.read(block)) text.append(block, 0, static_cast<size_t>(count));
  BOOST_CHECK_EQUAL(stream.position(), static_cast<Index>(text.size()));
  return text;
}

struct Format {
  const char* ending;
  std::string (*compress)(std::string_view);
};
const Format formats[] = {{".gz", gzip}, {".zst", zstd}};

}  // namespace

BOOST_AUTO_TEST_SUITE(byte_stream)

BOOST_AUTO_TEST_CASE(all_forms_give_the_same_bytes) {
  const TemporaryFolder folder;
  for (size_t size : {0, 1, 3, 4, 65535, 65536, 65537, 700000}) {
    const std::string text = sample_text(size);
    const std::filesystem::path paths[] = {folder.write("plain", text), folder.write("a.gz", gzip(text)),
                                           folder.write("a.zst", zstd(text)),
                                           folder.write("no_ending", gzip(text))};
    for (const auto& path : paths)
      for (size_t block : {1000, 65536, 1000000})
        BOOST_CHECK_MESSAGE(read_in_blocks(path, block) == text,
                            path << " of " << size << " in blocks of " << block);
    if (size <= 65535)
      BOOST_CHECK(read_in_blocks(paths[1], 1) == text && read_in_blocks(paths[2], 1) == text);
    BOOST_CHECK(read_stream(paths[1], static_cast<Index>(size)) == text);
  }
}

BOOST_AUTO_TEST_CASE(several_members_and_frames_follow_each_other) {
  const TemporaryFolder folder;
  BOOST_CHECK_EQUAL(read_in_blocks(folder.write("a.gz", gzip("one ") + gzip("") + gzip("two")), 3),
                    "one two");
  BOOST_CHECK_EQUAL(read_in_blocks(folder.write("b.gz", gzip("one") + std::string(100000, '\0')), 3), "one");
  BOOST_CHECK_EQUAL(read_in_blocks(folder.write("a.zst", zstd("one ") + zstd("") + zstd("two")), 3),
                    "one two");
}

BOOST_AUTO_TEST_CASE(data_cut_off_anywhere_is_an_input_error) {
  const TemporaryFolder folder;
  const std::string text = sample_text(3000);
  for (const Format& format : formats) {
    const std::string whole = format.compress(text);
    for (size_t size = 0; size < whole.size(); size += size < 40 || size + 40 > whole.size() ? 1 : 97) {
      const auto path = folder.write(std::string("cut") + format.ending, whole.substr(0, size));
      BOOST_CHECK_EXCEPTION(read_in_blocks(path, 1000), InputError,
                            SaysPart{size < 4 ? "cut" : "byte " + std::to_string(size) + " of the "});
    }
  }
}

BOOST_AUTO_TEST_CASE(corrupt_data_is_an_input_error_or_the_same_text) {
  const TemporaryFolder folder;
  const std::string text = sample_text(5000);
  std::mt19937 random(4);
  for (const Format& format : formats) {
    const std::string whole = format.compress(text);
    int refused = 0;
    for (int round = 0; round < 500; ++round) {
      std::string bytes = whole;
      bytes[random() % bytes.size()] ^= static_cast<char>(1 << random() % 8);
      try {
        const std::string read =
            read_in_blocks(folder.write(std::string("bad") + format.ending, bytes), 1000);
        BOOST_CHECK(read == text);  // a flag or time in the header that changes nothing
      } catch (const InputError&) {
        ++refused;
      }
    }
    BOOST_CHECK_GT(refused, 450);
  }
}

BOOST_AUTO_TEST_CASE(errors_name_file_and_reason) {
  const TemporaryFolder folder;
  CHECK_THROWS_SAYING(ByteStream(folder / "absent"), InputError, "absent: No such file");
  CHECK_THROWS_SAYING(ByteStream(folder.path()), InputError, "expected a file, got a folder");
  CHECK_THROWS_SAYING(ByteStream(folder.write("text.gz", "text")), InputError, "text.gz: expected gzip data");
  CHECK_THROWS_SAYING(ByteStream(folder.write("empty.zst", "")), InputError, "empty.zst: expected zstd data");
  CHECK_THROWS_SAYING(read_in_blocks(folder.write("a.gz", gzip("x") + "garbage"), 9), InputError,
                      "of the gzip data: incorrect header check");
  CHECK_THROWS_SAYING(read_in_blocks(folder.write("a.zst", zstd("x") + "garbage"), 9), InputError,
                      "of the zstd data: Unknown frame descriptor");
  CHECK_THROWS_SAYING(read_stream(folder.write("a", "12345"), 4), InputError, "expected at most 4 bytes");
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(line_reader)

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
