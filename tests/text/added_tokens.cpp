#include "memsizer/text/added_tokens.hpp"

#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(added_tokens)

using namespace memsizer::text;

namespace {

/// The plain parts as they are, each token as its id in braces.
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

BOOST_AUTO_TEST_CASE(empty_texts_are_never_found) {
  BOOST_TEST(split({{.id = 1, .text = ""}}, "ab") == "[ab]");
}

BOOST_AUTO_TEST_SUITE_END()
