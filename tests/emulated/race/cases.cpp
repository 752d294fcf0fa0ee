// The list of faulty kernels, and the expected output of each correct twin.
#include "emulated/race/cases.hpp"

#include <algorithm>
#include <numeric>

#include "emulated/race/barriers.cuh"
#include "emulated/race/blocks.cuh"
#include "emulated/race/bounds.cuh"
#include "emulated/race/copies.cuh"
#include "emulated/race/reductions.cuh"
#include "emulated/race/tiles.cuh"

namespace faulty_kernels {

namespace {

using Values = std::vector<float>;
using enum memsizer::emulated::FaultKind;

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

float zero_beyond(const Values& in, std::size_t i) {
  return i < in.size() ? in[i] : 0;
}
float with_next(const Values& in, std::size_t i) {
  return in[i] + zero_beyond(in, i + 1);
}
float with_previous(const Values& in, std::size_t i) {
  return in[i] + zero_beyond(in, i - 1);
}
float with_both(const Values& in, std::size_t i) {
  return in[i] + zero_beyond(in, i - 1) + zero_beyond(in, i + 1);
}
float four_later(const Values& in, std::size_t i) {
  return zero_beyond(in, i + 4);
}
float doubled(const Values& in, std::size_t i) {
  return 2 * in[i];
}
float neighbour(const Values& in, std::size_t i) {
  return in[i ^ 1];
}
float below_maximum(const Values& in, std::size_t i) {
  return in[i] - *std::ranges::max_element(in);
}
float from_mean(const Values& in, std::size_t i) {
  return in[i] - std::accumulate(in.begin(), in.end(), 0.0f) / static_cast<float>(in.size());
}

Values running_sums(const Values& in, int) {
  Values out(in.size());
  std::partial_sum(in.begin(), in.end(), out.begin());
  return out;
}

Values reversed_blocks_of_64(const Values& in, int) {
  Values out = in;
  for (auto from = out.begin(); from != out.end();) {
    const auto to = from + std::min<std::ptrdiff_t>(64, out.end() - from);
    std::reverse(from, to);
    from = to;
  }
  return out;
}

Values reversed_fours(const Values& in, int n) {
  Values out(in.size());
  for (int i = 0; i < n; ++i) out[i] = in[n - 4 - i / 4 * 4 + i % 4];
  return out;
}

Values transposed(const Values& in, int n) {
  Values out(in.size());
  for (std::size_t i = 0; i < in.size(); ++i) out[i % n * n + i / n] = in[i];
  return out;
}

Values squared(const Values& in, int n) {
  Values out(in.size());
  for (int row = 0; row < n; ++row)
    for (int k = 0; k < n; ++k)
      for (int column = 0; column < n; ++column)
        out[row * n + column] += in[row * n + k] * in[k * n + column];
  return out;
}

Values column_sums(const Values& in, int) {
  Values sums(16);
  for (std::size_t i = 0; i < in.size(); ++i) sums[i % 16] += in[i];
  return sums;
}

#define MEMSIZER_TWINS(kernel) kernel<true>, kernel<false>

const Case all_cases[] = {
    // A barrier is missing: after a write, or before memory is written that other threads still read.
    {"tree_sum", data_race, "partial", MEMSIZER_TWINS(tree_sum), 3, 128, 300, 300, sums_of_parts<128>},
    {"inclusive_scan", data_race, "sums", MEMSIZER_TWINS(inclusive_scan), 1, 128, 100, 100, running_sums},
    {"subtract_maximum", data_race, "scratch", MEMSIZER_TWINS(subtract_maximum), 1, 64, 50, 50,
     each<below_maximum>},
    {"subtract_mean", data_race, "mean", MEMSIZER_TWINS(subtract_mean), 1, 64, 50, 50, each<from_mean>},
    {"warp_sum", data_race, "partial", MEMSIZER_TWINS(warp_sum), 1, 128, 100, 100, sums_of_parts<32>},
    {"swap_neighbours", data_race, "values", MEMSIZER_TWINS(swap_neighbours), 1, 64, 64, 64, each<neighbour>},
    {"histogram", data_race, "bins", MEMSIZER_TWINS(histogram), 2, 64, 100, 100, counts_of_parts<64>},
    {"transpose", data_race, "tile", MEMSIZER_TWINS(transpose), {2, 2}, {8, 8}, 16, 256, transposed},
    {"square_matrix", data_race, "left", MEMSIZER_TWINS(square_matrix), {2, 2}, {8, 8}, 16, 256, squared},
    // Blocks access the same memory.
    {"block_sums", block_race, "out", MEMSIZER_TWINS(block_sums), 4, 32, 100, 100, sums_of_parts<32>},
    {"block_histograms", block_race, "out", MEMSIZER_TWINS(block_histograms), 3, 8, 40, 40,
     counts_of_parts<16>},
    {"add_previous", block_race, "out", MEMSIZER_TWINS(add_previous), 3, 32, 80, 80, each<with_previous>},
    {"bias_gradient", block_race, "out", MEMSIZER_TWINS(bias_gradient), 4, 32, 12, 192, column_sums},
    // Not all threads reach a barrier or a shuffle.
    {"reverse_block", divergent_barrier, "", MEMSIZER_TWINS(reverse_block), 2, 64, 100, 100,
     reversed_blocks_of_64},
    {"add_next", divergent_barrier, "", MEMSIZER_TWINS(add_next), 1, 64, 50, 50, each<with_next>},
    {"half_warp_sum", divergent_warp, "", MEMSIZER_TWINS(half_warp_sum), 1, 32, 13, 13, sums_of_parts<16>},
    // An access is out of bounds.
    {"twice", out_of_bounds, "out", MEMSIZER_TWINS(twice), 4, 32, 100, 100, each<doubled>},
    {"three_point_sum", out_of_bounds, "values", MEMSIZER_TWINS(three_point_sum), 1, 64, 64, 64,
     each<with_both>},
    // Shared memory is read that was never written.
    {"tail_sum", uninitialised_read, "partial", MEMSIZER_TWINS(tail_sum), 2, 64, 100, 100, sums_of_parts<64>},
    // A copy is read that was not waited for, or overwrites what is still read.
    {"reverse_fours", unfinished_copy, "staged", MEMSIZER_TWINS(reverse_fours), 1, 32, 100, 100,
     reversed_fours},
    {"double_in_steps", unfinished_copy, "steps", MEMSIZER_TWINS(double_in_steps), 1, 32, 512, 512,
     each<doubled>},
    {"shift_by_four", misaligned_access, "", MEMSIZER_TWINS(shift_by_four), 1, 32, 100, 100,
     each<four_later>},
    {"swap_pairs", data_race, "pairs", MEMSIZER_TWINS(swap_pairs), 1, 64, 64, 64, each<neighbour>},
    {"reverse_in_turns", data_race, "turn", MEMSIZER_TWINS(reverse_in_turns), 1, 64, 128, 128,
     reversed_blocks_of_64},
    {"count_values", uninitialised_read, "bins", MEMSIZER_TWINS(count_values), 1, 64, 60, 60,
     counts_of_parts<64>},
};

#undef MEMSIZER_TWINS

}  // namespace

std::span<const Case> cases() {
  return all_cases;
}

}  // namespace faulty_kernels
