#include "memsizer/data/pair_reader.hpp"

#include <vector>

#include <boost/test/unit_test.hpp>

#include "files/compress.hpp"
#include "files/temporary_folder.hpp"

BOOST_AUTO_TEST_SUITE(pair_reader)

using namespace memsizer;
using namespace memsizer::data;

namespace {

std::vector<SentencePair> all_pairs(const PairFiles& files, const Languages& languages = {}) {
  const auto reader = open_pairs(files, languages);
  std::vector<SentencePair> pairs;
  for (SentencePair pair; reader->next(pair);) pairs.push_back(pair);
  return pairs;
}

std::string sgml(const std::string& kind, const std::vector<int>& ids, const std::string& document = "d") {
  std::string text = '<' + kind + ">\n<doc docid=\"" + document + "\">\n";
  for (const int id : ids) text += concatenate("<seg id=\"", id, "\">", kind, ' ', id, "</seg>\n");
  return text + "</doc>\n</" + kind + ">\n";
}

/// Checks that a line of JSON is refused with an error that contains the file, the line's number and `part`.
void check_refused(const std::string& line, const std::string& part) {
  const TemporaryFolder folder;
  const auto file = folder.write("a.jsonl", R"({"translation": {"de": "a", "en": "b"}})"
                                            "\n" +
                                                line + "\n");
  CHECK_THROWS_SAYING(all_pairs({file}), InputError, file.string() + ":2" + part);
}

}  // namespace

BOOST_AUTO_TEST_CASE(lines_in_the_same_place_are_pairs) {
  const TemporaryFolder folder;
  const PairFiles plain{folder.write("a.en", "one\n\n three \n"), folder.write("a.de", "eins\nzwei\n\n")};
  const std::vector<SentencePair> expected{{"one", "eins"}, {"", "zwei"}, {" three ", ""}};
  BOOST_CHECK(all_pairs(plain) == expected);
  const PairFiles packed{folder.write("b.en.gz", gzip("one\n\n three ")),
                         folder.write("b.de.zst", zstd("eins\nzwei\n\n"))};
  BOOST_CHECK(all_pairs(packed) == expected);
  const PairFiles empty{folder.write("empty.en", ""), folder.write("empty.de", "")};
  CHECK_THROWS_SAYING(all_pairs(empty), InputError,
                      empty.source.string() + ": expected lines, got an empty file");
}

BOOST_AUTO_TEST_CASE(files_of_different_lengths_are_refused_with_both) {
  const TemporaryFolder folder;
  const auto two = folder.write("a.en", "1\n2\n"), five = folder.write("a.de", "1\n2\n3\n4\n5");
  CHECK_THROWS_SAYING(all_pairs({two, five}), InputError,
                      concatenate("expected translations in the same order in ", two.string(),
                                  " (2 lines) and ", five.string(), " (5 lines); they are not aligned"));
  CHECK_THROWS_SAYING(all_pairs({five, two}), InputError, "(5 lines) and " + two.string() + " (2 lines)");
  const auto three = folder.write("a.sgm", sgml("srcset", {1, 2, 3}));
  CHECK_THROWS_SAYING(all_pairs({two, three}), InputError,
                      "(2 lines) and " + three.string() + " (3 segments)");
}

BOOST_AUTO_TEST_CASE(segments_must_be_the_same_on_both_sides) {
  const TemporaryFolder folder;
  const auto source = folder.write("s.sgm", sgml("srcset", {1, 2, 4}));
  BOOST_CHECK((all_pairs({source, folder.write("r.sgm", sgml("refset", {1, 2, 4}))})[2] ==
               SentencePair{"srcset 4", "refset 4"}));
  const auto other = folder.write("r.sgm", sgml("refset", {1, 3, 4, 5}));
  CHECK_THROWS_SAYING(
      all_pairs({source, other}), InputError,
      concatenate("(3 segments) and ", other.string(), " (4 segments); they are not aligned; ",
                  source.string(), ":4 is segment 2 of document \"d\", ", other.string(),
                  ":4 is segment 3 of document \"d\""));
  CHECK_THROWS_SAYING(all_pairs({source, folder.write("r.sgm", sgml("refset", {1, 2, 4}, "e"))}), InputError,
                      "is segment 1 of document \"e\"");
}

BOOST_AUTO_TEST_CASE(lines_of_json_hold_both_languages) {
  const TemporaryFolder folder;
  const std::string text = R"({"translation": {"de": "Ein \"Satz\".", "en": "A \u00e9t\u00e9\n"}, "id": 7})"
                           "\n\n \r\n"
                           R"( {"translation":{"en":"","de":" x ","fr":"y"}})";
  const std::vector<SentencePair> expected{{"A \u00e9t\u00e9\n", "Ein \"Satz\"."}, {"", " x "}};
  BOOST_CHECK(all_pairs({folder.write("a.jsonl", text)}) == expected);
  BOOST_CHECK(all_pairs({folder.write("a.jsonl.gz", gzip(text))}) == expected);
  const auto reversed = all_pairs({folder.write("b.jsonl.zst", zstd(text))}, {"deu", "eng"});
  BOOST_CHECK((reversed[1] == SentencePair{" x ", ""}));
  CHECK_THROWS_SAYING(all_pairs({folder.write("c", "")}), InputError,
                      "c: expected lines of JSON, got an empty file");
}

BOOST_AUTO_TEST_CASE(faults_of_json_name_file_and_line) {
  check_refused(R"({"translations": {}})", ": expected a key \"translation\", got none");
  check_refused(R"({"translation": "x"})", ": translation: expected an object, got the string \"x\"");
  check_refused(R"({"translation": null})", ": translation: expected an object, got null");
  check_refused(R"({"translation": {"de": "x", "fr": "y"}})",
                ": translation: expected a sentence of the language \"en\", got \"de\", \"fr\"");
  check_refused(R"({"translation": {}})",
                ": translation: expected a sentence of the language \"en\", got none");
  check_refused(R"({"translation": {"de": "x", "en": 1}})", ": translation.en: expected a string, got 1");
  check_refused(R"({"translation": {"de": "x", "en": "y", "eng": "z"}})",
                ": translation: expected one sentence of the language \"en\", got two");
  check_refused(R"({"translation": {"de": "x", "de": "y"}})", ":32: duplicate key \"de\"");
  check_refused(R"({"translation": {"de": "x", "en": "y"})", ":39: ");
  check_refused(R"([1])", ": expected an object, got an array of 1");
  check_refused("{\"translation\": {\"de\": \"\xe9\", \"en\": \"y\"}}", ": expected UTF-8");
}

BOOST_AUTO_TEST_CASE(a_file_without_a_language_must_be_json) {
  const TemporaryFolder folder;
  CHECK_THROWS_SAYING(
      open_pairs({folder.write("train.txt", "Ein Satz.\n")}, {}), InputError,
      "train.txt: expected lines such as {\"translation\": {\"en\": ..., \"de\": ...}}, or a name that "
      "ends in a language, such as train.en; got \"Ein Satz.");
  CHECK_THROWS_SAYING(open_pairs({folder.write("a.parquet", "PAR1....")}, {}), InputError, "a.parquet: ");
  CHECK_THROWS_SAYING(open_pairs({folder.write("a.jsonl", "PAR1....")}, {}), InputError,
                      "got a Parquet file");
}

BOOST_AUTO_TEST_CASE(data_that_is_cut_off_names_the_byte) {
  const TemporaryFolder folder;
  std::string text;
  for (int i = 0; i < 1000; ++i) text += concatenate(i * i, ' ', i, '\n');
  const auto whole = folder.write("a.en", text);
  CHECK_THROWS_SAYING(all_pairs({whole, folder.write("a.de.gz", gzip(text).substr(0, 900))}), InputError,
                      "a.de.gz: byte 900 of the gzip data: the data is cut off");
  CHECK_THROWS_SAYING(all_pairs({whole, folder.write("a.de.zst", zstd(text).substr(0, 900))}), InputError,
                      "a.de.zst: byte 900 of the zstd data: the data is cut off");
}

BOOST_AUTO_TEST_SUITE_END()
