#include "memsizer/text/bpe.hpp"

#include <random>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "memsizer/text/bpe_trainer.hpp"

#include "bpe_models.hpp"
#include "files/temporary_folder.hpp"
#include "random_text.hpp"

BOOST_AUTO_TEST_SUITE(bpe)

using namespace memsizer;
using namespace memsizer::text;
using namespace bpe_models;

namespace {

constexpr TokenId first_made = 256;

std::vector<std::string> pieces(const BpeModel& model, std::string_view word) {
  BpeModel::Scratch scratch;
  std::vector<TokenId> ids;
  model.encode_word(word, scratch, ids);
  std::vector<std::string> result;
  for (const TokenId id : ids) result.push_back(model.token(id));
  return result;
}

using Strings = std::vector<std::string>;

}  // namespace

BOOST_AUTO_TEST_CASE(the_first_learned_merge_is_made_first) {
  const BpeModel model(parts_of({{"b", "c"}, {"a", "b"}, {"a", "bc"}}));
  BOOST_TEST(pieces(model, "abc") == Strings{"abc"});
  BOOST_TEST(pieces(model, "abd") == (Strings{"ab", "d"}));
  const BpeModel other(parts_of({{"a", "b"}, {"b", "c"}, {"a", "bc"}}));
  BOOST_TEST(pieces(other, "abc") == (Strings{"ab", "c"}));
  BOOST_TEST(pieces(other, "bc") == Strings{"bc"});
}

BOOST_AUTO_TEST_CASE(runs_merge_from_the_left) {
  const BpeModel model(parts_of({{"a", "a"}, {"aa", "aa"}}));
  BOOST_TEST(pieces(model, "aaa") == (Strings{"aa", "a"}));
  BOOST_TEST(pieces(model, "aaaaaaa") == (Strings{"aaaa", "aa", "a"}));
  BOOST_TEST(pieces(model, "") == Strings{});
}

BOOST_AUTO_TEST_CASE(of_two_equal_merges_the_later_counts) {
  auto parts = parts_of({{"a", "b"}, {"b", "c"}});
  parts.merges.push_back(parts.merges[0]);
  BOOST_TEST(pieces(BpeModel(parts), "abc") == (Strings{"a", "bc"}));
}

BOOST_AUTO_TEST_CASE(whole_words_first_leaves_the_merges_aside) {
  auto parts = parts_of({{"a", "b"}, {"b", "c"}, {"a", "bc"}});
  parts.whole_words_first = true;
  const BpeModel model(parts);
  BOOST_TEST(pieces(model, "abc") == Strings{"abc"});
  BOOST_TEST(pieces(model, "abca") == (Strings{"ab", "c", "a"}));
}

BOOST_AUTO_TEST_CASE(tokens_outside_are_never_made) {
  auto parts = parts_of({});
  parts.tokens.push_back("ab");
  parts.outside.assign(257, false);
  parts.outside[256] = true;
  BOOST_TEST(pieces(BpeModel(parts), "ab") == (Strings{"a", "b"}));
}

BOOST_AUTO_TEST_CASE(random_words_are_encoded_as_defined) {
  std::mt19937 random(11);
  BpeModel::Scratch scratch;
  int wrong = 0;
  for (int round = 0; round < 20; ++round) {
    WordCounts words;
    for (int i = 0; i < 40; ++i) ++words[random_text::make_word(random, 3, 12)];
    const BpeModel model(train_bpe(words, {}, 256 + 60));
    for (int i = 0; i < 50; ++i) {
      const std::string word = random_text::make_word(random, 3, 40);
      std::vector<TokenId> ids;
      model.encode_word(word, scratch, ids);
      wrong += ids != encode_naively(model, word);
    }
  }
  BOOST_TEST(wrong == 0);
}

BOOST_AUTO_TEST_CASE(a_scratch_forgets_the_words_of_another_model) {
  const BpeModel first(parts_of({{"a", "b"}})), second(parts_of({{"b", "c"}})), copy = first;
  BpeModel::Scratch scratch;
  const auto size_of = [&](const BpeModel& model) {
    std::vector<TokenId> ids;
    model.encode_word("abcab", scratch, ids);
    return ids.size();
  };
  for (int round = 0; round < 3; ++round) {
    BOOST_TEST(size_of(first) == 3u);
    BOOST_TEST(size_of(second) == 4u);
    BOOST_TEST(size_of(copy) == 3u);
  }
}

BOOST_AUTO_TEST_CASE(words_of_all_lengths_are_encoded_as_defined) {
  std::mt19937 random(12);
  WordCounts words;
  for (int i = 0; i < 200; ++i) ++words[random_text::make_word(random, 3, 12)];
  const BpeModel model(train_bpe(words, {}, 256 + 100));
  BpeModel::Scratch scratch;
  // Kept or not, merged in arrays or by the queue.
  for (size_t length = 1; length < 300; length += length < 80 ? 1 : 40)
    for (int round = 0; round < 4; ++round) {
      std::string word = random_text::make_word(random, 3, 80);
      while (word.size() < length) word += random_text::make_word(random, 3, 80);
      word.resize(length);
      for (int again = 0; again < 2; ++again) {
        std::vector<TokenId> ids;
        model.encode_word(word, scratch, ids);
        BOOST_TEST_REQUIRE((ids == encode_naively(model, word)), word);
      }
    }
}

BOOST_AUTO_TEST_CASE(a_word_of_a_million_bytes_takes_no_quadratic_time) {
  const BpeModel model(parts_of({{"a", "a"}, {"aa", "aa"}, {"aaaa", "aaaa"}}));
  BpeModel::Scratch scratch;
  std::vector<TokenId> ids;
  model.encode_word(std::string(1'000'003, 'a'), scratch, ids);
  BOOST_TEST(ids.size() == 125'002u);
}

BOOST_AUTO_TEST_CASE(an_empty_token_is_in_no_text) {
  for (const bool whole_words_first : {false, true}) {
    BpeModel::Parts parts = parts_of({{"a", "b"}});
    parts.tokens.push_back("");
    parts.whole_words_first = whole_words_first;
    const BpeModel model(parts);
    BpeModel::Scratch scratch;
    std::vector<TokenId> ids;
    for (const char* word : {"ab", "aab", "x"}) model.encode_word(word, scratch, ids);
    BOOST_TEST((ids == std::vector<TokenId>{first_made, 'a', first_made, 'x'}));
    BOOST_TEST(model.find("") == first_made + 1);
  }
}

BOOST_AUTO_TEST_CASE(vocabularies_that_contradict_themselves_are_refused) {
  const auto refused = [](auto change, const char* part) {
    BpeModel::Parts parts = parts_of({{"a", "b"}});
    change(parts);
    CHECK_THROWS_SAYING(BpeModel{parts}, InputError, part);
  };
  refused([](auto& parts) { parts.tokens.push_back("ab"); }, "tokens 256 and 257 are both \"ab\"");
  refused([](auto& parts) { parts.tokens.insert(parts.tokens.end(), 2, ""); },
          "tokens 257 and 258 are both \"\"");
  refused([](auto& parts) { parts.tokens[10] = "zz"; }, "no token for byte 10, spelled \"\u010A\"");
  refused([](auto& parts) { parts.merges[0].left = -1; }, "merge 0 (tokens -1 and 98 to 256) names a token");
  refused([](auto& parts) { parts.merges[0].right = 257; }, "names a token that is none of the vocabulary's");
  refused([](auto& parts) { parts.merges[0].result = 99; }, "merge 0 makes \"c\" of \"a\" and \"b\"");
  refused(
      [](auto& parts) {
        parts.outside.assign(257, false);
        parts.outside[first_made] = true;
      },
      "names a token that is none of the vocabulary's");
}

BOOST_AUTO_TEST_SUITE_END()
