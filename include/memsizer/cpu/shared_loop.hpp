#pragma once
// A loop that the CPU device's threads share, for code of the host that is no kernel. A file that links
// memsizer::kernels does not read the headers of threads for it.

#include "memsizer/base/function_ref.hpp"
#include "memsizer/base/linkage.hpp"

namespace memsizer::cpu {

/// Calls body(begin, end) for parts of 0 .. n - 1, in all threads.
void share_loop(Index n, LoopBody body);

}  // namespace memsizer::cpu

#if MEMSIZER_CORE_HAS_BODIES

#include "memsizer/cpu/context.hpp"

namespace memsizer::cpu {

MEMSIZER_CORE_FUNCTION void share_loop(Index n, LoopBody body) {
  context().threads().parallel_for(n, 1, body);
}

}  // namespace memsizer::cpu

#endif
