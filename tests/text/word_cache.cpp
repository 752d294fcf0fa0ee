#include "memsizer/text/word_cache.hpp"

#include <map>
#include <random>
#include <string>

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(word_cache)

using namespace memsizer::text;
using memsizer::text::detail::key_of;
using memsizer::text::detail::WordCache;

namespace {

using Ids = std::vector<TokenId>;

}  // namespace

BOOST_AUTO_TEST_CASE(what_was_kept_is_found) {
  WordCache cache;
  Ids ids;
  BOOST_TEST(!cache.append(key_of("the"), ids));
  cache.keep(key_of("the"), Ids{7});
  cache.keep(key_of("tokenizer"), Ids{1, 2, 3, 4});
  cache.keep(key_of("0123456789"), Ids{5, 6, 7, 8, 9, 0});  // more than a place holds
  for (const char* word : {"the", "tokenizer", "0123456789"}) BOOST_TEST(cache.append(key_of(word), ids));
  BOOST_TEST(ids == (Ids{7, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0}), boost::test_tools::per_element());
  cache.clear();
  BOOST_TEST(!cache.append(key_of("the"), ids));
}

BOOST_AUTO_TEST_CASE(a_word_is_forgotten_or_right) {
  std::mt19937 random(3);
  WordCache cache;
  std::map<std::string, Ids> kept;
  size_t found = 0;
  for (int round = 0; round < 1'200'000; ++round) {
    const std::string word = std::to_string(random() % (round < 600'000 ? 400'000 : 1000));
    Ids& expected = kept[word];
    Ids ids;
    if (cache.append(key_of(word), ids)) {
      ++found;
      BOOST_TEST_REQUIRE((ids == expected), word);
      continue;
    }
    expected.resize(1 + random() % 7);
    for (TokenId& id : expected) id = static_cast<TokenId>(random() % 50000);
    cache.keep(key_of(word), expected);
  }
  BOOST_TEST(found > 590'000u);  // nearly all words of the second half
}

BOOST_AUTO_TEST_SUITE_END()
