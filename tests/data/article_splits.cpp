#include "memsizer/data/article_splits.hpp"

#include <boost/test/unit_test.hpp>

#include "files/compress.hpp"
#include "files/temporary_folder.hpp"
#include "real_data.hpp"

BOOST_AUTO_TEST_SUITE(article_splits)

using namespace memsizer;
using namespace memsizer::data;

namespace {

void check_refused(const std::string& text, const std::string& part) {
  const TemporaryFolder folder;
  const auto file = folder.write("split.json", text);
  CHECK_THROWS_SAYING(read_article_splits(file), InputError, file.string() + ":1: " + part);
}

}  // namespace

BOOST_AUTO_TEST_CASE(ids_keep_their_order) {
  const TemporaryFolder folder;
  const std::string text = R"({"test": ["3"], "train": ["2", "1"], "validation": []})";
  for (const auto& file : {folder.write("a.json", text), folder.write("a.json.gz", gzip(text)),
                           folder.write("a.json.zst", zstd(text))}) {
    SplitIds splits = read_article_splits(file);
    BOOST_CHECK_EQUAL(splits.size(), 3u);  // an empty split is there too
    BOOST_CHECK((splits[Split::train] == std::vector<std::string>{"2", "1"}));
    BOOST_CHECK((splits[Split::test] == std::vector<std::string>{"3"}));
    BOOST_CHECK(splits[Split::validation].empty());
  }
}

BOOST_AUTO_TEST_CASE(what_is_no_split_is_refused) {
  check_refused("[]", "expected an object, got an array of 0");
  check_refused(R"({"train": [], "test": []})", "expected a key \"validation\", got none");
  check_refused(R"({"train": [], "test": [], "validation": [], "dev": []})",
                "dev: unknown key, expected train, validation, test");
  check_refused(R"({"train": {}, "test": [], "validation": []})", "train: expected an array, got an object");
  check_refused(R"({"train": ["1", 2], "test": [], "validation": []})",
                "train[1]: expected an id, which is a string and not empty, got 2");
  check_refused(R"({"train": ["1", ""], "test": [], "validation": []})",
                "train[1]: expected an id, which is a string and not empty, got the string \"\"");
  check_refused(R"({"train": ["1", null], "test": [], "validation": []})", "train[1]: expected an id");
  check_refused(R"({"train": ["1"], "test": ["2", "1"], "validation": []})",
                "test[1]: expected each id once, got \"1\", which is train[0] too");
  check_refused(R"({"train": ["1", "1"], "test": [], "validation": []})",
                "train[1]: expected each id once, got \"1\", which is train[0] too");
  const TemporaryFolder folder;
  CHECK_THROWS_SAYING(read_article_splits(folder.write("a.json", "{\"train\": ")), InputError, "a.json:1:");
  CHECK_THROWS_SAYING(read_article_splits(folder.write("b.json.gz", gzip(std::string((64 << 20) + 1, ' ')))),
                      InputError, "b.json.gz: expected at most 67108864 bytes, got more");
}

BOOST_AUTO_TEST_CASE(the_official_name_is_known) {
  for (const char* name : {"XSum-TRAINING-DEV-TEST-SPLIT-90-5-5.json", "a/xsum-training-dev-test-split.json",
                           "XSum-TRAINING-DEV-TEST-SPLIT-90-5-5.json.gz"})
    BOOST_CHECK(is_split_list(name));
  for (const char* name : {"train.json", "XSum-TRAINING-DEV-TEST-SPLIT-90-5-5.txt", "split.json"})
    BOOST_CHECK(!is_split_list(name));
}

BOOST_AUTO_TEST_CASE(the_official_split_is_read,
                     *boost::unit_test::label("data") * boost::unit_test::precondition(real_data::is_there)) {
  SplitIds splits =
      read_article_splits(real_data::folder() / "xsum/XSum-TRAINING-DEV-TEST-SPLIT-90-5-5.json");
  BOOST_CHECK_EQUAL(splits[Split::train].size(), 204045u);
  BOOST_CHECK_EQUAL(splits[Split::validation].size(), 11332u);
  BOOST_CHECK_EQUAL(splits[Split::test].size(), 11334u);
  BOOST_CHECK_EQUAL(splits[Split::train][0], "29750031");
}

BOOST_AUTO_TEST_SUITE_END()
