#include "memsizer/data/sentence_pairs.hpp"

#include <fstream>

#include <boost/test/unit_test.hpp>

#include "files/compress.hpp"
#include "files/temporary_folder.hpp"
#include "memory_limit.hpp"
#include "real_data.hpp"
#include "source_folder.hpp"

BOOST_AUTO_TEST_SUITE(sentence_pairs)

using namespace memsizer;
using namespace memsizer::data;

namespace {

std::vector<SentencePair> all_pairs(const SentencePairs& data, Split split) {
  std::vector<SentencePair> pairs;
  PairStream stream = data.open(split);
  for (SentencePair pair; stream.next(pair);) pairs.push_back(pair);
  BOOST_CHECK_EQUAL(stream.count(), static_cast<Index>(pairs.size()));
  return pairs;
}

std::string lines(const std::vector<SentencePair>& pairs, std::string SentencePair::*side) {
  std::string text;
  for (const SentencePair& pair : pairs) text += pair.*side + '\n';
  return text;
}

std::string sgml(const std::vector<SentencePair>& pairs, std::string SentencePair::*side,
                 const std::string& kind) {
  std::string text = '<' + kind + ">\n<doc docid=\"x\">\n";
  int id = 0;
  for (const SentencePair& pair : pairs)
    text += concatenate("<seg id=\"", ++id, "\">", pair.*side, "</seg>\n");
  return text + "</doc>\n</" + kind + ">\n";
}

std::string jsonl(const std::vector<SentencePair>& pairs) {
  std::string text;
  for (const SentencePair& pair : pairs)
    text += nlohmann::json{{"translation", {{"en", pair.source}, {"de", pair.target}}}}.dump() + '\n';
  return text;
}

std::string with_single_spaces(std::string text) {
  for (std::size_t two = text.find("  "); two != text.npos; two = text.find("  ")) text.erase(two, 1);
  return text;
}

/// Writes the pairs in every form, as the train split of a folder each, and returns the folders.
std::vector<std::filesystem::path> write_forms(const TemporaryFolder& folder,
                                               const std::vector<SentencePair>& pairs) {
  const std::string source = lines(pairs, &SentencePair::source),
                    target = lines(pairs, &SentencePair::target);
  const std::string sgml_source = sgml(pairs, &SentencePair::source, "srcset"),
                    sgml_target = sgml(pairs, &SentencePair::target, "refset"), json = jsonl(pairs);
  folder.write("lines/train.en", source), folder.write("lines/train.de", target);
  folder.write("codes/train.eng.gz", gzip(source)), folder.write("codes/train.deu.zst", zstd(target));
  folder.write("sgml/train-ende-src.en.sgm", sgml_source),
      folder.write("sgml/train-ende-ref.de.sgm", sgml_target);
  folder.write("packed/train-src.en.sgm.gz", gzip(sgml_source));
  folder.write("packed/train-ref.de.sgm.zst", zstd(sgml_target));
  folder.write("json/train.jsonl", json), folder.write("json_gz/train.jsonl.gz", gzip(json));
  folder.write("json_zst/train.json.zst", zstd(json));
  return {folder / "lines", folder / "codes",   folder / "sgml",    folder / "packed",
          folder / "json",  folder / "json_gz", folder / "json_zst"};
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_form_gives_the_same_pairs) {
  const TemporaryFolder folder;
  const std::vector<SentencePair> pairs{
      {"A & B &amp; C", "\u00dc \u201eq\u201c"}, {"", "x"}, {" y \u0085", ""}, {"", ""}};
  for (const auto& form : write_forms(folder, pairs)) {
    const SentencePairs data(form);
    BOOST_CHECK_MESSAGE(all_pairs(data, Split::train) == pairs, form);
    BOOST_CHECK(data.has(Split::train) && !data.has(Split::test));
    const SentencePairs reversed(form, {"de", "en"});
    BOOST_CHECK((all_pairs(reversed, Split::train)[1] == SentencePair{"x", ""}));
  }
}

BOOST_AUTO_TEST_CASE(files_of_a_split_follow_one_another) {
  const TemporaryFolder folder;
  folder.write("train-2.en", "c\n"), folder.write("train-2.de", "C\n");
  folder.write("train-1.en", "a\nb"), folder.write("train-1.de", "A\nB");
  const SentencePairs data(folder.path());
  BOOST_CHECK(
      (all_pairs(data, Split::train) == std::vector<SentencePair>{{"a", "A"}, {"b", "B"}, {"c", "C"}}));
  BOOST_CHECK((data.files(Split::train) == std::vector{folder / "train-1.en", folder / "train-1.de",
                                                       folder / "train-2.en", folder / "train-2.de"}));
}

BOOST_AUTO_TEST_CASE(a_broken_split_does_not_block_another) {
  const TemporaryFolder folder;
  folder.write("train.en", "a\n");
  folder.write("valid.en", "a\n"), folder.write("valid.de", "PAR1");
  folder.write("test.en", "a\n"), folder.write("test.de", "b\n");
  const SentencePairs data(folder.path());
  BOOST_CHECK((all_pairs(data, Split::test) == std::vector<SentencePair>{{"a", "b"}}));
  CHECK_THROWS_SAYING(data.open(Split::train), InputError, "train.en: expected its translation beside it");
  CHECK_THROWS_SAYING(data.files(Split::validation), InputError,
                      "valid.de: expected text, got a Parquet file");
  folder.write("valid.de", ""), folder.write("valid.en", "");
  CHECK_THROWS_SAYING(all_pairs(data, Split::validation), InputError,
                      (folder / "valid.en").string() + ": expected lines, got an empty file");
}

BOOST_AUTO_TEST_CASE(an_absent_split_lists_those_found) {
  const TemporaryFolder folder;
  folder.write("test.jsonl", "");
  CHECK_THROWS_SAYING(SentencePairs(folder.path()).open(Split::train), InputError,
                      "expected a train split, found test (test.jsonl)");
}

BOOST_AUTO_TEST_CASE(pairs_are_never_all_in_memory,
                     *boost::unit_test::label("slow") *
                         boost::unit_test::precondition(memory_can_be_limited)) {
  const TemporaryFolder folder;
  constexpr std::size_t copies = 400'000;
  const std::string line(250, 'x');
  for (const char* name : {"train.en", "train.de"}) {
    std::ofstream stream(folder.write(name, ""), std::ios::binary);
    for (std::size_t i = 0; i < copies; ++i) stream << line << '\n';
  }
  const SentencePairs data(folder.path());
  const MemoryLimit limit(copies * line.size() / 8);
  BOOST_CHECK_THROW(std::string(copies * line.size(), ' '), std::bad_alloc);
  PairStream pairs = data.open(Split::train);
  for (SentencePair pair; pairs.next(pair);) BOOST_REQUIRE(pair.source.size() == 250 && pair.target == line);
  BOOST_CHECK_EQUAL(pairs.count(), static_cast<Index>(copies));
}

BOOST_AUTO_TEST_CASE(the_sample_pairs_are_read) {
  const SentencePairs data(test::source_folder() / "samples/data/translation-tiny");
  BOOST_CHECK_EQUAL(all_pairs(data, Split::train).size(), 2800u);
  BOOST_CHECK_EQUAL(all_pairs(data, Split::validation).size(), 200u);
  const auto test = all_pairs(data, Split::test);
  BOOST_CHECK_EQUAL(test.size(), 200u);
  BOOST_CHECK(
      (test[19] == SentencePair{"My dog follows the quiet women.", "Mein Hund folgt den ruhigen Frauen."}));
}

BOOST_AUTO_TEST_CASE(real_pairs_are_the_same_in_every_form,
                     *boost::unit_test::label("data") * boost::unit_test::precondition(real_data::is_there)) {
  const SentencePairs multi30k(real_data::folder() / "multi30k");
  BOOST_CHECK_EQUAL(all_pairs(multi30k, Split::train).size(), 29000u);
  BOOST_CHECK_EQUAL(all_pairs(multi30k, Split::test).size(), 1000u);
  const auto validation = all_pairs(multi30k, Split::validation);
  BOOST_CHECK_EQUAL(validation.size(), 1014u);
  BOOST_CHECK_EQUAL(validation[0].source, "A group of men are loading cotton onto a truck");
  const auto news =
      all_pairs(SentencePairs(real_data::folder() / "wmt/newstest/newstest2014.eng"), Split::train);
  const auto segments = all_pairs(
      SentencePairs(real_data::folder() / "wmt/newstest-sgm/newstest2014-deen-src.de.sgm"), Split::train);
  BOOST_CHECK_EQUAL(news.size(), 3003u);
  // The plain form has one space where the SGML has two, in four sentences.
  int different = 0;
  for (std::size_t i = 0; i < 3003; ++i) {
    different += news[i] != segments[i];
    BOOST_CHECK(with_single_spaces(segments[i].source) == news[i].source);
    BOOST_CHECK(with_single_spaces(segments[i].target) == news[i].target);
  }
  BOOST_CHECK_EQUAL(different, 4);
  const TemporaryFolder folder;
  for (const auto& pairs : {validation, news})
    for (const auto& form : write_forms(folder, pairs))
      BOOST_CHECK_MESSAGE(all_pairs(SentencePairs(form), Split::train) == pairs, form);
}

BOOST_AUTO_TEST_SUITE_END()
