#include "memsizer/data/text_scanner.hpp"

#include <random>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "files/temporary_folder.hpp"

BOOST_AUTO_TEST_SUITE(text_scanner)

using namespace memsizer;
using namespace memsizer::data;

namespace {

const std::string sample = " \n = Title = \n \n Words @-@ and caf\u00e9 <unk> . \n";

TextCounts scan(std::string_view text, size_t block = 1 << 20) {
  TextScanner scanner;
  scanner.begin_file("a");
  for (size_t begin = 0; begin < text.size(); begin += block) scanner.add(text.substr(begin, block));
  return scanner.finish();
}

}  // namespace

BOOST_AUTO_TEST_CASE(counts_words_and_an_end_mark_a_line) {
  BOOST_CHECK((scan(sample) == TextCounts{46, 13, 4}));
  BOOST_CHECK((scan("") == TextCounts{0, 0, 0}));
  BOOST_CHECK((scan("\n") == TextCounts{1, 1, 1}));
  BOOST_CHECK((scan("one  two") == TextCounts{8, 3, 1}));
  BOOST_CHECK((scan("one\r\n\ttwo\n") == TextCounts{10, 4, 2}));
  BOOST_CHECK((scan("a\u00a0b\u3000c\u2028d\u200be") == TextCounts{16, 5, 1}));  // U+200B is not white space
}

BOOST_AUTO_TEST_CASE(blocks_may_be_cut_anywhere) {
  const std::string text = sample + "\u00e9\u3000\U00010348 a\n\u00a0\n";
  for (size_t block = 1; block <= text.size(); ++block) BOOST_CHECK(scan(text, block) == scan(text));
}

BOOST_AUTO_TEST_CASE(counts_are_those_of_one_character_at_a_time) {
  std::mt19937 random(17);
  const std::vector<std::string> parts = {"a",    "b",    " ",  "\n",   "\t",     "\r",    "\v",
                                          "\x1c", "\x7f", "\0", "word", "\u00e9", "\u3000"};
  for (int round = 0; round < 500; ++round) {
    std::string text;
    for (unsigned left = random() % 60; left > 0; --left) text += parts[random() % parts.size()];
    TextCounts expected{.bytes = static_cast<Index>(text.size())};
    bool in_word = false;
    for (size_t position = 0; position < text.size();) {
      const auto point = text::decode_utf8(text, position);
      const bool is_space = text::is_white_space(point.value);
      expected.words += (!is_space && !in_word) + (point.value == '\n');
      expected.lines += point.value == '\n';
      in_word = !is_space;
      position += static_cast<size_t>(point.length);
    }
    const Index open_lines = !text.empty() && text.back() != '\n';
    expected.words += open_lines;
    expected.lines += open_lines;
    BOOST_CHECK((scan(text) == expected));
    BOOST_CHECK((scan(text, 1 + random() % 20) == expected));
  }
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
