#pragma once
// MemSizer's memory of a whole source (the cross form): n^-1/2 times the sum of k_j v_j^T over its n tokens.

#include <Eigen/Core>

#include "memsizer/cpu/causal_scan.hpp"

namespace memsizer::cpu {

template <class T>
void key_value_memory(Context& context, T* memory, const T* k, const T* v, const MemSizerShape& shape) {
  const Index panels = divide_up(shape.dim, Tile<T>::columns);
  parallel_for(context, shape.batch * panels, shape.time * shape.slots * 2, [=](Index begin, Index end) {
    for (Index next; begin < end; begin = next) {
      const Index batch = begin / panels, first = begin % panels * Tile<T>::columns;
      next = std::min(end, (batch + 1) * panels);
      const Index columns = std::min((next - begin) * Tile<T>::columns, shape.dim - first);
      const Index length = length_of(shape, batch);
      T* const out = memory + batch * shape.slots * shape.dim + first;
      MatmulShape outer = contiguous_product(shape.slots, columns, length, {.a = true});
      outer.b_leading = outer.c_leading = shape.dim;
      product(out, false, k + batch * shape.time * shape.slots, v + batch * shape.time * shape.dim + first,
              outer);
      matrix(out, shape.slots, columns, shape.dim) *= memory_scale<T>(length);
    }
  });
}

/// dK = n^-1/2 V dM^T, dV = n^-1/2 K dM
template <class T>
void key_value_memory_backward(Context& context, Output<T> dk, Output<T> dv, const T* dmemory, const T* k,
                               const T* v, const MemSizerShape& shape) {
  struct Scaled;
  constexpr Index panel = 64;  // tokens
  const Index panels = divide_up(shape.time, panel), slots = shape.slots, dim = shape.dim;
  parallel_for(context, shape.batch * panels, panel * slots * dim / 8, [=](Index begin, Index end) {
    T* const scaled = scratch<T, Scaled>(slots * dim);
    for (Index unit = begin; unit < end; ++unit) {
      const Index batch = unit / panels, length = length_of(shape, batch), token = unit % panels * panel;
      const Index all = std::min(panel, shape.time - token), n = std::clamp<Index>(length - token, 0, all);
      const Index row = batch * shape.time + token;
      array(scaled, slots * dim) =
          memory_scale<T>(length) * array(dmemory + batch * slots * dim, slots * dim);
      if (dk)
        product(dk.data + row * slots, dk.accumulate, v + row * dim, scaled,
                contiguous_product(n, slots, dim, {.b = true}));
      if (dv)
        product(dv.data + row * dim, dv.accumulate, k + row * slots, scaled,
                contiguous_product(n, dim, slots));
      clear_rows(dk, row + n, row + all, slots, slots);
      clear_rows(dv, row + n, row + all, dim, dim);
    }
  });
}

}  // namespace memsizer::cpu
