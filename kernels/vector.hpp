#pragma once
// What one instruction loads or stores at most: 16 bytes.

#include <type_traits>

namespace memsizer {

template <class T>
struct alignas(16) Vector {
  static_assert(std::is_trivially_copyable_v<T> && 16 % sizeof(T) == 0);
  static constexpr int size = 16 / sizeof(T);

  T element[size];
};

}  // namespace memsizer
