#include "memsizer/text/normalizer.hpp"

#include <chrono>
#include <set>
#include <string>

#include <boost/test/unit_test.hpp>

#include "files/temporary_folder.hpp"
#include "recorded.hpp"

BOOST_AUTO_TEST_SUITE(normalizer)

using namespace memsizer;
using namespace memsizer::text;

namespace {

constexpr const char* names[] = {"nfc", "nfkc", "lowercase", "strip-special"};

/// The hash of what a normaliser makes of each character that Unicode 14 knows, as oracle/record_small.py
/// takes it.
std::string hash_of_all_characters(const Normalizer& normalizer, const files::Json& oracle) {
  const std::set<std::int32_t> newer = oracle["newer"];
  const auto& ranges = oracle["kinds"];
  recorded::WordHash hash;
  for (size_t i = 0; i < ranges.size(); ++i) {
    const std::int32_t first = ranges[i][0], last = i + 1 < ranges.size() ? int(ranges[i + 1][0]) : 0x110000;
    if (ranges[i][1] == "-") continue;
    for (std::int32_t point = first; point < last; ++point) {
      if (newer.contains(point)) continue;
      std::string character;
      append_utf8(character, point);
      const std::string result = normalizer(character) + '\n';
      for (size_t at = 0; at < result.size();) {
        const CodePoint part = decode_utf8(result, at);
        hash.add(static_cast<std::uint32_t>(part.value));
        at += static_cast<size_t>(part.length);
      }
    }
  }
  return hash.text();
}

}  // namespace

BOOST_AUTO_TEST_CASE(texts_become_what_hugging_face_makes_of_them) {
  const auto oracle = recorded::read("normalizers.json");
  for (const char* name : names) {
    const Normalizer normalizer = Normalizer::parse(name);
    BOOST_TEST(oracle[name].size() > 200u);
    for (const auto& entry : oracle[name])
      BOOST_TEST(normalizer(entry[0].get<std::string>()) == entry[1].get<std::string>(),
                 name << " of " << entry[0]);
  }
}

BOOST_AUTO_TEST_CASE(every_character_becomes_what_hugging_face_makes_of_it) {
  const auto oracle = recorded::read("normalizers.json");
  for (const char* name : names)
    BOOST_TEST(hash_of_all_characters(Normalizer::parse(name), oracle) ==
               oracle[std::string(name) + " of all characters"].get<std::string>());
}

BOOST_AUTO_TEST_CASE(chains_run_in_their_order) {
  BOOST_TEST(Normalizer::parse("none")("A\u0301 \u00bd") == "A\u0301 \u00bd");
  BOOST_TEST(Normalizer::parse("nfc,lowercase")("A\u0301") == "\u00e1");
  BOOST_TEST(Normalizer::parse("nfkc,strip-special")("\u00bdx") == "12x");
  BOOST_TEST(Normalizer::parse("strip-special,nfkc")("\u00bdx") == "1\u20442x");
  BOOST_TEST(Normalizer::parse("strip-special")("a+b = c! \"d\" 'e'-f?\u20ac(g).,\n") ==
             "ab  c! \"d\" 'e'-f?g.,\n");
}

BOOST_AUTO_TEST_CASE(names_are_read_and_written) {
  for (const char* name : {"none", "nfc", "nfkc,lowercase,strip-special", "lowercase,lowercase"})
    BOOST_TEST(Normalizer::parse(name).name() == name);
  BOOST_TEST(Normalizer::parse("none").is_identity());
  BOOST_TEST(!Normalizer::parse("nfc").is_identity());
  for (const char* wrong : {"", "nfd", "NFC", "nfc,", ",nfc", "nfc, lowercase", "nfc,none"})
    CHECK_THROWS_SAYING(Normalizer::parse(wrong), InputError, "expected none or a comma list of nfc, nfkc");
  CHECK_THROWS_SAYING(Normalizer::parse("nfc,upper"), InputError, "got the normalizer \"upper\"");
}

BOOST_AUTO_TEST_CASE(all_but_nfc_lose_text) {
  BOOST_TEST(!Normalizer().loses_text());
  BOOST_TEST(!Normalizer::parse("nfc").loses_text());
  for (const char* name : {"nfkc", "lowercase", "strip-special", "nfc,lowercase"})
    BOOST_TEST(Normalizer::parse(name).loses_text());
}

BOOST_AUTO_TEST_CASE(invalid_bytes_stay_unless_stripped) {
  const std::string damaged = "A\xFF\u0301\xE2\x82 E\u0301\xC3";
  BOOST_TEST(Normalizer::parse("nfc")(damaged) == "A\xFF\u0301\xE2\x82 \u00c9\xC3");
  BOOST_TEST(Normalizer::parse("nfkc")("\xFF\xFE") == "\xFF\xFE");
  BOOST_TEST(Normalizer::parse("lowercase")(damaged) == "a\xFF\u0301\xE2\x82 e\u0301\xC3");
  BOOST_TEST(Normalizer::parse("strip-special")(damaged) == "A\u0301 E\u0301");
}

BOOST_AUTO_TEST_CASE(a_normal_form_stays_as_it_is) {
  const auto oracle = recorded::read("normalizers.json");
  for (const char* name : {"nfc", "nfkc"}) {
    const Normalizer normalizer = Normalizer::parse(name);
    for (const auto& entry : oracle[name]) {
      const std::string once = normalizer(entry[0].get<std::string>());
      BOOST_TEST(normalizer(once) == once);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_long_run_of_marks_takes_no_quadratic_time) {
  std::string text = "a", expected = "a";
  for (int i = 0; i < 200'000; ++i) text += "\u0315\u0316";  // classes 232 and 220, to be sorted
  for (int i = 0; i < 200'000; ++i) expected += "\u0316";
  for (int i = 0; i < 200'000; ++i) expected += "\u0315";
  const auto start = std::chrono::steady_clock::now();
  BOOST_TEST((Normalizer::parse("nfc")(text) == expected));
  BOOST_TEST((std::chrono::steady_clock::now() - start) / std::chrono::seconds(1) < 5);
}

BOOST_AUTO_TEST_SUITE_END()
