#include "memsizer/text/text_cutter.hpp"

#include <random>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "memsizer/text/pre_tokenizer.hpp"

#include "random_text.hpp"
#include "recorded.hpp"

BOOST_AUTO_TEST_SUITE(text_cutter)

using namespace memsizer::text;

namespace {

const std::vector<const char*> chains = {
    "none", "nfc", "nfkc", "lowercase", "strip-special", "strip-special,nfkc", "nfc,lowercase,strip-special"};

std::vector<std::string> words(std::string_view text) {
  std::vector<std::string> result;
  for_each_word(text, [&](std::string_view word) { result.emplace_back(word); });
  return result;
}

std::vector<std::string> pieces(TextCutter& cutter, const std::vector<std::string>& blocks) {
  std::vector<std::string> result;
  const auto use = [&](std::string_view piece) { result.emplace_back(piece); };
  for (const std::string& block : blocks) cutter.add(block, use);
  cutter.finish(use);
  return result;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_cut_lies_between_a_character_and_white_space) {
  const Normalizer none;
  BOOST_TEST(is_safe_cut("ab cd", 2, none));
  BOOST_TEST(!is_safe_cut("ab cd", 3, none));
  BOOST_TEST(!is_safe_cut("ab cd", 1, none));
  BOOST_TEST(!is_safe_cut("ab  cd", 3, none));
  BOOST_TEST(is_safe_cut("ab\u3000", 2, none));
  const auto last = [&](std::string_view text, size_t first) {
    return last_cut(text, first,
                    [&](std::string_view whole, size_t at) { return is_safe_cut(whole, at, none); });
  };
  BOOST_TEST(last("ab cd ef", 0) == 5u);
  BOOST_TEST(last("ab cd ef", 6) == 0u);
  BOOST_TEST(last("abcdef", 0) == 0u);
}

BOOST_AUTO_TEST_CASE(a_cut_lies_between_a_letter_or_digit_and_punctuation) {
  const Normalizer none;
  for (const char* text : {"ab.cd", "x9,", "it's", "a<b", "Z~"})
    BOOST_TEST(is_safe_cut(text, std::string_view(text).find_first_of(".,'<~"), none), text);
  BOOST_TEST(!is_safe_cut("ab.cd", 3, none));  // a letter after an apostrophe may belong to it
  BOOST_TEST(!is_safe_cut("a1", 1, none));
  BOOST_TEST(!is_safe_cut("..", 1, none));
  BOOST_TEST(!is_safe_cut("a\x7F", 1, none));
  BOOST_TEST(!is_safe_cut("\u00e9.", 2, none));
  BOOST_TEST(!is_safe_cut("a\u2026", 1, none));
  BOOST_TEST(!is_safe_cut("ab.cd", 2, Normalizer::parse("nfc")));
}

BOOST_AUTO_TEST_CASE(a_cut_respects_what_the_normaliser_leaves) {
  const Normalizer strip = Normalizer::parse("strip-special"), nfc = Normalizer::parse("nfc");
  BOOST_TEST(!is_safe_cut("a +\n", 3, strip));
  BOOST_TEST(is_safe_cut("a +\n", 3, nfc));
  BOOST_TEST(!is_safe_cut("=\u0338 b", 3, strip));
}

BOOST_AUTO_TEST_CASE(what_white_space_rests_on) {
  const Normalizer nfkc = Normalizer::parse("nfkc");
  for (std::int32_t point = 0; point <= 0x10FFFF; ++point) {
    if (point >= 0xD800 && point <= 0xDFFF) continue;
    std::string character;
    append_utf8(character, point);
    const std::string form = nfkc(character);
    const bool ends_in_space = is_white_space(decode_utf8_before(form, form.size()).value);
    if (ends_in_space != is_white_space(point)) BOOST_ERROR(std::hex << point << " changes kind in NFKC");
    if (is_white_space(point)) BOOST_TEST(is_white_space(decode_utf8(form, 0).value));
  }
}

BOOST_AUTO_TEST_CASE(joining_characters_are_those_that_normal_forms_join) {
  const std::vector<std::int32_t> second = recorded::read("pairs.json")["second"];
  for (const std::int32_t point : second) {
    std::string character;
    append_utf8(character, point);
    const std::string pair = "\u1100" + character, syllable = "\uac00" + character;
    const Normalizer nfc = Normalizer::parse("nfc");
    if (nfc(pair) != pair || nfc(syllable) != syllable || is_mark(point))
      BOOST_TEST(holds_joining_characters(character), std::hex << point);
  }
  for (const char* others : {"", "abc \xFF", "\u4f60\u597d", "\uac00"})
    BOOST_TEST(!holds_joining_characters(others));
  BOOST_TEST(holds_joining_characters("abc\u11a8"));
  BOOST_TEST(holds_joining_characters("\U00016d67"));
}

BOOST_AUTO_TEST_CASE(every_safe_cut_gives_the_words_of_the_whole) {
  std::mt19937 random(1);
  int cuts = 0, wrong = 0;
  for (const char* chain : chains) {
    const Normalizer normalizer = Normalizer::parse(chain);
    for (int round = 0; round < 1500; ++round) {
      const std::string text = random_text::make(random, 12);
      const auto whole = words(normalizer(text));
      for (size_t position = 1; position < text.size(); ++position) {
        if (!is_safe_cut(text, position, normalizer)) continue;
        auto parts = words(normalizer(std::string_view(text).substr(0, position)));
        const auto rest = words(normalizer(std::string_view(text).substr(position)));
        parts.insert(parts.end(), rest.begin(), rest.end());
        ++cuts;
        wrong += parts != whole;
      }
    }
  }
  BOOST_TEST(cuts > 5000);
  BOOST_TEST(wrong == 0);
}

BOOST_AUTO_TEST_CASE(pieces_joined_are_the_text_whatever_the_blocks) {
  std::mt19937 random(2);
  for (int round = 0; round < 300; ++round) {
    std::string text, joined;
    std::vector<std::string> blocks;
    for (int i = 0; i < 20; ++i) {
      std::string block = random_text::make(random, 10);
      block.resize(block.size() - (block.empty() ? 0 : random() % 2));
      text += blocks.emplace_back(block);
    }
    TextCutter cutter(Normalizer::parse(chains[random() % chains.size()]), 1 + random() % 40);
    for (const std::string& piece : pieces(cutter, blocks)) joined += piece;
    BOOST_TEST((joined == text));
  }
}

BOOST_AUTO_TEST_CASE(pieces_come_as_soon_as_they_can) {
  TextCutter cutter(Normalizer(), 4);
  std::vector<std::string> ready;
  const auto use = [&](std::string_view piece) { ready.emplace_back(piece); };
  cutter.add("ab cd", use);
  BOOST_TEST((ready == std::vector<std::string>{"ab"}));
  cutter.add("efghijkl", use);
  BOOST_TEST(ready.size() == 1u);
  cutter.add(" m", use);
  BOOST_TEST((ready == std::vector<std::string>{"ab", " cdefghijkl"}));
  cutter.finish(use);
  BOOST_TEST(ready.back() == " m");
  cutter.finish(use);
  BOOST_TEST(ready.size() == 3u);
}

BOOST_AUTO_TEST_CASE(white_space_across_two_blocks_is_seen) {
  TextCutter cutter(Normalizer(), 4);
  BOOST_TEST(
      (pieces(cutter, {"abcd\xE3\x80", "\x80z", "zzzz"}) == std::vector<std::string>{"abcd", "\u3000zzzzz"}));
}

BOOST_AUTO_TEST_SUITE_END()
