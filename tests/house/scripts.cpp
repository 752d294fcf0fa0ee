// Every script can be parsed by its interpreter, also the scripts that no test runs.
#include <boost/test/unit_test.hpp>

#include "house/repository.hpp"

BOOST_AUTO_TEST_SUITE(scripts)

namespace {

/// Parses Python from standard input. Prints an error, or nothing.
const std::string parse_python = "python3 -c 'import ast, sys; ast.parse(sys.stdin.buffer.read())' 2>&1";

/// The same for bash.
const std::string parse_bash = "bash -n 2>&1";

std::string input_from(const std::string& path) {
  return " <'" + (house::root() / path).string() + "'";
}

bool is_bash(const std::string& path) {
  return house::read(path).starts_with("#!/usr/bin/env bash\n");
}

}  // namespace

BOOST_AUTO_TEST_CASE(python_can_be_read, *boost::unit_test::precondition(house::has_python)) {
  std::size_t found = 0;
  for (const std::string& path : house::files()) {
    if (!path.ends_with(".py")) continue;
    ++found;
    BOOST_TEST(house::output_of(parse_python + input_from(path)) == "", path);
  }
  BOOST_TEST(found > 10u);
  BOOST_TEST(house::output_of("echo 'def f(:' | " + parse_python) != "");
}

BOOST_AUTO_TEST_CASE(bash_can_be_read) {
  std::size_t found = 0;
  for (const std::string& path : house::files()) {
    if (!is_bash(path)) continue;
    ++found;
    BOOST_TEST(house::output_of(parse_bash + input_from(path)) == "", path);
  }
  BOOST_TEST(found >= 5u);  // scripts/demo, setup and test, .ci/run, bench/include_cost
  BOOST_TEST(house::output_of("echo 'if true; then' | " + parse_bash) != "");
}

BOOST_AUTO_TEST_SUITE_END()
