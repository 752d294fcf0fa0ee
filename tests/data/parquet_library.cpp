#include "memsizer/data/parquet_library.hpp"

#include <boost/test/unit_test.hpp>

#include "data/parquet_files.hpp"
#include "files/temporary_folder.hpp"

BOOST_AUTO_TEST_SUITE(parquet_library)

using namespace memsizer;
using namespace memsizer::data;

namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != text.npos;
}

/// A library that the program has open, and that is not ours.
const std::filesystem::path other_library = "libm.so.6";

}  // namespace

BOOST_AUTO_TEST_CASE(a_library_that_is_nowhere_tells_the_first_place) {
  const TemporaryFolder folder;
  const auto library = data::detail::look_for_parquet_library({folder / "a.so", folder / "b.so"});
  BOOST_TEST(!library.functions);
  BOOST_TEST(library.absence == (folder / "a.so").string() + " does not exist");
  const auto system = data::detail::look_for_parquet_library({"libmemsizer_that_no_system_has.so"});
  BOOST_TEST(!system.functions);
  BOOST_TEST(contains(system.absence, "libmemsizer_that_no_system_has.so"), system.absence);
}

BOOST_AUTO_TEST_CASE(what_is_no_library_of_ours_is_refused) {
  const TemporaryFolder folder;
  const auto file = folder.write("libmemsizer_parquet.so", "no library");
  const auto damaged = data::detail::look_for_parquet_library({folder / "absent.so", file});
  BOOST_TEST(!damaged.functions);
  BOOST_TEST(contains(damaged.absence, file.string()), damaged.absence);
  const auto other = data::detail::look_for_parquet_library({other_library});
  BOOST_TEST(!other.functions);
  BOOST_TEST(other.absence == "libm.so.6 is another library");
}

BOOST_AUTO_TEST_CASE(it_is_looked_for_beside_the_program_and_above) {
  const auto places = data::detail::parquet_library_places();
  if (const char* named = std::getenv("MEMSIZER_PARQUET")) {
    BOOST_TEST((places == std::vector<std::filesystem::path>{named}));
    return;
  }
  const std::filesystem::path folder = std::filesystem::read_symlink("/proc/self/exe").parent_path();
  BOOST_TEST_REQUIRE(places.size() == 4u);
  BOOST_TEST(places[0] == folder / "libmemsizer_parquet.so");
  BOOST_TEST(places[1] == folder.parent_path() / "libmemsizer_parquet.so");
  BOOST_TEST(places[2] == folder.parent_path() / "lib/libmemsizer_parquet.so");
  BOOST_TEST(places[3] == "libmemsizer_parquet.so");
}

BOOST_AUTO_TEST_CASE(it_has_the_version_of_this_header,
                     *boost::unit_test::precondition(parquet_files::can_be_read)) {
  BOOST_TEST_REQUIRE(data::detail::parquet_library().functions, data::detail::parquet_library().absence);
  BOOST_TEST(data::detail::parquet_library().functions->version == parquet_interface_version);
}

BOOST_AUTO_TEST_SUITE_END()
