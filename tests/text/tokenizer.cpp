#include "memsizer/text/tokenizer.hpp"

#include <limits>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "memsizer/text/tokenizer_trainer.hpp"

#include "files/temporary_folder.hpp"
#include "random_text.hpp"

BOOST_AUTO_TEST_SUITE(tokenizer)

using namespace memsizer;
using namespace memsizer::text;

namespace {

using Strings = std::vector<std::string>;
using Ids = std::vector<TokenId>;

Tokenizer::Parts parts_of(const Tokenizer& tokenizer) {
  return {tokenizer.model().parts(), tokenizer.added(), tokenizer.normalizer(), tokenizer.prefix_space()};
}

const Tokenizer& trained() {
  static const Tokenizer tokenizer = [] {
    TokenizerTrainer trainer;
    trainer.add_text("the cat sat on the mat, the hat of the cat");
    return trainer.train(270);
  }();
  return tokenizer;
}

/// The trained tokenizer with one more token, changed by `change`.
template <class Change>
Tokenizer changed(Change change) {
  Tokenizer::Parts parts = parts_of(trained());
  parts.model.tokens.push_back("<x y>");
  parts.model.outside.push_back(true);
  parts.added.push_back({.id = 270, .text = "<x y>", .special = false});
  change(parts);
  return Tokenizer(std::move(parts));
}

Strings pieces(const Tokenizer& tokenizer, std::string_view text, EncodeOptions options = {}) {
  Strings result;
  for (const TokenId id : tokenizer.encode(text, options)) result.push_back(tokenizer.token(id));
  return result;
}

}  // namespace

BOOST_AUTO_TEST_CASE(text_becomes_ids_and_text_again) {
  BOOST_TEST(pieces(trained(), "the cat's hat") == (Strings{"the", " cat", "'", "s", " hat"}),
             boost::test_tools::per_element());
  const Ids ids = trained().encode("the cat's hat");
  BOOST_TEST(trained().decode(ids) == "the cat's hat");
  BOOST_TEST(trained().encode("") == Ids{});
  BOOST_TEST(trained().decode({}) == "");
  Ids appended = {7};
  trained().encode("the", appended);
  BOOST_TEST(appended == (Ids{7, *trained().id_of("the")}));
}

BOOST_AUTO_TEST_CASE(any_bytes_survive) {
  std::mt19937 random(4);
  for (int round = 0; round < 300; ++round) {
    std::string bytes(random() % 300, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    const std::string text = round % 2 ? bytes : random_text::make(random, 60);
    BOOST_TEST((trained().decode(trained().encode(text)) == text));
    BOOST_TEST((trained().decode(trained().encode(text, {.special = true})) == text));
  }
}

BOOST_AUTO_TEST_CASE(special_tokens_are_plain_text_unless_asked_for) {
  const std::string text = "the<s> cat</s>";
  for (const TokenId id : trained().encode(text)) BOOST_TEST(!trained().is_special(id));
  const Ids ids = trained().encode(text, {.special = true});
  BOOST_TEST(ids == (Ids{*trained().id_of("the"), 1, *trained().id_of(" cat"), 2}));
  BOOST_TEST(trained().decode(ids) == text);
  BOOST_TEST(trained().decode(ids, {.skip_special = true}) == "the cat");
}

BOOST_AUTO_TEST_CASE(other_added_tokens_are_always_found) {
  const Tokenizer tokenizer = changed([](auto&) {});
  BOOST_TEST(pieces(tokenizer, "the<x y><s>") == (Strings{"the", "<x y>", "<", "s", ">"}));
  BOOST_TEST(tokenizer.finds_tokens(false));
  BOOST_TEST(!trained().finds_tokens(false));
  BOOST_TEST(trained().finds_tokens(true));
  const Tokenizer normalized = changed([](auto& parts) {
    parts.normalizer = Normalizer::parse("lowercase");
    parts.added.back().normalized = true;
  });
  BOOST_TEST(pieces(normalized, "THE<X Y>") == (Strings{"the", "<x y>"}));
  const Tokenizer exact = changed([](auto& parts) { parts.normalizer = Normalizer::parse("lowercase"); });
  BOOST_TEST(pieces(exact, "<X Y><x y>") == (Strings{"<", "x", " ", "y", ">", "<x y>"}));
}

BOOST_AUTO_TEST_CASE(a_prefix_space_is_put_before_what_has_none) {
  const Tokenizer tokenizer = changed([](auto& parts) { parts.prefix_space = true; });
  BOOST_TEST(pieces(tokenizer, "cat") == (Strings{" cat"}));
  BOOST_TEST(pieces(tokenizer, " cat") == (Strings{" cat"}));
  BOOST_TEST(pieces(tokenizer, "\ncat") == (Strings{" ", "\n", "cat"}));
  BOOST_TEST(pieces(tokenizer, "\ncat", {.continues = true}) == (Strings{"\n", "cat"}));
  BOOST_TEST(pieces(tokenizer, "cat<s>the<x y> cat", {.special = true}) ==
             (Strings{" cat", "<s>", " the", "<x y>", " cat"}));
  BOOST_TEST(pieces(tokenizer, "").empty());
}

BOOST_AUTO_TEST_CASE(tokens_have_ids_and_bytes) {
  BOOST_TEST(trained().vocab_size() == 270);
  for (TokenId id = 0; id < 270; ++id) BOOST_TEST(trained().id_of(trained().token(id)).value() == id);
  BOOST_TEST(!trained().id_of("no such token").has_value());
  BOOST_TEST(!trained().id_of("").has_value());
  BOOST_TEST(trained().is_special(2));
  BOOST_TEST(!trained().is_special(3));
  for (const TokenId id : {-1, 270, std::numeric_limits<TokenId>::max()}) {
    CHECK_THROWS_SAYING(trained().token(id), InputError, "is not in the vocabulary of 270");
    CHECK_THROWS_SAYING(trained().decode(Ids{5, id}), InputError, "is not in the vocabulary of 270");
    CHECK_THROWS_SAYING(trained().is_special(id), InputError, "is not in the vocabulary of 270");
  }
}

BOOST_AUTO_TEST_CASE(pad_begin_and_end_are_found) {
  BOOST_TEST(trained().pad_id() == 0);
  BOOST_TEST(trained().begin_id() == 1);
  BOOST_TEST(trained().end_id() == 2);
  TokenizerTrainer trainer(Normalizer(), {"<|endoftext|>", "</s>"});
  trainer.add_text("abc");
  const Tokenizer gpt2 = trainer.train(258);
  BOOST_TEST(gpt2.pad_id() == 0);
  BOOST_TEST(gpt2.begin_id() == 0);
  BOOST_TEST(gpt2.end_id() == 1);
  TokenizerTrainer bare(Normalizer(), {});
  bare.add_text("abc");
  CHECK_THROWS_SAYING(bare.train(256).pad_id(), InputError,
                      "has no special token <pad> and no <|endoftext|>");
}

BOOST_AUTO_TEST_CASE(threads_may_share_one) {
  const std::string text = "the cat sat on the mat, the hat of the cat, unseen words too \xFF";
  const Ids expected = trained().encode(text);
  std::vector<Ids> results(4);
  std::vector<std::thread> threads;
  for (Ids& result : results)
    threads.emplace_back([&] {
      for (int i = 0; i < 200; ++i) result = trained().encode(text);
    });
  for (std::thread& thread : threads) thread.join();
  for (const Ids& result : results) BOOST_TEST(result == expected);
}

BOOST_AUTO_TEST_CASE(parts_that_contradict_each_other_are_refused) {
  const auto refused = [](auto change, const char* part) {
    CHECK_THROWS_SAYING(changed(change), InputError, part);
  };
  refused([](auto& parts) { parts.added.back().id = 271; }, "has the id 271, outside the vocabulary of 271");
  refused([](auto& parts) { parts.added.back().id = -1; }, "has the id -1, outside");
  refused([](auto& parts) { parts.added.back().text = ""; }, "\"\" has the id 270 of \"<x y>\"");
  refused([](auto& parts) { parts.added.back().text = "\xFF"; }, "an added token: expected UTF-8");
  refused([](auto& parts) { parts.added.push_back(parts.added[0]); }, "two added tokens have the id 0");
  refused([](auto& parts) { parts.added.back().text = "<s>"; }, "two added tokens are \"<s>\"");
  refused([](auto& parts) { parts.added.back().text = "<y>"; }, "\"<y>\" has the id 270 of \"<x y>\"");
  refused([](auto& parts) { parts.added.pop_back(); }, "token 270 is neither ordinary nor added");
  refused(
      [](auto& parts) {
        parts.model.tokens.back() = "the";
        parts.added.back().text = "the";
      },
      "the added token \"the\" is spelled like token");
}

BOOST_AUTO_TEST_CASE(an_empty_added_token_is_in_no_text_and_decodes_to_nothing) {
  for (const bool special : {false, true}) {
    const Tokenizer tokenizer = changed([&](auto& parts) {
      parts.added.push_back({.id = 271, .text = "", .special = special});
      parts.model.tokens.push_back("");
      parts.model.outside.push_back(true);
    });
    BOOST_TEST(tokenizer.encode("the other", {.special = true}) == trained().encode("the other"));
    BOOST_TEST(tokenizer.decode(Ids{271, *tokenizer.id_of("the"), 271}) == "the");
  }
}

BOOST_AUTO_TEST_CASE(an_ordinary_token_may_be_added_too) {
  const TokenId the = *trained().id_of("the");
  const Tokenizer tokenizer =
      changed([&](auto& parts) { parts.added.push_back({.id = the, .text = "the", .special = false}); });
  BOOST_TEST(pieces(tokenizer, "other") == (Strings{"o", "the", "r"}));
  BOOST_TEST(pieces(trained(), "other") == (Strings{"o", "the", "r"}));
}

BOOST_AUTO_TEST_SUITE_END()
