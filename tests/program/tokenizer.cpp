#include <random>

#include "program/program.hpp"
#include "text/random_text.hpp"

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

/// 3 MB, which the threads encode in pieces of 256 KB. Every second piece has words that came before, and so
/// is done in a fraction of the time of the one before it, which has new ones.
std::string text_of_unequal_pieces() {
  std::mt19937 random(5);
  std::string text;
  while (text.size() < 3'000'000) {
    const bool is_slow = text.size() / 262'144 % 2 == 0;
    text += is_slow ? random_text::make_word(random, 26, 30) : random_text::make_word(random, 3, 2);
    text += random() % 12 == 0 ? '\n' : ' ';
  }
  return text;
}

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
  BOOST_TEST(json["words"] == 23);  // different ones
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

BOOST_AUTO_TEST_CASE(ids_go_into_a_file_of_numbers) {
  const TokenizerPlace place;
  const auto encode = [&](const std::string& format, const std::string& threads) {
    place.expect(0, {"tokenizer", "encode", "--tokenizer", "tokenizer.json", "--input", "text.txt",
                     "--output", "ids." + format, "--format", format, "--threads", threads});
    return contents(place.folder() / ("ids." + format));
  };
  const std::string text = encode("text", "1"), u16 = encode("u16", "1"), u32 = encode("u32", "2");
  const auto lines = place.expect(0, {"tokenizer", "encode", "--tokenizer", "tokenizer.json"}, sample).out;
  BOOST_TEST(text == lines);
  BOOST_TEST(u32.size() == 2 * u16.size());
  std::string ids;  // those of the whole text, as numbers in words again
  for (size_t i = 0; i < u16.size(); i += 2) {
    const int low = static_cast<unsigned char>(u16[i]), high = static_cast<unsigned char>(u16[i + 1]);
    BOOST_TEST(u32.substr(2 * i, 4) == u16.substr(i, 2) + std::string(2, '\0'));
    ids += std::to_string(low + 256 * high) + ' ';
  }
  const std::vector<std::string> decode = {"tokenizer", "decode", "--tokenizer", "tokenizer.json"};
  BOOST_TEST(place.expect(0, decode, ids).out == sample);
}

BOOST_AUTO_TEST_CASE(threads_change_neither_ids_nor_their_order) {
  const TokenizerPlace place;
  const std::string text = text_of_unequal_pieces();
  place.folder().write("long.txt", text);
  const auto encode = [&](const std::string& format, const std::string& threads) {
    place.expect(0, {"tokenizer", "encode", "--tokenizer", "tokenizer.json", "--input", "long.txt",
                     "--output", "ids", "--format", format, "--threads", threads});
    return contents(place.folder() / "ids");
  };
  for (const std::string format : {"text", "u16", "u32"}) {
    const std::string one = encode(format, "1");
    BOOST_TEST(one.size() > text.size() / 2);
    for (const std::string threads : {"2", "3", "7"})
      BOOST_TEST((encode(format, threads) == one), format << " on " << threads << " threads");
  }
  const Ran decoded = place.expect(
      0, {"tokenizer", "decode", "--tokenizer", "tokenizer.json", "--input", "ids", "--format", "u32"});
  BOOST_TEST((decoded.out == text));
  const auto train = [&](const std::string& threads) {
    place.expect(0, {"tokenizer", "train", "--input", "long.txt", "--vocab-size", "400", "--output",
                     "new.json", "--threads", threads});
    return contents(place.folder() / "new.json");
  };
  BOOST_TEST((train("3") == train("1")));
}

BOOST_AUTO_TEST_CASE(a_file_of_numbers_becomes_the_text_again) {
  const TokenizerPlace place;
  for (const std::string format : {"u16", "u32"}) {
    place.expect(0, {"tokenizer", "encode", "--tokenizer", "tokenizer.json", "--input", "text.txt",
                     "--output", "ids", "--format", format});
    std::vector<std::string> decode = {"tokenizer", "decode", "--tokenizer", "tokenizer.json",
                                       "--input",   "ids",    "--format",    format};
    BOOST_TEST(place.expect(0, decode).out == contents(place.folder() / "text.txt"));
    BOOST_TEST(place.json(decode)["text"][0] == contents(place.folder() / "text.txt"));
    decode.insert(decode.end(), {"--output", "text.again"});
    BOOST_TEST(place.expect(0, decode).out == "");
    BOOST_TEST(contents(place.folder() / "text.again") == contents(place.folder() / "text.txt"));
    place.folder().write("ids", contents(place.folder() / "ids") + "x");
    decode.back() = "text.never";
    BOOST_TEST(contains(place.expect(2, decode).err, "ids: "));
    BOOST_TEST(!std::filesystem::exists(place.folder() / "text.never"));
  }
  const auto error = [&](const std::string& bytes, const std::string& format) {
    place.folder().write("numbers", bytes);
    return place
        .expect(2, {"tokenizer", "decode", "--tokenizer", "tokenizer.json", "--input", "numbers", "--format",
                    format})
        .err;
  };
  // The first two bytes of gzip are a number here.
  BOOST_TEST(contains(error("\x1f\x8b", "u16"), "id 35615 at byte 0"));
  BOOST_TEST(contains(error(std::string("\x05\0\0\0\xff\xff\xff\xff", 8), "u32"), "id 4294967295 at byte 4"));
  BOOST_TEST(contains(error("ab", "u8"), "one of text, u16, u32 expected, got 'u8'"));
}

BOOST_AUTO_TEST_CASE(formats_that_do_not_go_together_are_refused) {
  const TokenizerPlace place;
  const auto error = [&](std::vector<std::string> more) {
    more.insert(more.begin(),
                {"tokenizer", "encode", "--tokenizer", "tokenizer.json", "--input", "text.txt"});
    return place.expect(2, more).err;
  };
  BOOST_TEST(contains(error({"--format", "u8"}), "one of text, u16, u32 expected, got 'u8'"));
  BOOST_TEST(contains(error({"--json", "--format", "u16"}), "--json"));
  BOOST_TEST(contains(error({"--json", "--output", "ids"}), "--json"));
  BOOST_TEST(contains(error({"--output", "text.txt"}), "text.txt"));
  BOOST_TEST(contains(error({"--output", "absent/ids"}), "absent"));
  BOOST_TEST(contains(error({"--threads", "-1"}), "--threads"));
  place.folder().write("broken.gz", "\x1f\x8b broken");
  place.expect(2, {"tokenizer", "encode", "--tokenizer", "tokenizer.json", "--input", "broken.gz", "--output",
                   "ids", "--format", "u16"});
  BOOST_TEST(!std::filesystem::exists(place.folder() / "ids"));
}

BOOST_AUTO_TEST_SUITE_END()
