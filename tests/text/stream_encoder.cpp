#include "memsizer/text/stream_encoder.hpp"

#include <random>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "memsizer/text/tokenizer_trainer.hpp"

#include "random_text.hpp"

BOOST_AUTO_TEST_SUITE(stream_encoder)

using namespace memsizer::text;

namespace {

using Ids = std::vector<TokenId>;

std::string long_text(std::mt19937& random) {
  std::string text;
  for (int i = 0; i < 20; ++i) text += random_text::make(random, 30);
  return text;
}

Tokenizer make_tokenizer(const char* normalizer, bool prefix_space, bool with_added) {
  std::mt19937 random(9);
  TokenizerTrainer trainer(Normalizer::parse(normalizer));
  for (int i = 0; i < 20; ++i) trainer.add_text(long_text(random));
  const Tokenizer trained = trainer.train(330);
  Tokenizer::Parts parts{trained.model().parts(), trained.added(), trained.normalizer(), prefix_space};
  if (with_added) {
    parts.added.push_back({.id = static_cast<TokenId>(parts.model.tokens.size()),
                           .text = "a a",
                           .special = false,
                           .normalized = true,
                           .strip_right = true});
    parts.model.tokens.push_back("a a");
    parts.model.outside.push_back(true);
  }
  return Tokenizer(std::move(parts));
}

Ids encode_in_blocks(StreamEncoder& encoder, std::string_view text, size_t block) {
  Ids ids;
  for (size_t position = 0; position < text.size(); position += block)
    encoder.add(text.substr(position, block), ids);
  encoder.finish(ids);
  return ids;
}

void check_streams(const Tokenizer& tokenizer, EncodeOptions options) {
  std::mt19937 random(10);
  int wrong = 0;
  for (int round = 0; round < 60; ++round) {
    const std::string text = long_text(random);
    StreamEncoder encoder(tokenizer, options, 1 + random() % 50);
    const Ids whole = tokenizer.encode(text, options);
    wrong += encode_in_blocks(encoder, text, 1 + random() % 40) != whole;
    wrong +=
        encode_in_blocks(encoder, text, text.size() + 1) != whole;  // a second text with the same encoder
  }
  BOOST_TEST(wrong == 0);
}

}  // namespace

BOOST_AUTO_TEST_CASE(ids_are_those_of_the_whole_text) {
  for (const char* normalizer : {"none", "nfc", "nfkc,lowercase", "strip-special"})
    for (const bool prefix_space : {false, true})
      check_streams(make_tokenizer(normalizer, prefix_space, false), {});
}

BOOST_AUTO_TEST_CASE(texts_searched_for_tokens_are_held_whole) {
  check_streams(make_tokenizer("nfc", false, true), {});
  check_streams(make_tokenizer("none", true, true), {.special = true});
}

BOOST_AUTO_TEST_CASE(ids_come_while_the_text_goes_on) {
  const Tokenizer tokenizer = make_tokenizer("none", false, false);
  StreamEncoder encoder(tokenizer, {}, 8);
  Ids ids;
  encoder.add("one two three four", ids);
  BOOST_TEST(!ids.empty());
  BOOST_TEST(tokenizer.decode(ids) == "one two three");
  encoder.finish(ids);
  BOOST_TEST(tokenizer.decode(ids) == "one two three four");
}

BOOST_AUTO_TEST_SUITE_END()
