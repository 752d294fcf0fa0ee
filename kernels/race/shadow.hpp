#pragma once
// What is remembered about each byte of device memory.

#include <cstdint>
#include <cstdlib>
#include <memory>

#include "memsizer/base/error.hpp"

#include "kernels/race/clocks.hpp"

namespace memsizer::emulated::race {

/// Who touched a byte, and which instruction did.
struct Stamp {
  IntervalId interval = 0;
  std::uint32_t code = 0;  // from the program's beginning
};

/// The last plain write, and two of the last reads and atomic accesses that nothing orders: two from places
/// as far apart as there were, so that a later write is unordered with one of them if it is with any (but for
/// masks of __syncwarp that leave some lanes of a warp out).
struct Cell {
  Stamp write;
  Stamp reads[2];
  Stamp atomics[2];
};

struct FreeMemory {
  void operator()(void* memory) const { std::free(memory); }
};
using Cells = std::unique_ptr<Cell[], FreeMemory>;

/// One cell a byte. calloc, because most pages are never touched and zero is what a fresh cell is.
inline Cells make_cells(std::size_t bytes) {
  void* memory = std::calloc(bytes + 1, sizeof(Cell));
  if (memory == nullptr)
    throw SystemError(concatenate("race checker: no memory for notes on ", bytes, " bytes"));
  return Cells(static_cast<Cell*>(memory));
}

}  // namespace memsizer::emulated::race
