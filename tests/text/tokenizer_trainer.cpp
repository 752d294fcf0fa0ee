#include "memsizer/text/tokenizer_trainer.hpp"

#include <random>
#include <string>

#include <boost/test/unit_test.hpp>

#include "files/temporary_folder.hpp"
#include "random_text.hpp"

BOOST_AUTO_TEST_SUITE(tokenizer_trainer)

using namespace memsizer;
using namespace memsizer::text;

BOOST_AUTO_TEST_CASE(trained_tokenizers_begin_with_pad_s_and_end) {
  TokenizerTrainer trainer;
  trainer.add_text("to be or not to be");
  const Tokenizer tokenizer = trainer.train(262);
  BOOST_TEST(tokenizer.token(0) == "<pad>");
  BOOST_TEST(tokenizer.token(1) == "<s>");
  BOOST_TEST(tokenizer.token(2) == "</s>");
  BOOST_TEST(tokenizer.vocab_size() == 262);
  BOOST_TEST(tokenizer.encode("to be").size() == 2u);
}

BOOST_AUTO_TEST_CASE(the_example_of_the_documentation_is_true) {  // docs/tokenizer.md
  TokenizerTrainer trainer;
  trainer.add_text("the cat sat on the mat, the hat of the cat");
  const Tokenizer tokenizer = trainer.train(266);
  const std::vector<std::string> made = {"at", "he", "the", " the", "cat", " o", " cat"};
  for (size_t i = 0; i < made.size(); ++i)
    BOOST_TEST(tokenizer.token(static_cast<TokenId>(259 + i)) == made[i]);
  using Ids = std::vector<TokenId>;
  BOOST_TEST(tokenizer.encode("the fat cat sat.") == (Ids{261, 223, 72, 259, 265, 223, 85, 259, 16}));
  BOOST_TEST(tokenizer.encode("<s>the", {.special = true}) == (Ids{1, 261}));
  BOOST_TEST(tokenizer.id_of(" cat").value() == 265);
}

BOOST_AUTO_TEST_CASE(words_are_counted_after_normalisation) {
  TokenizerTrainer trainer(Normalizer::parse("nfc,lowercase"));
  trainer.add_text("\u00c9t\u00e9 E\u0301t\u00e9 x");
  BOOST_TEST(trainer.word_counts().size() == 3u);
  BOOST_TEST(trainer.word_counts().at("\u00e9t\u00e9") == 1);
  BOOST_TEST(trainer.word_counts().at(" \u00e9t\u00e9") == 1);
  BOOST_TEST((trainer.train(259).normalizer() == Normalizer::parse("nfc,lowercase")));
}

BOOST_AUTO_TEST_CASE(words_do_not_reach_from_text_to_text) {
  TokenizerTrainer trainer;
  trainer.add_text("ab");
  trainer.add_text("cd ");
  trainer.add_text(" e");
  BOOST_TEST(trainer.word_counts().contains("ab"));
  BOOST_TEST(trainer.word_counts().contains(" "));
  BOOST_TEST(trainer.word_counts().contains(" e"));
}

BOOST_AUTO_TEST_CASE(blocks_give_the_words_of_the_whole) {
  std::mt19937 random(12);
  std::string text;
  for (int i = 0; i < 12'000; ++i) text += random_text::make(random, 40);  // several pieces of the cutter
  for (const char* normalizer : {"none", "nfkc,strip-special"}) {
    TokenizerTrainer whole(Normalizer::parse(normalizer)), blocks(Normalizer::parse(normalizer));
    whole.add_text(text);
    for (size_t position = 0; position < text.size(); position += 777)
      blocks.add(std::string_view(text).substr(position, 777));
    blocks.finish_text();
    WordCounts expected;
    for_each_word(Normalizer::parse(normalizer)(text), [&](std::string_view word) { ++expected[word]; });
    BOOST_TEST((whole.word_counts() == expected));
    BOOST_TEST((blocks.word_counts() == expected));
  }
}

BOOST_AUTO_TEST_CASE(any_number_of_threads_gives_the_same_tokenizer) {
  std::mt19937 random(13);
  std::vector<std::string> texts(60);  // short ones and long ones: over a megabyte in all
  for (std::string& text : texts)
    for (unsigned parts = random() % 8 == 0 ? 4000 : random() % 200; parts > 0; --parts)
      text += random_text::make(random, 20) + random_text::make_word(random, 3, 10);
  texts.push_back(std::string(600'000, 'a'));  // has no place for a cut
  for (const char* normalizer : {"none", "nfc,lowercase"}) {
    TokenizerTrainer one(Normalizer::parse(normalizer), {"<s>"});
    for (const std::string& text : texts) one.add_text(text);
    const auto merges = one.train(500).model().parts().merges;
    for (const int size : {1, 2, 3, 8}) {
      memsizer::ThreadPool threads(size);
      TokenizerTrainer many(Normalizer::parse(normalizer), {"<s>"}, &threads);
      for (const std::string& text : texts) many.add_text(text);
      BOOST_TEST((many.word_counts() == one.word_counts()));
      BOOST_TEST((many.train(500).model().parts().merges == merges));
      BOOST_TEST((std::move(many).train(500).model().parts().merges == merges));
      BOOST_TEST(many.word_counts().empty());  // used up, and the trainer begins anew
      many.add_text("one");
      BOOST_TEST(many.word_counts().at("one") == 1);
    }
  }
}

BOOST_AUTO_TEST_CASE(special_tokens_in_the_text_are_plain_text) {
  TokenizerTrainer trainer;
  trainer.add_text("<s><s><s><s>");
  const Tokenizer tokenizer = trainer.train(300);
  for (const TokenId id : tokenizer.encode("<s><s>")) BOOST_TEST(!tokenizer.is_special(id));
}

BOOST_AUTO_TEST_CASE(bad_input_is_refused) {
  TokenizerTrainer empty;
  CHECK_THROWS_SAYING(empty.train(300), InputError, "expected text to train a tokenizer on, got none");
  empty.add_text("");
  CHECK_THROWS_SAYING(empty.train(300), InputError, "got none");
  TokenizerTrainer trainer;
  trainer.add_text("a b");
  CHECK_THROWS_SAYING(trainer.train(258), InputError, "expected a vocabulary size from 259");
  for (const char* token : {"", "PAD", " PAD", "123", "<<>>"})
    CHECK_THROWS_SAYING(TokenizerTrainer(Normalizer(), {token}), InputError, "which is an ordinary word");
  TokenizerTrainer twice(Normalizer(), {"<s>", "<s>"});
  twice.add_text("a");
  CHECK_THROWS_SAYING(twice.train(300), InputError, "two added tokens are \"<s>\"");
}

BOOST_AUTO_TEST_SUITE_END()
