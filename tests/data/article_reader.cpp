#include "memsizer/data/article_reader.hpp"

#include <boost/test/unit_test.hpp>

#include "files/compress.hpp"
#include "files/temporary_folder.hpp"

BOOST_AUTO_TEST_SUITE(article_reader)

using namespace memsizer;
using namespace memsizer::data;

namespace {

std::vector<Article> all_articles(const std::filesystem::path& file) {
  const auto reader = open_articles(file);
  std::vector<Article> articles;
  for (Article article; reader->next(article);) articles.push_back(article);
  return articles;
}

void check_refused(const std::string& line, const std::string& part) {
  const TemporaryFolder folder;
  const auto file = folder.write("a.jsonl", "{\"document\": \"d\", \"summary\": \"s\"}\n" + line);
  CHECK_THROWS_SAYING(all_articles(file), InputError, file.string() + ":2: " + part);
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_line_of_json_is_an_article) {
  const TemporaryFolder folder;
  const std::string text = R"({"document": "One.\nTwo.", "summary": "\u00e4", "id": "29750031"})"
                           "\n\n"
                           R"({"id": null, "summary": "", "document": "", "title": 7})"
                           "\n"
                           R"({"summary": " s", "document": "d "})";
  const std::vector<Article> expected{
      {"29750031", {"One.\nTwo.", "\u00e4"}}, {"", {"", ""}}, {"", {"d ", " s"}}};
  BOOST_CHECK(all_articles(folder.write("a.jsonl", text)) == expected);
  BOOST_CHECK(all_articles(folder.write("a.jsonl.gz", gzip(text))) == expected);
  BOOST_CHECK(all_articles(folder.write("a.json.zst", zstd(text))) == expected);
  const auto reader = open_articles(folder / "a.jsonl");
  Article article;
  BOOST_CHECK(reader->next(article) && reader->next(article));
  BOOST_CHECK_EQUAL(reader->place(), (folder / "a.jsonl").string() + ":3");
}

BOOST_AUTO_TEST_CASE(a_summary_file_is_one_article_named_by_its_id) {
  const TemporaryFolder folder;
  const std::string text = "[SN]URL[SN]\n[SN]TITLE[SN]\n[SN]FIRST-SENTENCE[SN]\nS.\n[SN]RESTBODY[SN]\nD.\n";
  const std::vector<Article> expected{{"123", {"D.", "S."}}};
  for (const auto& file : {folder.write("123.summary", text), folder.write("123.summary.gz", gzip(text)),
                           folder.write("123.summary.zst", zstd(text)), folder.write("123", text)})
    BOOST_CHECK(all_articles(file) == expected);
  BOOST_CHECK_EQUAL(open_articles(folder / "123")->place(), (folder / "123").string());
}

BOOST_AUTO_TEST_CASE(a_file_without_an_article_is_no_file_of_no_articles) {
  const TemporaryFolder folder;
  Article article;
  BOOST_CHECK_THROW(open_articles(folder.write("1.summary", ""))->next(article), InputError);
  const auto empty = folder.write("train-2.jsonl", "\n");
  CHECK_THROWS_SAYING(open_articles(empty)->next(article), InputError,
                      empty.string() + ": expected lines of JSON, got an empty file");
}

BOOST_AUTO_TEST_CASE(a_line_that_lacks_a_text_is_refused) {
  check_refused(R"({"summary": "s", "id": "1"})", "expected a key \"document\", got none");
  check_refused(R"({"document": "d"})", "expected a key \"summary\", got none");
  check_refused(R"({"document": null, "summary": "s"})", "document: expected a string, got null");
  check_refused(R"({"document": "d", "summary": ["s"]})", "summary: expected a string, got an array of 1");
  check_refused(R"({"document": "d", "summary": "s", "id": 7})", "id: expected a string, got 7");
  check_refused(R"({"document": "d", "summary": "s", "id": ""})", "id: expected an id, got an empty string");
  check_refused("\"x\"", "expected an object, got the string \"x\"");
}

BOOST_AUTO_TEST_CASE(another_form_is_refused) {
  const TemporaryFolder folder;
  CHECK_THROWS_SAYING(open_articles(folder.write("train.txt", "Two men")), InputError,
                      "train.txt: expected lines such as {\"document\": .., \"summary\": .., \"id\": ..}, or "
                      "a .summary file that begins with [SN]URL[SN]; got \"Two men\"");
  CHECK_THROWS_SAYING(open_articles(folder.write("a.parquet", "PAR1")), InputError, "a.parquet: ");
}

BOOST_AUTO_TEST_SUITE_END()
