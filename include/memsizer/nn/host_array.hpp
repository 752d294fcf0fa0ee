#pragma once
// A state's tensor on the host, under a name that tells all that a file needs to give it back.

#include <array>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "memsizer/tensor/shape.hpp"

namespace memsizer::nn {

/// How much of a row of a tensor [rows, ..] holds something.
enum class RowKind {
  fixed,    // all of it, however much was seen: a memory of slots
  growing,  // [rows, capacity, ..], the first entries: a cache of keys
  ring      // [rows, capacity, ..], the entries written last, the i-th at i mod capacity: a window of keys
};

/// What the elements of a tensor are: T of a layer's values, Accumulate<T> of recurrent sums, or ids.
enum class RowElement { value, sum, id };

inline constexpr std::array<std::string_view, 3> row_kind_names = {"fixed", "growing", "ring"};
inline constexpr std::array<std::string_view, 3> row_element_names = {"value", "sum", "id"};

/// Values of a tensor with a row for each sequence. Those of a narrow type are floats here.
struct HostArray {
  std::string name;  // "layers.0.memory"
  RowKind kind = RowKind::fixed;
  RowElement element = RowElement::value;
  Shape shape = {};
  std::variant<std::vector<float>, std::vector<double>, std::vector<Id>> values = {};

  /// "layers.0.memory:fixed:sum", a name for a file.
  std::string full_name() const {
    return concatenate(name, ':', row_kind_names[static_cast<std::size_t>(kind)], ':',
                       row_element_names[static_cast<std::size_t>(element)]);
  }

  /// Takes name, kind and element from such a name; InputError where it is none.
  static HostArray named(const std::string& full_name) {
    const std::size_t second = full_name.rfind(':'), first = second == 0 || second == full_name.npos
                                                                 ? full_name.npos
                                                                 : full_name.rfind(':', second - 1);
    require(first != full_name.npos, "state: a name as memory:fixed:sum expected, got '", full_name, "'");
    HostArray array;
    array.name = full_name.substr(0, first);
    const auto find = [&](const auto& names, const std::string& part) {
      const auto found = std::ranges::find(names, part);
      require(found != names.end(), "state: '", part, "' in the name ", full_name);
      return found - names.begin();
    };
    array.kind = static_cast<RowKind>(find(row_kind_names, full_name.substr(first + 1, second - first - 1)));
    array.element = static_cast<RowElement>(find(row_element_names, full_name.substr(second + 1)));
    return array;
  }
};

}  // namespace memsizer::nn
