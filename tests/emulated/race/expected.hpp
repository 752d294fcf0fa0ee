#pragma once
// What the correct kernels compute, on the host.

#include <algorithm>
#include <numeric>
#include <vector>

namespace faulty_kernels {

using Values = std::vector<float>;

template <int size>
Values sums_of_parts(const Values& in, int n) {
  Values sums(static_cast<std::size_t>((n + size - 1) / size));
  for (std::size_t i = 0; i < in.size(); ++i) sums[i / size] += in[i];
  return sums;
}

template <int size>
Values counts_of_parts(const Values& in, int n) {
  Values counts(static_cast<std::size_t>((n + size - 1) / size * 8));
  for (std::size_t i = 0; i < in.size(); ++i) counts[i / size * 8 + static_cast<std::size_t>(in[i]) % 8] += 1;
  return counts;
}

/// Every out[i] = f(in, i).
template <auto f>
Values each(const Values& in, int) {
  Values out(in.size());
  for (std::size_t i = 0; i < in.size(); ++i) out[i] = f(in, i);
  return out;
}

inline float zero_beyond(const Values& in, std::size_t i) {
  return i < in.size() ? in[i] : 0;
}
inline float with_next(const Values& in, std::size_t i) {
  return in[i] + zero_beyond(in, i + 1);
}
inline float with_previous(const Values& in, std::size_t i) {
  return in[i] + zero_beyond(in, i - 1);
}
inline float with_both(const Values& in, std::size_t i) {
  return in[i] + zero_beyond(in, i - 1) + zero_beyond(in, i + 1);
}
inline float four_later(const Values& in, std::size_t i) {
  return zero_beyond(in, i + 4);
}
inline float one_before(const Values& in, std::size_t i) {
  return zero_beyond(in, i - 1);
}
inline float with_mirror(const Values& in, std::size_t i) {
  return in[i] + in[in.size() - 1 - i];
}
inline float half_a_warp_away(const Values& in, std::size_t i) {
  return in[i ^ 16];
}
inline float from_first(const Values& in, std::size_t i) {
  return in[i] - in[0];
}
inline float next_power_of_two(const Values& in, std::size_t i) {
  float power = 1;
  while (power < in[i]) power *= 2;
  return power;
}
inline float of_small_group(const Values& in, std::size_t i) {
  return in[i / 4 * 4] > 6 ? 0 : in[i];
}
inline float with_sum_of_block_before(const Values& in, std::size_t i) {
  const std::size_t block = i / 32;
  float sum = in[i];
  for (std::size_t other = 0; block > 0 && other < 32; ++other) sum += in[(block - 1) * 32 + other];
  return sum;
}
inline float itself(const Values& in, std::size_t i) {
  return in[i];
}
inline float doubled(const Values& in, std::size_t i) {
  return 2 * in[i];
}
inline float neighbour(const Values& in, std::size_t i) {
  return in[i ^ 1];
}
inline float below_maximum(const Values& in, std::size_t i) {
  return in[i] - *std::ranges::max_element(in);
}
inline float from_mean(const Values& in, std::size_t i) {
  return in[i] - std::accumulate(in.begin(), in.end(), 0.0f) / static_cast<float>(in.size());
}

inline Values running_sums(const Values& in, int) {
  Values out(in.size());
  std::partial_sum(in.begin(), in.end(), out.begin());
  return out;
}

template <int size>
Values reversed_parts(const Values& in, int) {
  Values out = in;
  for (auto from = out.begin(); from != out.end();) {
    const auto to = from + std::min<std::ptrdiff_t>(size, out.end() - from);
    std::reverse(from, to);
    from = to;
  }
  return out;
}

inline Values reversed_fours(const Values& in, int n) {
  Values out(in.size());
  for (int i = 0; i < n; ++i) out[i] = in[n - 4 - i / 4 * 4 + i % 4];
  return out;
}

inline Values transposed(const Values& in, int n) {
  Values out(in.size());
  for (std::size_t i = 0; i < in.size(); ++i) out[i % n * n + i / n] = in[i];
  return out;
}

inline Values squared(const Values& in, int n) {
  Values out(in.size());
  for (int row = 0; row < n; ++row)
    for (int k = 0; k < n; ++k)
      for (int column = 0; column < n; ++column)
        out[row * n + column] += in[row * n + k] * in[k * n + column];
  return out;
}

/// The first n numbers, and zeros behind them.
inline Values cleared_behind(const Values& in, int n) {
  Values out(in.size());
  std::copy(in.begin(), in.begin() + n, out.begin());
  return out;
}

/// Lines of 8 numbers, with four zeros behind each.
inline Values padded_rows(const Values& in, int) {
  Values out(in.size() / 8 * 12);
  for (std::size_t i = 0; i < in.size(); ++i) out[i / 8 * 12 + i % 8] = in[i];
  return out;
}

inline Values parts_transposed(const Values& in, int) {
  Values out(in.size());
  for (std::size_t i = 0; i < in.size(); ++i) out[i / 64 * 64 + i % 8 * 8 + i % 64 / 8] = in[i];
  return out;
}

/// Row i of a square has i + 1 numbers.
inline Values sums_of_triangle(const Values& in, int n) {
  Values sums(static_cast<std::size_t>(n));
  for (std::size_t row = 0; row < sums.size(); ++row)
    for (std::size_t column = 0; column <= row; ++column) sums[row] += in[row * sums.size() + column];
  return sums;
}

/// Column i of 64 has 1 + i % 4 numbers.
inline Values sums_of_columns(const Values& in, int) {
  Values sums(64);
  for (std::size_t i = 0; i < in.size(); ++i)
    if (i / 64 <= i % 4) sums[i % 64] += in[i];
  return sums;
}

/// How many numbers are positive, at most `most`.
template <int most>
Values positive_count(const Values& in, int) {
  const auto count = std::ranges::count_if(in, [](float number) { return number > 0; });
  return {static_cast<float>(std::min<std::ptrdiff_t>(count, most))};
}

inline Values column_sums(const Values& in, int) {
  Values sums(16);
  for (std::size_t i = 0; i < in.size(); ++i) sums[i % 16] += in[i];
  return sums;
}

}  // namespace faulty_kernels
