#pragma once
// Real text for tests, from the folder that the variable MEMSIZER_DATA names. Without it these tests are
// skipped.

#include <cstdlib>
#include <filesystem>

#include <boost/test/unit_test.hpp>

namespace real_data {

inline std::filesystem::path folder() {
  const char* named = std::getenv("MEMSIZER_DATA");
  return named ? named : "";
}

/// For a test case: *boost::unit_test::label("data") * boost::unit_test::precondition(real_data::is_there).
inline boost::test_tools::assertion_result is_there(boost::unit_test::test_unit_id) {
  boost::test_tools::assertion_result result(!folder().empty());
  result.message() << "MEMSIZER_DATA is not set";
  return result;
}

}  // namespace real_data
