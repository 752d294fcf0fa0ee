#include "program/program.hpp"

BOOST_AUTO_TEST_SUITE(tokenizer)

using namespace program_test;

namespace {

constexpr const char* sample =
    "To be, or not to be, that is the question.\nWhether 'tis nobler in the mind to suffer\n\n\u00c4pfel  "
    "und Birnen";

/// A workplace with text.txt and a tokenizer trained on it.
struct TokenizerPlace : Workplace {
  TokenizerPlace() {
    folder().write("text.txt", sample);
    expect(0, {"tokenizer", "train", "--input", "text.txt", "--vocab-size", "290", "--output",
               "tokenizer.json"});
  }
};

}  // namespace

BOOST_AUTO_TEST_CASE(training_says_what_it_made) {
  const Workplace place;
  place.folder().write("a.txt", sample);
  place.folder().write("b.txt", sample);
  const auto json = place.json({"tokenizer", "train", "--input", "a.txt", "b.txt", "--vocab-size", "280",
                                "--output", "t.json", "--normalizer", "nfc,lowercase"});
  BOOST_TEST(json["vocab_size"] == 280);
  BOOST_TEST(json["merges"] == 280 - 259);
  BOOST_TEST(json["bytes"] == 2 * std::string(sample).size());
  BOOST_TEST(json["output"] == "t.json");
  BOOST_TEST(std::filesystem::exists(place.folder() / "t.json"));
}

BOOST_AUTO_TEST_CASE(decode_undoes_encode) {
  const TokenizerPlace place;
  const std::string bytes = std::string(sample) + "\xff\xfe\n<s> \x01 end";
  const Ran ids = place.expect(0, {"tokenizer", "encode", "--tokenizer", "tokenizer.json"}, bytes);
  BOOST_TEST(ids.out.find_first_not_of("0123456789 \n") == ids.out.npos);
  const Ran text = place.expect(0, {"tokenizer", "decode", "--tokenizer", "tokenizer.json"}, ids.out);
  BOOST_TEST(text.out == bytes);
}

BOOST_AUTO_TEST_CASE(encode_and_decode_speak_json) {
  const TokenizerPlace place;
  const auto ids =
      place.json({"tokenizer", "encode", "--tokenizer", "tokenizer.json", "--input", "text.txt"})["ids"];
  BOOST_TEST(ids.size() == 4u);
  BOOST_TEST(ids[2].empty());
  const auto text =
      place.json({"tokenizer", "decode", "--tokenizer", "tokenizer.json"}, "3 4\n0 5\n")["text"];
  BOOST_TEST(text.size() == 2u);
}

BOOST_AUTO_TEST_CASE(json_is_text_whatever_bytes_there_are) {
  constexpr const char* replacement = "\xEF\xBF\xBD";
  const TokenizerPlace place;
  // Token 190 is the byte FF, which no character contains.
  const auto text =
      place.json({"tokenizer", "decode", "--tokenizer", "tokenizer.json"}, "190\n5 190\n")["text"];
  BOOST_TEST(text[0].get<std::string>() == replacement);
  BOOST_TEST(text[1].get<std::string>().ends_with(replacement));
  const auto trained = place.json(
      {"tokenizer", "train", "--input", "text.txt", "--vocab-size", "290", "--output", "t\xFF.json"});
  BOOST_TEST(trained["output"].get<std::string>() == "t" + std::string(replacement) + ".json");
  BOOST_TEST(std::filesystem::exists(place.folder() / "t\xFF.json"));
}

BOOST_AUTO_TEST_CASE(special_tokens_are_plain_text_unless_asked_for) {
  const TokenizerPlace place;
  const auto encode = [&](std::vector<std::string> more) {
    more.insert(more.begin(), {"tokenizer", "encode", "--tokenizer", "tokenizer.json"});
    return place.expect(0, more, "<s>").out;
  };
  BOOST_TEST(encode({"--special"}) == "1");
  BOOST_TEST(encode({}) != "1");
  const std::vector<std::string> decode = {"tokenizer", "decode", "--tokenizer", "tokenizer.json"};
  BOOST_TEST(place.expect(0, decode, "1 2\n").out == "\n");
  BOOST_TEST(
      place.expect(0, {"tokenizer", "decode", "--tokenizer", "tokenizer.json", "--special"}, "1 2\n").out ==
      "<s></s>\n");
}

BOOST_AUTO_TEST_CASE(bad_input_is_named_and_nothing_is_written) {
  const TokenizerPlace place;
  const auto error = [&](const std::vector<std::string>& arguments, const std::string& input = "") {
    return place.expect(2, arguments, input).err;
  };
  const auto train = [&](const std::string& input, const std::string& size, const std::string& output) {
    return error({"tokenizer", "train", "--input", input, "--vocab-size", size, "--output", output});
  };
  BOOST_TEST(contains(train("absent.txt", "300", "new.json"), "absent.txt"));
  BOOST_TEST(contains(train("text.txt", "10", "new.json"), "10"));
  BOOST_TEST(contains(train("text.txt", "300", "absent/new.json"), "absent"));
  BOOST_TEST(!std::filesystem::exists(place.folder() / "new.json"));
  BOOST_TEST(contains(error({"tokenizer", "train", "--input", "text.txt", "--vocab-size", "300", "--output",
                             "new.json", "--normalizer", "nfx"}),
                      "nfx"));
  place.folder().write("broken.json", "{\"model\": {\"type\": \"WordPiece\"");
  for (const char* command : {"encode", "decode"}) {
    BOOST_TEST(contains(error({"tokenizer", command, "--tokenizer", "broken.json"}), "broken.json:1:"));
    BOOST_TEST(contains(error({"tokenizer", command, "--tokenizer", "absent.json"}), "absent.json"));
    BOOST_TEST(contains(error({"tokenizer", command, "--tokenizer", "tokenizer.json", "--input", "absent"}),
                        "absent"));
  }
  const std::vector<std::string> decode = {"tokenizer", "decode", "--tokenizer", "tokenizer.json"};
  BOOST_TEST(contains(error(decode, "1 2\n3 x\n"), ":2: "));
  BOOST_TEST(contains(error(decode, "5 290\n"), "290"));
  BOOST_TEST(contains(error(decode, "99999999999999\n"), "column 1"));
}

BOOST_AUTO_TEST_SUITE_END()
