#pragma once
// The classes of 64 bytes at a time, as masks of bits: bit i is about byte i.

#include <bit>
#include <cstdint>
#include <cstring>

#include "memsizer/base/requirements.hpp"

namespace memsizer::text::detail {

/// Eight bytes as the lanes of a number, the first in the lowest lane, on any machine. (Lamport 1975,
/// "Multiple byte processing with full-word instructions".)
class NumberLanes {
 public:
  static constexpr int count = 8;

  explicit NumberLanes(const char* bytes) {
    std::memcpy(&value_, bytes, count);
    if constexpr (std::endian::native == std::endian::big) value_ = __builtin_bswap64(value_);
  }

  /// Which bytes are 128 and more, as those of all characters beyond ASCII are.
  std::uint64_t high() const { return gather(value_ & top); }

  /// Which are ASCII bytes from first to last once the bits of `or_bits` are set in them. No lane carries
  /// into the next one: 127 + 128 - first is less than 256.
  std::uint64_t between(unsigned char first, unsigned char last, unsigned char or_bits = 0) const {
    const std::uint64_t low = (value_ & ~top) | each * or_bits;
    return gather((low + each * (0x80u - first)) & ~(low + each * (0x7Fu - last)) & ~value_ & top);
  }

 private:
  static constexpr std::uint64_t each = 0x0101010101010101, top = each * 0x80;

  /// The highest bits of the lanes as the lowest eight bits: the product moves bit 8 i to bit 56 + i.
  static std::uint64_t gather(std::uint64_t lanes) { return ((lanes >> 7) * 0x0102040810204080) >> 56; }

  std::uint64_t value_ = 0;
};

#ifdef __SSE2__
/// The same for 16 bytes in a vector register, which every x86-64 processor has.
class VectorLanes {
 public:
  static constexpr int count = 16;

  explicit VectorLanes(const char* bytes) { std::memcpy(&value_, bytes, count); }

  std::uint64_t high() const { return gather(value_); }

  std::uint64_t between(unsigned char first, unsigned char last, unsigned char or_bits = 0) const {
    const Bytes bytes = value_ | each(or_bits);  // bytes of 128 and more are negative
    return gather((bytes >= each(first)) & (bytes <= each(last)) & ~(value_ < each(0)));
  }

 private:
  using Bytes = signed char __attribute__((vector_size(count)));
  using Chars = char __attribute__((vector_size(count)));

  static Bytes each(unsigned char value) { return Bytes{} + static_cast<signed char>(value); }

  /// The highest bits of the lanes.
  static std::uint64_t gather(Bytes lanes) {
    return static_cast<std::uint32_t>(__builtin_ia32_pmovmskb128(reinterpret_cast<Chars>(lanes)));
  }

  Bytes value_;
};
using FastestLanes = VectorLanes;
#else
using FastestLanes = NumberLanes;
#endif

/// The classes of 64 bytes. A byte of a character beyond ASCII is `high` and of no other class.
struct ByteMasks {
  static constexpr int size = 64;

  std::uint64_t letters = 0, numbers = 0, white_space = 0, spaces = 0, apostrophes = 0, high = 0;

  template <class Lanes = FastestLanes>
  static ByteMasks of(const char* bytes) {
    ByteMasks masks;
    for (int place = 0; place < size; place += Lanes::count) {
      const Lanes lanes(bytes + place);
      const std::uint64_t space = lanes.between(' ', ' ');
      masks.letters |= lanes.between('a', 'z', 'a' ^ 'A') << place;  // this bit makes a letter a small one
      masks.numbers |= lanes.between('0', '9') << place;
      masks.white_space |= (space | lanes.between('\t', '\r')) << place;
      masks.spaces |= space << place;
      masks.apostrophes |= lanes.between('\'', '\'') << place;
      masks.high |= lanes.high() << place;
    }
    return masks;
  }

  /// All that is neither letter nor number nor white space, and ASCII.
  std::uint64_t symbols() const { return ~(letters | numbers | white_space | high); }

  bool operator==(const ByteMasks&) const = default;
};

}  // namespace memsizer::text::detail
