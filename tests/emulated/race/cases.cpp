// The list of faulty kernels, each beside its correct twin.
#include "emulated/race/cases.hpp"

#include "emulated/race/barriers.cuh"
#include "emulated/race/blocks.cuh"
#include "emulated/race/bounds.cuh"
#include "emulated/race/copies.cuh"
#include "emulated/race/expected.hpp"
#include "emulated/race/grids.cuh"
#include "emulated/race/launches.cuh"
#include "emulated/race/named_barriers.cuh"
#include "emulated/race/pipelines.cuh"
#include "emulated/race/reductions.cuh"
#include "emulated/race/tensor_cores.cuh"
#include "emulated/race/tiles.cuh"
#include "emulated/race/vectors.cuh"
#include "emulated/race/waits.cuh"
#include "emulated/race/warps.cuh"

namespace faulty_kernels {

namespace {

using enum memsizer::emulated::FaultKind;

using Kernel = void (*)(float* out, const float* in, int n);

template <Kernel kernel>
void launch_in_shape(EmulatedContext& context, LaunchShape shape, float* out, const float* in, int n) {
  launch(context, shape, kernel, out, in, n);
}

#define MEMSIZER_TWINS(kernel) launch_in_shape<kernel<true>>, launch_in_shape<kernel<false>>
#define MEMSIZER_LAUNCHERS(launcher) launcher<true>, launcher<false>

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
     reversed_parts<64>},
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
    {"shift_by_four", misaligned_access, "in", MEMSIZER_TWINS(shift_by_four), 1, 32, 100, 100,
     each<four_later>},
    {"swap_pairs", data_race, "pairs", MEMSIZER_TWINS(swap_pairs), 1, 64, 64, 64, each<neighbour>},
    {"reverse_in_turns", data_race, "turn", MEMSIZER_TWINS(reverse_in_turns), 1, 64, 128, 128,
     reversed_parts<64>},
    {"count_values", uninitialised_read, "bins", MEMSIZER_TWINS(count_values), 1, 64, 60, 60,
     counts_of_parts<64>},
    // Stages of a ring are taken too early, or are other ones.
    {"reverse_in_ring", data_race, "ring", MEMSIZER_TWINS(reverse_in_ring), 1, 32, 512, 512,
     reversed_parts<128>},
    {"double_other_stage", unfinished_copy, "stages", MEMSIZER_TWINS(double_other_stage), 1, 32, 512, 512,
     each<doubled>},
    {"double_to_the_end", unfinished_copy, "stages", MEMSIZER_TWINS(double_to_the_end), 1, 32, 512, 512,
     each<doubled>},
    {"double_with_prologue", unfinished_copy, "ring", MEMSIZER_TWINS(double_with_prologue), 1, 32, 512, 512,
     each<doubled>},
    {"add_two_copies", unfinished_copy, "right", MEMSIZER_TWINS(add_two_copies), 1, 32, 256, 256,
     each<doubled>},
    // A copy is not waited for, or goes where it must not.
    {"double_without_group", unfinished_copy, "staged", MEMSIZER_TWINS(double_without_group), 1, 32, 100, 100,
     each<doubled>},
    {"keep_small_groups", unfinished_copy, "", MEMSIZER_TWINS(keep_small_groups), 1, 32, 100, 100,
     each<of_small_group>},
    {"zeros_behind_copies", data_race, "staged", MEMSIZER_TWINS(zeros_behind_copies), 1, 32, 100, 100,
     each<neighbour>},
    {"double_in_long_rows", misaligned_access, "rows", MEMSIZER_TWINS(double_in_long_rows), 1, 32, 100, 100,
     each<doubled>},
    {"double_odd_end", out_of_bounds, "in", MEMSIZER_TWINS(double_odd_end), 1, 32, 98, 98, each<doubled>},
    {"clear_behind", unfinished_copy, "staged", MEMSIZER_TWINS(clear_behind), 1, 32, 98, 100, cleared_behind},
    {"barrier_before_wait", data_race, "staged", MEMSIZER_TWINS(barrier_before_wait), 1, 32, 100, 100,
     reversed_fours},
    {"one_thread_waits", unfinished_copy, "staged", MEMSIZER_TWINS(one_thread_waits), 1, 32, 100, 100,
     reversed_fours},
    // Warps do not meet at a named barrier, or meet too early.
    {"hand_over", data_race, "buffer", MEMSIZER_TWINS(hand_over), 1, 64, 128, 128, reversed_parts<32>},
    {"read_without_waiting", data_race, "buffer", MEMSIZER_TWINS(read_without_waiting), 1, 64, 32, 32,
     reversed_parts<32>},
    {"different_barriers", named_barrier, "", MEMSIZER_TWINS(different_barriers), 1, 64, 32, 32,
     reversed_parts<32>},
    {"different_counts", named_barrier, "", MEMSIZER_TWINS(different_counts), 1, 96, 32, 32,
     reversed_parts<32>},
    {"part_of_a_warp", named_barrier, "", MEMSIZER_TWINS(part_of_a_warp), 1, 64, 32, 32, reversed_parts<32>},
    {"seventeenth_barrier", named_barrier, "", MEMSIZER_TWINS(seventeenth_barrier), 1, 64, 32, 32,
     reversed_parts<32>},
    {"warp_that_stays_away", named_barrier, "", MEMSIZER_TWINS(warp_that_stays_away), 1, 96, 32, 32,
     reversed_parts<32>},
    {"more_than_the_block", named_barrier, "", MEMSIZER_TWINS(more_than_the_block), 1, 64, 32, 32,
     reversed_parts<32>},
    {"each_warp_alone", data_race, "buffer", MEMSIZER_TWINS(each_warp_alone), 1, 64, 32, 32,
     reversed_parts<32>},
    {"halves_of_warps", divergent_warp, "", MEMSIZER_TWINS(halves_of_warps), 1, 64, 64, 64,
     reversed_parts<64>},
    {"warp_with_a_gap", named_barrier, "", MEMSIZER_TWINS(warp_with_a_gap), 1, 64, 50, 50, each<with_next>},
    {"pairs_of_warps", data_race, "values", MEMSIZER_TWINS(pairs_of_warps), 1, 128, 128, 128,
     reversed_parts<64>},
    {"wrong_warp_comes", data_race, "buffer", MEMSIZER_TWINS(wrong_warp_comes), 1, 96, 32, 32,
     reversed_parts<32>},
    {"chain_of_warps", data_race, "buffer", MEMSIZER_TWINS(chain_of_warps), 1, 96, 32, 32,
     reversed_parts<32>},
    {"one_time_too_many", named_barrier, "", MEMSIZER_TWINS(one_time_too_many), 1, 64, 32, 32,
     reversed_parts<32>},
    {"twice_for_two", named_barrier, "", MEMSIZER_TWINS(twice_for_two), 1, 96, 32, 32, reversed_parts<32>},
    {"barrier_of_two_names", named_barrier, "", MEMSIZER_TWINS(barrier_of_two_names), 1, 64, 64, 64,
     reversed_parts<64>},
    // Vectors are misaligned, reach too far, or share bytes.
    {"load_beyond", out_of_bounds, "in", MEMSIZER_TWINS(load_beyond), 1, 32, 98, 98, each<doubled>},
    {"store_beyond", out_of_bounds, "out", MEMSIZER_TWINS(store_beyond), 1, 32, 98, 98, each<doubled>},
    {"load_between", misaligned_access, "in", MEMSIZER_TWINS(load_between), 1, 32, 100, 100,
     each<four_later>},
    {"pad_rows", misaligned_access, "out", MEMSIZER_TWINS(pad_rows), 1, 32, 8, 64, padded_rows},
    {"store_twice", data_race, "out", MEMSIZER_TWINS(store_twice), 1, 32, 64, 64, each<doubled>},
    {"fourth_from_another", data_race, "fours", MEMSIZER_TWINS(fourth_from_another), 1, 32, 100, 100,
     sums_of_parts<4>},
    {"sum_threes", uninitialised_read, "threes", MEMSIZER_TWINS(sum_threes), 1, 32, 96, 96, sums_of_parts<3>},
    // A launch asks for more than a GPU has, or gives a kernel too little.
    {"more_threads_than_bound", too_many_threads, "", MEMSIZER_LAUNCHERS(more_threads_than_bound), 1, 64, 100,
     100, each<doubled>},
    {"static_arrays_too_large", too_much_shared_memory, "", MEMSIZER_LAUNCHERS(static_arrays_too_large), 1,
     64, 100, 100, each<doubled>},
    {"more_than_always_allowed", too_much_shared_memory, "", MEMSIZER_LAUNCHERS(more_than_always_allowed), 1,
     64, 100, 100, each<doubled>},
    {"more_than_the_gpu_has", too_much_shared_memory, "", MEMSIZER_LAUNCHERS(more_than_the_gpu_has), 1, 64,
     100, 100, each<doubled>},
    {"for_a_larger_gpu", too_much_shared_memory, "", MEMSIZER_LAUNCHERS(for_a_larger_gpu), 1, 64, 100, 100,
     each<doubled>},
    {"bytes_for_numbers", out_of_bounds, "values", MEMSIZER_LAUNCHERS(bytes_for_numbers), 2, 64, 100, 100,
     sums_of_parts<64>},
    {"header_of_five", misaligned_access, "numbers", MEMSIZER_LAUNCHERS(header_of_five), 1, 32, 100, 100,
     each<doubled>},
    {"workspace_too_small", out_of_bounds, "workspace", MEMSIZER_LAUNCHERS(workspace_too_small), 4, 32, 100,
     100, sums_of_parts<32>},
    {"workspace_of_before", out_of_bounds, "", MEMSIZER_LAUNCHERS(workspace_of_before), 4, 32, 100, 100,
     sums_of_parts<32>},
    // Blocks need of one another what no launch gives them.
    {"overlapping_rows", block_race, "out", MEMSIZER_TWINS(overlapping_rows), 4, 32, 128, 128,
     sums_of_parts<8>},
    {"write_the_rim", block_race, "out", MEMSIZER_TWINS(write_the_rim), 3, 32, 90, 90, each<doubled>},
    {"zero_and_count", block_race, "workspace", MEMSIZER_LAUNCHERS(zero_and_count), 4, 32, 100, 100,
     counts_of_parts<128>},
    {"last_block_sums", block_race, "workspace", MEMSIZER_LAUNCHERS(last_block_sums), 4, 32, 100, 100,
     sums_of_parts<128>},
    {"add_sum_before", block_race, "workspace", MEMSIZER_LAUNCHERS(add_sum_before), 3, 32, 80, 80,
     each<with_sum_of_block_before>},
    // Lanes of a warp name others than those that come, or rely on a barrier of other lanes.
    {"read_beyond_mask", inactive_lane, "", MEMSIZER_TWINS(read_beyond_mask), 1, 32, 20, 20, each<with_next>},
    {"read_from_departed", inactive_lane, "", MEMSIZER_TWINS(read_from_departed), 1, 32, 20, 20,
     each<from_first>},
    {"rows_of_a_triangle", divergent_warp, "", MEMSIZER_TWINS(rows_of_a_triangle), 1, 32, 32, 1024,
     sums_of_triangle},
    {"caller_not_named", divergent_warp, "", MEMSIZER_TWINS(caller_not_named), 1, 32, 32, 32,
     each<neighbour>},
    {"swap_halves", data_race, "values", MEMSIZER_TWINS(swap_halves), 1, 32, 32, 32, each<half_a_warp_away>},
    {"reverse_across_warps", data_race, "values", MEMSIZER_TWINS(reverse_across_warps), 1, 64, 64, 64,
     reversed_parts<64>},
    {"shuffle_in_two_branches", divergent_warp, "", MEMSIZER_TWINS(shuffle_in_two_branches), 1, 32, 32, 32,
     each<neighbour>},
    {"sum_of_warps", uninitialised_read, "partial", MEMSIZER_TWINS(sum_of_warps), 1, 128, 100, 100,
     sums_of_parts<128>},
    // Threads leave a loop or come to a barrier of their own.
    {"columns_of_their_own", divergent_barrier, "", MEMSIZER_TWINS(columns_of_their_own), 1, 64, 256, 256,
     sums_of_columns},
    {"double_until_enough", divergent_barrier, "", MEMSIZER_TWINS(double_until_enough), 1, 64, 50, 50,
     each<next_power_of_two>},
    {"barrier_in_each_branch", divergent_barrier, "", MEMSIZER_TWINS(barrier_in_each_branch), 1, 64, 64, 64,
     each<neighbour>},
    // An index is one too large or too small, or a part of an array belongs to others or to nobody.
    {"sum_to_n", out_of_bounds, "in", MEMSIZER_TWINS(sum_to_n), 1, 32, 50, 50, sums_of_parts<64>},
    {"index_below_zero", out_of_bounds, "", MEMSIZER_TWINS(index_below_zero), 1, 64, 50, 50,
     each<with_previous>},
    {"shift_through_shared", out_of_bounds, "values", MEMSIZER_TWINS(shift_through_shared), 1, 64, 64, 64,
     each<one_before>},
    {"shift_by_a_rim", uninitialised_read, "values", MEMSIZER_TWINS(shift_by_a_rim), 1, 64, 64, 64,
     each<four_later>},
    {"transpose_lines",
     uninitialised_read,
     "tile",
     MEMSIZER_TWINS(transpose_lines),
     1,
     {8, 8},
     8,
     64,
     transposed},
    {"transpose_in_less",
     out_of_bounds,
     "tile",
     MEMSIZER_TWINS(transpose_in_less),
     1,
     {8, 8},
     8,
     64,
     transposed},
    {"square_small_matrix",
     uninitialised_read,
     "left",
     MEMSIZER_TWINS(square_small_matrix),
     1,
     {8, 8},
     5,
     25,
     squared},
    {"reverse_through_two", data_race, "buffers", MEMSIZER_TWINS(reverse_through_two), 1, 64, 256, 256,
     reversed_parts<64>},
    {"two_arrays_in_one", data_race, "both", MEMSIZER_TWINS(two_arrays_in_one), 1, 64, 64, 64,
     each<with_mirror>},
    {"count_positive", data_race, "count", MEMSIZER_TWINS(count_positive), 1, 64, 50, 50,
     positive_count<1000>},
    {"count_some", data_race, "count", MEMSIZER_TWINS(count_some), 1, 64, 50, 50, positive_count<10>},
    // Fragments are loaded from where nothing lies yet, or nothing at all, or not by all lanes.
    {"load_without_barrier", data_race, "tile", MEMSIZER_TWINS(load_without_barrier), 1, 32, 256, 256,
     each<itself>},
    {"load_from_short_lines", misaligned_access, "tile", MEMSIZER_TWINS(load_from_short_lines), 1, 32, 256,
     256, each<itself>},
    {"load_behind_tile", out_of_bounds, "tile", MEMSIZER_TWINS(load_behind_tile), 1, 32, 256, 256,
     each<itself>},
    {"load_by_half_a_warp", divergent_warp, "", MEMSIZER_TWINS(load_by_half_a_warp), 1, 32, 256, 256,
     each<itself>},
    {"transpose_parts", uninitialised_read, "tile", MEMSIZER_TWINS(transpose_parts), 1, 32, 256, 256,
     parts_transposed},
};

#undef MEMSIZER_LAUNCHERS
#undef MEMSIZER_TWINS

}  // namespace

std::span<const Case> cases() {
  return all_cases;
}

}  // namespace faulty_kernels
