#pragma once
// A state's tensor on the host. Its full name holds what a file needs to restore it besides shape and values.

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "memsizer/base/linkage.hpp"
#include "memsizer/tensor/shape.hpp"

namespace memsizer::nn {

/// Which part of a row of a tensor [rows, ..] holds values.
enum class RowKind {
  fixed,    // the whole row, however many tokens were seen: a memory of slots
  growing,  // [rows, capacity, ..], the first entries of the row: a cache of keys
  ring      // [rows, capacity, ..], the latest entries, entry i at i mod capacity: a window of keys
};

/// What a tensor's elements are: a layer's values (T), recurrent sums (Accumulate<T>), or ids. If T and
/// Accumulate<T> are the same type, such as float, values too are `accumulator`.
enum class RowElement { value, accumulator, id };

/// Their names in files.
inline constexpr std::array<std::string_view, 3> row_kind_names = {"fixed", "growing", "ring"};
inline constexpr std::array<std::string_view, 3> row_element_names = {"value", "sum", "id"};

/// The values of a tensor with a row for each sequence. Values of a narrow type (bfloat16) are floats here.
struct HostArray {
  std::string name;  // "0.memory"
  RowKind kind = RowKind::fixed;
  RowElement element = RowElement::value;
  Shape shape = {};
  std::variant<std::vector<float>, std::vector<double>, std::vector<Id>> values = {};

  /// The name in a file: "0.memory:fixed:sum".
  std::string full_name() const;

  /// An array with name, kind and element from such a full name. InputError if it does not have this form.
  static HostArray named(const std::string& full_name);
};

/// Cuts the values of a growing tensor [rows, capacity, ..] to the entries of its longest row, and changes
/// `shape` to match. written[b] entries of row b hold values; if it is empty, all do. A shorter row is filled
/// up with zeros.
template <class E>
std::vector<E> used_part(const std::vector<E>& values, const std::vector<Id>& written, Shape& shape) {
  if (values.empty()) return values;
  const Index rows = shape[0], capacity = shape[1], entry = shape.size() / (rows * capacity);
  const Index longest = written.empty() ? capacity : *std::ranges::max_element(written);
  shape = shape.with(1, longest);
  std::vector<E> part(static_cast<std::size_t>(shape.size()), E{0});
  for (Index row = 0; row < rows; ++row) {
    const Index length = written.empty() ? capacity : written[static_cast<std::size_t>(row)];
    std::copy_n(values.begin() + row * capacity * entry, length * entry,
                part.begin() + row * longest * entry);
  }
  return part;
}

#if MEMSIZER_CORE_HAS_BODIES

MEMSIZER_CORE_FUNCTION std::string HostArray::full_name() const {
  return concatenate(name, ':', row_kind_names[static_cast<std::size_t>(kind)], ':',
                     row_element_names[static_cast<std::size_t>(element)]);
}

MEMSIZER_CORE_FUNCTION HostArray HostArray::named(const std::string& full_name) {
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

#endif

}  // namespace memsizer::nn
