#include "memsizer/text/quoted.hpp"

#include <boost/test/unit_test.hpp>

#include "memsizer/base/error.hpp"

BOOST_AUTO_TEST_SUITE(quoted)

using namespace memsizer;
using namespace memsizer::text;

namespace {

std::string shown(std::string_view spelling) {
  return concatenate(text::detail::Quoted{spelling});
}

std::string repeated(std::string_view text, int times) {
  std::string result;
  while (times-- > 0) result += text;
  return result;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_spelling_stands_between_quotes) {
  BOOST_TEST(shown("") == "\"\"");
  BOOST_TEST(shown("\u0120the") == "\"\u0120the\"");
  BOOST_TEST(shown(spell_bytes("\x01 \xFF\xAD")) == "\"\u0101\u0120\u00ff\u0143\"");
  BOOST_TEST(shown("a b") == "\"a b\"");
}

BOOST_AUTO_TEST_CASE(what_no_alphabet_has_is_shown_by_its_bytes) {
  BOOST_TEST(shown("a\n\x1b[0m") == "\"a\\x0a\\x1b[0m\"");
  BOOST_TEST(shown("\u4f60") == "\"\\xe4\\xbd\\xa0\"");
  BOOST_TEST(shown("\u00ad\xC2\x80") == "\"\\xc2\\xad\\xc2\\x80\"");
  BOOST_TEST(shown("\x9B\xFF") == "\"\\x9b\\xff\"");
}

BOOST_AUTO_TEST_CASE(long_ones_are_cut) {
  for (const std::string_view unit : {"x", "\u0120", "\xFF"}) {
    BOOST_TEST(shown(repeated(unit, 60)).find("...") == std::string::npos);
    std::string cut = shown(repeated(unit, 60));
    cut.insert(cut.size() - 1, "...");
    BOOST_TEST(shown(repeated(unit, 61)) == cut);
    BOOST_TEST(shown(repeated(unit, 100000)) == cut);
  }
}

BOOST_AUTO_TEST_SUITE_END()
