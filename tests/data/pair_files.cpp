#include "memsizer/data/pair_files.hpp"

#include <boost/test/unit_test.hpp>

#include "files/temporary_folder.hpp"

BOOST_AUTO_TEST_SUITE(pair_files)

using namespace memsizer;
using namespace memsizer::data;

namespace {

/// The pairs of each split as "source|target", relative to the folder. `lacks` stands for an absent side.
using Names = std::map<Split, std::vector<std::string>>;

Names found(const std::vector<std::string>& files, const Languages& languages = {},
            const std::string& below = "") {
  const TemporaryFolder folder;
  for (const std::string& file : files) folder.write(file, "text");
  Names names;
  for (const auto& [split, pairs] : find_pair_files(folder / below, languages))
    for (const FoundPair& pair : pairs) {
      const auto name = [&](const auto& path) { return path.lexically_relative(folder.path()).string(); };
      names[split].push_back(name(pair.files.source) + '|' +
                             (pair.lacks.empty() ? name(pair.files.target) : "lacks"));
    }
  return names;
}

const std::vector<std::string> wmt16 = {"training/europarl-v7.de-en.de",
                                        "training/europarl-v7.de-en.en",
                                        "training/europarl-v7.fr-en.en",
                                        "training/europarl-v7.fr-en.fr",
                                        "commoncrawl.de-en.de",
                                        "commoncrawl.de-en.en",
                                        "commoncrawl.de-en.annotation",
                                        "training-parallel-nc-v11/news-commentary-v11.de-en.de",
                                        "training-parallel-nc-v11/news-commentary-v11.de-en.en",
                                        "dev/news-test2008-src.de.sgm",
                                        "dev/newsdev2016-enro-src.en.sgm",
                                        "dev/newstest2014-deen-src.de.sgm",
                                        "dev/newstest2014-deen-ref.en.sgm",
                                        "dev/newstest2015-deen-src.de.sgm",
                                        "dev/newstest2015-deen-ref.en.sgm",
                                        "dev/newstest2015-ende-src.en.sgm",
                                        "dev/newstest2015-ende-ref.de.sgm",
                                        "dev/newstest2016-deen-src.de.sgm",
                                        "dev/newstest2016-deen-ref.en.sgm",
                                        "dev/newstest2016-csen-ref.en.sgm"};

}  // namespace

BOOST_AUTO_TEST_CASE(files_of_two_languages_are_paired) {
  BOOST_CHECK((found({"train.en", "train.de", "train.fr", "val.en.gz", "val.de", "test_2016_flickr.en",
                      "test_2016_flickr.de", "README.md"}) ==
               Names{{Split::train, {"train.en|train.de"}},
                     {Split::validation, {"val.en.gz|val.de"}},
                     {Split::test, {"test_2016_flickr.en|test_2016_flickr.de"}}}));
  BOOST_CHECK(
      (found({"train.eng", "train.deu"}, {"de", "en"}) == Names{{Split::train, {"train.deu|train.eng"}}}));
  BOOST_CHECK((found({"a/train/x.src", "a/train/x.tgt"}, {"src", "tgt"}) ==
               Names{{Split::train, {"a/train/x.src|a/train/x.tgt"}}}));
  BOOST_CHECK((found({"train-2.en", "train-2.de", "train-1.en", "train-1.de"}) ==
               Names{{Split::train, {"train-1.en|train-1.de", "train-2.en|train-2.de"}}}));
}

BOOST_AUTO_TEST_CASE(files_of_json_stand_alone) {
  BOOST_CHECK(
      (found({"de-en/train.jsonl", "de-en/validation.jsonl.gz", "de-en/test-00000-of-00001.parquet"}) ==
       Names{{Split::train, {"de-en/train.jsonl|"}},
             {Split::validation, {"de-en/validation.jsonl.gz|"}},
             {Split::test, {"de-en/test-00000-of-00001.parquet|"}}}));
}

BOOST_AUTO_TEST_CASE(wmt16_is_known_by_its_names) {
  const std::vector<std::string> train{
      "commoncrawl.de-en.en|commoncrawl.de-en.de",
      "training-parallel-nc-v11/news-commentary-v11.de-en.en|training-parallel-nc-v11/"
      "news-commentary-v11.de-en.de",
      "training/europarl-v7.de-en.en|training/europarl-v7.de-en.de"};
  BOOST_CHECK(
      (found(wmt16) ==
       Names{{Split::train, train},
             {Split::validation, {"dev/newstest2015-ende-src.en.sgm|dev/newstest2015-ende-ref.de.sgm"}},
             {Split::test, {"dev/newstest2016-deen-ref.en.sgm|dev/newstest2016-deen-src.de.sgm"}}}));
  const Names reversed = found(wmt16, {"de", "en"});
  BOOST_CHECK_EQUAL(reversed.at(Split::validation)[0],
                    "dev/newstest2015-deen-src.de.sgm|dev/newstest2015-deen-ref.en.sgm");
  BOOST_CHECK_EQUAL(reversed.at(Split::test)[0],
                    "dev/newstest2016-deen-src.de.sgm|dev/newstest2016-deen-ref.en.sgm");
}

BOOST_AUTO_TEST_CASE(wmt16_may_lack_a_split) {
  const auto without = [](const std::string& part) {
    std::vector<std::string> files = wmt16;
    std::erase_if(files, [&](const std::string& file) { return file.find(part) != file.npos; });
    return found(files);
  };
  const Names all = found(wmt16);
  BOOST_CHECK((without("newstest2016") ==
               Names{{Split::train, all.at(Split::train)}, {Split::validation, all.at(Split::validation)}}));
  BOOST_CHECK((without("newstest2015") ==
               Names{{Split::train, all.at(Split::train)}, {Split::test, all.at(Split::test)}}));
  const Names tests = found({"dev/news-test2008-src.de.sgm", "dev/newstest2014-deen-src.de.sgm",
                             "dev/newstest2014-deen-ref.en.sgm", "test/newstest2016-deen-src.de.sgm",
                             "test/newstest2016-deen-ref.en.sgm"});
  BOOST_CHECK((tests == Names{{Split::test,
                               {"test/newstest2016-deen-ref.en.sgm|test/newstest2016-deen-src.de.sgm"}}}));
}

BOOST_AUTO_TEST_CASE(further_files_of_a_split_of_wmt16_are_read_too) {
  BOOST_CHECK((found({"europarl.en", "europarl.de", "train.en", "train.de"}) ==
               Names{{Split::train, {"europarl.en|europarl.de", "train.en|train.de"}}}));
  std::vector<std::string> more = wmt16;
  more.insert(more.end(), {"train-extra.en", "train-extra.de"});
  BOOST_TEST(std::ranges::count(found(more).at(Split::train), "train-extra.en|train-extra.de") == 1);
  CHECK_THROWS_SAYING(found({"europarl.en", "europarl.de", "train.jsonl"}), InputError,
                      "the train split is there twice: ");
}

BOOST_AUTO_TEST_CASE(a_word_in_a_name_comes_before_wmt16) {
  BOOST_CHECK((found({"europarl.test.en", "europarl.test.de", "europarl.en", "europarl.de", "valid.en",
                      "valid.de"}) == Names{{Split::train, {"europarl.en|europarl.de"}},
                                            {Split::validation, {"valid.en|valid.de"}},
                                            {Split::test, {"europarl.test.en|europarl.test.de"}}}));
  BOOST_CHECK((found({"newstest2013.en", "news-test2008.en", "newstest2013.de", "news-test2008.de"}) ==
               Names{{Split::test, {"news-test2008.en|news-test2008.de"}}}));
}

BOOST_AUTO_TEST_CASE(a_single_file_brings_its_translation_along) {
  BOOST_CHECK((found({"x.en", "x.de.gz", "y.de"}, {}, "x.en") == Names{{Split::train, {"x.en|x.de.gz"}}}));
  BOOST_CHECK((found({"d/test.en", "d/test.de", "d/test.fr"}, {}, "d/test.de") ==
               Names{{Split::test, {"d/test.en|d/test.de"}}}));
  BOOST_CHECK((found({"data.txt"}, {}, "data.txt") == Names{{Split::train, {"data.txt|"}}}));
  BOOST_CHECK(
      (found({"val.jsonl", "train.en"}, {}, "val.jsonl") == Names{{Split::validation, {"val.jsonl|"}}}));
  BOOST_CHECK((found(wmt16, {"de", "en"}, "dev/newstest2014-deen-src.de.sgm") ==
               Names{{Split::train, {"dev/newstest2014-deen-src.de.sgm|dev/newstest2014-deen-ref.en.sgm"}}}));
}

BOOST_AUTO_TEST_CASE(both_roles_of_one_language_are_told_apart) {
  const std::vector<std::string> files{"t-test-deen-src.de.sgm", "t-test-deen-ref.de.sgm",
                                       "t-test-deen-src.en.sgm", "t-test-deen-ref.en.sgm"};
  BOOST_CHECK((found(files) == Names{{Split::test, {"t-test-deen-src.en.sgm|t-test-deen-ref.de.sgm"}}}));
  BOOST_CHECK((found(files, {"de", "en"}) ==
               Names{{Split::test, {"t-test-deen-src.de.sgm|t-test-deen-ref.en.sgm"}}}));
}

BOOST_AUTO_TEST_CASE(an_absent_translation_is_told) {
  BOOST_CHECK((found({"train.en", "valid.de", "valid.en"}) ==
               Names{{Split::train, {"train.en|lacks"}}, {Split::validation, {"valid.en|valid.de"}}}));
  const TemporaryFolder folder;
  const auto file = folder.write("train-src.de.sgm", "text");
  BOOST_CHECK_EQUAL(find_pair_files(folder.path(), {}).at(Split::train)[0].lacks,
                    file.string() +
                        ": expected its translation beside it, in a file named alike that ends in .en.sgm; "
                        "found none");
}

BOOST_AUTO_TEST_CASE(what_is_ambiguous_is_refused) {
  CHECK_THROWS_SAYING(found({"train.en", "train.de", "train.jsonl"}), InputError,
                      "the train split is there twice: ");
  CHECK_THROWS_SAYING(found({"test.en", "test.de", "a-test-src.en.sgm", "a-test-ref.de.sgm"}), InputError,
                      "the test split is there twice: ");
  CHECK_THROWS_SAYING(found({"train.jsonl", "train.parquet"}), InputError,
                      "the train split is there twice: ");
  CHECK_THROWS_SAYING(found({"train.en", "train.eng", "train.de"}), InputError, "the same data twice: ");
  CHECK_THROWS_SAYING(found({"train.en", "train.en.gz", "train.de"}), InputError, "the same data twice: ");
  CHECK_THROWS_SAYING(found({"europarl.en", "europarl.en.gz", "europarl.de"}), InputError,
                      "the same data twice: ");
  CHECK_THROWS_SAYING(found({"a/train.en", "a/train.de", "b/test.en", "b/test.de"}), InputError,
                      "holds several data sets");
}

BOOST_AUTO_TEST_CASE(what_is_no_data_is_refused) {
  CHECK_THROWS_SAYING(found({"train.fr", "train.cs"}), InputError,
                      ": expected files such as train.en and train.de, SGML, train.jsonl or train.parquet");
  CHECK_THROWS_SAYING(found({}, {}, "absent"), InputError, "absent does not exist");
  for (const Languages& languages : {Languages{"de", "deu"}, Languages{"", "de"}, Languages{"en", ""}})
    CHECK_THROWS_SAYING(found({"train.en", "train.de"}, languages), InputError,
                        "expected two languages, got \"");
}

BOOST_AUTO_TEST_SUITE_END()
