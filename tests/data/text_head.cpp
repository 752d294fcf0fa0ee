#include "memsizer/data/text_head.hpp"

#include <boost/test/unit_test.hpp>

#include "files/compress.hpp"
#include "files/temporary_folder.hpp"

BOOST_AUTO_TEST_SUITE(text_head)

using namespace memsizer;

BOOST_AUTO_TEST_CASE(the_first_512_bytes_come_unpacked) {
  const TemporaryFolder folder;
  const std::string text = "two\nlines " + std::string(1000, 'x');
  BOOST_CHECK_EQUAL(data::head_of_text(folder.write("a", text)), text.substr(0, 512));
  BOOST_CHECK_EQUAL(data::head_of_text(folder.write("a.gz", gzip(text))), text.substr(0, 512));
  BOOST_CHECK_EQUAL(data::head_of_text(folder.write("a.zst", zstd("short"))), "short");
  BOOST_CHECK_EQUAL(data::head_of_text(folder.write("b", "")), "");
  CHECK_THROWS_SAYING(data::head_of_text(folder.write("c", "BZh9")), InputError, "got bzip2 data");
}

BOOST_AUTO_TEST_SUITE_END()
