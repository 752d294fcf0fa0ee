#include "memsizer/data/wikitext.hpp"

#include <boost/test/unit_test.hpp>

#include "files/compress.hpp"
#include "files/temporary_folder.hpp"
#include "memory_limit.hpp"
#include "real_data.hpp"

BOOST_AUTO_TEST_SUITE(wikitext)

using namespace memsizer;
using namespace memsizer::data;

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
  // Over 64 MiB, which glibc may have reserved for each thread of an earlier test.
  constexpr std::size_t copies = 1'500'000;
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
  folder.write("both/wikitext-2/wiki.train.tokens", "tokens");
  folder.write("both/wikitext-2-raw/wiki.train.raw", "raw");
  BOOST_CHECK_EQUAL(text_of(WikiText(folder / "both"), Split::train), "tokens");
}

BOOST_AUTO_TEST_CASE(splits_of_different_forms_stand_beside_each_other) {
  const auto check = [](const char* train, const char* validation, const char* test) {
    const TemporaryFolder folder;
    folder.write(train, "train");
    folder.write(validation, "validation");
    folder.write(test, std::string_view(test).ends_with("z") ? gzip("test") : "test");
    const WikiText data(folder.path());
    for (const Split split : {Split::train, Split::validation, Split::test})
      BOOST_CHECK_EQUAL(text_of(data, split), split_name(split));
  };
  check("wiki.train.tokens", "valid.txt", "test.raw");
  check("train/a.tokens", "dev/b.tokens", "test.txt.gz");
  check("wiki.train.raw", "wiki.valid.raw", "wiki.test.tokens");
}

BOOST_AUTO_TEST_CASE(endings_are_told_in_capitals_too) {
  const TemporaryFolder folder;
  folder.write("WIKI.TRAIN.TOKENS", "train");
  folder.write("Test.Txt.GZ", gzip("test"));
  BOOST_CHECK_EQUAL(text_of(WikiText(folder.path()), Split::train), "train");
  BOOST_CHECK_EQUAL(text_of(WikiText(folder.path()), Split::test), "test");
}

BOOST_AUTO_TEST_CASE(a_split_in_two_forms_is_refused) {
  const auto refused = [](const std::vector<const char*>& names, const char* split, const char* one,
                          const char* other) {
    const TemporaryFolder folder;
    for (const char* name : names) folder.write(name, "text");
    CHECK_THROWS_SAYING(WikiText(folder.path()), InputError,
                        concatenate(folder.path().string(), ": the ", split,
                                    " split is there twice: ", (folder / one).string(), " and ",
                                    (folder / other).string(), "; keep one of them"));
  };
  refused({"train.txt", "valid.txt", "test.txt", "test.tokens"}, "test", "test.tokens", "test.txt");
  refused({"train.tokens", "dev.tokens", "test.tokens", "val.txt"}, "validation", "dev.tokens", "val.txt");
  // Only .raw has a validation split, so nothing says whether the train split should be .raw or .tokens.
  refused({"train.tokens", "train.raw", "valid.raw"}, "train", "train.raw", "train.tokens");
}

BOOST_AUTO_TEST_CASE(forms_of_different_folders_are_several_data_sets) {
  const TemporaryFolder folder;
  folder.write("a/train.tokens", "text");
  folder.write("b/valid.txt", "text");
  CHECK_THROWS_SAYING(WikiText(folder.path()), InputError, "holds several data sets");
}

BOOST_AUTO_TEST_CASE(a_broken_split_does_not_block_another) {
  const TemporaryFolder folder;
  folder.write("train.txt", "");
  folder.write("validation.txt.gz", gzip(sample).substr(0, 30));
  folder.write("test.txt", sample);
  const WikiText data(folder.path());
  BOOST_CHECK_EQUAL(text_of(data, Split::test), sample);
  BOOST_CHECK(data.has(Split::validation));
  CHECK_THROWS_SAYING(data.files(Split::validation), InputError, "validation.txt.gz");
  CHECK_THROWS_SAYING(text_of(data, Split::train), InputError, "the train split is empty");
}

BOOST_AUTO_TEST_CASE(a_split_that_cannot_be_read_is_not_passed_over) {
  const TemporaryFolder folder;
  folder.write("train.tokens", sample);
  folder.write("train.tokens.zip", "PK\x03\x04....");  // an archive may stay beside its unpacked file
  folder.write("validation.tokens.xz",
               "\xFD"
               "7zXZ....");
  folder.write("test.tokens.zip", "PK\x03\x04....");
  const WikiText data(folder.path());
  BOOST_CHECK_EQUAL(text_of(data, Split::train), sample);
  CHECK_THROWS_SAYING(data.files(Split::validation), InputError, "validation.tokens.xz: expected text");
  CHECK_THROWS_SAYING(data.files(Split::test), InputError, "got a zip archive, unpack it first");
}

BOOST_AUTO_TEST_CASE(what_is_no_text_is_refused) {
  const TemporaryFolder folder;
  const auto check = [&](std::string_view name, std::string_view bytes, const std::string& part) {
    CHECK_THROWS_SAYING(text_of(WikiText(folder.write(name, bytes)), Split::train), InputError, part);
  };
  check("train.parquet", "PAR1....PAR1", "train.parquet: ");
  check(
      "train.tokens", "PAR1....PAR1",
      "expected text, got a Parquet file, which is read as data only, uncompressed and with a name that ends "
      "in .parquet");
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
  folder.write("set/valid.txt", sample);
  CHECK_THROWS_SAYING(WikiText(folder / "set").files(Split::train), InputError,
                      "expected a train split, found validation (valid.txt), test (wiki.test.tokens)");
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
}

BOOST_AUTO_TEST_SUITE_END()
