#include "memsizer/text/token_index.hpp"

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(token_index)

using namespace memsizer::text;
using memsizer::text::detail::TokenIndex;

BOOST_AUTO_TEST_CASE(tokens_are_found_by_their_bytes) {
  std::vector<std::string> tokens;
  for (int i = 0; i < 3000; ++i) tokens.push_back("token " + std::to_string(i));
  tokens.push_back("");
  TokenIndex index(tokens.size());
  for (TokenId id = 0; id < static_cast<TokenId>(tokens.size()); ++id)
    BOOST_TEST(index.insert(id, tokens) == id);
  for (TokenId id = 0; id < static_cast<TokenId>(tokens.size()); ++id)
    BOOST_TEST(index.find(tokens[static_cast<size_t>(id)], tokens) == id);
  BOOST_TEST(index.find("token", tokens) == -1);
  tokens.push_back("token 17");
  BOOST_TEST(index.insert(static_cast<TokenId>(tokens.size() - 1), tokens) == 17);
}

BOOST_AUTO_TEST_CASE(an_empty_index_finds_nothing) {
  BOOST_TEST(TokenIndex().find("a", {}) == -1);
}

BOOST_AUTO_TEST_SUITE_END()
