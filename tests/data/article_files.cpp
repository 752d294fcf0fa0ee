#include "memsizer/data/article_files.hpp"

#include <boost/test/unit_test.hpp>

#include "files/temporary_folder.hpp"

BOOST_AUTO_TEST_SUITE(article_files)

using namespace memsizer;
using namespace memsizer::data;

namespace {

using Names = std::map<Split, std::vector<std::string>>;

const std::string split_list = "XSum-TRAINING-DEV-TEST-SPLIT-90-5-5.json",
                  three = R"({"train": ["3", "1", "2"], "validation": ["5", "4"], "test": ["6"]})";

/// The names of the files of each split that is there, for a folder with these files.
Names found(const std::vector<std::string>& files, const std::string& below = "") {
  const TemporaryFolder folder;
  for (const std::string& file : files) folder.write(file, is_split_list(file) ? three : "text");
  Names names;
  for (const auto& [split, articles] : find_article_files(folder / below))
    for (std::size_t i = 0; i < articles.names.size(); ++i)
      names[split].push_back(articles.path(i).lexically_relative(folder.path()).string());
  return names;
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_archive_is_split_by_the_official_list) {
  BOOST_CHECK((found({split_list, "bbc/1.summary", "bbc/2.summary.gz", "bbc/3.summary", "bbc/4.summary.zst",
                      "bbc/6.summary", "bbc/99.summary", "README.md"}) ==
               Names{{Split::train, {"bbc/3.summary", "bbc/1.summary", "bbc/2.summary.gz"}},
                     {Split::validation, {"bbc/4.summary.zst"}},
                     {Split::test, {"bbc/6.summary"}}}));
}

BOOST_AUTO_TEST_CASE(articles_that_are_not_there_are_counted) {
  const TemporaryFolder folder;
  folder.write(split_list, three);
  folder.write("a/b/1.summary", ""), folder.write("6.summary", "");
  SplitArticles splits = find_article_files(folder.path());
  BOOST_CHECK((splits[Split::train].missing == MissingExamples{2, "3"}));
  BOOST_CHECK((splits[Split::validation].missing == MissingExamples{2, "5"}));
  BOOST_CHECK(splits[Split::validation].names.empty());
  BOOST_CHECK((splits[Split::test].missing == MissingExamples{}));
}

BOOST_AUTO_TEST_CASE(names_tell_the_splits_of_other_files) {
  BOOST_CHECK((found({"train-1.jsonl", "train-0.jsonl.gz", "val.json", "test.ndjson.zst", "x.jsonl"}) ==
               Names{{Split::train, {"train-0.jsonl.gz", "train-1.jsonl"}},
                     {Split::validation, {"val.json"}},
                     {Split::test, {"test.ndjson.zst"}}}));
  BOOST_CHECK(
      (found({"train/1.summary", "train/0.summary", "test/2.summary"}) ==
       Names{{Split::train, {"train/0.summary", "train/1.summary"}}, {Split::test, {"test/2.summary"}}}));
  BOOST_CHECK(
      (found({"val.jsonl", "train.jsonl"}, "val.jsonl") == Names{{Split::validation, {"val.jsonl"}}}));
  BOOST_CHECK((found({"7.summary"}, "7.summary") == Names{{Split::train, {"7.summary"}}}));
}

// As in a folder that holds the archive's split list and a few lines of JSON.
BOOST_AUTO_TEST_CASE(both_kinds_may_stand_together_in_different_splits) {
  BOOST_CHECK((found({split_list, "bbc/99.summary", "train.jsonl", "test.jsonl"}) ==
               Names{{Split::train, {"train.jsonl"}}, {Split::test, {"test.jsonl"}}}));
  BOOST_CHECK((found({split_list, "bbc/5.summary", "train.jsonl"}) ==
               Names{{Split::train, {"train.jsonl"}}, {Split::validation, {"bbc/5.summary"}}}));
}

BOOST_AUTO_TEST_CASE(what_is_there_twice_is_refused) {
  CHECK_THROWS_SAYING(found({split_list, "a/1.summary", "train.jsonl"}), InputError,
                      "the train split is there twice: ");
  CHECK_THROWS_SAYING(found({"train.jsonl", "train.parquet"}), InputError,
                      "the train split is there twice: ");
  CHECK_THROWS_SAYING(found({split_list, "a/1.summary", "b/1.summary"}), InputError, "the same data twice: ");
  CHECK_THROWS_SAYING(found({split_list, "1.summary", "1.summary.gz"}), InputError, "the same data twice: ");
  CHECK_THROWS_SAYING(found({"test.jsonl", "test.jsonl.gz"}), InputError, "the same data twice: ");
  CHECK_THROWS_SAYING(found({split_list, split_list + ".gz", "1.summary"}), InputError,
                      "the same data twice: ");
}

BOOST_AUTO_TEST_CASE(what_is_no_data_is_refused) {
  CHECK_THROWS_SAYING(found({"a.txt", "all.jsonl"}), InputError, ": expected files such as train.jsonl");
  CHECK_THROWS_SAYING(found({"bbc/1.summary", "bbc/2.summary"}), InputError,
                      ": expected the split file XSum-TRAINING-DEV-TEST-SPLIT-90-5-5.json with 2 .summary "
                      "files, found none");
  CHECK_THROWS_SAYING(
      found({split_list, "bbc/99.summary"}), InputError,
      ": expected the articles that " + split_list + " names, such as 3.summary, found none of them");
  CHECK_THROWS_SAYING(found({}, "absent"), InputError, "absent does not exist");
}

BOOST_AUTO_TEST_SUITE_END()
