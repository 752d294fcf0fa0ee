#include "memsizer/files/hash.hpp"

#include <boost/test/unit_test.hpp>

#include "memsizer/base/random.hpp"

#include "files/temporary_folder.hpp"

BOOST_AUTO_TEST_SUITE(hash)

using namespace memsizer;
using namespace memsizer::files;

BOOST_AUTO_TEST_CASE(agrees_with_the_published_vectors) {
  BOOST_CHECK_EQUAL(hash_text(""), 0xcbf29ce484222325u);
  BOOST_CHECK_EQUAL(hash_text("a"), 0xaf63dc4c8601ec8cu);
  BOOST_CHECK_EQUAL(hash_text("foobar"), 0x85944171f73967e8u);
  BOOST_CHECK_EQUAL(hash_text("foobar"), name_key("foobar"));
  BOOST_CHECK_EQUAL(hash_text("\xff"), 0xaf64724c8602eb6eu);
}

BOOST_AUTO_TEST_CASE(pieces_and_files_hash_as_the_whole) {
  const std::string text = std::string(300000, 'x') + '\0' + "y";
  BOOST_CHECK_EQUAL(Fnv1a().update("foo").update("").update("bar").value(), hash_text("foobar"));
  const TemporaryFolder folder;
  BOOST_CHECK_EQUAL(hash_file(folder.write("a", text)), hash_text(text));
  BOOST_CHECK_EQUAL(hash_file(folder.write("b", "")), hash_text(""));
  CHECK_THROWS_SAYING(hash_file(folder / "absent"), InputError, "absent");
}

BOOST_AUTO_TEST_CASE(text_has_sixteen_digits) {
  BOOST_CHECK_EQUAL(hash_digits(0), "0000000000000000");
  BOOST_CHECK_EQUAL(hash_digits(0x0123456789abcdef), "0123456789abcdef");
}

BOOST_AUTO_TEST_SUITE_END()
