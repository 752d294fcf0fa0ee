#include "memsizer/base/error.hpp"

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(error)

using namespace memsizer;

namespace {

/// Counts how often it is printed.
struct Counter {
  mutable int printed = 0;
  friend std::ostream& operator<<(std::ostream& out, const Counter& counter) {
    return out << ++counter.printed;
  }
};

}  // namespace

BOOST_AUTO_TEST_CASE(parts_are_joined) {
  BOOST_TEST(concatenate("expected ", 3, " rows, got ", -1.5) == "expected 3 rows, got -1.5");
}

BOOST_AUTO_TEST_CASE(a_broken_requirement_is_an_input_error) {
  BOOST_CHECK_NO_THROW(require(true, "unused"));
  BOOST_CHECK_EXCEPTION(require(false, "line ", 7), InputError,
                        [](const InputError& error) { return std::string("line 7") == error.what(); });
}

BOOST_AUTO_TEST_CASE(the_text_is_built_only_on_failure) {
  const Counter counter;
  require(true, counter);
  BOOST_TEST(counter.printed == 0);
  BOOST_CHECK_THROW(require(false, counter), InputError);
  BOOST_TEST(counter.printed == 1);
}

BOOST_AUTO_TEST_CASE(both_kinds_are_errors_of_this_library) {
  BOOST_CHECK_THROW(throw InputError("x"), Error);
  BOOST_CHECK_THROW(throw SystemError("x"), Error);
  BOOST_CHECK_THROW(throw SystemError("x"), std::runtime_error);
  static_assert(!std::is_base_of_v<InputError, SystemError> && !std::is_base_of_v<SystemError, InputError>);
}

BOOST_AUTO_TEST_SUITE_END()
