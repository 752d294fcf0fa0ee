#include "memsizer/data/sgml_tag.hpp"

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(sgml_tag)

using namespace memsizer::data;

BOOST_AUTO_TEST_CASE(names_and_attributes_are_read) {
  const auto tag = read_sgml_tag("DOC sysid=\"ref\" DocId='a \"b\" > c' genre=news\torigLang = \"de\"");
  BOOST_REQUIRE(tag.has_value());
  BOOST_CHECK_EQUAL(tag->name, "doc");
  BOOST_CHECK(
      (tag->attributes ==
       SgmlAttributes{{"sysid", "ref"}, {"docid", "a \"b\" > c"}, {"genre", "news"}, {"origlang", "de"}}));
  BOOST_CHECK_EQUAL(tag->attribute("genre"), "news");
  BOOST_CHECK_EQUAL(tag->attribute("absent"), "");
  BOOST_CHECK_EQUAL(read_sgml_tag("/seg ")->name, "/seg");
  BOOST_CHECK_EQUAL(read_sgml_tag("seg id=\"\"")->attributes.count("id"), 1u);
}

BOOST_AUTO_TEST_CASE(what_is_no_tag_is_nothing) {
  for (const char* text : {"", " seg", "/", "seg id", "seg id=", "seg id=\"1", "seg =1",
                           "seg id=\"1\" id=\"2\"", "seg id=\"1\" and more", "a<b", "a=b", "seg \"id\"=1"})
    BOOST_CHECK_MESSAGE(!read_sgml_tag(text), text);
}

BOOST_AUTO_TEST_CASE(a_bracket_in_quotes_does_not_end_a_tag) {
  BOOST_CHECK_EQUAL(*detail::tag_bytes("<doc docid=\"a>b\">rest"), 17u);
  BOOST_CHECK_EQUAL(*detail::tag_bytes("<p>"), 3u);
  BOOST_CHECK(!detail::tag_bytes("<doc docid=\"a>"));
  BOOST_CHECK(!detail::tag_bytes("<p"));
}

BOOST_AUTO_TEST_SUITE_END()
