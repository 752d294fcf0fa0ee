#include "memsizer/files/byte_stream.hpp"

#include <random>

#include <boost/test/unit_test.hpp>

#include "files/compress.hpp"
#include "files/temporary_folder.hpp"

BOOST_AUTO_TEST_SUITE(byte_stream)

using namespace memsizer;
using namespace memsizer::files;

namespace {

/// Text that compresses to several blocks, made of repetition and noise.
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
  return text;
}

struct Format {
  const char* ending;
  std::string (*compress)(std::string_view);
};
const Format formats[] = {{".gz", gzip}, {".zst", zstd}};

}  // namespace

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
                            SaysPart{"byte " + std::to_string(size) + " of the "});
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
    for (int round = 0; round < 150; ++round) {
      std::string bytes = whole;
      bytes[random() % bytes.size()] ^= static_cast<char>(1 << random() % 8);
      try {
        const std::string read =
            read_in_blocks(folder.write(std::string("bad") + format.ending, bytes), 1000);
        BOOST_CHECK(read == text);  // a flag or time in the header changes no text
      } catch (const InputError&) {
        ++refused;
      }
    }
    BOOST_CHECK_GT(refused, 130);
  }
}

BOOST_AUTO_TEST_CASE(errors_name_file_and_reason) {
  const TemporaryFolder folder;
  CHECK_THROWS_SAYING(ByteStream(folder / "absent"), InputError, "absent: No such file");
  CHECK_THROWS_SAYING(ByteStream(folder.path()), InputError, "expected a file, got a folder");
  CHECK_THROWS_SAYING(ByteStream(folder.write("text.gz", "text")), InputError, "text.gz: expected gzip data");
  CHECK_THROWS_SAYING(ByteStream(folder.write("empty.zst", "")), InputError,
                      "empty.zst: byte 0 of the zstd data: the data is cut off");
  CHECK_THROWS_SAYING(read_in_blocks(folder.write("a.gz", gzip("x") + "garbage"), 9), InputError,
                      "of the gzip data: incorrect header check");
  CHECK_THROWS_SAYING(read_in_blocks(folder.write("a.zst", zstd("x") + "garbage"), 9), InputError,
                      "of the zstd data: Unknown frame descriptor");
}

BOOST_AUTO_TEST_SUITE_END()
