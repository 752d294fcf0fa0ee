#pragma once
// The random numbers of numpy's default_rng(seed), so that a bootstrap draws the very samples that sacreBLEU
// draws.

#include <array>
#include <bit>
#include <cstdint>
#include <optional>
#include <utility>

#include "memsizer/base/requirements.hpp"

namespace memsizer::metrics {

namespace detail {

/// How numpy turns a seed into 256 bits: its SeedSequence, after O'Neill 2015, "Developing a seed_seq
/// alternative".
class SeedBits {
 public:
  explicit constexpr SeedBits(std::uint64_t seed) {
    constexpr std::uint32_t first = 0x43B0D7E5, factor = 0x931E8875;
    std::uint32_t constant = first;
    pool_ = {static_cast<std::uint32_t>(seed), static_cast<std::uint32_t>(seed >> 32), 0, 0};
    for (std::uint32_t& word : pool_) word = hash(word, constant, factor);
    for (std::size_t from = 0; from < pool_.size(); ++from)
      for (std::size_t to = 0; to < pool_.size(); ++to)
        if (from != to) pool_[to] = mix(pool_[to], hash(pool_[from], constant, factor));
  }

  constexpr std::array<std::uint64_t, 4> words() const {
    constexpr std::uint32_t first = 0x8B51F9DD, factor = 0x58F38DED;
    std::uint32_t constant = first;
    std::array<std::uint64_t, 4> words{};
    for (std::size_t i = 0; i < 2 * words.size(); ++i)
      words[i / 2] |= std::uint64_t{hash(pool_[i % pool_.size()], constant, factor)} << (32 * (i % 2));
    return words;
  }

 private:
  static constexpr std::uint32_t hash(std::uint32_t value, std::uint32_t& constant, std::uint32_t factor) {
    value ^= constant;
    constant *= factor;
    value *= constant;
    return value ^ value >> 16;
  }
  static constexpr std::uint32_t mix(std::uint32_t x, std::uint32_t y) {
    const std::uint32_t mixed = 0xCA01F9DDu * x - 0x4973F715u * y;
    return mixed ^ mixed >> 16;
  }

  std::array<std::uint32_t, 4> pool_{};
};

}  // namespace detail

/// PCG64, that is PCG XSL RR 128/64 (O'Neill 2014, "PCG: a family of simple fast space-efficient
/// statistically good algorithms for random number generation").
class NumpyRandom {
 public:
  explicit constexpr NumpyRandom(std::uint64_t seed) {
    const auto words = detail::SeedBits(seed).words();
    increment_ = (Wide{words[2]} << 64 | words[3]) << 1 | 1;
    state_ = increment_ + (Wide{words[0]} << 64 | words[1]);
    step();
  }

  constexpr std::uint64_t next_bits() {
    step();
    return std::rotr(static_cast<std::uint64_t>(state_ >> 64) ^ static_cast<std::uint64_t>(state_),
                     static_cast<int>(state_ >> 122));
  }

  /// Uniform in 0 .. bound - 1, without bias (Lemire 2019), as Generator.integers draws it. bound > 0.
  constexpr std::uint32_t below(std::uint32_t bound) {
    if (bound == 1) return 0;
    while (true) {
      const std::uint64_t product = std::uint64_t{next_half()} * bound;
      if (static_cast<std::uint32_t>(product) >= (-bound) % bound)
        return static_cast<std::uint32_t>(product >> 32);
    }
  }

 private:
  __extension__ typedef unsigned __int128 Wide;  // No part of ISO C++; the keyword says that we know.

  constexpr void step() {
    constexpr Wide factor = Wide{2549297995355413924u} << 64 | 4865540595714422341u;
    state_ = state_ * factor + increment_;
  }

  /// The lower half of 64 bits, then their upper half.
  constexpr std::uint32_t next_half() {
    if (half_) return *std::exchange(half_, std::nullopt);
    const std::uint64_t bits = next_bits();
    half_ = static_cast<std::uint32_t>(bits >> 32);
    return static_cast<std::uint32_t>(bits);
  }

  Wide state_ = 0, increment_ = 0;
  std::optional<std::uint32_t> half_;
};

}  // namespace memsizer::metrics
