#include "memsizer/base/text_table.hpp"

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(text_tables)

BOOST_AUTO_TEST_CASE(columns_are_as_wide_as_their_widest_word) {
  BOOST_TEST(memsizer::text_table({{"name", "size"}, {"a", "12345"}, {"bias", ""}}, "lr") ==
             "name   size\n"
             "a     12345\n"
             "bias\n");
  BOOST_TEST(memsizer::text_table({}, "l") == "");
}

BOOST_AUTO_TEST_SUITE_END()
