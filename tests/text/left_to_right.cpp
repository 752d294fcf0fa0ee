#include "memsizer/text/left_to_right.hpp"

#include <algorithm>
#include <array>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "memsizer/text/bpe_trainer.hpp"

#include "bpe_models.hpp"
#include "random_text.hpp"

BOOST_AUTO_TEST_SUITE(left_to_right)

using namespace memsizer;
using namespace memsizer::text;
using namespace bpe_models;

namespace {

/// A model, and the search that belongs to it.
struct Searched {
  explicit Searched(const BpeModel::Parts& parts) : model(parts), ranks(make_ranks(parts)) {}

  std::vector<TokenId> encode(std::string_view word) {
    std::vector<TokenId> ids;
    search.encode(word, ranks, dead_ends, ids);
    return ids;
  }

  BpeModel model;
  text::detail::MergeRanks ranks;
  text::detail::LeftToRight search{model.parts().tokens, model.parts().merges, ranks, byte_ids()};
  std::vector<bool> dead_ends;

 private:
  static text::detail::MergeRanks make_ranks(const BpeModel::Parts& parts) {
    text::detail::MergeRanks ranks;
    for (size_t rank = 0; rank < parts.merges.size(); ++rank)
      ranks.set(parts.merges[rank].left, parts.merges[rank].right, static_cast<std::int32_t>(rank));
    return ranks;
  }

  std::array<TokenId, 256> byte_ids() const {
    std::array<TokenId, 256> ids{};
    for (size_t byte = 0; byte < 256; ++byte) {
      const char letter = static_cast<char>(byte);
      ids[byte] = model.find(std::string_view(&letter, 1));
    }
    return ids;
  }
};

/// How many of some random words the search encodes otherwise than the definition.
int count_wrong_words(Searched& searched, std::mt19937& random, int words) {
  int wrong = 0;
  for (int i = 0; i < words; ++i) {
    const std::string word = random_text::make_word(random, 3, i % 2 == 0 ? 12 : 60);
    wrong += searched.encode(word) != encode_naively(searched.model, word);
  }
  return wrong;
}

/// Merges of random tokens, each learned after those that make its parts. A token may have several merges,
/// and a merge may be one that never comes to its turn.
BpeModel::Parts random_parts(std::mt19937& random, size_t merges) {
  std::vector<std::string> tokens = {"a", "b", "c"};
  std::vector<std::pair<std::string, std::string>> pairs;
  while (pairs.size() < merges) {
    const std::pair pair(tokens[random() % tokens.size()], tokens[random() % tokens.size()]);
    if (pair.first.size() + pair.second.size() > 8 ||
        std::find(pairs.begin(), pairs.end(), pair) != pairs.end())
      continue;
    pairs.push_back(pair);
    tokens.push_back(pair.first + pair.second);
  }
  return parts_of(pairs);
}

}  // namespace

BOOST_AUTO_TEST_CASE(trained_models_are_searched_as_defined) {
  std::mt19937 random(31);
  for (int round = 0; round < 30; ++round) {
    WordCounts words;
    for (int i = 0; i < 40; ++i) ++words[random_text::make_word(random, 3, 12)];
    Searched searched(train_bpe(words, {}, 256 + 60));
    BOOST_TEST(searched.search.is_fit());
    BOOST_TEST(count_wrong_words(searched, random, 100) == 0);
  }
}

BOOST_AUTO_TEST_CASE(several_merges_of_a_token_and_merges_that_never_come_are_searched_as_defined) {
  std::mt19937 random(32);
  int exact = 0;
  for (int round = 0; round < 200; ++round) {
    Searched searched(random_parts(random, 1 + random() % 40));
    if (!searched.search.is_fit()) continue;
    ++exact;
    BOOST_TEST(count_wrong_words(searched, random, 60) == 0);
  }
  BOOST_TEST(exact > 50);
}

BOOST_AUTO_TEST_CASE(merges_in_any_order_are_searched_as_defined_or_refused) {
  std::mt19937 random(33);
  int exact = 0;
  for (int round = 0; round < 400; ++round) {
    BpeModel::Parts parts = random_parts(random, 2 + random() % 6);
    std::shuffle(parts.merges.begin(), parts.merges.end(), random);
    Searched searched(parts);
    if (!searched.search.is_fit()) continue;
    ++exact;
    BOOST_TEST(count_wrong_words(searched, random, 40) == 0);
  }
  BOOST_TEST(exact > 50);
  BOOST_TEST(exact < 350);
}

BOOST_AUTO_TEST_CASE(a_token_learned_before_its_parts_is_refused) {
  // "abc" is made of "ab" and c at once, whenever "ab" comes up, and "bc" has no chance although it is
  // learned before "ab".
  Searched searched(parts_of({{"ab", "c"}, {"b", "c"}, {"a", "b"}}));
  BOOST_TEST(!searched.search.is_fit());
  BOOST_TEST(encode_naively(searched.model, "abc").size() == 2u);
}

BOOST_AUTO_TEST_CASE(the_longest_token_is_given_up_where_it_does_not_fit) {
  // In "abcd", c and d merge first, then a and b. "abc" is a token, but nothing is left of it here.
  Searched searched(parts_of({{"c", "d"}, {"a", "b"}, {"ab", "c"}}));
  BOOST_TEST(searched.search.is_fit());
  BOOST_TEST((searched.encode("abcd") ==
              std::vector<TokenId>{searched.model.find("ab"), searched.model.find("cd")}));
  BOOST_TEST((searched.encode("abc") == std::vector<TokenId>{searched.model.find("abc")}));
}

BOOST_AUTO_TEST_CASE(a_model_with_very_long_tokens_is_refused) {
  // Every end of a text of 300 letters and a z is a token. Wherever its letters come without the z, nothing
  // merges, but each place would be tried with all of them.
  std::mt19937 random(36);
  std::string text = "z";
  std::vector<std::pair<std::string, std::string>> merges;
  while (text.size() < 300) {
    const std::string letter(1, static_cast<char>('a' + random() % 25));
    merges.emplace_back(letter, text);
    text = letter + text;
  }
  BOOST_TEST(!Searched(parts_of(merges)).search.is_fit());
  merges.resize(200);
  BOOST_TEST(Searched(parts_of(merges)).search.is_fit());
}

BOOST_AUTO_TEST_CASE(a_very_long_word_is_encoded_as_its_merges_give_it) {
  std::mt19937 random(34);
  WordCounts words;
  for (int i = 0; i < 200; ++i) ++words[random_text::make_word(random, 3, 12)];
  const BpeModel model(train_bpe(words, {}, 256 + 100));
  for (const size_t length : {1023u, 1024u, 1500u}) {
    std::string word;
    while (word.size() < length) word += random_text::make_word(random, 3, 80);
    word.resize(length);
    BpeModel::Scratch scratch;
    std::vector<TokenId> ids;
    model.encode_word(word, scratch, ids);
    BOOST_TEST((ids == encode_naively(model, word)));
  }
}

BOOST_AUTO_TEST_CASE(a_very_long_word_of_merges_in_another_order_is_encoded_by_merging) {
  const BpeModel model(parts_of({{"ab", "c"}, {"b", "c"}, {"a", "b"}}));
  std::mt19937 random(35);
  std::string word;
  while (word.size() < 1500) word += random_text::make_word(random, 3, 10);
  BpeModel::Scratch scratch;
  std::vector<TokenId> ids;
  model.encode_word(word, scratch, ids);
  BOOST_TEST((ids == encode_naively(model, word)));
}

BOOST_AUTO_TEST_SUITE_END()
