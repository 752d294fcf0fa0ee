// The length budget: a file holds one concept and stays under 400 lines.
#include <algorithm>
#include <iostream>

#include <boost/test/unit_test.hpp>

#include "house/repository.hpp"

BOOST_AUTO_TEST_SUITE(budget)

namespace {

constexpr std::size_t line_budget = 400;

bool counts(const std::string& path) {
  return house::is_written(path) && !house::has_ending(path, {".md", ".json"});
}

}  // namespace

BOOST_AUTO_TEST_CASE(no_file_is_longer_than_400_lines) {
  std::vector<std::pair<std::size_t, std::string>> lengths;
  for (const std::string& path : house::files())
    if (counts(path)) lengths.emplace_back(house::lines_of(house::read(path)).size(), path);
  std::ranges::sort(lengths, std::greater());
  BOOST_TEST_REQUIRE(lengths.size() > 50u);
  std::cout << lengths.size() << " files; the longest:\n";
  for (std::size_t i = 0; i < 5; ++i)
    std::cout << "  " << lengths[i].first << ' ' << lengths[i].second << '\n';
  for (const auto& [length, path] : lengths)
    BOOST_TEST(length <= line_budget, path << " has " << length << " lines");
}

BOOST_AUTO_TEST_SUITE_END()
