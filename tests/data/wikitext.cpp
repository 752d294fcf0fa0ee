#include "memsizer/data/wikitext.hpp"

#include <random>

#include <boost/test/unit_test.hpp>

#include "files/compress.hpp"
#include "files/temporary_folder.hpp"
#include "real_data.hpp"

using namespace memsizer;
using namespace memsizer::data;

namespace {

TextCounts scan(std::string_view text, size_t block = 1 << 20) {
  TextScanner scanner;
  scanner.begin_file("a");
  for (size_t begin = 0; begin < text.size(); begin += block) scanner.add(text.substr(begin, block));
  return scanner.finish();
}

std::string text_of(const WikiText& data, Split split) {
  std::string text;
  data.for_each_block(split, [&](std::string_view block) { text += block; });
  return text;
}

const std::string sample = " \n = Title = \n \n Words @-@ and caf\u00e9 <unk> . \n";

}  // namespace

BOOST_AUTO_TEST_SUITE(text_scanner)

BOOST_AUTO_TEST_CASE(counts_words_and_an_end_mark_a_line) {
  BOOST_CHECK((scan(sample) == TextCounts{46, 13, 4}));
  BOOST_CHECK((scan("") == TextCounts{0, 0, 0}));
  BOOST_CHECK((scan("\n") == TextCounts{1, 1, 1}));
  BOOST_CHECK((scan("one  two") == TextCounts{8, 3, 1}));
  BOOST_CHECK((scan("one\r\n\ttwo\n") == TextCounts{10, 4, 2}));
  BOOST_CHECK((scan("a\u00a0b\u3000c\u2028d\u200be") == TextCounts{16, 5, 1}));  // U+200B is no white space
}

BOOST_AUTO_TEST_CASE(blocks_may_be_cut_anywhere) {
  const std::string text = sample + "\u00e9\u3000\U00010348 a\n\u00a0\n";
  for (size_t block = 1; block <= text.size(); ++block) BOOST_CHECK(scan(text, block) == scan(text));
}

BOOST_AUTO_TEST_CASE(invalid_bytes_are_refused_with_their_place) {
  for (size_t block : {1, 2, 3, 100}) {
    CHECK_THROWS_SAYING(scan("one\ntwo \xff three", block), InputError,
                        "a:2: expected UTF-8, got an invalid byte at offset 8");
    CHECK_THROWS_SAYING(scan("x\xe2\x82", block), InputError,
                        "a:1: expected UTF-8, got an invalid byte at offset 1");
    CHECK_THROWS_SAYING(scan("\xc3 x", block), InputError, "offset 0");
    CHECK_THROWS_SAYING(scan("\xed\xa0\x80", block), InputError, "offset 0");
    CHECK_THROWS_SAYING(scan("ab\x80\x80\x80\x80", block), InputError, "offset 2");
  }
}

BOOST_AUTO_TEST_CASE(places_are_those_of_the_file_and_counts_go_on) {
  TextScanner scanner;
  scanner.begin_file("a");
  scanner.add("one\ntw");
  scanner.begin_file("b");
  scanner.add("o\nthree");
  BOOST_CHECK((scanner.finish() == TextCounts{13, 6, 3}));
  scanner.begin_file("c");
  CHECK_THROWS_SAYING(scanner.add("x\n\xff "), InputError,
                      "c:2: expected UTF-8, got an invalid byte at offset 2");
  TextScanner cut;
  cut.begin_file("a");
  cut.add("\xc3");
  CHECK_THROWS_SAYING(cut.begin_file("b"), InputError, "a:1: expected UTF-8");
}

BOOST_AUTO_TEST_CASE(random_bytes_are_counted_or_refused_alike_in_any_blocks) {
  std::mt19937 random(5);
  const auto outcome = [](const std::string& text, size_t block) -> std::string {
    try {
      const TextCounts counts = scan(text, block);
      return concatenate(counts.bytes, ' ', counts.words, ' ', counts.lines);
    } catch (const InputError& error) {
      return error.what();
    }
  };
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    while (text.size() < 12) {
      static const std::string pieces[] = {
          " ", "\n", "a", "\xe3\x80\x80", "\xc2", "\xa0", "\xf0\x90\x8d\x88", "\xe2\x80"};
      text += pieces[random() % (round % 2 ? 8 : 4)];
    }
    const std::string whole = outcome(text, 100);
    for (size_t block : {1, 2, 3, 5}) BOOST_REQUIRE_EQUAL(outcome(text, block), whole);
  }
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(wikitext)

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

BOOST_AUTO_TEST_CASE(tokens_come_before_raw_in_one_folder) {
  const TemporaryFolder folder;
  folder.write("wiki.test.tokens", "tokens");
  folder.write("wiki.test.raw", "raw");
  BOOST_CHECK_EQUAL(text_of(WikiText(folder.path()), Split::test), "tokens");
  BOOST_CHECK_EQUAL(text_of(WikiText(folder / "wiki.test.raw"), Split::test), "raw");
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

BOOST_AUTO_TEST_CASE(published_counts_of_real_data, *boost::unit_test::precondition(real_data::is_there)) {
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
