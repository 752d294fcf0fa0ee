#include "data/parquet_files.hpp"
#include "fuzz/data_targets.hpp"
#include "fuzz/files_targets.hpp"
#include "fuzz/metrics_targets.hpp"
#include "fuzz/parquet_targets.hpp"
#include "fuzz/replay.hpp"
#include "fuzz/text_targets.hpp"

BOOST_AUTO_TEST_SUITE(fuzz_corpus)

BOOST_AUTO_TEST_CASE(readers_of_data_withstand_it) {
  replay(fuzz::data_targets());
}

BOOST_AUTO_TEST_CASE(readers_of_tokenizers_withstand_it) {
  replay(fuzz::text_targets());
}

BOOST_AUTO_TEST_CASE(readers_of_files_withstand_it) {
  replay(fuzz::files_targets());
}

BOOST_AUTO_TEST_CASE(readers_of_lines_to_score_withstand_it) {
  replay(fuzz::metrics_targets());
}

BOOST_AUTO_TEST_CASE(the_reader_of_parquet_withstands_it,
                     *boost::unit_test::precondition(parquet_files::can_be_read)) {
  replay(fuzz::parquet_targets());
}

BOOST_AUTO_TEST_CASE(what_contradicts_itself_is_noticed) {
  const auto broken = [](std::string_view bytes) { fuzz::expect(bytes.empty(), "no bytes"); };
  BOOST_CHECK(fuzz::accepts(broken, ""));
  BOOST_CHECK_THROW(fuzz::accepts(broken, "x"), std::logic_error);
  BOOST_CHECK(!fuzz::accepts([](std::string_view) { memsizer::require(false, "no"); }, ""));
}

BOOST_AUTO_TEST_CASE(every_target_is_built_and_has_a_corpus) {
  std::ifstream stream(memsizer::test::source_folder() / "fuzz/CMakeLists.txt");
  const std::string build{std::istreambuf_iterator<char>(stream), {}};
  std::size_t count = 1;  // config, whose corpus tests/train replays
  for (const auto& targets : {fuzz::data_targets(), fuzz::text_targets(), fuzz::files_targets(),
                              fuzz::metrics_targets(), fuzz::parquet_targets()})
    for (const fuzz::NamedTarget& target : targets) {
      BOOST_TEST(build.find(' ' + target.name) != build.npos, target.name);
      ++count;
    }
  const std::filesystem::directory_iterator folders(memsizer::test::source_folder() / "fuzz/corpus");
  BOOST_TEST(static_cast<std::size_t>(std::distance(folders, {})) == count);
}

BOOST_AUTO_TEST_SUITE_END()
