#pragma once
// Sorts places by the row of a table to which each belongs, so that sums over the places of a row need no
// atomics. The sort is stable: places of one row keep their order.
//
// It is a radix sort (Knuth, volume 3, 5.2.5). Each pass sorts by the next 8 bits of the row, beginning with
// the lowest: it counts the digits in each tile of places, adds the counts up, and moves each place to its
// new position. A pass reads and writes the list twice, whatever the rows are, so a row that has most of the
// places costs no more than others. A vocabulary of up to 65,535 rows takes two passes of three launches.

#include <utility>

#include "kernels/reduction.cuh"

namespace memsizer::MEMSIZER_DEVICE {

struct PlaceOfRow {
  Index row, place;
};

inline constexpr Index digits = 256, digit_bits = 8;
inline constexpr Index tile_places = 256;

__device__ inline Index digit_of(const PlaceOfRow& entry, Index shift) {
  return (entry.row >> shift) % digits;
}

/// The list before it is sorted. A place whose row is outside the table gets row `rows`, so that it comes
/// last.
template <class RowOf>
__global__ void list_places_kernel(PlaceOfRow* list, RowOf row_of, Index places, Index rows) {
  const Index place = Index{blockIdx.x} * blockDim.x + threadIdx.x;
  if (place >= places) return;
  const Index row = row_of(place);
  list[place] = {row >= 0 && row < rows ? row : rows, place};
}

/// counts [digits, tiles], of integers = how often each digit occurs in each tile. A block is one warp and
/// has one tile.
template <class Count>
__global__ void count_digits_kernel(Count* counts, const PlaceOfRow* list, Index places, Index tiles,
                                    Index shift) {
  MEMSIZER_SHARED(Count, of_digit, digits);
  const Index lane = threadIdx.x, tile = blockIdx.x;
  for (Index digit = lane; digit < digits; digit += warp_threads) of_digit[digit] = 0;
  __syncwarp();
  const Index begin = tile * tile_places, end = begin + tile_places < places ? begin + tile_places : places;
  for (Index i = begin + lane; i < end; i += warp_threads) atomicAdd(&of_digit[digit_of(list[i], shift)], 1);
  __syncwarp();
  for (Index digit = lane; digit < digits; digit += warp_threads)
    counts[digit * tiles + tile] = of_digit[digit];
}

/// The sum of the values of the lanes before this one.
template <class Count>
__device__ Count sum_before(Count value) {
  const unsigned lane = threadIdx.x % warp_threads;
  Count sum = value;
  for (unsigned distance = 1; distance < warp_threads; distance *= 2) {
    const Count below = __shfl_up_sync(all_lanes, sum, distance);
    if (lane >= distance) sum += below;
  }
  return sum - value;
}

/// Replaces the counts of each digit by their sums over the tiles before. totals [digits] are the sums over
/// all tiles. A warp has a digit.
template <class Count>
__global__ void add_counts_kernel(Count* counts, Count* totals, Index tiles) {
  const Index digit = WarpPerRow::row();
  if (digit >= digits) return;
  Count before = 0;
  for (Index first = 0; first < tiles; first += warp_threads) {
    const Index tile = first + WarpPerRow::first();
    const Count count = tile < tiles ? counts[digit * tiles + tile] : 0;
    const Count start = before + sum_before(count);
    if (tile < tiles) counts[digit * tiles + tile] = start;
    before = __shfl_sync(all_lanes, start + count, warp_threads - 1);
  }
  if (WarpPerRow::first() == 0) totals[digit] = before;
}

/// The lanes among `lanes` whose digit equals this lane's.
__device__ inline unsigned lanes_of_digit(unsigned lanes, Index digit) {
  for (Index bit = 0; bit < digit_bits; ++bit) {
    const bool set = (digit >> bit & 1) != 0;
    const unsigned with_bit = __ballot_sync(all_lanes, set);
    lanes &= set ? with_bit : ~with_bit;
  }
  return lanes;
}

/// Moves each place of a tile to its position in `sorted`. It stands behind the places with a lower digit,
/// those of its digit in earlier tiles, and those in its tile before it.
template <class Count>
__global__ void move_places_kernel(PlaceOfRow* sorted, const PlaceOfRow* list, const Count* counts,
                                   const Count* totals, Index places, Index tiles, Index shift) {
  MEMSIZER_SHARED(Count, next, digits);
  const Index lane = threadIdx.x, tile = blockIdx.x;
  constexpr Index digits_a_lane = digits / warp_threads;
  Count sum = 0;
  for (Index i = 0; i < digits_a_lane; ++i) sum += totals[lane * digits_a_lane + i];
  Count start = sum_before(sum);
  for (Index i = 0; i < digits_a_lane; ++i) {
    const Index digit = lane * digits_a_lane + i;
    next[digit] = start + counts[digit * tiles + tile];
    start += totals[digit];
  }
  __syncwarp();
  for (Index first = tile * tile_places; first < (tile + 1) * tile_places; first += warp_threads) {
    const bool here = first + lane < places;
    const PlaceOfRow entry = here ? list[first + lane] : PlaceOfRow{0, 0};
    const Index digit = digit_of(entry, shift);
    const unsigned equal = lanes_of_digit(__ballot_sync(all_lanes, here), digit);
    const int rank = __popc(equal & ((1u << lane) - 1));
    if (here) sorted[next[digit] + rank] = entry;
    __syncwarp();
    if (here && rank == 0) next[digit] += __popc(equal);
    __syncwarp();
  }
}

/// The memory of a sort: two lists, between which the passes go back and forth, and the counts.
struct SortMemory {
  PlaceOfRow *list, *other;
  int *counts, *totals;

  static Index bytes(Index places) {
    return 2 * places * Index{sizeof(PlaceOfRow)} +
           digits * (divide_up(places, tile_places) + 1) * Index{sizeof(int)};
  }

  static SortMemory within(void* memory, Index places) {
    auto* list = static_cast<PlaceOfRow*>(memory);
    auto* totals = reinterpret_cast<int*>(list + 2 * places);
    return {.list = list, .other = list + places, .counts = totals + digits, .totals = totals};
  }
};

/// The places in the order of row_of(place). Those whose row is outside the table come last, with row `rows`.
template <class RowOf>
const PlaceOfRow* sort_by_row(Context& context, SortMemory memory, const RowOf& row_of, Index places,
                              Index rows) {
  require(places <= 2147483647, "sort_by_row: ", places, " places are more than it counts");
  if (places == 0) return memory.list;
  launch_elements(context, "list_places", places, list_places_kernel<RowOf>, memory.list, row_of, places,
                  rows);
  const Index tiles = divide_up(places, tile_places);
  const LaunchShape warp_a_digit = warp_a_row(context, "add_counts", digits);
  const auto warp_a_tile = [&](const char* name) {
    return LaunchShape{.kernel = name, .blocks = grid_extent(name, tiles), .threads = warp_threads};
  };
  for (Index shift = 0; rows >> shift > 0; shift += digit_bits) {
    launch(context, warp_a_tile("count_digits"), count_digits_kernel<int>, memory.counts, memory.list, places,
           tiles, shift);
    launch(context, warp_a_digit, add_counts_kernel<int>, memory.counts, memory.totals, tiles);
    launch(context, warp_a_tile("move_places"), move_places_kernel<int>, memory.other, memory.list,
           memory.counts, memory.totals, places, tiles, shift);
    std::swap(memory.list, memory.other);
  }
  return memory.list;
}

}  // namespace memsizer::MEMSIZER_DEVICE
