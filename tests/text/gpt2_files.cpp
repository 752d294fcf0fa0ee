#include "memsizer/text/gpt2_files.hpp"

#include <functional>
#include <random>
#include <string>

#include <boost/test/unit_test.hpp>

#include "memsizer/text/tokenizer_trainer.hpp"

#include "files/temporary_folder.hpp"
#include "plain_error.hpp"

BOOST_AUTO_TEST_SUITE(gpt2_files)

using namespace memsizer;
using namespace memsizer::text;

namespace {

Tokenizer train(const char* normalizer = "none",
                std::vector<std::string> special = {"<pad>", "<s>", "</s>"}) {
  TokenizerTrainer trainer(Normalizer::parse(normalizer), std::move(special));
  trainer.add_text("the cat sat on the mat, the hat of the cat");
  return trainer.train(265);
}

/// The two files of a trained tokenizer, so that a test can change them.
struct Pair {
  TemporaryFolder folder;
  files::Json vocabulary;
  std::string merges;

  Pair() {
    write_gpt2_files(train(), folder / "good");
    vocabulary = files::read_json(folder / "good" / "vocab.json");
    merges = contents(folder / "good" / "merges.txt");
  }
  Tokenizer read() const {
    folder.write("changed/vocab.json", vocabulary.dump());
    folder.write("changed/merges.txt", merges);
    return read_gpt2_files(folder / "changed");
  }
};

void refused(const std::function<void(Pair&)>& change, const std::string& part) {
  Pair pair;
  change(pair);
  CHECK_THROWS_SAYING(pair.read(), InputError, part);
}

}  // namespace

BOOST_AUTO_TEST_CASE(what_is_written_is_read_back) {
  const TemporaryFolder folder;
  for (const auto& special :
       {std::vector<std::string>{"<pad>", "<s>", "</s>"}, {"<|endoftext|>"}, {"[END]"}, {}}) {
    const Tokenizer written = train("none", special);
    const auto target = folder / concatenate(special.size(), special.empty() ? "" : special[0].substr(1, 3));
    write_gpt2_files(written, target);
    const Tokenizer read = read_gpt2_files(target);
    BOOST_TEST(dump_tokenizer_json(read) == dump_tokenizer_json(written));
    BOOST_TEST(contents(target / "merges.txt").starts_with("#version: 0.2\na t\n"));
  }
}

BOOST_AUTO_TEST_CASE(both_names_of_each_file_are_known) {
  const TemporaryFolder folder;
  write_gpt2_files(train(), folder / "a");
  folder.write("b/encoder.json", contents(folder / "a" / "vocab.json"));
  folder.write("b/vocab.bpe", contents(folder / "a" / "merges.txt"));
  BOOST_TEST(dump_tokenizer_json(read_gpt2_files(folder / "b")) == dump_tokenizer_json(train()));
}

BOOST_AUTO_TEST_CASE(line_ends_and_the_version_line_may_vary) {
  Pair pair;
  const std::string expected = dump_tokenizer_json(train());
  pair.merges.erase(0, pair.merges.find('\n') + 1);
  BOOST_TEST(dump_tokenizer_json(pair.read()) == expected);
  pair.merges.pop_back();
  BOOST_TEST(dump_tokenizer_json(pair.read()) == expected);
  for (size_t at = 0; (at = pair.merges.find('\n', at)) != std::string::npos; at += 2)
    pair.merges.insert(at, "\r");
  BOOST_TEST(dump_tokenizer_json(pair.read()) == expected);
}

BOOST_AUTO_TEST_CASE(an_empty_token_keeps_its_id) {
  Pair pair;
  pair.vocabulary[""] = pair.vocabulary.size();
  const Tokenizer tokenizer = pair.read();
  const TokenId empty = static_cast<TokenId>(tokenizer.vocab_size() - 1);
  BOOST_TEST(tokenizer.token(empty) == "");
  BOOST_TEST(tokenizer.encode("some text") == Pair().read().encode("some text"));
}

BOOST_AUTO_TEST_CASE(truncated_merges_are_refused) {
  refused([](Pair& pair) { pair.merges.resize(pair.merges.rfind('\n', pair.merges.size() - 2) + 1); },
          "vocab.json:1: expected a merge of");
  refused([](Pair& pair) { pair.merges.resize(pair.merges.rfind(' ')); },
          "merges.txt:7: expected two tokens");
  refused([](Pair& pair) { pair.merges = ""; }, "vocab.json:1: expected a merge of");
}

BOOST_AUTO_TEST_CASE(bad_merges_are_refused) {
  refused([](Pair& pair) { pair.merges += "a zz\n"; },
          "merges.txt:8: the merge of \"a\" and \"zz\" names \"zz\"");
  refused([](Pair& pair) { pair.merges += "\n"; },
          "merges.txt:8: expected two tokens with a space between them, got \"\"");
  refused([](Pair& pair) { pair.merges += "a b c\n"; }, "merges.txt:8: expected two tokens");
  refused([](Pair& pair) { pair.merges += "\xFF \xFE\n"; }, "merges.txt:8: the merge of");
}

BOOST_AUTO_TEST_CASE(bad_vocabularies_are_refused) {
  refused([](Pair& pair) { pair.vocabulary["a"] = 1000; }, "vocab.json:1: the token \"a\" has the id 1000");
  refused([](Pair& pair) { pair.vocabulary["a"] = -5; }, "vocab.json:1: the token \"a\" has the id -5");
  refused([](Pair& pair) { pair.vocabulary["a"] = "x"; }, "vocab.json:1: a: expected an integer");
  refused([](Pair& pair) { pair.vocabulary["a"] = 4; }, "both have the id 4");
  refused([](Pair& pair) { pair.vocabulary["other"] = 265; }, "that makes \"other\", got none");
  refused([](Pair& pair) { pair.vocabulary = files::Json::array(); }, "vocab.json:1: expected an object");
  refused([](Pair& pair) { pair.vocabulary = files::Json::object(), pair.merges = ""; },
          "no token for byte 0");
}

BOOST_AUTO_TEST_CASE(errors_show_little_of_a_file) {
  const auto refused_plainly = [](const std::function<void(Pair&)>& change) {
    Pair pair;
    change(pair);
    BOOST_CHECK_EXCEPTION(pair.read(), InputError, is_plain);
  };
  refused_plainly([](Pair& pair) { pair.merges += noise; });
  refused_plainly([](Pair& pair) { pair.merges += noise + ' ' + noise; });
  refused_plainly([](Pair& pair) { pair.vocabulary[noise] = 265; });
  refused_plainly([](Pair& pair) { pair.vocabulary[noise] = 1000; });
  refused_plainly([](Pair& pair) { pair.vocabulary[noise] = 4; });
  refused_plainly([](Pair& pair) { pair.vocabulary[noise] = noise; });
}

BOOST_AUTO_TEST_CASE(what_the_files_cannot_hold_is_not_written) {
  const TemporaryFolder folder;
  CHECK_THROWS_SAYING(write_gpt2_files(train("nfc"), folder / "a"), InputError, "can hold no normalizer");
  CHECK_THROWS_SAYING(write_gpt2_files(train("none", {"a b"}), folder / "a"), InputError, "got \"a b\"");
  BOOST_TEST(!std::filesystem::exists(folder / "a"));
  folder.write("full/mine.txt", "x");
  CHECK_THROWS_SAYING(write_gpt2_files(train(), folder / "full"), InputError,
                      "expected a new or empty folder");
  CHECK_THROWS_SAYING(write_gpt2_files(train(), folder / "full" / "mine.txt"), InputError, "mine.txt");
  BOOST_TEST(contents(folder / "full" / "mine.txt") == "x");
}

BOOST_AUTO_TEST_CASE(damaged_merges_are_read_or_refused) {
  Pair pair;
  const std::string valid = pair.merges;
  std::mt19937 random(14);
  int read = 0, refused_pairs = 0;
  for (int round = 0; round < 150; ++round) {
    pair.merges = valid;
    pair.merges[random() % valid.size()] = static_cast<char>(random());
    try {
      BOOST_TEST(pair.read().vocab_size() == 265);
      ++read;
    } catch (const InputError&) {
      ++refused_pairs;
    }
  }
  BOOST_TEST(read > 0);
  BOOST_TEST(refused_pairs > 50);
}

BOOST_AUTO_TEST_SUITE_END()
