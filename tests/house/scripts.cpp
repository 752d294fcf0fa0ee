// Every script can be parsed by its interpreter, also the scripts that no test runs.
#include <boost/test/unit_test.hpp>

#include "files/temporary_folder.hpp"
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
  BOOST_TEST(found >= 4u);  // scripts/demo, setup and test, .ci/run
  BOOST_TEST(house::output_of("echo 'if true; then' | " + parse_bash) != "");
}

// The tests of Parquet are skipped then, and all else goes on.
BOOST_AUTO_TEST_CASE(setup_succeeds_where_apache_arrow_cannot_be_had) {
  const TemporaryFolder folder;
  folder.write("scripts/setup", house::read("scripts/setup"));
  // All packages are there but python3-venv, no network, no root.
  folder.write("bin/dpkg-query", "#!/bin/sh\necho installed");
  folder.write("bin/python3", "#!/bin/sh\necho no module named venv >&2; exit 1");
  for (const char* absent : {"apt-get", "sudo"})
    folder.write(std::string("bin/") + absent, "#!/bin/sh\necho no network >&2; exit 100");
  const std::string run = "cd '" + folder.path().string() +
                          "' && chmod +x bin/* && PATH=\"$PWD/bin:$PATH\" " +
                          "bash scripts/setup 2>&1; echo \"ended with $?\"";
  const std::string told = house::output_of(run);
  BOOST_TEST(told.find("so .parquet data cannot be read, and the tests of it are skipped") != told.npos,
             told);
  BOOST_TEST(told.find("no network") != told.npos, told);
  BOOST_TEST(told.ends_with("setup: all packages are installed\nended with 0\n"), told);
}

BOOST_AUTO_TEST_SUITE_END()
