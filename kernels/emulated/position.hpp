#pragma once
// The position of a thread in its block, or of a block in its grid: CUDA's uint3 and dim3.

#include <cstddef>
#include <string>

namespace memsizer::emulated {

struct Position {
  unsigned x = 0, y = 0, z = 0;

  friend constexpr bool operator==(const Position&, const Position&) = default;
};

struct Extent {
  unsigned x = 1, y = 1, z = 1;

  constexpr Extent(unsigned x_ = 1, unsigned y_ = 1, unsigned z_ = 1) : x(x_), y(y_), z(z_) {}
  constexpr std::size_t count() const { return std::size_t{x} * y * z; }
  /// The position of thread (or block) number `index`: x runs fastest, as CUDA counts threads.
  constexpr Position position(std::size_t index) const {
    return {static_cast<unsigned>(index % x), static_cast<unsigned>(index / x % y),
            static_cast<unsigned>(index / x / y)};
  }
};

inline std::string to_string(const Position& p) {
  return "(" + std::to_string(p.x) + "," + std::to_string(p.y) + "," + std::to_string(p.z) + ")";
}

}  // namespace memsizer::emulated
