// All commands agree on what is text and what is not.
#include "files/compress.hpp"
#include "program/data_place.hpp"

BOOST_AUTO_TEST_SUITE(text_door)

using namespace program_test;

namespace {

/// A place with a tokenizer and a run, where every command that reads text can read the file `text`.
struct DoorPlace : DataPlace {
  DoorPlace() {
    expect(0, train_words("memsizer", {"--steps", "1"}));
    std::filesystem::copy(folder() / "run/tokenizer.json", folder() / "t.json");
  }

  /// Every command that reads text, with this file. Removes the run that an earlier command left.
  std::vector<Words> commands(const std::string& file) const {
    std::filesystem::remove_all(folder() / "new");
    return {{"tokenizer", "train", "--input", file, "--vocab-size", "300", "--output", "new.json"},
            {"tokenizer", "encode", "--tokenizer", "t.json", "--input", file},
            Words{"train", "--output", "new", "--data", file, "--steps", "1"} + settings,
            {"evaluate", "run", "--split", "train", "--data", file, "--limit", "1"},
            {"generate", "run", "--input", file, "--max-tokens", "1"},
            {"score", "bleu", "--hypotheses", file, "--references", file}};
  }

  Words settings = {"--preset", "tiny"};
};

/// ASCII text as UTF-16, with the low byte first or last.
std::string utf16(const std::string& text, bool low_first) {
  std::string wide;
  for (const char c : text) wide += low_first ? std::string{c, '\0'} : std::string{'\0', c};
  return wide;
}

std::string tar_of(const std::string& text) {
  std::string archive(512, '\0');
  archive.replace(0, 5, "a.txt");
  archive.replace(257, 5, "ustar");
  return archive + text;
}

}  // namespace

BOOST_AUTO_TEST_CASE(what_is_no_text_is_refused_by_every_command) {
  const DoorPlace place;
  const std::string text = small_text(200);
  const std::vector<std::pair<std::string, std::string>> foreign = {
      {"UTF-16", "\xFF\xFE" + utf16(text, true)},
      {"UTF-16", "\xFE\xFF" + utf16(text, false)},
      {"UTF-16", utf16(text, true)},
      {"UTF-16", utf16(text, false)},
      {"a Parquet file", "PAR1\x15\x04" + text},
      {"a zip archive", "PK\x03\x04" + text},
      {"xz data",
       "\xFD"
       "7zXZ" +
           text},
      {"a 7-Zip archive", "7z\xBC\xAF\x27\x1C" + text},
      {"bzip2 data", "BZh91AY&SY" + text},
      {"lz4 data", "\x04\x22\x4D\x18" + text},
      {"an Arrow file", "ARROW1" + text},
      {"an HDF5 file", "\x89HDF\r\n" + text},
      {"a PDF file", "%PDF-1.7\n" + text},
      {"a tar archive", tar_of(text)}};
  for (const auto& [name, bytes] : foreign)
    for (const std::string& packed : {bytes, gzip(bytes), zstd(bytes)}) {
      place.folder().write("text", packed);
      for (const Words& words : place.commands("text")) {
        const Ran ran = place.expect(2, words);
        BOOST_TEST(contains(ran.err, "text: expected text, got "), ran.err);
        BOOST_TEST(contains(ran.err, name), ran.err);
        BOOST_TEST(ran.out == "");
      }
      BOOST_TEST(!std::filesystem::exists(place.folder() / "new.json"));
    }
}

BOOST_AUTO_TEST_CASE(shards_that_are_not_there_are_told) {
  const Workplace place;
  place.folder().write("data/train-00000-of-00003.txt", "The river is long and the lake is old.\n");
  place.folder().write("data/valid.txt", "The lake is long.\n");
  place.folder().write("data/test-00001-of-00002.txt", "The river is old.\n");
  const Ran trained = place.expect(0, {"train", "--data", "data", "--output", "run", "--preset", "micro",
                                       "--steps", "1", "--set", "vocab=259"});
  BOOST_TEST(contains(trained.err,
                      "of the 3 files of the train split, 2 are not there, such as "
                      "train-00001-of-00003.txt\n"),
             trained.err);
  const Ran scored = place.expect(0, {"evaluate", "run", "--data", "data"});
  BOOST_TEST(contains(scored.err,
                      "of the 2 files of the test split, 1 are not there, such as "
                      "test-00000-of-00002.txt\n"),
             scored.err);
}

BOOST_AUTO_TEST_CASE(what_is_text_is_read_by_every_command) {
  DoorPlace place;
  place.settings = DataPlace::small_model();
  place.settings.erase(place.settings.begin(), place.settings.begin() + 2);  // its --data
  const std::string text = small_text(200);
  const std::string odd = "\xEF\xBB\xBF" + text + std::string(1, '\0') + "PAR1 PK\u2028 \u1c89\n";
  for (const std::string& bytes : {text, odd}) {
    std::vector<std::string> first;
    for (const std::string& packed : {bytes, gzip(bytes), zstd(bytes)}) {
      place.folder().write("text", packed);
      std::vector<std::string> outs;
      for (const Words& words : place.commands("text")) outs.push_back(place.expect(0, words).out);
      if (first.empty()) first = outs;
      BOOST_TEST(outs[1] == first[1]);  // ids
      BOOST_TEST(outs[4] == first[4]);  // continuations
    }
  }
}

BOOST_AUTO_TEST_CASE(what_trains_names_the_place_of_a_damaged_byte) {
  const DoorPlace place;
  place.folder().write("text", small_text(200) + " The \xE9t\xE9 .\n");
  const std::vector<Words> commands = place.commands("text");
  for (const Words& words : {commands[0], commands[2], commands[3]})
    BOOST_TEST(
        contains(place.expect(2, words).err, "text:202: expected UTF-8, got an invalid byte at offset "));
  place.expect(0, commands[1]);  // encoding works on bytes: any byte has an id and can be decoded
}

BOOST_AUTO_TEST_SUITE_END()
