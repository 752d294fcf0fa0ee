#pragma once
// The names of the table's kernels as "family.kernel", in the table's order. They are read from the header
// that declares the kernels.

#include <algorithm>
#include <array>
#include <bit>
#include <cctype>
#include <fstream>
#include <regex>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "memsizer/device/kernel_table.hpp"

#include "source_folder.hpp"

namespace memsizer::test {

/// The number of kernels in a family, or in the whole table.
template <class Kernels>
inline constexpr std::size_t kernel_count = sizeof(Kernels) / sizeof(void (*)());

/// All names in the table's order, which is also the header's. A family has the name of its struct in lower
/// case: the kernels of SoftmaxKernels begin with "softmax.".
inline std::vector<std::string> kernel_names() {
  std::ifstream header(source_folder() / "include/memsizer/device/kernel_table.hpp");
  const std::regex family("^struct (\\w+)Kernels \\{"), kernel("(?:>|^ ) *(\\w+);$");
  std::vector<std::string> names;
  std::string current;
  for (std::string line; std::getline(header, line);) {
    std::smatch match;
    if (std::regex_search(line, match, family)) {
      current = match[1];
      std::ranges::transform(current, current.begin(), [](unsigned char c) { return std::tolower(c); });
    }
    if (line == "};") current.clear();
    if (!current.empty() && std::regex_search(line, match, kernel))
      names.push_back(current + "." + match[1].str());
  }
  BOOST_TEST_REQUIRE(
      names.size() == kernel_count<KernelTable<double>>,
      "kernel_table.hpp has "
          << names.size() << " kernels, but this test was compiled with "
          << kernel_count<KernelTable<double>> << ": rebuild it, since the header has changed");
  return names;
}

/// The kernels that are null in a table but not listed as missing, or listed but not null. "*" lists all
/// kernels.
template <class T>
std::vector<std::string> wrongly_listed_kernels(const KernelTable<T>& table,
                                                std::span<const std::string_view> missing) {
  using Kernel = void (*)();
  const auto kernels = std::bit_cast<std::array<Kernel, kernel_count<KernelTable<T>>>>(table);
  const std::vector<std::string> names = kernel_names();
  std::set<std::string> listed(missing.begin(), missing.end());
  if (listed.erase("*") == 1) listed.insert(names.begin(), names.end());
  std::vector<std::string> wrong;
  for (std::size_t i = 0; i < kernels.size(); ++i)
    if ((kernels[i] == nullptr) != listed.contains(names[i])) wrong.push_back(names[i]);
  for (const std::string& name : listed)
    if (std::ranges::find(names, name) == names.end()) wrong.push_back(name);
  return wrong;
}

}  // namespace memsizer::test
