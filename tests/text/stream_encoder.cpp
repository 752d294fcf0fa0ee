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

Tokenizer::Parts parts_of(const Tokenizer& tokenizer) {
  return {tokenizer.model().parts(), tokenizer.added(), tokenizer.normalizer(), tokenizer.prefix_space()};
}

/// Adds a token made of parts of the texts, white space among them, with random flags.
void add_random_token(std::mt19937& random, Tokenizer::Parts& parts) {
  const auto chance = [&] { return random() % 2 == 0; };
  std::string text;
  while (text.empty() || find_invalid_utf8(text) || parts.normalizer(text).empty())
    text = random_text::make(random, 4);
  text = text.starts_with("<s>") || chance() ? text + "<x>" : text;
  for (const AddedToken& other : parts.added)
    if (other.text == text) return;
  if (read_spelling(text)) return;  // would be spelled like an ordinary token
  parts.added.push_back({.id = static_cast<TokenId>(parts.model.tokens.size()),
                         .text = text,
                         .special = chance(),
                         .normalized = chance(),
                         .strip_left = chance(),
                         .strip_right = chance()});
  parts.model.tokens.push_back(text);
  parts.model.outside.push_back(true);
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

/// The ids of a text that is asked for in blocks, on three threads.
Ids encode_asked_for(const Tokenizer& tokenizer, EncodeOptions options, std::string_view text, size_t block,
                     size_t piece_bytes) {
  static memsizer::ThreadPool threads(3);
  Ids ids;
  const auto read = [&] {
    const std::string_view part = text.substr(0, block);
    text.remove_prefix(part.size());
    return part;
  };
  const auto use = [&](const Ids& some) { ids.insert(ids.end(), some.begin(), some.end()); };
  encode_stream(tokenizer, options, &threads, read, use, piece_bytes);
  return ids;
}

void check_streams(const Tokenizer& tokenizer, EncodeOptions options) {
  std::mt19937 random(10);
  int wrong = 0;
  for (int round = 0; round < 60; ++round) {
    const std::string text = long_text(random);
    const size_t piece_bytes = 1 + random() % 50;
    StreamEncoder encoder(tokenizer, options, piece_bytes);
    const Ids whole = tokenizer.encode(text, options);
    const size_t block = 1 + random() % 100;
    wrong += encode_asked_for(tokenizer, options, text, block, piece_bytes) != whole;
    wrong += encode_in_blocks(encoder, text, 1 + random() % 40) != whole;
    wrong += encode_in_blocks(encoder, text, text.size() + 1) != whole;  // the second text of this encoder
  }
  BOOST_TEST(wrong == 0);
}

}  // namespace

BOOST_AUTO_TEST_CASE(ids_are_those_of_the_whole_text) {
  for (const char* normalizer : {"none", "nfc", "nfkc,lowercase", "strip-special"})
    for (const bool prefix_space : {false, true})
      check_streams(make_tokenizer(normalizer, prefix_space, false), {});
}

BOOST_AUTO_TEST_CASE(tokens_are_found_as_in_the_whole_text) {
  check_streams(make_tokenizer("nfc", false, true), {});
  check_streams(make_tokenizer("none", true, true), {.special = true});
  std::mt19937 random(11);
  for (const char* normalizer : {"none", "nfc", "nfkc,lowercase", "strip-special", "nfc,strip-special"})
    for (int round = 0; round < 12; ++round) {
      Tokenizer::Parts parts = parts_of(make_tokenizer(normalizer, random() % 2 == 0, false));
      for (unsigned count = 1 + random() % 6; count > 0; --count) add_random_token(random, parts);
      check_streams(Tokenizer(std::move(parts)), {.special = random() % 2 == 0});
    }
}

BOOST_AUTO_TEST_CASE(a_text_that_is_searched_for_tokens_is_not_held) {
  Tokenizer::Parts parts = parts_of(make_tokenizer("nfc", false, true));
  parts.added.back().text = parts.model.tokens.back() = "New York";
  parts.added.back().strip_right = false;
  for (const bool normalized : {false, true}) {
    parts.added.back().normalized = normalized;
    const Tokenizer tokenizer(parts);
    StreamEncoder encoder(tokenizer, {}, 64);
    Ids ids, whole;
    std::string text;
    for (int i = 0; i < 1000; ++i) {
      const std::string line = " They say that New York is far away , \ud55c\uae00 is not .\n";
      text += line;
      encoder.add(line, ids);
      BOOST_TEST_REQUIRE(tokenizer.decode(ids).size() + 200 > text.size());
    }
    encoder.finish(ids);
    BOOST_TEST((ids == tokenizer.encode(text)));
  }
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
