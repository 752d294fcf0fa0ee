#include "memsizer/data/encoded_pairs.hpp"

#include <fstream>

#include <boost/test/unit_test.hpp>

#include "memsizer/data/articles.hpp"
#include "memsizer/data/question_answers.hpp"
#include "memsizer/data/sentence_pairs.hpp"
#include "memsizer/text/tokenizer_trainer.hpp"

#include "data/cache_files.hpp"
#include "files/compress.hpp"
#include "files/temporary_folder.hpp"
#include "memory_limit.hpp"
#include "real_data.hpp"

BOOST_AUTO_TEST_SUITE(encoded_pairs)

using namespace memsizer;
using namespace memsizer::data;

namespace {

const text::Tokenizer& tokenizer() {
  static const text::Tokenizer tokenizer = [] {
    text::TokenizerTrainer trainer;
    trainer.add_text("the dog sees the cat; der Hund sieht die Katze; the dogs see the cats");
    return trainer.train(290);
  }();
  return tokenizer;
}

const std::vector<SentencePair> sentences{
    {"the dog", "der Hund"}, {"", "x"}, {"</s> <pad>", "die Katze </s>"}, {"a\u00e4", ""}, {"", ""}};

void write_sentences(const TemporaryFolder& folder, const std::string& name) {
  std::string source, target;
  for (const SentencePair& pair : sentences) source += pair.source + '\n', target += pair.target + '\n';
  folder.write(name + ".en", source), folder.write(name + ".de", target);
}

/// The ids of a text followed by </s>.
std::vector<TokenId> ended(const std::string& text) {
  std::vector<TokenId> ids = tokenizer().encode(text);
  ids.push_back(tokenizer().end_id());
  return ids;
}

void check_pairs(const EncodedPairs& pairs, const std::vector<SentencePair>& expected) {
  BOOST_REQUIRE_EQUAL(pairs.size(), static_cast<Index>(expected.size()));
  std::vector<TokenId> source, target;
  for (Index i = pairs.size(); i-- > 0;) {
    const SentencePair& pair = expected[static_cast<std::size_t>(i)];
    pairs.read(i, source, target);
    BOOST_REQUIRE(source == ended(pair.source) && target == ended(pair.target));
    BOOST_REQUIRE_EQUAL(pairs.source_length(i), static_cast<Index>(source.size()));
    BOOST_REQUIRE_EQUAL(pairs.target_length(i), static_cast<Index>(target.size()));
  }
}

EncodedPairs of_ids(std::vector<TokenId> ids, Index count) {
  return EncodedPairs(std::make_unique<IdsInMemory>(std::move(ids)), 2, count, 0);
}

}  // namespace

BOOST_AUTO_TEST_CASE(pairs_come_back_from_memory_and_from_the_cache) {
  const TemporaryFolder folder;
  write_sentences(folder, "data/train");
  const SentencePairs data(folder / "data");
  check_pairs(encode_pairs(data, Split::train, tokenizer(), {}), sentences);
  ThreadPool threads(3);
  check_pairs(encode_pairs(data, Split::train, tokenizer(), {.threads = &threads}), sentences);
  std::string told;
  const EncodeCache cache{folder / "cache", [&](const std::string& line) { told += line; }};
  for (int round = 0; round < 2; ++round)
    check_pairs(encode_pairs(data, Split::train, tokenizer(), cache), sentences);
  BOOST_CHECK_EQUAL(told, "");
  BOOST_CHECK_EQUAL(std::distance(std::filesystem::directory_iterator(folder / "cache"), {}), 1);
}

BOOST_AUTO_TEST_CASE(the_cache_is_used_and_belongs_to_files_and_direction) {
  const TemporaryFolder folder;
  write_sentences(folder, "train");
  const SentencePairs data(folder.path()), reversed(folder.path(), {"de", "en"});
  const EncodeCache cache{folder / "cache"};
  const EncodedPairs first = encode_pairs(data, Split::train, tokenizer(), cache);
  const EncodedPairs other = encode_pairs(reversed, Split::train, tokenizer(), cache);
  BOOST_CHECK_NE(first.hash(), other.hash());
  BOOST_CHECK_EQUAL(first.hash(), encode_pairs(data, Split::train, tokenizer(), {}).hash());
  std::vector<TokenId> source, target;
  other.read(0, source, target);
  BOOST_CHECK(source == ended("der Hund"));
  const IdCacheKey key = cache_key(tokenizer(), first.hash());
  IdCacheWriter writer(folder / "cache" / key.file_name(), key);
  writer.add(std::vector<TokenId>{7, 2, 2});
  writer.commit({.lines = 1});
  const EncodedPairs forged = encode_pairs(data, Split::train, tokenizer(), cache);
  BOOST_CHECK(forged.size() == 1 && forged.source_length(0) == 2 && forged.target_length(0) == 1);
}

BOOST_AUTO_TEST_CASE(articles_and_their_summaries_are_pairs_too) {
  const TemporaryFolder folder;
  const auto file = folder.write("train.jsonl", R"({"document": "the dog\nsees", "summary": "the cat"})"
                                                "\n"
                                                R"({"document": "", "summary": "x", "id": "7"})");
  const EncodeCache cache{folder / "cache"};
  for (int round = 0; round < 2; ++round)
    check_pairs(encode_pairs(Articles(file), Split::train, tokenizer(), cache),
                {{"the dog\nsees", "the cat"}, {"", "x"}});
  BOOST_CHECK_EQUAL(std::distance(std::filesystem::directory_iterator(folder / "cache"), {}), 1);
}

BOOST_AUTO_TEST_CASE(questions_and_answers_are_pairs_too) {
  const TemporaryFolder folder;
  std::string text;
  std::vector<SentencePair> expected[3];
  for (int i = 0; i < 100; ++i) {
    const std::string id = concatenate("cot.", i), question = concatenate("the dog ", i);
    const std::string system = i % 2 == 0 ? "sees" : "";
    text +=
        files::Json{{"id", id}, {"system_prompt", system}, {"question", question}, {"response", "the cat"}}
            .dump() +
        '\n';
    expected[static_cast<std::size_t>(split_of_id(id))].push_back(
        {system.empty() ? question : "sees\n\n" + question, "the cat"});
  }
  const QuestionAnswers data(folder.write("data/a.jsonl", text));
  const EncodeCache cache{folder / "cache"};
  for (int round = 0; round < 2; ++round)
    for (const Split split : {Split::train, Split::validation, Split::test})
      check_pairs(encode_pairs(data, split, tokenizer(), cache), expected[static_cast<std::size_t>(split)]);
  // One file, and a cache for each split of it.
  BOOST_CHECK_EQUAL(std::distance(std::filesystem::directory_iterator(folder / "cache"), {}), 3);
}

BOOST_AUTO_TEST_CASE(bad_data_leaves_no_cache) {
  const TemporaryFolder folder;
  folder.write("train.en", "a\nb\n"), folder.write("train.de", "a\n");
  const SentencePairs data(folder.path());
  CHECK_THROWS_SAYING(encode_pairs(data, Split::train, tokenizer(), {folder / "cache"}), InputError,
                      "they are not aligned");
  BOOST_CHECK(std::filesystem::is_empty(folder / "cache"));
}

BOOST_AUTO_TEST_CASE(ids_that_are_no_whole_pairs_are_refused) {
  BOOST_CHECK_EQUAL(of_ids({}, 0).size(), 0);
  BOOST_CHECK_EQUAL(of_ids({2, 2, 5, 2, 2}, 2).source_length(1), 2);
  CHECK_THROWS_SAYING(of_ids({5, 2, 6, 2, 7}, 1), InputError, "end with the end of a pair, got 1 after it");
  CHECK_THROWS_SAYING(of_ids({5, 2, 6, 2, 7, 2}, 1), InputError,
                      "end with the end of a pair, got 2 after it");
  CHECK_THROWS_SAYING(of_ids({5, 2, 6, 2}, 2), InputError, "expected the ids of 2 pairs of sentences, got 1");
  CHECK_THROWS_SAYING(of_ids({2, 2, 2, 2}, 1), InputError, "expected the ids of 1 pairs of sentences, got 2");
  CHECK_THROWS_SAYING(of_ids({2, 2}, 3), InputError, "expected at most 2 pairs of sentences, got 3");
  CHECK_THROWS_SAYING(of_ids({}, -1), InputError, "got -1");
  std::vector<TokenId> source, target;
  CHECK_THROWS_SAYING(of_ids({2, 2}, 1).read(1, source, target), InputError,
                      "expected a pair below 1, got 1");
}

BOOST_AUTO_TEST_CASE(sentences_may_reach_from_block_to_block) {
  std::vector<TokenId> ids;
  for (const Index size : {65535, 65536, 65537, 1, 200000, 0}) {
    ids.insert(ids.end(), static_cast<std::size_t>(size), 5);
    ids.push_back(2);
  }
  const EncodedPairs pairs = of_ids(ids, 3);
  BOOST_CHECK(pairs.source_length(0) == 65536 && pairs.target_length(0) == 65537);
  BOOST_CHECK(pairs.source_length(1) == 65538 && pairs.target_length(1) == 2);
  BOOST_CHECK(pairs.source_length(2) == 200001 && pairs.target_length(2) == 1);
}

BOOST_AUTO_TEST_CASE(pairs_of_200_megabytes_of_text_are_encoded_in_little_memory,
                     *boost::unit_test::label("slow") *
                         boost::unit_test::precondition(memory_can_be_limited)) {
  const TemporaryFolder folder;
  constexpr Index copies = 1'700'000;
  for (const char* name : {"train.en", "train.de"}) {
    std::ofstream stream(folder.write(name, ""), std::ios::binary);
    for (Index i = 0; i < copies; ++i)
      stream << "the dog sees the cat, and the cat sees the dog. It is so. " << i % 10 << '\n';
  }
  const SentencePairs data(folder.path());
  const MemoryLimit limit(48 << 20);  // the ids of both sides in memory would be 340 MB
  const EncodedPairs pairs = encode_pairs(data, Split::train, tokenizer(), {folder / "cache"});
  BOOST_CHECK_EQUAL(pairs.size(), copies);
  std::vector<TokenId> source, target;
  pairs.read(copies - 1, source, target);
  BOOST_CHECK(source == ended("the dog sees the cat, and the cat sees the dog. It is so. 9") &&
              target == source);
}

BOOST_AUTO_TEST_CASE(questions_of_200_megabytes_are_encoded_in_little_memory,
                     *boost::unit_test::label("slow") *
                         boost::unit_test::precondition(memory_can_be_limited)) {
  const TemporaryFolder folder;
  constexpr Index copies = 400'000;
  std::string response;
  for (int i = 0; i < 14; ++i) response += "the dogs see the cats, ";
  {
    std::ofstream stream(folder.write("train.jsonl", ""), std::ios::binary);
    for (Index i = 0; i < copies; ++i)
      stream << R"({"id": "flan.)" << i
             << R"(", "system_prompt": "the cat", "question": "the dog sees the cat. )"
             << "It is so, and the cat sees the dog, and it is so. It is so, is it? It is so: the cat."
             << i % 10 << R"(", "response": ")" << response << "\"}\n";
  }
  BOOST_TEST(std::filesystem::file_size(folder / "train.jsonl") > 200'000'000u);
  folder.write("test.jsonl", "");
  const QuestionAnswers data(folder.path());
  const MemoryLimit limit(48 << 20);  // the ids in memory would be 200 MB
  const EncodedPairs pairs = encode_pairs(data, Split::train, tokenizer(), {folder / "cache"});
  BOOST_CHECK_EQUAL(pairs.size(), copies);
  std::vector<TokenId> source, target;
  pairs.read(copies - 1, source, target);
  BOOST_CHECK(target == ended(response));
}

BOOST_AUTO_TEST_CASE(real_pairs_decode_to_themselves,
                     *boost::unit_test::label("data") * boost::unit_test::precondition(real_data::is_there)) {
  const TemporaryFolder folder;
  const SentencePairs data(real_data::folder() / "multi30k");
  for (int round = 0; round < 2; ++round) {
    const EncodedPairs pairs = encode_pairs(data, Split::test, tokenizer(), {folder / "cache"});
    PairStream stream = data.open(Split::test);
    std::vector<TokenId> source, target;
    for (SentencePair pair; stream.next(pair);) {
      pairs.read(stream.count() - 1, source, target);
      BOOST_REQUIRE_EQUAL(tokenizer().decode(source, {.skip_special = true}), pair.source);
      BOOST_REQUIRE_EQUAL(tokenizer().decode(target), pair.target + "</s>");
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
