#include "memsizer/text/word_counts.hpp"

#include <map>
#include <random>
#include <string>
#include <string_view>

#include <boost/test/unit_test.hpp>

#include "files/temporary_folder.hpp"
#include "random_text.hpp"

BOOST_AUTO_TEST_SUITE(word_counts)

using namespace memsizer;
using namespace memsizer::text;

namespace {

using Sorted = std::map<std::string, Index>;

Sorted sorted(const WordCounts& counts) {
  Sorted words;
  for (const auto& [word, count] : counts) BOOST_TEST(words.emplace(word, count).second, word << " is twice");
  return words;
}

}  // namespace

BOOST_AUTO_TEST_CASE(agrees_with_a_sorted_map) {
  std::mt19937 random(4);
  WordCounts counts;
  Sorted expected;
  for (int i = 0; i < 20'000; ++i) {
    const std::string word = random_text::make_word(random, 3, 24);
    counts[word] += i;
    expected[word] += i;
  }
  BOOST_TEST(counts.size() == expected.size());
  BOOST_TEST((sorted(counts) == expected));
  for (const auto& [word, count] : expected) BOOST_TEST(counts.at(word) == count);
}

BOOST_AUTO_TEST_CASE(words_of_every_length_differ_by_every_byte) {
  WordCounts counts;
  Sorted expected;
  for (size_t length = 0; length < 40; ++length)
    for (size_t place = 0; place <= length; ++place) {
      std::string word(length, '\0');
      if (place < length) word[place] = '\xFF';
      counts[word] = expected[word] = static_cast<Index>(100 * length + place);
    }
  BOOST_TEST((sorted(counts) == expected));
  for (const auto& [word, count] : expected) BOOST_TEST(counts.at(word) == count);
  BOOST_TEST(!counts.contains(std::string(40, '\0')));
  BOOST_TEST(!counts.contains("\x10"));
}

BOOST_AUTO_TEST_CASE(the_words_of_a_text_are_those_of_the_split_rule) {
  std::mt19937 random(9);
  for (int round = 0; round < 300; ++round) {
    std::string text = random_text::make(random, 120);
    if (round % 3 == 0) text += random_text::make_word(random, 2, 40);
    WordCounts counts;
    counts.add_words_of(text);
    Sorted expected;
    for_each_word(text, [&](std::string_view word) { ++expected[std::string(word)]; });
    BOOST_TEST((sorted(counts) == expected));
  }
}

BOOST_AUTO_TEST_CASE(tables_are_equal_whatever_the_order) {
  WordCounts a, b;
  for (int i = 0; i < 1000; ++i) a["a word of number " + std::to_string(i)] = a[std::to_string(i)] = i;
  for (int i = 999; i >= 0; --i) b["a word of number " + std::to_string(i)] = b[std::to_string(i)] = i;
  BOOST_TEST((a == b));
  b["7"] = 8;
  BOOST_TEST(!(a == b));
  b["7"] = 7;
  b["eight"] = 8;
  BOOST_TEST(!(a == b));
}

BOOST_AUTO_TEST_CASE(adding_a_table_adds_its_counts) {
  WordCounts a{{"one", 1}, {"two", 2}}, b{{"two", Index{1} << 40}, {"a word of over fifteen bytes", 3}};
  a.add(b);
  BOOST_TEST(
      (a == WordCounts{{"one", 1}, {"two", 2 + (Index{1} << 40)}, {"a word of over fifteen bytes", 3}}));
}

BOOST_AUTO_TEST_CASE(a_word_without_a_count_is_not_found) {
  const WordCounts counts{{"a", 1}};
  BOOST_TEST(counts.find("b") == nullptr);
  BOOST_TEST(WordCounts().empty());
  CHECK_THROWS_SAYING(counts.at("b"), InputError, "expected a word that was counted, got \"b\"");
}

BOOST_AUTO_TEST_SUITE_END()
