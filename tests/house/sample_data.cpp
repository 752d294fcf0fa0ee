// The sample data equal the output of their generator, and have the form of WikiText.
#include <cstdlib>

#include <boost/test/unit_test.hpp>

#include "house/repository.hpp"

BOOST_AUTO_TEST_SUITE(sample_data)

namespace {

const std::string folder = "samples/data/wikitext-tiny/";
const std::vector<std::string> splits = {"train", "valid", "test"};

bool is_wikitext_line(const std::string& line) {
  return line == " " || (line.front() == ' ' && line.back() == ' ');
}

}  // namespace

BOOST_AUTO_TEST_CASE(the_generator_writes_the_same_bytes,
                     *boost::unit_test::precondition(house::has_python)) {
  std::string pattern = (std::filesystem::temp_directory_path() / "memsizer-house-XXXXXX").string();
  BOOST_TEST_REQUIRE(mkdtemp(pattern.data()) != nullptr);
  const std::filesystem::path output = pattern;
  const std::string script = (house::root() / "samples/data/make_wikitext_tiny.py").string();
  house::output_of("PYTHONDONTWRITEBYTECODE=1 python3 '" + script + "' --output '" + output.string() + "'");
  for (const std::string& split : splits) {
    const std::string name = "wiki." + split + ".tokens";
    const std::string committed = house::read(folder + name), made = house::read((output / name).string());
    const bool same = !committed.empty() && committed == made;
    BOOST_TEST(same, name << " is not what samples/data/make_wikitext_tiny.py writes");
  }
  std::filesystem::remove_all(output);
}

BOOST_AUTO_TEST_CASE(the_splits_have_the_form_of_wikitext) {
  for (const std::string& split : splits) {
    const std::string text = house::read(folder + "wiki." + split + ".tokens");
    BOOST_TEST(text.size() > 20000u);
    BOOST_TEST(text.starts_with(" \n = "));
    BOOST_TEST(text.ends_with(" \n"));
    for (const std::string& line : house::lines_of(text)) BOOST_TEST(is_wikitext_line(line), line);
  }
}

BOOST_AUTO_TEST_SUITE_END()
