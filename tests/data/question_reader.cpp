#include "memsizer/data/question_reader.hpp"

#include <boost/test/unit_test.hpp>

#include "files/compress.hpp"
#include "files/temporary_folder.hpp"

BOOST_AUTO_TEST_SUITE(question_reader)

using namespace memsizer;
using namespace memsizer::data;

namespace {

std::vector<QuestionRecord> all_records(const std::filesystem::path& file) {
  std::vector<QuestionRecord> records;
  const auto reader = open_questions(file);
  for (QuestionRecord record; reader->next(record);) records.push_back(record);
  return records;
}

/// Checks that a second line is refused with an error that contains the file, the line's number and `part`.
void check_refused(const std::string& line, const std::string& part) {
  const TemporaryFolder folder;
  const auto file = folder.write("a.jsonl", R"({"id": "t0.1", "question": "q", "response": "r"})"
                                            "\n" +
                                                line + "\n");
  CHECK_THROWS_SAYING(all_records(file), InputError, file.string() + ":2: " + part);
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_line_is_a_record) {
  const TemporaryFolder folder;
  const std::string text =
      R"({"id": "cot.1", "system_prompt": "Be \u00e4.", "question": "a\nb", "response": " c "})"
      "\n\n"
      R"({"response": "", "question": "", "system_prompt": "", "id": "niv.2", "other": [1]})"
      "\n"
      R"({"id": "t0.3", "system_prompt": null, "question": "q", "response": "r"})"
      "\n"
      R"({"id": "t0.3", "question": "q", "response": "r"})";
  const std::vector<QuestionRecord> expected{{"cot.1", "Be \u00e4.", "a\nb", " c "},
                                             {"niv.2", "", "", ""},
                                             {"t0.3", "", "q", "r"},
                                             {"t0.3", "", "q", "r"}};
  BOOST_CHECK(all_records(folder.write("a.jsonl", text)) == expected);
  BOOST_CHECK(all_records(folder.write("a.jsonl.gz", gzip(text))) == expected);
  BOOST_CHECK(all_records(folder.write("a.jsonl.zst", zstd(text))) == expected);
  const auto empty = folder.write("empty.jsonl", "\n");
  CHECK_THROWS_SAYING(all_records(empty), InputError,
                      empty.string() + ": expected lines of JSON, got an empty file");
}

BOOST_AUTO_TEST_CASE(a_prompt_has_a_blank_line_after_what_the_system_says) {
  BOOST_CHECK_EQUAL(prompt_text("Be brief.", "Why?"), "Be brief.\n\nWhy?");
  BOOST_CHECK_EQUAL(prompt_text("", "Why?"), "Why?");
  BOOST_CHECK_EQUAL(prompt_text("x", ""), "x\n\n");
}

BOOST_AUTO_TEST_CASE(a_record_that_lacks_a_text_is_refused) {
  check_refused(R"({"question": "q", "response": "r"})", "expected a key \"id\", got none");
  check_refused(R"({"id": "", "question": "q", "response": "r"})", "id: expected an id, got an empty string");
  check_refused(R"({"id": 7, "question": "q", "response": "r"})", "id: expected a string, got 7");
  check_refused(R"({"id": null, "question": "q", "response": "r"})", "id: expected a string, got null");
  check_refused(R"({"id": "a", "response": "r"})", "expected a key \"question\", got none");
  check_refused(R"({"id": "a", "question": ["q"], "response": "r"})",
                "question: expected a string, got an array of 1");
  check_refused(R"({"id": "a", "question": "q"})", "expected a key \"response\", got none");
  check_refused(R"({"id": "a", "question": "q", "response": null})", "response: expected a string, got null");
  check_refused(R"({"id": "a", "system_prompt": {}, "question": "q", "response": "r"})",
                "system_prompt: expected a string, got an object of 0");
  check_refused(R"(["id"])", "expected an object, got an array of 1");
}

BOOST_AUTO_TEST_CASE(another_form_is_refused) {
  const TemporaryFolder folder;
  CHECK_THROWS_SAYING(all_records(folder.write("a.txt", "Why?")), InputError,
                      "a.txt: expected lines such as {\"id\": .., \"system_prompt\": .., \"question\": .., "
                      "\"response\": ..}; got \"Why?\"");
  CHECK_THROWS_SAYING(all_records(folder.write("1M.parquet", "PAR1")), InputError, "1M.parquet: ");
}

BOOST_AUTO_TEST_SUITE_END()
