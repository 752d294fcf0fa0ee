#pragma once
// The gradients of MemSizer's causal scan. With g = scale dy, R = tril(G V^T), S = tril(P K^T) in a chunk, M
// the memory before it and N = sum of p g^T after it:
//   dP = R K + G M^T,  M += K^T V                      forward in time
//   dK = R^T P + V N^T,  dV = S^T G + K N,  N += P^T G   backward in time

#include "memsizer/cpu/causal_scan.hpp"

namespace memsizer::cpu {

/// The two scans of one row of the batch; the pointers are those of the row.
template <class T>
class ScanGradients {
 public:
  ScanGradients(const MemSizerShape& shape, Index batch, const T* dy, const T* p, const T* k, const T* v)
      : shape_(shape), batch_(batch), length_(length_of(shape, batch)), dy_(dy), p_(p), k_(k), v_(v) {
    struct Work;
    const Index square = scan_chunk * scan_chunk, state = shape.slots * shape.dim;
    past_ = scratch<T, Work>(square + state + scan_chunk * shape.dim);
    state_ = past_ + square;
    g_ = state_ + state;
  }

  void scan_forward(Output<T> dp, const T* memory_in) const {
    const Index slots = shape_.slots, dim = shape_.dim;
    const ScanPart<T> memory(shape_, batch_, dim, state_, dim);
    memory.load_memory(memory_in);
    for (Index token = 0; token < length_; token += scan_chunk) {
      const Index n = std::min(scan_chunk, length_ - token);
      T* const out = dp.data + token * slots;
      scale_dy(token, n);
      past_products(past_, g_, v_ + token * dim, n, dim);
      product(out, dp.accumulate, past_, k_ + token * slots, contiguous_product(n, slots, n));
      product(out, true, g_, state_, contiguous_product(n, slots, dim, {.b = true}));
      memory.add_outer_products(k_ + token * slots, v_ + token * dim, n);
    }
    clear_rows(dp, length_, shape_.time, slots, slots);
  }

  void scan_backward(Output<T> dk, Output<T> dv) const {
    const Index slots = shape_.slots, dim = shape_.dim;
    const ScanPart<T> future(shape_, batch_, dim, state_, dim);
    future.load_memory(nullptr);
    for (Index chunk = divide_up(length_, scan_chunk); chunk-- > 0;) {
      const Index token = chunk * scan_chunk, n = std::min(scan_chunk, length_ - token);
      const T *p = p_ + token * slots, *k = k_ + token * slots, *v = v_ + token * dim;
      scale_dy(token, n);
      if (dk) {
        past_products(past_, g_, v, n, dim);
        T* const out = dk.data + token * slots;
        product(out, dk.accumulate, past_, p, contiguous_product(n, slots, n, {.a = true}));
        product(out, true, v, state_, contiguous_product(n, slots, dim, {.b = true}));
      }
      if (dv) {
        past_products(past_, p, k, n, slots);
        T* const out = dv.data + token * dim;
        product(out, dv.accumulate, past_, g_, contiguous_product(n, dim, n, {.a = true}));
        product(out, true, k, state_, contiguous_product(n, dim, slots));
      }
      future.add_outer_products(p, g_, n);
    }
    clear_rows(dk, length_, shape_.time, slots, slots);
    clear_rows(dv, length_, shape_.time, dim, dim);
  }

 private:
  /// g = scale dy for n tokens.
  void scale_dy(Index token, Index n) const {
    const Index dim = shape_.dim;
    for (Index i = 0; i < n; ++i)
      array(g_ + i * dim, dim) =
          scan_scale<T>(shape_, batch_, token + i) * array(dy_ + (token + i) * dim, dim);
  }

  const MemSizerShape& shape_;
  Index batch_, length_;
  const T *dy_, *p_, *k_, *v_;
  T *past_, *state_, *g_;  // [chunk, chunk], [slots, dim], [chunk, dim]
};

/// The two scans of a row are independent tasks, so that a batch of one keeps two threads busy.
template <class T>
void causal_scan_backward(Context& context, Output<T> dp, Output<T> dk, Output<T> dv, const T* dy, const T* p,
                          const T* k, const T* v, const Accumulate<T>* memory_in,
                          const MemSizerShape& shape) {
  if (shape.batch == 0) return;
  const Index slots_of_row = shape.time * shape.slots, row = shape.time * shape.dim;
  const auto of_row = [](Output<T> all, Index offset) {
    return all ? Output<T>{all.data + offset, all.accumulate} : all;
  };
  parallel_for(context, shape.batch * 2, slots_of_row * shape.dim / 4, [=](Index begin, Index end) {
    for (Index task = begin; task < end; ++task) {
      const Index batch = task / 2;
      const ScanGradients<T> scans(shape, batch, dy + batch * row, p + batch * slots_of_row,
                                   k + batch * slots_of_row, v + batch * row);
      if (task % 2 == 0 && dp)
        scans.scan_forward(of_row(dp, batch * slots_of_row),
                           memory_in == nullptr ? nullptr : memory_in + batch * shape.slots * shape.dim);
      if (task % 2 == 1 && (dk || dv))
        scans.scan_backward(of_row(dk, batch * slots_of_row), of_row(dv, batch * row));
    }
  });
}

}  // namespace memsizer::cpu
