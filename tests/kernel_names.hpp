#pragma once
// The names of the table's kernels in their order, "family.kernel", read from the header that declares them.

#include <algorithm>
#include <cctype>
#include <fstream>
#include <regex>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "memsizer/device/kernel_table.hpp"

#include "source_folder.hpp"

namespace memsizer::test {

/// How many kernels a family, or the whole table, has.
template <class Kernels>
inline constexpr std::size_t kernel_count = sizeof(Kernels) / sizeof(void (*)());

/// Families stand in the header as they stand in the table; one is called as its struct, in lower case.
inline std::vector<std::string> kernel_names() {
  std::ifstream header(source_folder() / "include/memsizer/device/kernel_table.hpp");
  const std::regex family("^struct (\\w+)Kernels \\{"), kernel("\\(\\*(\\w+)\\)\\(Context&");
  std::vector<std::string> names;
  std::string current;
  for (std::string line; std::getline(header, line);) {
    std::smatch match;
    if (std::regex_search(line, match, family)) {
      current = match[1];
      std::ranges::transform(current, current.begin(), [](unsigned char c) { return std::tolower(c); });
    }
    if (std::regex_search(line, match, kernel)) names.push_back(current + "." + match[1].str());
  }
  BOOST_TEST_REQUIRE(names.size() == kernel_count<KernelTable<double>>);
  return names;
}

}  // namespace memsizer::test
