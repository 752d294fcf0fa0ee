#define BOOST_TEST_MODULE memsizer
#include <boost/test/unit_test.hpp>
