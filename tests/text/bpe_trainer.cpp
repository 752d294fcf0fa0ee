#include "memsizer/text/bpe_trainer.hpp"

#include <limits>
#include <random>
#include <string>

#include <boost/test/unit_test.hpp>

#include "memsizer/text/naive_bpe_trainer.hpp"
#include "memsizer/text/pre_tokenizer.hpp"

#include "files/temporary_folder.hpp"
#include "random_text.hpp"

BOOST_AUTO_TEST_SUITE(bpe_trainer)

using namespace memsizer;
using namespace memsizer::text;

namespace {

WordCounts count_words(std::string_view text) {
  WordCounts counts;
  counts.add_words_of(text);
  return counts;
}

std::vector<std::string> made_tokens(const BpeModel::Parts& parts) {
  std::vector<std::string> tokens;
  for (const Merge& merge : parts.merges) tokens.push_back(parts.tokens[static_cast<size_t>(merge.result)]);
  return tokens;
}

void check_equals_naive(const WordCounts& words, Index vocab_size) {
  const auto fast = train_bpe(words, {"<s>"}, vocab_size),
             naive = train_bpe_naively(words, {"<s>"}, vocab_size);
  BOOST_TEST((fast.tokens == naive.tokens));
  BOOST_TEST((fast.merges == naive.merges));
  BOOST_TEST((fast.outside == naive.outside));
}

using Strings = std::vector<std::string>;

}  // namespace

BOOST_AUTO_TEST_CASE(special_tokens_come_first_then_the_bytes) {
  const auto parts = train_bpe({}, {"<pad>", "<s>"}, 300);
  BOOST_TEST(parts.tokens.size() == 258u);
  BOOST_TEST(parts.tokens[0] == "<pad>");
  BOOST_TEST(parts.outside[1]);
  BOOST_TEST(!parts.outside[2]);
  BOOST_TEST(parts.tokens[2] == "!");
  BOOST_TEST(parts.merges.empty());
}

BOOST_AUTO_TEST_CASE(the_most_frequent_pair_is_merged_first) {
  BOOST_TEST(made_tokens(train_bpe({{"low", 5}, {"lower", 2}, {"newest", 6}, {"widest", 3}}, {}, 256 + 4)) ==
             (Strings{"es", "est", "lo", "low"}));
}

BOOST_AUTO_TEST_CASE(ties_go_to_the_smaller_left_then_right_id) {
  BOOST_TEST(made_tokens(train_bpe({{"cd", 1}, {"ab", 1}, {"ac", 1}}, {}, 256 + 3)) ==
             (Strings{"ab", "ac", "cd"}));
  // "!" is byte 0x21 and has the smallest id. A space is spelled U+0120 and has a larger id than every
  // letter.
  BOOST_TEST(made_tokens(train_bpe({{" a", 1}, {"z!", 1}}, {}, 256 + 2)) == (Strings{"z!", " a"}));
}

BOOST_AUTO_TEST_CASE(it_stops_when_no_pair_is_left) {
  const auto parts = train_bpe({{"abab", 3}, {"c", 9}}, {}, 1000);
  BOOST_TEST(made_tokens(parts) == (Strings{"ab", "abab"}));
  BOOST_TEST(parts.tokens.size() == 258u);
}

BOOST_AUTO_TEST_CASE(no_two_merges_make_the_same_token) {
  WordCounts words;
  for (int length = 2; length < 20; ++length)
    words[std::string(static_cast<size_t>(length), 'a')] = 40 - length;
  const auto parts = train_bpe(words, {}, 300);
  BOOST_TEST(parts.merges.size() == parts.tokens.size() - 256);
  BOOST_CHECK_NO_THROW(BpeModel{parts});  // BpeModel refuses equal tokens
  check_equals_naive(words, 300);
}

BOOST_AUTO_TEST_CASE(merges_equal_the_naive_trainers_on_random_words) {
  std::mt19937 random(5);
  for (int round = 0; round < 60; ++round) {
    WordCounts words;
    const unsigned letters = 1 + random() % 4, longest = 3 + random() % 30;
    for (int i = 0; i < 30; ++i) words[random_text::make_word(random, letters, longest)] += 1 + random() % 5;
    const Index vocab_size = 257 + random() % 120;
    check_equals_naive(words, vocab_size);
    BOOST_CHECK_NO_THROW(BpeModel{train_bpe(words, {"<s>"}, vocab_size)});
  }
}

BOOST_AUTO_TEST_CASE(merges_equal_the_naive_trainers_on_text) {
  std::mt19937 random(6);
  std::string text;
  for (int i = 0; i < 300; ++i) text += random_text::make(random, 30);
  check_equals_naive(count_words(text), 500);
}

BOOST_AUTO_TEST_CASE(counts_may_exceed_32_bits) {
  constexpr Index large = Index{1} << 40;
  check_equals_naive({{"ab", large}, {"bc", large + 1}, {"abc", 3}, {"cd", 5}}, 300);
  BOOST_TEST(made_tokens(train_bpe({{"ab", large}, {"bc", large + 1}, {"cc", 1}}, {}, 256 + 2)) ==
             (Strings{"bc", "ab"}));
}

BOOST_AUTO_TEST_CASE(counts_that_overflow_are_refused) {
  constexpr Index largest = std::numeric_limits<Index>::max();
  CHECK_THROWS_SAYING(train_bpe({{"ab", largest}}, {}, 300), InputError, "overflows 64 bits");
  CHECK_THROWS_SAYING(train_bpe({{"a", largest}, {"b", 1}}, {}, 300), InputError, "overflows 64 bits");
}

BOOST_AUTO_TEST_CASE(words_of_one_byte_have_no_pairs) {
  BOOST_TEST(train_bpe({{"a", 7}, {"b", 1}, {"c", 3}}, {}, 300).merges.empty());
  check_equals_naive({{"a", 7}, {"ab", 2}, {"b", 9}}, 300);
}

BOOST_AUTO_TEST_CASE(long_runs_of_one_letter_merge_from_the_left) {
  for (const size_t length : {2, 3, 5, 8, 31, 64, 1000})
    check_equals_naive({{std::string(length, 'a'), 3}, {"ba" + std::string(length, 'a') + "b", 2}}, 300);
}

BOOST_AUTO_TEST_CASE(one_word_without_end_trains_in_reasonable_time) {
  std::mt19937 random(8);
  std::string word(300'000, '\0');
  for (char& letter : word) letter = "ACGT"[random() % 4];
  BOOST_TEST(train_bpe({{word, 1}}, {}, 1000).tokens.size() == 1000u);
}

BOOST_AUTO_TEST_CASE(sizes_without_room_for_the_bytes_are_refused) {
  BOOST_TEST(train_bpe({{"ab", 1}}, {"<s>"}, 257).tokens.size() == 257u);
  CHECK_THROWS_SAYING(train_bpe({{"ab", 1}}, {"<s>"}, 256), InputError,
                      "expected a vocabulary size from 257 (1 special tokens and 256 bytes)");
  CHECK_THROWS_SAYING(train_bpe({}, {}, -1), InputError, "got -1");
  CHECK_THROWS_SAYING(train_bpe({}, {}, Index{1} << 40), InputError, "to 2147483647, got 1099511627776");
}

BOOST_AUTO_TEST_SUITE_END()
