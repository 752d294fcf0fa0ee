#pragma once
// Lists: comma lists of names, which a user gives or a message shows, and lists of numbers in order.

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "memsizer/base/checked.hpp"
#include "memsizer/base/error.hpp"
#include "memsizer/base/linkage.hpp"

namespace memsizer {

/// The parts of a comma list; an empty text has none. InputError if a part is empty; its text calls the list
/// `what`.
std::vector<std::string> split_list(std::string_view list, std::string_view what);

/// The parts with the separator between them. The text of a part is its projection by `name`, as in the
/// algorithms of std::ranges: name(part), or a member of the part. Without a name it is the part itself.
template <class Range, class... Name>
std::string join(const Range& parts, std::string_view separator = ", ", Name... name) {
  std::string joined;
  bool is_first = true;
  const auto add = [&](const auto& text) {
    if (!std::exchange(is_first, false)) joined += separator;
    joined += text;
  };
  std::ranges::for_each(parts, add, name...);
  return joined;
}

/// Whether the numbers are 0, 1, .. count - 1: a list of rows that leaves all of them where they are.
bool is_in_order(const std::vector<Index>& numbers, Index count);

#if MEMSIZER_CORE_HAS_BODIES
MEMSIZER_CORE_FUNCTION bool is_in_order(const std::vector<Index>& numbers, Index count) {
  if (static_cast<Index>(numbers.size()) != count) return false;
  for (std::size_t i = 0; i < numbers.size(); ++i)
    if (numbers[i] != static_cast<Index>(i)) return false;
  return true;
}

MEMSIZER_CORE_FUNCTION std::vector<std::string> split_list(std::string_view list, std::string_view what) {
  std::vector<std::string> parts;
  if (list.empty()) return parts;
  for (std::string_view rest = list;;) {
    const std::size_t comma = rest.find(',');
    parts.emplace_back(rest.substr(0, comma));
    require(!parts.back().empty(), what, ": a comma list without empty parts expected, got '", list, "'");
    if (comma == rest.npos) return parts;
    rest.remove_prefix(comma + 1);
  }
}
#endif

}  // namespace memsizer
