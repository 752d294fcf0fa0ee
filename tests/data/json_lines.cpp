#include "memsizer/data/json_lines.hpp"

#include <boost/test/unit_test.hpp>

#include "files/compress.hpp"
#include "files/temporary_folder.hpp"

BOOST_AUTO_TEST_SUITE(json_lines)

using namespace memsizer;
using namespace memsizer::data;

namespace {

/// The texts under the key "x", with the places of their lines after the file's name.
std::vector<std::string> texts(const std::filesystem::path& file, NoValues no_values = NoValues::refused) {
  std::vector<std::string> texts;
  JsonLines lines(file, "lines such as {\"x\": ..}", no_values);
  while (lines.next())
    texts.push_back(lines.value().get<std::string>("x") + lines.place().substr(file.string().size()));
  return texts;
}

}  // namespace

BOOST_AUTO_TEST_CASE(each_line_is_a_value_and_blank_lines_are_none) {
  const TemporaryFolder folder;
  const std::string text = "\n{\"x\": \"a\\n\", \"y\": [{}]}\r\n \t\r\n\n {\"x\":\"\"}";
  const std::vector<std::string> expected{"a\n:2", ":5"};
  BOOST_CHECK(texts(folder.write("a.jsonl", text)) == expected);
  BOOST_CHECK(texts(folder.write("a.jsonl.gz", gzip(text))) == expected);
  BOOST_CHECK(texts(folder.write("a.jsonl.zst", zstd(text))) == expected);
  BOOST_CHECK(texts(folder.write("a.jsonl", "\xEF\xBB\xBF" + text)) == expected);  // a byte order mark
  for (const char* empty : {"", "\n \r\n"}) {
    const auto file = folder.write("a.jsonl", empty);
    BOOST_CHECK(texts(file, NoValues::allowed).empty());
    CHECK_THROWS_SAYING(texts(file), InputError,
                        file.string() + ": expected lines of JSON, got an empty file");
  }
}

BOOST_AUTO_TEST_CASE(what_is_no_json_is_refused_with_what_was_expected) {
  const TemporaryFolder folder;
  for (const char* text : {"x", "\n[{\"x\": \"\"}]", "\"x\""})
    CHECK_THROWS_SAYING(texts(folder.write("a.jsonl", text)), InputError,
                        (folder / "a.jsonl").string() + ": expected lines such as {\"x\": ..}; got \"");
  CHECK_THROWS_SAYING(texts(folder.write("a.parquet", "PAR1....")), InputError, "got a Parquet file");
  const auto refused = [&](const std::string& line, const std::string& part) {
    const auto file = folder.write("a.jsonl", "{\"x\": \"\"}\n\n" + line);
    CHECK_THROWS_SAYING(texts(file), InputError, file.string() + ":3" + part);
  };
  refused("{\"x\": \"\"", ":9: ");
  refused("{\"x\": \"\"} {}", ":11: ");
  refused("{\"x\": \"\", \"x\": \"\"}", ":13: duplicate key \"x\"");
  refused("{\"x\": \"\xE9\"}", ": expected UTF-8, got an invalid byte at column 8");
  refused("{\"y\": 1}", ": expected a key \"x\", got none");
  refused("[]", ": expected an object, got an array of 0");
}

BOOST_AUTO_TEST_SUITE_END()
