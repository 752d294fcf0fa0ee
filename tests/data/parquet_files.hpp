#pragma once
// The Parquet files that tests/data/parquet/record.py wrote, for tests that are skipped without the library
// that reads them.

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "memsizer/data/parquet_library.hpp"

#include "source_folder.hpp"

namespace parquet_files {

inline std::filesystem::path path(const std::string& name) {
  return memsizer::test::source_folder() / "tests/data/parquet" / name;
}

/// For a test case: *boost::unit_test::precondition(parquet_files::can_be_read). A library that is there but
/// cannot be opened skips nothing, so that these tests then fail.
inline boost::test_tools::assertion_result can_be_read(boost::unit_test::test_unit_id) {
  const auto places = memsizer::data::detail::parquet_library_places();
  const bool is_built = std::ranges::any_of(
      places, [](const auto& place) { return place.has_parent_path() && std::filesystem::exists(place); });
  boost::test_tools::assertion_result result(is_built || memsizer::data::detail::parquet_library().functions);
  result.message() << "libmemsizer_parquet.so was not built, since Apache Arrow was not found";
  return result;
}

}  // namespace parquet_files
