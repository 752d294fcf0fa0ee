#include "memsizer/data/articles.hpp"

#include <fstream>

#include <boost/test/unit_test.hpp>

#include "files/compress.hpp"
#include "files/temporary_folder.hpp"
#include "memory_limit.hpp"
#include "real_data.hpp"

BOOST_AUTO_TEST_SUITE(articles)

using namespace memsizer;
using namespace memsizer::data;

namespace {

std::vector<Article> all_articles(const Articles& data, Split split) {
  std::vector<Article> articles;
  ArticleStream stream = data.open(split);
  for (Article article; stream.next(article);) articles.push_back(article);
  BOOST_CHECK_EQUAL(stream.count(), static_cast<Index>(articles.size()));
  return articles;
}

std::string jsonl(const std::vector<Article>& articles) {
  std::string text;
  for (const Article& article : articles)
    text +=
        files::Json{{"id", article.id}, {"document", article.text.source}, {"summary", article.text.target}}
            .dump() +
        '\n';
  return text;
}

std::string summary(const Article& article) {
  return "[SN]URL[SN]\nhttp://x\n\n[SN]TITLE[SN]\ntitle\n\n[SN]FIRST-SENTENCE[SN]\n" + article.text.target +
         "\n\n[SN]RESTBODY[SN]\n" + article.text.source + "\n";
}

constexpr const char* split_list = "XSum-TRAINING-DEV-TEST-SPLIT-90-5-5.json";

/// Writes the articles in every form, as the test split of a folder each, and returns the folders.
std::vector<std::filesystem::path> write_forms(const TemporaryFolder& folder,
                                               const std::vector<Article>& articles) {
  const std::string lines = jsonl(articles);
  folder.write("json/test.jsonl", lines), folder.write("json_gz/test.jsonl.gz", gzip(lines));
  folder.write("json_zst/test-0.json.zst", zstd(lines));
  files::Json splits{{"train", files::Json::array()}, {"validation", {"0"}}, {"test", files::Json::array()}};
  for (std::size_t i = 0; i < articles.size(); ++i) {
    splits["test"].push_back(articles[i].id);
    const std::string name = "/bbc-summary-data/" + articles[i].id + ".summary", text = summary(articles[i]);
    folder.write("archive" + name, text);
    folder.write("packed" + name + (i % 2 ? ".gz" : ".zst"), i % 2 ? gzip(text) : zstd(text));
  }
  folder.write(std::string("archive/") + split_list, splits.dump());
  folder.write(concatenate("packed/", split_list, ".gz"), gzip(splits.dump()));
  return {folder / "json", folder / "json_gz", folder / "json_zst", folder / "archive", folder / "packed"};
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_form_gives_the_same_articles) {
  const TemporaryFolder folder;
  const std::vector<Article> articles{
      {"20", {"One.\nTwo & \u00e4.", "S."}}, {"3", {"", "x"}}, {"1", {"y", ""}}, {"11", {"[SN] z", "{}"}}};
  for (const auto& form : write_forms(folder, articles)) {
    const Articles data(form);
    BOOST_CHECK_MESSAGE(all_articles(data, Split::test) == articles, form);
    BOOST_CHECK(data.has(Split::test) && !data.has(Split::train) && !data.has(Split::validation));
    TextPair pair;
    BOOST_CHECK(data.open(Split::test).next(pair) && pair == articles[0].text);
  }
}

BOOST_AUTO_TEST_CASE(an_archive_of_which_a_part_is_missing_is_read) {
  const TemporaryFolder folder;
  folder.write(split_list, R"({"train": ["1", "2", "3"], "validation": ["4", "5"], "test": []})");
  folder.write("bbc/2.summary", summary({"2", {"d", "s"}}));
  const Articles data(folder.path());
  BOOST_CHECK((all_articles(data, Split::train) == std::vector<Article>{{"2", {"d", "s"}}}));
  BOOST_CHECK((data.missing(Split::train) == MissingExamples{2, "1"}));
  BOOST_CHECK((data.files(Split::train) == std::vector{folder / "bbc/2.summary"}));
  CHECK_THROWS_SAYING(
      data.open(Split::validation), InputError,
      "expected a validation split, found train (2.summary); of the 2 articles that the split "
      "file names, such as 4.summary, none is there");
  CHECK_THROWS_SAYING(data.files(Split::test), InputError, "expected a test split, found train (2.summary)");
}

BOOST_AUTO_TEST_CASE(an_id_is_there_once_in_all_files_of_a_split) {
  const TemporaryFolder folder;
  folder.write("train-0.jsonl", jsonl({{"1", {"a", "b"}}, {"2", {"a", "b"}}}));
  folder.write("train-1.jsonl", jsonl({{"3", {"a", "b"}}, {"1", {"c", "d"}}}));
  CHECK_THROWS_SAYING(all_articles(Articles(folder.path()), Split::train), InputError,
                      (folder / "train-1.jsonl").string() + ":2: expected each id once, got \"1\" again");
  const std::string without = "{\"document\": \"a\", \"summary\": \"b\"}\n";
  folder.write("x/train.jsonl", without + without);
  BOOST_CHECK_EQUAL(all_articles(Articles(folder / "x"), Split::train).size(), 2u);
}

BOOST_AUTO_TEST_CASE(a_broken_split_does_not_block_another) {
  const TemporaryFolder folder;
  folder.write("train.jsonl", "PAR1"), folder.write("valid.jsonl", "");
  folder.write("test.jsonl", jsonl({{"1", {"a", "b"}}}));
  const Articles data(folder.path());
  BOOST_CHECK_EQUAL(all_articles(data, Split::test).size(), 1u);
  CHECK_THROWS_SAYING(data.files(Split::train), InputError, "train.jsonl: expected text, got a Parquet file");
  CHECK_THROWS_SAYING(data.open(Split::train), InputError, "train.jsonl: expected text, got a Parquet file");
  CHECK_THROWS_SAYING(all_articles(data, Split::validation), InputError,
                      (folder / "valid.jsonl").string() + ": expected lines of JSON, got an empty file");
}

BOOST_AUTO_TEST_CASE(articles_are_never_all_in_memory,
                     *boost::unit_test::label("slow") *
                         boost::unit_test::precondition(memory_can_be_limited)) {
  const TemporaryFolder folder;
  constexpr int copies = 2'000;
  const std::string document(5000, 'x');
  {
    std::ofstream stream(folder.write("train.jsonl", ""), std::ios::binary);
    for (int i = 0; i < copies; ++i) stream << jsonl({{std::to_string(i), {document, "s"}}});
  }
  const Articles data(folder.path());
  const MemoryLimit limit(4 << 20);  // the documents alone are 10 MB
  ArticleStream stream = data.open(Split::train);
  for (TextPair pair; stream.next(pair);) BOOST_REQUIRE_EQUAL(pair.source.size(), document.size());
  BOOST_CHECK_EQUAL(stream.count(), copies);
}

BOOST_AUTO_TEST_CASE(real_articles_are_the_same_in_every_form,
                     *boost::unit_test::label("data") * boost::unit_test::precondition(real_data::is_there)) {
  const Articles data(real_data::folder() / "xsum");
  const std::vector<Article> train = all_articles(data, Split::train), test = all_articles(data, Split::test);
  BOOST_CHECK_EQUAL(train.size(), 1000u);
  BOOST_CHECK_EQUAL(test.size(), 763u);
  BOOST_CHECK(train[0].text.source.starts_with("They recorded their best result in Wales in 30 years"));
  CHECK_THROWS_SAYING(
      data.open(Split::validation), InputError,
      "expected a validation split, found train (train.jsonl), test (test.jsonl); of the 11332 "
      "articles that the split file names, such as 17532613.summary, none is there");
  const TemporaryFolder folder;
  for (const auto& form : write_forms(folder, test))
    BOOST_CHECK_MESSAGE(all_articles(Articles(form), Split::test) == test, form);
}

BOOST_AUTO_TEST_SUITE_END()
