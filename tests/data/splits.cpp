#include "memsizer/data/splits.hpp"

#include <boost/test/unit_test.hpp>

#include "files/temporary_folder.hpp"

BOOST_AUTO_TEST_SUITE(splits)

using namespace memsizer;
using namespace memsizer::data;
namespace fs = std::filesystem;

namespace {

/// Creates the files, searches the folder `below`, and returns the names found for each split, relative to
/// the root.
std::map<Split, std::vector<std::string>> found(const std::vector<std::string>& files,
                                                const std::string& below = "") {
  const TemporaryFolder folder;
  for (const std::string& file : files) folder.write(file, "text");
  std::map<Split, std::vector<std::string>> names;
  for (const auto& [split, paths] : find_split_files(folder / below, [](const auto&) { return true; }))
    for (const fs::path& path : paths)
      names[split].push_back(path.lexically_relative(folder.path()).string());
  return names;
}

using Names = std::map<Split, std::vector<std::string>>;

}  // namespace

BOOST_AUTO_TEST_CASE(names_tell_splits_by_words) {
  const std::pair<const char*, std::optional<Split>> cases[] = {{"wiki.train.tokens", Split::train},
                                                                {"wiki.valid.raw", Split::validation},
                                                                {"val.de", Split::validation},
                                                                {"DEV_2", Split::validation},
                                                                {"Validation", Split::validation},
                                                                {"test-00000-of-00001.parquet", Split::test},
                                                                {"test2016flickr.en", Split::test},
                                                                {"test_2016_flickr.en", Split::test},
                                                                {"eval.jsonl.gz", Split::test},
                                                                {"train-train.txt", Split::train},
                                                                {"newstest2014.en", std::nullopt},
                                                                {"training.txt", std::nullopt},
                                                                {"contest.txt", std::nullopt},
                                                                {"README.md", std::nullopt},
                                                                {"", std::nullopt}};
  for (const auto& [name, split] : cases) BOOST_CHECK_MESSAGE(split_of_name(name) == split, name);
  CHECK_THROWS_SAYING(split_of_name("train.test"), InputError, "the name train.test tells two splits");
}

BOOST_AUTO_TEST_CASE(words_of_the_command_line) {
  BOOST_CHECK(parse_split("valid") == Split::validation && parse_split("train") == Split::train);
  CHECK_THROWS_SAYING(parse_split("all"), InputError,
                      "expected a split (train, validation or test), got \"all\"");
  BOOST_CHECK_EQUAL(split_name(Split::validation), "validation");
}

BOOST_AUTO_TEST_CASE(archive_layouts_are_found) {
  const Names wiki{{Split::train, {"wikitext-2/wiki.train.tokens"}},
                   {Split::validation, {"wikitext-2/wiki.valid.tokens"}},
                   {Split::test, {"wikitext-2/wiki.test.tokens"}}};
  const std::vector<std::string> files{"wikitext-2/wiki.train.tokens", "wikitext-2/wiki.test.tokens",
                                       "wikitext-2/wiki.valid.tokens", "wikitext-2/README",
                                       "wikitext-2/.hidden/train"};
  BOOST_CHECK(found(files) == wiki);
  BOOST_CHECK(found(files, "wikitext-2") == wiki);
}

BOOST_AUTO_TEST_CASE(several_files_come_in_name_order) {
  BOOST_CHECK((found({"train-2", "train-10", "train-1"}) ==
               Names{{Split::train, {"train-1", "train-10", "train-2"}}}));
  BOOST_CHECK((found({"train/b", "train/a", "test/x"}) ==
               Names{{Split::train, {"train/a", "train/b"}}, {Split::test, {"test/x"}}}));
}

BOOST_AUTO_TEST_CASE(a_files_own_name_comes_before_its_folders) {
  BOOST_CHECK((found({"dev-2/train", "dev-2/test"}) ==
               Names{{Split::train, {"dev-2/train"}}, {Split::test, {"dev-2/test"}}}));
  BOOST_CHECK(found({"corpus.txt", "a/b/c/d/train.txt"}).empty());
}

BOOST_AUTO_TEST_CASE(a_single_file_is_what_it_says_or_train) {
  BOOST_CHECK((found({"corpus.txt"}, "corpus.txt") == Names{{Split::train, {"corpus.txt"}}}));
  BOOST_CHECK((found({"wiki.test.raw"}, "wiki.test.raw") == Names{{Split::test, {"wiki.test.raw"}}}));
}

BOOST_AUTO_TEST_CASE(linked_files_and_folders_are_followed) {
  const TemporaryFolder folder;
  folder.write("blobs/1f", "text");
  fs::create_directories(folder / "set");
  fs::create_symlink("../blobs/1f", folder / "set/train.txt");
  fs::create_symlink("nowhere", folder / "set/test.txt");
  fs::create_directory_symlink(".", folder / "set/again");
  const auto files = find_split_files(folder / "set", [](const auto& f) { return !f.has_parent_path(); });
  BOOST_CHECK_EQUAL(files.size(), 1u);
  BOOST_CHECK(files.at(Split::train).front() == folder / "set/train.txt");
}

BOOST_AUTO_TEST_CASE(mixed_data_is_refused) {
  CHECK_THROWS_SAYING(found({"wikitext-2/wiki.test.tokens", "wikitext-103/wiki.test.tokens"}), InputError,
                      "holds several data sets");
  CHECK_THROWS_SAYING(found({"a/train/x", "b/test/x"}), InputError, "holds several data sets");
  CHECK_THROWS_SAYING(found({"train.txt", "train.txt.gz"}), InputError, "the same data twice");
  CHECK_THROWS_SAYING(found({"train/x.gz", "train/x.zst"}), InputError, "the same data twice");
  CHECK_THROWS_SAYING(found({}, "absent"), InputError, "absent does not exist");
}

BOOST_AUTO_TEST_CASE(data_that_can_be_read_once_is_refused) {
  const TemporaryFolder folder;
  const auto pipe = folder / "train.txt";
  BOOST_REQUIRE_EQUAL(::mkfifo(pipe.c_str(), 0600), 0);
  for (const fs::path& data : {pipe, fs::path("/dev/null")})
    CHECK_THROWS_SAYING(find_split_files(data, [](const auto&) { return true; }), InputError,
                        data.string() + ": expected a file or a folder, got a pipe or a device");
}

BOOST_AUTO_TEST_CASE(an_absent_split_lists_those_found) {
  const SplitFiles splits{{Split::train, {"d/train-1", "d/train-2"}}, {Split::test, {"d/test"}}};
  BOOST_CHECK_EQUAL(files_of_split(splits, Split::train, "d").size(), 2u);
  CHECK_THROWS_SAYING(files_of_split(splits, Split::validation, "d"), InputError,
                      "d: expected a validation split, found train (train-1, ...), test (test)");
  CHECK_THROWS_SAYING(files_of_split({}, Split::train, "d"), InputError,
                      "expected a train split, found none");
}

BOOST_AUTO_TEST_SUITE_END()
