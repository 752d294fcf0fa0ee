#include "memsizer/text/added_tokens.hpp"

#include <algorithm>
#include <ctime>
#include <limits>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "random_text.hpp"

BOOST_AUTO_TEST_SUITE(added_tokens)

using namespace memsizer::text;

namespace {

/// The split text: plain parts in brackets, each token as its id in braces.
std::string split(const std::vector<AddedToken>& tokens, std::string_view text, bool special = true) {
  std::string result;
  detail::AddedTokenFinder(tokens).split(
      text, special, [&](std::string_view plain) { result += "[" + std::string(plain) + "]"; },
      [&](TokenId id) { result += "{" + std::to_string(id) + "}"; });
  return result;
}

const std::vector<AddedToken> tokens = {{.id = 1, .text = "<a>"},
                                        {.id = 2, .text = "<a>>"},
                                        {.id = 3, .text = "plain", .special = false},
                                        {.id = 4, .text = "<l>", .strip_left = true},
                                        {.id = 5, .text = "<r>", .strip_right = true}};

}  // namespace

BOOST_AUTO_TEST_CASE(the_longest_of_the_leftmost_is_found) {
  BOOST_TEST(split(tokens, "") == "");
  BOOST_TEST(split(tokens, "xyz") == "[xyz]");
  BOOST_TEST(split(tokens, "<a>") == "{1}");
  BOOST_TEST(split(tokens, "x<a><a>>y<a") == "[x]{1}{2}[y<a]");
  BOOST_TEST(split(tokens, "<<a>>>") == "[<]{2}[>]");
}

BOOST_AUTO_TEST_CASE(special_tokens_are_plain_text_unless_asked_for) {
  BOOST_TEST(split(tokens, "<a> plain", false) == "[<a> ]{3}");
  BOOST_TEST(split(tokens, "<a> plain", true) == "{1}[ ]{3}");
}

BOOST_AUTO_TEST_CASE(tokens_take_the_white_space_beside_them) {
  BOOST_TEST(split(tokens, "a \u3000<l> b") == "[a]{4}[ b]");
  BOOST_TEST(split(tokens, "a <r> \n b") == "[a ]{5}[b]");
  BOOST_TEST(split(tokens, " <r> <l> ") == "[ ]{5}{4}[ ]");
  BOOST_TEST(split(tokens, "<l>") == "{4}");
  BOOST_TEST(split(tokens, "<r>") == "{5}");
}

BOOST_AUTO_TEST_CASE(many_tokens_are_found_as_a_search_one_by_one_finds_them) {
  std::mt19937 random(3);
  int wrong = 0;
  for (int round = 0; round < 200; ++round) {
    std::vector<AddedToken> many;
    std::map<std::string, TokenId> by_text;
    for (TokenId id = 0; id < 60; ++id) {
      const std::string text = random_text::make_word(random, 3, 6);
      if (by_text.emplace(text, id).second) many.push_back({.id = id, .text = text});
    }
    const std::string text = random_text::make_word(random, 4, 80);
    std::string expected, plain;
    for (size_t position = 0; position < text.size();) {
      size_t length = text.size() - position;
      while (length > 0 && !by_text.contains(text.substr(position, length))) --length;
      if (length == 0) {
        plain += text[position++];
        continue;
      }
      if (!plain.empty()) expected += "[" + std::exchange(plain, "") + "]";
      expected += "{" + std::to_string(by_text.at(text.substr(position, length))) + "}";
      position += length;
    }
    if (!plain.empty()) expected += "[" + plain + "]";
    wrong += split(many, text) != expected;
  }
  BOOST_TEST(wrong == 0);
}

BOOST_AUTO_TEST_CASE(time_does_not_grow_with_the_number_of_tokens) {
  std::mt19937 random(4);
  std::string text;
  while (text.size() < 50'000) text += random_text::make_word(random, 12, 11) + ' ';
  const auto seconds = [&](TokenId count) {
    std::vector<AddedToken> many;
    for (TokenId id = 0; id < count; ++id)
      many.push_back({.id = id, .text = random_text::make_word(random, 12, 11)});
    const detail::AddedTokenFinder finder(std::move(many));
    std::clock_t least = std::numeric_limits<std::clock_t>::max();
    for (int round = 0; round < 3; ++round) {
      size_t found = 0;
      const std::clock_t start = std::clock();
      finder.split(
          text, true, [](std::string_view) {}, [&](TokenId) { ++found; });
      least = std::min(least, std::clock() - start);
      BOOST_TEST(found > 0u);
    }
    return static_cast<double>(least) / CLOCKS_PER_SEC;
  };
  const double few = seconds(100), many = seconds(10'000);
  // Who tries each token takes a hundred times as long. A path of the trie only becomes a little longer.
  BOOST_TEST(many < 20 * few, "100 tokens take " << few << " s, 10,000 take " << many << " s");
}

BOOST_AUTO_TEST_CASE(a_border_is_barred_where_a_token_may_lie_across_it) {
  detail::TokenBorders borders;
  BOOST_TEST(borders.empty());
  for (const char* harmless : {"", "word", " word", "word ", "  \n", "\u00e9t\u00e9"})
    borders.add({.id = 1, .text = harmless}, false);
  BOOST_TEST(borders.allow_cut('o', ' '));
  BOOST_TEST(!borders.allow_cut('d', ' '));  // this would cut "word "
  borders.add({.id = 1, .text = "a\u00e9\u3000b c"}, false);
  borders.add({.id = 1, .text = "ends"}, true);
  BOOST_TEST(!borders.allow_cut(0xE9, 0x3000));
  BOOST_TEST(borders.allow_cut(0xE9, ' '));
  BOOST_TEST(!borders.allow_cut('b', ' '));
  for (const int space : {0x20, 0x0A, 0x3000}) BOOST_TEST(!borders.allow_cut('s', space));
  BOOST_TEST(borders.allow_cut(-1, ' '));
  BOOST_TEST(borders.allow_cut('c', ' '));
  borders.add({.id = 1, .text = "<|end|>"}, false);
  BOOST_TEST(!borders.allow_cut('d', '|'));
  BOOST_TEST(borders.allow_cut('c', '|'));
}

BOOST_AUTO_TEST_CASE(empty_texts_are_never_found) {
  BOOST_TEST(split({{.id = 1, .text = ""}}, "ab") == "[ab]");
}

BOOST_AUTO_TEST_SUITE_END()
