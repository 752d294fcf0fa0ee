#include "memsizer/data/language_codes.hpp"

#include <set>

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(language_codes)

using namespace memsizer::data;

BOOST_AUTO_TEST_CASE(codes_of_one_language_agree) {
  BOOST_CHECK(same_language("de", "deu") && same_language("ger", "DE") && same_language("eng", "en"));
  BOOST_CHECK(same_language("pt-BR", "pt-br") && same_language("xx", "XX"));
  BOOST_CHECK(!same_language("de", "en") && !same_language("pt-BR", "pt") && !same_language("", "de"));
  BOOST_CHECK(!same_language("xx", "yy") && !same_language("gu", ""));
  BOOST_CHECK(is_language_code("deu") && !is_language_code("xx") && !is_language_code("") &&
              !is_language_code("DE"));
}

BOOST_AUTO_TEST_CASE(no_code_means_two_languages) {
  std::set<std::string_view> codes;
  for (const auto& row : memsizer::data::detail::language_table)
    for (const std::string_view code : row)
      if (!code.empty()) BOOST_CHECK_MESSAGE(codes.insert(code).second, code);
}

BOOST_AUTO_TEST_SUITE_END()
