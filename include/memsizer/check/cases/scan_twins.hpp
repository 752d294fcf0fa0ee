#pragma once
// Twins of the causal scan and of reading a source's memory, composed token by token from simpler operations.

#include <cmath>

#include "memsizer/ops/ops.hpp"

namespace memsizer::check {

/// The divisor for a normaliser, composed.
template <class T>
Tensor<T> composed_divisor(const Tensor<T>& n, const ScanNormaliser& normaliser) {
  if (normaliser.guard == ScanNormaliser::Guard::plus) return n + normaliser.epsilon;
  const bool magnitude = normaliser.guard == ScanNormaliser::Guard::magnitude_at_least;
  return relu((magnitude ? absolute(n) : n) - normaliser.epsilon) + normaliser.epsilon;
}

/// Token t of x [batch, time, heads * width] as [batch * heads, rows, columns].
template <class T>
Tensor<T> token_of(const Tensor<T>& x, Index t, Index heads, Index rows, Index columns) {
  return reshape(slice(x, 1, t, t + 1), Shape{x.extent(0) * heads, rows, columns});
}

/// [batch * heads, 1, 1] with a number for each row of the batch.
template <class T, class Number>
Tensor<T> of_rows(Index batch, Index heads, Device& device, const Number& number) {
  std::vector<T> values;
  for (Index i = 0; i < batch * heads; ++i)
    values.push_back(static_cast<T>(number(static_cast<std::size_t>(i / heads))));
  return Tensor<T>(Shape{batch * heads, 1, 1}, values, device);
}

/// q M, divided by the normaliser q z if there is one: [batch * heads, 1, dim] for one token's q [batch *
/// heads, features, 1], M [batch * heads, features, dim] and z [batch * heads, features, 1].
template <class T>
Tensor<T> composed_reading(const Tensor<T>& q, const Tensor<T>& memory, const Tensor<T>& sums,
                           const ScanNormaliser& normaliser) {
  const Index units = q.extent(0);
  const Tensor<T> y = reshape(sum(q * memory, 1), Shape{units, 1, memory.extent(2)});
  if (!normaliser) return y;
  return y / composed_divisor(reshape(sum(q * sums, 1), Shape{units, 1, 1}), normaliser);
}

/// The causal scan by its definition.
template <class T>
Tensor<T> composed_scan(const Tensor<T>& q, const Tensor<T>& k, const Tensor<T>& v,
                        const ScanOptions<T>& options, const ScanState<T>& state) {
  const Index batch = q.extent(0), time = q.extent(1), heads = options.heads, units = batch * heads;
  const Index features = k.extent(2) / heads, dim = v.extent(2) / heads;
  Device& device = q.device();
  const auto rows_of = [&](const Tensor<Id>& given, Index otherwise) {
    return given.defined() ? given.to_vector()
                           : std::vector<Id>(static_cast<std::size_t>(batch), static_cast<Id>(otherwise));
  };
  const std::vector<Id> lengths = rows_of(options.lengths, time), counts = rows_of(state.counts, 0);
  Tensor<T> memory = state.memory.defined()
                         ? cast<T>(reshape(state.memory.clone(), Shape{units, features, dim}))
                         : Tensor<T>::zeros({units, features, dim}, device);
  Tensor<T> sums = state.sums.defined() ? cast<T>(reshape(state.sums.clone(), Shape{units, features, 1}))
                                        : Tensor<T>::zeros({units, features, 1}, device);
  std::vector<Tensor<T>> outputs;
  for (Index t = 0; t < time; ++t) {
    const auto number = [&](const auto& f) { return of_rows<T>(batch, heads, device, f); };
    const Tensor<T> real = number([&](std::size_t b) { return t < lengths[b] ? 1 : 0; });
    const Tensor<T> padding = number([&](std::size_t b) { return t < lengths[b] ? 0 : 1; });
    const Tensor<T> key = token_of(k, t, heads, features, 1) * real;
    if (options.decay.defined()) {
      const Tensor<T> g = reshape(slice(options.decay, 2, t, t + 1), Shape{units, 1, 1}) * real + padding;
      memory = memory * g;
      sums = sums * g;
    }
    memory = memory + key * token_of(v, t, heads, 1, dim);
    sums = sums + key;
    const Tensor<T> scale = number([&](std::size_t b) {
      return t >= lengths[b] ? 0 : options.inverse_root_count ? 1 / std::sqrt(counts[b] + t + 1.0) : 1;
    });
    const Tensor<T> y =
        composed_reading(token_of(q, t, heads, features, 1), memory, sums, options.normaliser) * scale;
    outputs.push_back(reshape(y, Shape{batch, 1, heads * dim}));
  }
  return outputs.empty() ? v * 0.0 : concatenate(outputs, 1);
}

/// A source's memory head by head, by matrix products.
template <class T>
SourceMemory<T> composed_source_memory(const Tensor<T>& k, const Tensor<T>& v, Index heads,
                                       const Tensor<Id>& lengths) {
  const Index batch = k.extent(0), time = k.extent(1), features = k.extent(2) / heads,
              dim = v.extent(2) / heads;
  std::vector<T> real;
  for (const Id length : lengths.to_vector())
    for (Index t = 0; t < time; ++t) real.push_back(t < length ? T{1} : T{0});
  const Tensor<T> mask(Shape{batch, time, 1}, real, k.device());
  std::vector<Tensor<T>> memories, sums;
  for (Index h = 0; h < heads; ++h) {
    const Tensor<T> key = slice(k, 2, h * features, (h + 1) * features) * mask;
    const Tensor<T> memory = matmul(key, slice(v, 2, h * dim, (h + 1) * dim), {.a = true});
    memories.push_back(reshape(memory, Shape{batch, 1, features, dim}));
    sums.push_back(reshape(sum(key, 1), Shape{batch, 1, features}));
  }
  return {cast<Accumulate<T>>(concatenate(memories, 1)), cast<Accumulate<T>>(concatenate(sums, 1))};
}

/// Reads a source's memory token by token.
template <class T>
Tensor<T> composed_read_memory(const Tensor<T>& q, const SourceMemory<T>& source,
                               const ReadOptions& options) {
  const Shape shape = source.memory.shape();
  const Index batch = shape[0], heads = shape[1], units = batch * heads;
  const Tensor<T> memory = cast<T>(reshape(source.memory, Shape{units, shape[2], shape[3]}));
  const Tensor<T> sums = cast<T>(reshape(source.sums, Shape{units, shape[2], 1}));
  std::vector<Id> counts(static_cast<std::size_t>(batch), 1);
  if (options.inverse_root_count) counts = options.counts.to_vector();
  const Tensor<T> scale = of_rows<T>(
      batch, heads, q.device(), [&](std::size_t b) { return counts[b] > 0 ? 1 / std::sqrt(counts[b]) : 0; });
  std::vector<Tensor<T>> outputs;
  for (Index t = 0; t < q.extent(1); ++t)
    outputs.push_back(reshape(
        composed_reading(token_of(q, t, heads, shape[2], 1), memory, sums, options.normaliser) * scale,
        Shape{batch, 1, heads * shape[3]}));
  return concatenate(outputs, 1);
}

}  // namespace memsizer::check
