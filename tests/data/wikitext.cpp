#include "memsizer/data/wikitext.hpp"

#include <boost/test/unit_test.hpp>

#include "files/compress.hpp"
#include "files/temporary_folder.hpp"
#include "memory_limit.hpp"
#include "real_data.hpp"

using namespace memsizer;
using namespace memsizer::data;

BOOST_AUTO_TEST_SUITE(wikitext)

namespace {

const std::string sample = " \n = Title = \n \n Words @-@ and caf\u00e9 <unk> . \n";

std::string text_of(const WikiText& data, Split split) {
  std::string text;
  data.for_each_block(split, [&](std::string_view block) { text += block; });
  return text;
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_form_gives_the_exact_text) {
  const TemporaryFolder folder;
  folder.write("tokens/wikitext-2/wiki.train.tokens", sample);
  folder.write("raw/wiki.train.raw", sample);
  folder.write("gz/wiki.train.tokens.gz", gzip(sample));
  folder.write("zst/wiki.train.raw.zst", zstd(sample));
  folder.write("text/train/a.txt", sample.substr(0, 20));
  folder.write("text/train/b.txt", sample.substr(20));
  for (const char* form :
       {"tokens", "raw", "gz", "zst", "text", "raw/wiki.train.raw", "gz/wiki.train.tokens.gz"}) {
    const WikiText data(folder / form);
    BOOST_CHECK_EQUAL(text_of(data, Split::train), sample);
    BOOST_CHECK((data.count(Split::train) == TextCounts{46, 13, 4}));
    BOOST_CHECK(data.has(Split::train) && !data.has(Split::test));
  }
}

BOOST_AUTO_TEST_CASE(a_text_is_never_all_in_memory, *boost::unit_test::precondition(memory_can_be_limited)) {
  const TemporaryFolder folder;
  constexpr std::size_t copies = 700'000;
  const std::filesystem::path file = folder.write("wiki.train.tokens", "");
  {
    std::ofstream stream(file, std::ios::binary);
    for (std::size_t i = 0; i < copies; ++i) stream << sample;
  }
  const std::size_t bytes = copies * sample.size();
  const WikiText data(file);
  const MemoryLimit limit(bytes / 4);
  BOOST_CHECK_THROW(std::string(bytes, ' '), std::bad_alloc);
  BOOST_TEST(data.count(Split::train).bytes == static_cast<Index>(bytes));
}

BOOST_AUTO_TEST_CASE(tokens_come_before_raw_in_one_folder) {
  const TemporaryFolder folder;
  folder.write("wiki.test.tokens", "tokens");
  folder.write("wiki.test.raw", "raw");
  BOOST_CHECK_EQUAL(text_of(WikiText(folder.path()), Split::test), "tokens");
  BOOST_CHECK_EQUAL(text_of(WikiText(folder / "wiki.test.raw"), Split::test), "raw");
}

BOOST_AUTO_TEST_CASE(splits_of_different_forms_stand_beside_each_other) {
  const TemporaryFolder folder;
  folder.write("mixed/wiki.train.tokens", "train");
  folder.write("mixed/valid.txt", "validation");
  folder.write("mixed/TEST.RAW.GZ", gzip("test"));
  const WikiText mixed(folder / "mixed");
  for (const Split split : {Split::train, Split::validation, Split::test})
    BOOST_CHECK_EQUAL(text_of(mixed, split), split_name(split));
  // One form has every split; the other's only file is none of this data.
  for (const char* file : {"stray/train.txt", "stray/dev.txt", "stray/test.txt"}) folder.write(file, "txt");
  folder.write("stray/test.tokens", "tokens");
  BOOST_CHECK_EQUAL(text_of(WikiText(folder / "stray"), Split::test), "txt");
  // No form has every split, and nothing tells which test is meant.
  folder.write("mixed/wiki.test.tokens", "other");
  CHECK_THROWS_SAYING(WikiText(folder / "mixed"), InputError, "mixed: the test split is there twice: ");
}

BOOST_AUTO_TEST_CASE(what_is_no_text_is_refused) {
  const TemporaryFolder folder;
  const auto check = [&](std::string_view name, std::string_view bytes, const std::string& part) {
    CHECK_THROWS_SAYING(text_of(WikiText(folder.write(name, bytes)), Split::train), InputError, part);
  };
  check("train.parquet", "PAR1....PAR1", "train.parquet: expected text, got a Parquet file");
  check("train.tokens", "PAR1....PAR1", "expected text, got a Parquet file");
  check("train.zip", "PK\x03\x04....", "got a zip archive, unpack it first");
  check("train.tar.gz", gzip(std::string(257, 'x') + "ustar" + std::string(250, 'y')), "got a tar archive");
  check("train.xz",
        std::string("\xFD"
                    "7zXZ\0",
                    6),
        "got xz data");
  check("train.txt", "", "the train split is empty");
  check("train.latin1", "caf\xe9 \n", "train.latin1:1: expected UTF-8, got an invalid byte at offset 3");
  check("train.gz", gzip(sample).substr(0, 30), "the data is cut off");
  CHECK_THROWS_SAYING(WikiText(folder / "absent"), InputError, "absent does not exist");
  std::filesystem::create_directories(folder / "empty");
  CHECK_THROWS_SAYING(WikiText(folder / "empty"), InputError, "expected .tokens, .raw or .txt files");
  folder.write("set/wiki.test.tokens", sample);
  CHECK_THROWS_SAYING(WikiText(folder / "set").files(Split::train), InputError,
                      "expected a train split, found test (wiki.test.tokens)");
}

BOOST_AUTO_TEST_CASE(published_counts_of_real_data,
                     *boost::unit_test::label("data") * boost::unit_test::precondition(real_data::is_there)) {
  const WikiText two(real_data::folder() / "wikitext-2");
  BOOST_CHECK((two.count(Split::train) == TextCounts{10797148, 2088628, 36718}));
  BOOST_CHECK((two.count(Split::validation) == TextCounts{1121681, 217646, 3760}));
  BOOST_CHECK((two.count(Split::test) == TextCounts{1256449, 245569, 4358}));
  BOOST_CHECK(text_of(two, Split::test) == contents(real_data::folder() / "wikitext-2/wiki.test.tokens"));
  const WikiText big(real_data::folder() / "wikitext-103");
  BOOST_CHECK((big.count(Split::validation) == TextCounts{1142309, 217646, 3760}));
  BOOST_CHECK((big.count(Split::test) == TextCounts{1281077, 245569, 4358}));
  CHECK_THROWS_SAYING(
      big.files(Split::train), InputError,
      "expected a train split, found validation (wiki.valid.tokens), test (wiki.test.tokens)");
  CHECK_THROWS_SAYING(WikiText(real_data::folder()), InputError, "holds several data sets");
  CHECK_THROWS_SAYING(WikiText(real_data::folder() / "parquet/wikitext-103-v1"), InputError,
                      "got a Parquet file");
}

BOOST_AUTO_TEST_SUITE_END()
