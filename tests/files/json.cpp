#include "memsizer/files/json.hpp"

#include <cmath>
#include <limits>
#include <random>

#include <boost/test/unit_test.hpp>

#include "files/temporary_folder.hpp"

BOOST_AUTO_TEST_SUITE(json)

using namespace memsizer;
using namespace memsizer::files;

namespace {

Json parse(std::string_view text) {
  return parse_json(text, "a.json");
}

void check_refused(std::string_view text, const std::string& part) {
  BOOST_TEST_CONTEXT("text: " << text) {
    CHECK_THROWS_SAYING(parse(text), InputError, part);
  }
}

std::string nested(int depth) {
  return std::string(depth, '[') + std::string(depth, ']');
}

}  // namespace

BOOST_AUTO_TEST_CASE(parses_what_the_library_parses) {
  for (const char* text :
       {"null", "true", " -12 ", "18446744073709551615", "0.1", "-0.0", "1e-320", "\"\\u00e9\\ud83d\\ude00\"",
        "{}", "[]", R"({"a":{"b":[1,2.5,{"c":null}],"d":"x"},"":[[],[{}]]})", "\xef\xbb\xbf[1]"}) {
    BOOST_TEST_CONTEXT("text: " << text) BOOST_CHECK_EQUAL(parse(text), Json::parse(text));
  }
}

BOOST_AUTO_TEST_CASE(bad_syntax_is_refused_with_its_place) {
  check_refused("", "a.json:1:1: ");
  check_refused("{\"a\": 1,\n \"b\": }", "a.json:2:7: syntax error while parsing value - unexpected '}'");
  check_refused("[1, 2", "a.json:1:6: ");
  check_refused("[1] x", "a.json:1:5: ");
  check_refused("[1][2]", "a.json:1:4: ");
  check_refused("[01]", "a.json:1:3: ");
  check_refused("[1,]", "a.json:1:4: ");
  check_refused("[NaN]", "a.json:1:");
  check_refused("// note\n1", "a.json:1:");
  check_refused("\"a\nb\"", "a.json:");
  check_refused(std::string_view("[1]\0", 4), "a.json:1:4: expected text, got a zero byte");
}

BOOST_AUTO_TEST_CASE(bad_text_and_numbers_are_refused) {
  check_refused("\"ab\xff\"", "a.json:1:4: ");
  check_refused("\"\xc0\xaf\"", "a.json:1:2: ");      // overlong
  check_refused("\"\xed\xa0\x80\"", "a.json:1:3: ");  // a surrogate
  check_refused("\"\\ud800\"", "a.json:1:");          // half of a pair
  check_refused("[1e999]", "a.json:1:6: number overflow");
  const std::string endless(100000, 'x');
  BOOST_CHECK_EXCEPTION(parse("\"" + endless), InputError,
                        [](const InputError& error) { return std::string(error.what()).size() < 400; });
}

BOOST_AUTO_TEST_CASE(a_duplicate_key_is_refused) {
  check_refused("{\"a\": 1,\n \"a\": 2}", "a.json:2:4: duplicate key \"a\"");
  check_refused(R"({"x": {"a": 1, "b": 2, "\u0061": 3}})", "duplicate key \"a\"");
  BOOST_CHECK_EQUAL(parse(R"({"a": {"a": 1}, "b": {"a": 2}})").size(), 2u);
}

BOOST_AUTO_TEST_CASE(depth_ends_at_64) {
  BOOST_CHECK_NO_THROW(parse(nested(64)));
  check_refused(nested(65), "a.json:1:65: expected at most 64 levels of nesting, got more");
  check_refused(std::string(1000000, '['), "expected at most 64 levels of nesting, got more");
  std::string objects;
  for (int i = 0; i < 65; ++i) objects += "{\"a\":";
  check_refused(objects, "expected at most 64 levels of nesting, got more");
}

BOOST_AUTO_TEST_CASE(size_is_limited) {
  const JsonOptions small{.max_bytes = 10};
  BOOST_CHECK_NO_THROW(parse_json("[1,2,3,45]", "a.json", small));
  CHECK_THROWS_SAYING(parse_json("[1,2,3,456]", "a.json", small), InputError,
                      "at most 10 bytes of JSON, got 11");
  const TemporaryFolder folder;
  CHECK_THROWS_SAYING(read_json(folder.write("a.json", "[1,2,3,456]"), small), InputError,
                      "at most 10 bytes");
  CHECK_THROWS_SAYING(read_json(folder / "absent.json"), InputError, "absent.json: No such file");
  CHECK_THROWS_SAYING(read_json(folder.path()), InputError, "expected a file, got a folder");
  BOOST_CHECK_EQUAL(read_json(folder.write("b.json", "[1,2,3,45]"), small).size(), 4u);
}

BOOST_AUTO_TEST_CASE(a_line_of_a_file_counts_from_its_place) {
  CHECK_THROWS_SAYING(parse_json("{", "m.jsonl", {.first_line = 17}), InputError, "m.jsonl:17:2: ");
}

BOOST_AUTO_TEST_CASE(dump_reads_back_equal) {
  const Json document{{"d", 0.1},
                      {"tiny", 5e-324},
                      {"big", std::numeric_limits<double>::max()},
                      {"text", "é\n\"\x01"},
                      {"third", 1.0 / 3},
                      {"n", std::numeric_limits<std::int64_t>::min()}};
  BOOST_CHECK_EQUAL(parse(dump_json(document)), document);
  BOOST_CHECK_EQUAL(parse(dump_json(document, -1)), document);
  BOOST_CHECK_EQUAL(dump_json(Json{{"b", 1}, {"a", 2}}, -1), "{\"a\":2,\"b\":1}\n");
  BOOST_CHECK_EQUAL(dump_json(nlohmann::ordered_json{{"b", 1}, {"a", 2}}, -1), "{\"b\":1,\"a\":2}\n");
}

BOOST_AUTO_TEST_CASE(dump_refuses_what_json_cannot_say) {
  CHECK_THROWS_SAYING(dump_json(Json{{"a", {1.0, std::nan("")}}}), InputError, "NaN");
  CHECK_THROWS_SAYING(dump_json(Json{{"a", std::numeric_limits<double>::infinity()}}), InputError,
                      "infinity");
  CHECK_THROWS_SAYING(dump_json(Json("\xff")), InputError, "not valid UTF-8: \"\\xff\"");
}

BOOST_AUTO_TEST_CASE(dump_names_the_text_that_is_not_utf8) {
  Json document{{"good", "caf\u00e9"}, {"list", {1, "good", {{"path", "d\xe4ta"}}}}};
  CHECK_THROWS_SAYING(dump_json(document), InputError, "not valid UTF-8: \"d\\xe4ta\"");
  document["list"] = {{"k\xffy", 1}};
  CHECK_THROWS_SAYING(dump_json(document), InputError, "not valid UTF-8: \"k\\xffy\"");
  const nlohmann::ordered_json cut{{"z", {true, nullptr, "cut \xe2\x82"}}};
  CHECK_THROWS_SAYING(dump_json(cut), InputError, "not valid UTF-8: \"cut \\xe2\\x82\"");
}

BOOST_AUTO_TEST_CASE(a_value_that_is_not_known_is_null) {
  BOOST_CHECK_EQUAL(or_null(std::optional(2.5)), 2.5);
  BOOST_CHECK_EQUAL(or_null(std::optional<std::string>("text")), "text");
  BOOST_CHECK(or_null(std::optional<Index>()).is_null());
}

BOOST_AUTO_TEST_CASE(mutated_text_gives_a_document_or_an_input_error) {
  const std::string seed =
      R"({"model":{"vocab":{"a":0,"\u0120b":1},"merges":[["a","b"],"c d"]},"n":-1.5e-3,"t":[true,null,"é"]})";
  std::mt19937 random(1);
  int refused = 0;
  for (int round = 0; round < 3000; ++round) {
    std::string text = seed;
    for (unsigned edits = 1 + random() % 3; edits-- > 0;) {
      const size_t at = random() % text.size();
      switch (random() % 4) {
        case 0:
          text[at] = static_cast<char>(random());
          break;
        case 1:
          text.erase(at, 1 + random() % 8);
          break;
        case 2:
          text.insert(at, text.substr(random() % text.size(), 12));
          break;
        default:
          text[at] = "{}[]\",:\\0e-"[random() % 11];
          break;
      }
      if (text.empty()) text += 'x';
    }
    try {
      const Json ours = parse(text);
      BOOST_REQUIRE_EQUAL(ours, Json::parse(text));
    } catch (const InputError&) {
      ++refused;
    }
  }
  BOOST_CHECK_GT(refused, 1000);
  BOOST_CHECK_LT(refused, 3000);
}

BOOST_AUTO_TEST_SUITE_END()
