#pragma once
// Helpers that the CPU bodies share: loops over all threads, and outputs.

#include "memsizer/cpu/array.hpp"
#include "memsizer/cpu/context.hpp"

namespace memsizer::cpu {

/// body(begin, end) over 0 .. n - 1 on the context's threads; `work` is the number of elements behind one
/// index. The ends of the pieces depend on the number of threads, so the body must give the same result for
/// an index in whatever piece it comes.
inline void parallel_for(Context& context, Index n, Index work, LoopBody body) {
  CpuContext& cpu = static_cast<CpuContext&>(context);
  cpu.threads().parallel_for(n, std::max<Index>(1, cpu.grain / std::max<Index>(work, 1)), body);
}

/// body(row) for every row, `columns` elements each.
template <class Body>
void parallel_rows(Context& context, Index rows, Index columns, const Body& body) {
  parallel_for(context, rows, columns, [&](Index begin, Index end) {
    for (Index row = begin; row < end; ++row) body(row);
  });
}

/// Loops over single elements are cut at multiples of this number.
inline constexpr Index element_block = 4096;

/// body(begin, end) for each block of 0 .. n - 1: the same calls for any number of threads. An expression
/// over an array computes its ends differently from its middle, so the ends must not depend on the threads.
inline void parallel_elements(Context& context, Index n, LoopBody body) {
  parallel_for(context, divide_up(n, element_block), element_block, [&](Index begin, Index end) {
    for (Index block = begin; block < end; ++block)
      body(block * element_block, std::min(n, (block + 1) * element_block));
  });
}

/// Writes an expression to an output, or adds it, from element `offset` on.
template <class T, Expression X>
void contribute(const Output<T>& output, Index offset, const X& expression) {
  const auto target = array(output.data + offset, expression.size());
  if (output.accumulate)
    target += expression;
  else
    target = expression;
}

}  // namespace memsizer::cpu
