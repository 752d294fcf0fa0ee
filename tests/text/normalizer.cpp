#include "memsizer/text/normalizer.hpp"

#include <chrono>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "files/temporary_folder.hpp"
#include "recorded.hpp"

BOOST_AUTO_TEST_SUITE(normalizer)

using namespace memsizer;
using namespace memsizer::text;

namespace {

constexpr const char* names[] = {"nfc", "nfkc", "lowercase", "strip-special"};

void add_code_points(recorded::WordHash& hash, const std::string& text) {
  for (size_t at = 0; at < text.size();) {
    const CodePoint part = decode_utf8(text, at);
    hash.add(static_cast<std::uint32_t>(part.value));
    at += static_cast<size_t>(part.length);
  }
}

std::string of_points(const std::vector<std::int32_t>& points) {
  std::string text;
  for (const std::int32_t point : points) append_utf8(text, point);
  return text;
}

/// A hash of all normalised characters, the same that oracle/record_small.py computes. For normal forms it
/// covers only the characters on which Hugging Face and Python agree.
std::string hash_of_all_characters(const Normalizer& normalizer, const files::Json& oracle) {
  const std::vector<std::int32_t> known = oracle["known"];  // where known and unknown runs begin, in turn
  const bool is_normal_form = normalizer.name().starts_with("nf");
  recorded::WordHash hash;
  for (std::int32_t point = 0; point < 0x110000; ++point) {
    const bool is_known = (std::ranges::upper_bound(known, point) - known.begin()) % 2 == 1;
    if ((point >= 0xD800 && point <= 0xDFFF) || (is_normal_form && !is_known)) continue;
    add_code_points(hash, normalizer(of_points({point})) + '\n');
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

BOOST_AUTO_TEST_CASE(pairs_and_triples_become_what_unicode_says) {
  const auto oracle = recorded::read("pairs.json");
  const std::vector<std::int32_t> first = oracle["first"], second = oracle["second"],
                                  hangul = oracle["hangul"];
  BOOST_TEST(first.size() * second.size() > 100'000);
  for (const char* name : {"nfc", "nfkc"}) {
    const Normalizer normalizer = Normalizer::parse(name);
    recorded::WordHash pairs, triples;
    for (const std::int32_t a : first)
      for (const std::int32_t b : second) add_code_points(pairs, normalizer(of_points({a, b})) + '\n');
    for (const std::int32_t a : hangul)
      for (const std::int32_t b : hangul)
        for (const std::int32_t c : hangul) add_code_points(triples, normalizer(of_points({a, b, c})) + '\n');
    BOOST_TEST(pairs.text() == oracle[name + std::string(" of pairs")].get<std::string>());
    BOOST_TEST(triples.text() == oracle[name + std::string(" of triples")].get<std::string>());
  }
}

BOOST_AUTO_TEST_CASE(no_character_of_hangul_is_lost) {
  for (std::int32_t syllable = 0xAC00; syllable < 0xD7A4; ++syllable) {
    const std::string text = of_points({syllable, 0x11A7, 0x11A7, 0x11A8});
    if (Normalizer::parse("nfc")(text) != text) BOOST_ERROR(std::hex << syllable);
  }
  BOOST_TEST(Normalizer::parse("nfc")(of_points({0x1100, 0x1161, 0x11A7, 0x11A8})) ==
             of_points({0xAC00, 0x11A7, 0x11A8}));
}

BOOST_AUTO_TEST_CASE(a_lost_character_is_an_error) {
  const auto options = static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE);
  BOOST_CHECK_NO_THROW(
      text::detail::require_no_loss({0xE9, 0xAC01}, {0x65, 0x301, 0x1100, 0x1161, 0x11A8}, options));
  for (const std::vector<utf8proc_int32_t>& joined :
       {std::vector{0xAC00}, {0xAC01}, {}, {0xAC00, 0x11A7, 0x41}})
    CHECK_THROWS_SAYING(text::detail::require_no_loss(joined, {0x1100, 0x1161, 0x11A7}, options), SystemError,
                        "utf8proc changed a text");
}

BOOST_AUTO_TEST_CASE(chains_run_in_their_order) {
  BOOST_TEST(Normalizer::parse("none")("A\u0301 \u00bd") == "A\u0301 \u00bd");
  BOOST_TEST(Normalizer::parse("nfc,lowercase")("A\u0301") == "\u00e1");
  BOOST_TEST(Normalizer::parse("nfkc,strip-special")("\u00bdx") == "12x");
  BOOST_TEST(Normalizer::parse("strip-special,nfkc")("\u00bdx") == "1\u20442x");
  BOOST_TEST(Normalizer::parse("lowercase")("\u1c89\ua7cb\U00010d65") == "\u1c8a\u0264\U00010d85");
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
