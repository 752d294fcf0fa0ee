#pragma once
// Reads the inputs that are kept of a fuzzer's runs, and those of every finding.

#include <exception>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "fuzz/target.hpp"
#include "source_folder.hpp"

/// Each target must accept some inputs of its folder and refuse others; anything but these two is an error.
inline void replay(const std::vector<fuzz::NamedTarget>& targets) {
  for (const auto& [name, read] : targets) {
    int accepted = 0, refused = 0;
    for (const auto& entry :
         std::filesystem::directory_iterator(memsizer::test::source_folder() / "fuzz/corpus" / name)) {
      std::ifstream stream(entry.path(), std::ios::binary);
      const std::string bytes{std::istreambuf_iterator<char>(stream), {}};
      try {
        ++(fuzz::accepts(read, bytes) ? accepted : refused);
      } catch (const std::exception& error) {
        BOOST_ERROR(entry.path() << ": " << error.what());
      }
    }
    BOOST_TEST(accepted > 0, name);
    BOOST_TEST(refused > 0, name);
  }
}
