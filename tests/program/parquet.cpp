// The program reads Parquet as it reads the archives, and tells what it needs for that.
#include "data/parquet_files.hpp"
#include "program/data_place.hpp"

BOOST_AUTO_TEST_SUITE(parquet)

using namespace program_test;

namespace {

/// Options of a small model, for the data in tests/data/parquet/wikitext or a folder of the workplace.
Words train_words(const std::string& run, const std::string& data) {
  Words words = {"train", "--task", "language-modeling", "--output", run, "--data", data};
  const Words model = DataPlace::small_model();
  words.insert(words.end(), model.begin() + 2, model.end());  // without its --data
  return words + Words{"--architecture", "memsizer", "--steps", "3"};
}

/// The text of the training split that tests/data/parquet/record.py writes.
std::string train_text() {
  std::string text = " \n = Heading = \n \n A line with \u00e4 , \u20ac and \U0001d11e . \n A line . \n \n";
  for (int i = 0; i < 300; ++i) text += " Line " + std::to_string(i % 7) + " \n";
  return text;
}

}  // namespace

BOOST_AUTO_TEST_CASE(without_its_library_it_says_what_to_install) {
  const Workplace place;
  const std::string data = parquet_files::path("wikitext").string();
  const Ran ran = place.expect(2, train_words("run", data), "", "env MEMSIZER_PARQUET=./absent.so");
  BOOST_TEST(contains(ran.err, "train-00000-of-00002.parquet: reading Parquet needs Apache Arrow"), ran.err);
  BOOST_TEST(contains(ran.err, "scripts/setup installs it"), ran.err);
  BOOST_TEST(contains(ran.err, "./absent.so does not exist"), ran.err);
  BOOST_TEST(!std::filesystem::exists(place.folder() / "run"));
  place.expect(0, {"summary", "--architecture", "memsizer", "--preset", "tiny"}, "",
               "env MEMSIZER_PARQUET=./absent.so");
}

BOOST_AUTO_TEST_CASE(shards_train_the_model_that_the_archive_trains,
                     *boost::unit_test::precondition(parquet_files::can_be_read)) {
  const Workplace place;
  place.folder().write("archive/wiki.train.tokens", train_text());
  place.folder().write("archive/wiki.test.tokens", "one \ntwo");
  const std::string shards = parquet_files::path("wikitext").string();
  std::vector<std::string> results;
  for (const std::string& data : {std::string("archive"), shards}) {
    const std::string run = "run-" + std::to_string(results.size());
    place.expect(0, train_words(run, data));
    const auto evaluated = place.json({"evaluate", run, "--data", data, "--split", "test"});
    results.push_back(memsizer::files::dump_json(evaluated.at("loss"), -1));
    results.push_back(contents(place.folder() / (run + "/tokenizer.json")));
  }
  BOOST_TEST(results[0] == results[2]);
  BOOST_TEST((results[1] == results[3]));
}

BOOST_AUTO_TEST_CASE(a_damaged_shard_tells_its_place_and_leaves_no_run,
                     *boost::unit_test::precondition(parquet_files::can_be_read)) {
  const Workplace place;
  const std::string shard = "shards/train-00001-of-00002.parquet",
                    whole = contents(parquet_files::path("wikitext/train-00001-of-00002.parquet"));
  place.folder().write("shards/train-00000-of-00002.parquet",
                       contents(parquet_files::path("wikitext/train-00000-of-00002.parquet")));
  const auto refused = [&](const std::string& damaged, const std::string& part) {
    place.folder().write(shard, damaged);
    const Ran ran = place.expect(2, train_words("run", "shards"));
    BOOST_TEST(contains(ran.err, shard + part), ran.err);
    BOOST_TEST(!std::filesystem::exists(place.folder() / "run"));
  };
  refused(whole.substr(0, whole.size() / 2), ": expected a whole Parquet file, got: ");
  std::string damaged = whole;
  damaged.at(whole.size() - 8) ^= 1;  // the length of the footer
  refused(damaged, ": expected a whole Parquet file, got: ");
  damaged = whole;
  damaged.at(whole.rfind("\x1f\x8b\x08") + 12) ^= 1;  // in the last page, which is compressed by gzip
  refused(damaged, ": expected whole Parquet data after row 270, got: row group 3, column text: ");
}

BOOST_AUTO_TEST_SUITE_END()
