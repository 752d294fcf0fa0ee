#include "memsizer/data/question_answers.hpp"

#include <fstream>
#include <set>

#include <boost/test/unit_test.hpp>

#include "files/compress.hpp"
#include "files/temporary_folder.hpp"
#include "memory_limit.hpp"
#include "real_data.hpp"

BOOST_AUTO_TEST_SUITE(question_answers)

using namespace memsizer;
using namespace memsizer::data;

namespace {

std::string line(const std::string& id, const std::string& response = "r") {
  return files::Json{{"id", id}, {"system_prompt", "s"}, {"question", "q"}, {"response", response}}.dump() +
         '\n';
}

std::vector<std::string> ids(const QuestionAnswers& data, Split split) {
  std::vector<std::string> ids;
  QuestionStream stream = data.open(split);
  for (QuestionRecord record; stream.next(record);) ids.push_back(record.id);
  BOOST_CHECK_EQUAL(stream.count(), static_cast<Index>(ids.size()));
  return ids;
}

using Ids = std::vector<std::string>;

}  // namespace

// Computed by a second program: h = 14695981039346656037; h = (h ^ byte) * 1099511628211 mod 2^64 for each
// byte.
BOOST_AUTO_TEST_CASE(the_split_of_an_id_is_its_hash_modulo_100) {
  BOOST_CHECK(split_of_id("cot.119029") == Split::train);
  BOOST_CHECK(split_of_id("cot.128088") == Split::train);
  BOOST_CHECK(split_of_id("") == Split::train);
  int counts[3] = {};
  for (int i = 0; i < 10000; ++i) ++counts[static_cast<int>(split_of_id(concatenate("flan.", i)))];
  BOOST_TEST(counts[0] == 8995);
  BOOST_TEST(counts[1] == 488);
  BOOST_TEST(counts[2] == 517);
}

BOOST_AUTO_TEST_CASE(records_without_named_splits_are_split_by_id) {
  const TemporaryFolder folder;
  std::string first, second;
  Ids expected[3];
  for (int i = 0; i < 200; ++i) {
    const std::string id = concatenate("niv.", i);
    (i < 90 ? first : second) += line(id);
    expected[static_cast<std::size_t>(split_of_id(id))].push_back(id);
  }
  folder.write("d/1M-GPT4-Augmented.jsonl.gz", gzip(first));
  folder.write("d/3_5M-GPT3_5-Augmented.jsonl", second);
  folder.write("d/README.md", "x");
  folder.write("train.jsonl.zst", zstd(first + second));
  for (const char* name : {"d", "train.jsonl.zst"}) {
    const QuestionAnswers data(folder / name);
    BOOST_CHECK(data.is_split_by_id());
    for (const Split split : {Split::train, Split::validation, Split::test}) {
      BOOST_CHECK(data.has(split));
      BOOST_CHECK(ids(data, split) == expected[static_cast<std::size_t>(split)]);
    }
  }
  const QuestionAnswers data(folder / "d");
  BOOST_CHECK((data.files(Split::test) == std::vector{folder / "d" / "1M-GPT4-Augmented.jsonl.gz",
                                                      folder / "d" / "3_5M-GPT3_5-Augmented.jsonl"}));
  BOOST_CHECK_EQUAL(data.reading(Split::train), "questions train");
  BOOST_CHECK_NE(data.reading(Split::train), data.reading(Split::test));
}

BOOST_AUTO_TEST_CASE(names_that_tell_a_held_out_split_decide) {
  const TemporaryFolder folder;
  folder.write("train.jsonl", line("t0.1") + line("t0.2"));
  folder.write("valid.jsonl.gz", gzip(line("t0.3")));
  folder.write("more.jsonl", line("t0.4"));
  const QuestionAnswers data(folder.path());
  BOOST_CHECK(!data.is_split_by_id() && data.has(Split::validation) && !data.has(Split::test));
  BOOST_CHECK((ids(data, Split::train) == Ids{"t0.1", "t0.2"}));
  BOOST_CHECK((ids(data, Split::validation) == Ids{"t0.3"}));
  BOOST_CHECK_EQUAL(data.reading(Split::train), data.reading(Split::validation));
  CHECK_THROWS_SAYING(data.open(Split::test), InputError,
                      "expected a test split, found train (train.jsonl), validation (valid.jsonl.gz)");
  BOOST_CHECK((ids(QuestionAnswers(folder.write("x/test.jsonl", line("a"))), Split::test) == Ids{"a"}));
}

BOOST_AUTO_TEST_CASE(a_split_without_a_record_is_absent) {
  const TemporaryFolder folder;
  const auto file = folder.write("a.jsonl", line("cot.119029"));
  const QuestionAnswers data(file);
  const Split own = split_of_id("cot.119029");
  for (const Split split : {Split::train, Split::validation, Split::test}) {
    BOOST_CHECK_EQUAL(data.has(split), split == own);
    if (split != own)
      CHECK_THROWS_SAYING(ids(data, split), InputError,
                          concatenate(file.string(), ": the ", split_name(split), " split is empty"));
  }
}

BOOST_AUTO_TEST_CASE(what_is_no_data_or_twice_there_is_refused) {
  const TemporaryFolder folder;
  folder.write("none/a.txt", "x");
  CHECK_THROWS_SAYING(
      QuestionAnswers(folder / "none"), InputError,
      "none: expected files of records such as 1M-GPT4-Augmented.parquet or .jsonl, found none");
  CHECK_THROWS_SAYING(QuestionAnswers(folder / "absent"), InputError, "absent does not exist");
  folder.write("packed/a.jsonl", ""), folder.write("packed/a.jsonl.gz", "");
  CHECK_THROWS_SAYING(QuestionAnswers(folder / "packed"), InputError, "the same data twice: ");
  folder.write("forms/a.jsonl", ""), folder.write("forms/a.parquet", "");
  CHECK_THROWS_SAYING(QuestionAnswers(folder / "forms"), InputError, "the same data twice: ");
  folder.write("named/test.jsonl", ""), folder.write("named/test.parquet", "");
  CHECK_THROWS_SAYING(QuestionAnswers(folder / "named"), InputError, "the same data twice: ");
  folder.write("parquet/1M-GPT4-Augmented.parquet", "PAR1");
  CHECK_THROWS_SAYING(QuestionAnswers(folder / "parquet").files(Split::train), InputError,
                      "1M-GPT4-Augmented.parquet: ");
}

BOOST_AUTO_TEST_CASE(records_are_never_all_in_memory,
                     *boost::unit_test::label("slow") *
                         boost::unit_test::precondition(memory_can_be_limited)) {
  const TemporaryFolder folder;
  constexpr int copies = 2'000;
  const std::string response(5000, 'x');
  {
    std::ofstream stream(folder.write("a.jsonl", ""), std::ios::binary);
    for (int i = 0; i < copies; ++i) stream << line(concatenate("flan.", i), response);
  }
  const QuestionAnswers data(folder / "a.jsonl");
  const MemoryLimit limit(4 << 20);  // the responses alone are 10 MB
  Index count = 0;
  for (const Split split : {Split::train, Split::validation, Split::test}) {
    QuestionStream stream = data.open(split);
    for (QuestionRecord record; stream.next(record);) BOOST_REQUIRE_EQUAL(record.response.size(), 5000u);
    count += stream.count();
  }
  BOOST_CHECK_EQUAL(count, copies);
}

BOOST_AUTO_TEST_CASE(real_records_are_split_into_three,
                     *boost::unit_test::label("data") * boost::unit_test::precondition(real_data::is_there)) {
  const QuestionAnswers data(real_data::folder() / "openorca");
  std::set<std::string> all;
  Index sizes[3];
  for (const Split split : {Split::train, Split::validation, Split::test}) {
    const Ids found = ids(data, split);
    sizes[static_cast<std::size_t>(split)] = static_cast<Index>(found.size());
    all.insert(found.begin(), found.end());
  }
  BOOST_CHECK_EQUAL(all.size(), 700u);
  BOOST_CHECK_EQUAL(sizes[0], 619);
  BOOST_CHECK_EQUAL(sizes[1], 38);
  BOOST_CHECK_EQUAL(sizes[2], 43);
  QuestionStream stream = data.open(Split::train);
  QuestionRecord record;
  BOOST_REQUIRE(stream.next(record));
  BOOST_CHECK_EQUAL(record.id, "cot.119029");
  BOOST_CHECK(record.system.starts_with("You are an AI assistant") && !record.response.empty());
}

BOOST_AUTO_TEST_SUITE_END()
