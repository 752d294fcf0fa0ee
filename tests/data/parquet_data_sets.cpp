// Every data set is read from Parquet as from its other forms.
#include <boost/test/unit_test.hpp>

#include "memsizer/data/articles.hpp"
#include "memsizer/data/encoded_ids.hpp"
#include "memsizer/data/question_answers.hpp"
#include "memsizer/data/sentence_pairs.hpp"
#include "memsizer/data/wikitext.hpp"
#include "memsizer/files/descriptor.hpp"

#include "data/parquet_files.hpp"
#include "files/compress.hpp"
#include "files/temporary_folder.hpp"
#include "real_data.hpp"

BOOST_AUTO_TEST_SUITE(parquet_data_sets, *boost::unit_test::precondition(parquet_files::can_be_read))

using namespace memsizer;
using namespace memsizer::data;

namespace {

std::string text_of(const WikiText& data, Split split) {
  std::string text;
  data.for_each_block(split, [&](std::string_view block) { text += block; });
  return text;
}

std::string bytes_of(const std::filesystem::path& file) {
  return files::read_file(file, 1 << 24);
}

/// All pairs of a stream: pairs, articles or questions.
template <class Stream>
std::vector<TextPair> all_pairs(Stream stream) {
  std::vector<TextPair> pairs;
  for (TextPair pair; stream.next(pair);) pairs.push_back(pair);
  return pairs;
}

}  // namespace

BOOST_AUTO_TEST_CASE(shards_of_wikitext_give_the_text_of_the_archive) {
  const WikiText data(parquet_files::path("wikitext"));
  std::string expected =
      " \n = Heading = \n \n A line with \u00e4 , \u20ac and \U0001d11e . \n A line . \n \n";
  for (int i = 0; i < 300; ++i) expected += concatenate(" Line ", i % 7, " \n");
  BOOST_TEST(text_of(data, Split::train) == expected);
  BOOST_TEST(data.count(Split::train).bytes == static_cast<Index>(expected.size()));
  BOOST_TEST(data.count(Split::train).lines == 306);
  BOOST_TEST(text_of(data, Split::test) == "one \ntwo");
  BOOST_TEST(!data.has(Split::validation));
  const auto files = data.files(Split::train);
  BOOST_TEST(files.size() == 2u);
  BOOST_TEST(hash_of_files(files) != hash_of_files({files[0]}));
  BOOST_TEST(text_of(WikiText(files[0]), Split::train) == expected.substr(0, expected.find(" Line 0")));
}

BOOST_AUTO_TEST_CASE(wikitext_without_text_is_refused) {
  CHECK_THROWS_SAYING(WikiText(parquet_files::path("articles")).files(Split::train), InputError,
                      "train-00000-of-00001.parquet: expected a column \"text\" of strings, found "
                      "\"document\", \"summary\", \"id\"");
  CHECK_THROWS_SAYING(WikiText(parquet_files::path("checked_none.parquet")).count(Split::train), InputError,
                      "checked_none.parquet, row 5: text: expected a string, got null");
  CHECK_THROWS_SAYING(WikiText(parquet_files::path("empty.parquet")).count(Split::train), InputError,
                      "the train split is empty");
  const TemporaryFolder folder;
  const std::string whole = bytes_of(parquet_files::path("checked_none.parquet"));
  folder.write("train.parquet", whole);
  folder.write("test.parquet.gz", gzip(whole));
  folder.write("validation.txt", "text");
  const WikiText data(folder.path());
  CHECK_THROWS_SAYING(data.files(Split::test), InputError, "got a Parquet file, which is read as data only");
  BOOST_TEST(text_of(data, Split::validation) == "text");
  folder.write("train.tokens", "text");
  CHECK_THROWS_SAYING(WikiText(folder.path()), InputError, "the train split is there twice");
}

BOOST_AUTO_TEST_CASE(pairs_are_a_struct_of_two_languages) {
  const auto folder = parquet_files::path("de-en");
  const std::vector<TextPair> expected{{"A sentence.", "Ein Satz."}, {"", ""}, {" Er ", "\u00c4hm"}};
  BOOST_TEST((all_pairs(SentencePairs(folder).open(Split::train)) == expected));
  std::vector<TextPair> turned;
  for (const TextPair& pair : expected) turned.push_back({pair.target, pair.source});
  BOOST_TEST((all_pairs(SentencePairs(folder, {"deu", "eng"}).open(Split::train)) == turned));
  CHECK_THROWS_SAYING(SentencePairs(folder, {"en", "fr"}).files(Split::train), InputError,
                      "expected a column \"translation.fr\" of strings, found \"translation.de\", "
                      "\"translation.en\"");
}

BOOST_AUTO_TEST_CASE(a_pair_with_a_null_names_its_row) {
  const SentencePairs data(parquet_files::path("de-en"));
  CHECK_THROWS_SAYING(
      all_pairs(data.open(Split::validation)), InputError,
      "validation-00000-of-00001.parquet, row 2: translation.en: expected a string, got null");
  CHECK_THROWS_SAYING(all_pairs(data.open(Split::test)), InputError,
                      "test-00000-of-00001.parquet, row 2: translation.en: expected a string, got null");
}

BOOST_AUTO_TEST_CASE(articles_have_three_columns_of_which_the_id_may_be_absent) {
  const Articles data(parquet_files::path("articles"));
  ArticleStream stream = data.open(Split::train);
  Article article;
  BOOST_TEST(stream.next(article));
  BOOST_TEST((article == Article{"29750031", {"One.\nTwo.", "1"}}));
  BOOST_TEST(stream.next(article));
  BOOST_TEST((article == Article{"", {"", " s"}}));
  BOOST_TEST(!stream.next(article));
  BOOST_TEST((all_pairs(data.open(Split::test)) == std::vector<TextPair>{{"d", "s"}}));
  CHECK_THROWS_SAYING(Articles(parquet_files::path("wikitext")).open(Split::train), InputError,
                      "expected a column \"document\" of strings, found \"text\"");
}

BOOST_AUTO_TEST_CASE(questions_are_split_by_the_hash_of_their_ids) {
  const QuestionAnswers data(parquet_files::path("questions"));
  BOOST_TEST(data.is_split_by_id());
  std::size_t count = 0;
  for (const Split split : {Split::train, Split::validation, Split::test}) {
    QuestionStream stream = data.open(split);
    for (QuestionRecord record; stream.next(record); ++count) {
      const int number = std::stoi(record.id.substr(5));
      const std::string system = number % 3 == 2 ? "You are a teacher." : "";
      BOOST_TEST((record == QuestionRecord{record.id, system, concatenate("Question ", number, '?'),
                                           concatenate("Answer ", number, '.')}));
      BOOST_TEST((split_of_id(record.id) == split));
    }
  }
  BOOST_TEST(count == 200u);
  CHECK_THROWS_SAYING(open_questions(parquet_files::path("wikitext/test-00000-of-00001.parquet")), InputError,
                      "expected a column \"id\" of strings, found \"text\"");
}

// Each data set has two shards. The first is whole, and the second lacks its last byte, or has a footer that
// says another length.
BOOST_AUTO_TEST_CASE(a_damaged_shard_is_an_error_and_not_the_end_of_the_data) {
  const auto refused = [](const std::string& sample, const auto& read) {
    for (const bool is_cut : {true, false}) {
      const TemporaryFolder folder;
      const std::string whole = bytes_of(parquet_files::path(sample));
      std::string damaged = whole;
      if (is_cut)
        damaged.pop_back();
      else
        damaged.at(damaged.size() - 8) ^= 1;
      folder.write("train-00000-of-00002.parquet", whole);
      BOOST_TEST(read(folder.path()) > 0u);
      const auto second = folder.write("train-00001-of-00002.parquet", damaged);
      CHECK_THROWS_SAYING(read(folder.path()), InputError,
                          second.string() + ": expected a whole Parquet file, got: ");
    }
  };
  const auto read_pairs = [](const auto& data) { return all_pairs(data.open(Split::train)).size(); };
  refused("wikitext/train-00000-of-00002.parquet",
          [](const auto& path) { return text_of(WikiText(path), Split::train).size(); });
  refused("de-en/train-00000-of-00001.parquet",
          [&](const auto& path) { return read_pairs(SentencePairs(path)); });
  refused("articles/train-00000-of-00001.parquet",
          [&](const auto& path) { return read_pairs(Articles(path)); });
  refused("questions/1M-GPT4-Augmented.parquet",
          [&](const auto& path) { return read_pairs(QuestionAnswers(path)); });
}

BOOST_AUTO_TEST_CASE(a_real_shard_of_wikitext_has_the_bytes_of_the_archive,
                     *boost::unit_test::label("data") * boost::unit_test::precondition(real_data::is_there)) {
  const WikiText shards(real_data::folder() / "parquet/wikitext-103-v1");
  BOOST_TEST(
      (text_of(shards, Split::test) == bytes_of(real_data::folder() / "wikitext-103/wiki.test.tokens")));
  BOOST_TEST((shards.count(Split::test) == TextCounts{1281077, 245569, 4358}));
}

BOOST_AUTO_TEST_CASE(real_shards_of_pairs_are_read_in_both_directions,
                     *boost::unit_test::label("data") * boost::unit_test::precondition(real_data::is_there)) {
  const auto folder = real_data::folder() / "parquet";
  BOOST_TEST(all_pairs(SentencePairs(folder / "opus100-en-fr", {"en", "fr"}).open(Split::test)).size() ==
             2000u);
  const auto pairs = all_pairs(SentencePairs(folder / "iitb-en-hi", {"hi", "en"}).open(Split::test));
  const auto turned = all_pairs(SentencePairs(folder / "iitb-en-hi", {"en", "hi"}).open(Split::test));
  BOOST_TEST_REQUIRE(pairs.size() == 2507u);
  BOOST_TEST((pairs[2506] == TextPair{turned[2506].target, turned[2506].source}));
}

BOOST_AUTO_TEST_SUITE_END()
