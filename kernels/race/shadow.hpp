#pragma once
// What the race checker remembers about each byte of device memory.

#include <cstdint>
#include <cstdlib>
#include <memory>

#include "memsizer/base/error.hpp"

#include "kernels/race/clocks.hpp"

namespace memsizer::emulated::race {

/// Who touched a byte, and with which instruction.
struct Stamp {
  IntervalId interval = 0;
  std::uint32_t code = 0;  // the instruction's distance from the program's beginning
};

/// The last plain write, and two of the latest reads and two of the latest atomic accesses that nothing
/// orders. Of several, the two are kept that are as far apart as possible (in different blocks, else in
/// different warps). So a later write that is unordered with any of them is unordered with one of the two.
/// (Masks of __syncwarp that leave out some lanes of a warp are an exception.)
struct Cell {
  Stamp write;
  Stamp reads[2];
  Stamp atomics[2];
};

struct FreeMemory {
  void operator()(void* memory) const { std::free(memory); }
};
using Cells = std::unique_ptr<Cell[], FreeMemory>;

/// One cell for each byte. calloc, because most pages are never touched, and a fresh cell is zero.
inline Cells make_cells(std::size_t bytes) {
  void* memory = std::calloc(bytes + 1, sizeof(Cell));
  if (memory == nullptr)
    throw SystemError(concatenate("race checker: no memory for notes on ", bytes, " bytes"));
  return Cells(static_cast<Cell*>(memory));
}

}  // namespace memsizer::emulated::race
