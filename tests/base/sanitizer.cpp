#include "memsizer/base/sanitizer.hpp"

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(sanitizer)

// Every program under AddressSanitizer contains this function, and no other program does.
extern "C" [[gnu::weak]] void __asan_init();

BOOST_AUTO_TEST_CASE(the_constant_says_whether_it_watches) {
  BOOST_TEST(memsizer::address_sanitizer == (&__asan_init != nullptr));
}

BOOST_AUTO_TEST_SUITE_END()
