#include "memsizer/metrics/aligned_lines.hpp"

#include <boost/test/unit_test.hpp>

#include "files/compress.hpp"
#include "files/temporary_folder.hpp"

BOOST_AUTO_TEST_SUITE(aligned_lines)

using namespace memsizer;
using namespace memsizer::metrics;

BOOST_AUTO_TEST_CASE(a_line_ends_at_a_newline_and_nowhere_else) {
  const TemporaryFolder folder;
  const auto lines = read_scored_lines(folder.write("a.txt", "one\u0085more\n\ntwo\r\n\u2028 three"));
  BOOST_TEST((lines == std::vector<std::string>{"one\u0085more", "", "two\r", "\u2028 three"}));
  BOOST_TEST(read_scored_lines(folder.write("b.txt", "\n\n")).size() == 2u);
}

BOOST_AUTO_TEST_CASE(compressed_files_are_read_as_well) {
  const TemporaryFolder folder;
  const std::vector<std::string> lines = {"one", "two"};
  BOOST_TEST((read_scored_lines(folder.write("a.gz", gzip("one\ntwo\n"))) == lines));
  BOOST_TEST((read_scored_lines(folder.write("a.zst", zstd("one\ntwo\n"))) == lines));
}

BOOST_AUTO_TEST_CASE(faults_name_file_and_line) {
  const TemporaryFolder folder;
  const auto error = [&](std::string_view name, std::string_view bytes, const std::string& part) {
    CHECK_THROWS_SAYING(read_scored_lines(folder.write(name, bytes)), InputError, part);
  };
  error("bad.txt", "one\ntwo \xff\n", "bad.txt:2: expected UTF-8, got an invalid byte at column 5");
  error("empty.txt", "", "empty.txt: expected one line or more, got an empty file");
  error("long.txt", "a\n" + std::string((1 << 20) + 1, 'b'), "long.txt:2: expected lines of at most 1048576");
  error("wide.txt",
        "\xFF\xFE"
        "a",
        "UTF-16");
  CHECK_THROWS_SAYING(read_scored_lines(folder / "absent.txt"), InputError, "absent.txt");
}

BOOST_AUTO_TEST_CASE(misaligned_files_are_refused_with_both_counts) {
  const TemporaryFolder folder;
  const std::vector<std::filesystem::path> paths = {
      folder.write("a.txt", "1\n2\n3\n"), folder.write("b.txt", "1\n2\n3"), folder.write("c.txt", "1\n2\n")};
  BOOST_TEST(read_aligned_lines(std::span(paths).first(2)).size() == 2u);
  CHECK_THROWS_SAYING(read_aligned_lines(paths), InputError,
                      "got 3 lines in " + paths[0].string() + " and 2 in " + paths[2].string());
}

BOOST_AUTO_TEST_SUITE_END()
