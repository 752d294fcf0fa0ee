#pragma once
// Counter-based random numbers: a value is a function of (key, position), never of a running state, so that
// recomputation, resume, thread counts and devices all draw the same numbers.

#include <array>
#include <cmath>
#include <cstdint>
#include <numbers>
#include <string_view>

#include "memsizer/base/host_device.hpp"

namespace memsizer {

/// Four 32-bit words, the unit in which Philox draws.
struct RandomWords {
  std::uint32_t word[4];
};

/// Philox4x32 with ten rounds (Salmon et al. 2011, "Parallel random numbers: as easy as 1, 2, 3").
MEMSIZER_HOST_DEVICE constexpr RandomWords philox(std::uint64_t key, std::uint64_t counter_low,
                                                  std::uint64_t counter_high = 0) {
  std::uint32_t c0 = static_cast<std::uint32_t>(counter_low),
                c1 = static_cast<std::uint32_t>(counter_low >> 32);
  std::uint32_t c2 = static_cast<std::uint32_t>(counter_high),
                c3 = static_cast<std::uint32_t>(counter_high >> 32);
  std::uint32_t k0 = static_cast<std::uint32_t>(key), k1 = static_cast<std::uint32_t>(key >> 32);
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t product0 = std::uint64_t{0xD2511F53} * c0;
    const std::uint64_t product1 = std::uint64_t{0xCD9E8D57} * c2;
    c0 = static_cast<std::uint32_t>(product1 >> 32) ^ c1 ^ k0;
    c1 = static_cast<std::uint32_t>(product1);
    c2 = static_cast<std::uint32_t>(product0 >> 32) ^ c3 ^ k1;
    c3 = static_cast<std::uint32_t>(product0);
    k0 += 0x9E3779B9;
    k1 += 0xBB67AE85;
  }
  return {{c0, c1, c2, c3}};
}

/// A key made of two keys: the finaliser of SplitMix64 (Steele et al. 2014) over both.
MEMSIZER_HOST_DEVICE constexpr std::uint64_t mix_keys(std::uint64_t a, std::uint64_t b) {
  std::uint64_t z = a + 0x9E3779B97F4A7C15u * (b + 1);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
  return z ^ (z >> 31);
}

/// The key of a name (FNV-1a, 64 bit): parameters and dropout places draw by name, not by order of
/// construction.
constexpr std::uint64_t name_key(std::string_view name) {
  std::uint64_t hash = 0xCBF29CE484222325u;
  for (char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001B3u;
  return hash;
}

/// Uniform in [0, 1) from the upper 53 of 64 bits.
constexpr double uniform_from_bits(std::uint64_t bits) {
  return static_cast<double>(bits >> 11) * 0x1p-53;
}

/// A stream of numbers under one key, for initialisation, sampling and tests. Position i of a stream is
/// fixed.
class RandomStream {
 public:
  explicit constexpr RandomStream(std::uint64_t key, std::uint64_t position = 0)
      : key_(key), position_(position) {}

  constexpr std::uint64_t next_bits() {
    const RandomWords words = philox(key_, position_++);
    return std::uint64_t{words.word[1]} << 32 | words.word[0];
  }

  /// Uniform in [0, 1).
  constexpr double uniform() { return uniform_from_bits(next_bits()); }

  /// Uniform in 0 .. bound - 1, without bias (Lemire 2019). bound > 0.
  constexpr std::uint64_t below(std::uint64_t bound) {
    while (true) {
      const Wide product = static_cast<Wide>(next_bits()) * bound;
      if (static_cast<std::uint64_t>(product) >= (-bound) % bound)
        return static_cast<std::uint64_t>(product >> 64);
    }
  }

  /// Standard normal (Box and Muller 1958). The second value is not kept, so that positions stay simple.
  double normal() {
    const double radius = std::sqrt(-2.0 * std::log1p(-uniform()));
    return radius * std::cos(2.0 * std::numbers::pi * uniform());
  }

  constexpr std::uint64_t position() const { return position_; }

 private:
  __extension__ typedef unsigned __int128 Wide;  // No part of ISO C++; the keyword says that we know.

  std::uint64_t key_;
  std::uint64_t position_;
};

}  // namespace memsizer
