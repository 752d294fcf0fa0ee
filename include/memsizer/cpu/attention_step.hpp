#pragma once
// Attention of few queries (generation with a cache). The keys are divided into blocks of a fixed length,
// which the threads share. Each block has softmaxes of its own, which are joined in the end, so the result
// does not depend on the number of threads. Keys and values are read once and in order, by all heads
// together.

#include <cmath>
#include <limits>

#include "memsizer/cpu/attention_head.hpp"
#include "memsizer/cpu/dropout_mask.hpp"
#include "memsizer/cpu/parallel.hpp"
#include "memsizer/cpu/row_product.hpp"
#include "memsizer/cpu/whole_packets.hpp"

namespace memsizer::cpu {

template <class T>
class AttentionStep {
 public:
  static constexpr Index block = 256;  // keys
  static constexpr T unseen = -std::numeric_limits<T>::infinity();

  /// The result of one block for the queries of one row of the batch, for each query and head.
  struct Part {
    T *outputs, *maxima, *sums;  // [queries, heads, dim], [queries, heads] twice

    Part(T* memory, const AttentionShape& shape)
        : outputs(memory),
          maxima(memory + shape.queries * shape.heads * shape.head_dim),
          sums(maxima + shape.queries * shape.heads) {}
    static Index size(const AttentionShape& shape) {
      return shape.queries * shape.heads * (shape.head_dim + 2);
    }
  };

  AttentionStep(const AttentionShape& shape, const T* bias, const Dropout& dropout, Index batch)
      : shape_(shape), bias_(bias), dropout_(dropout), mask_(dropout), batch_(batch) {
    struct Work;
    weights_ = scratch<T, Work>(block * (shape.heads + 1));
    factors_ = weights_ + block * shape.heads;
  }

  /// The part of the keys from `begin` on.
  void run(const Part& part, const T* query, const T* key, const T* value, Index begin) {
    const Index rows = shape_.queries * shape_.heads, dim = shape_.head_dim;
    std::fill_n(part.outputs, rows * dim, T(0));
    std::fill_n(part.maxima, rows, unseen);
    std::fill_n(part.sums, rows, T(0));
    const AttentionHead first{shape_, batch_, 0};
    for (Index i = 0; i < shape_.queries; ++i) {
      const KeyRange seen = first.visible_keys(i);
      const Index first_key = std::max(begin, seen.begin), n = std::min(begin + block, seen.end) - first_key;
      if (n <= 0) continue;
      score(query + first.query_offset(i), key + first.key_offset(first_key), n);
      for (Index h = 0; h < shape_.heads; ++h) weigh(part, i, h, first_key, n);
      add_values(part.outputs + i * shape_.heads * dim, value + first.value_offset(first_key), n);
    }
  }

  /// The output of a query and head, joined from `parts` parts that begin `size` elements apart.
  static void join(T* y, T* log_sum_exp, const Part& first, Index parts, Index size, Index row, Index dim) {
    T maximum = unseen, sum = 0;
    for (Index p = 0; p < parts; ++p) maximum = larger(maximum, first.maxima[p * size + row]);
    const auto out = array(y, dim);
    out = T(0);
    for (Index p = 0; p < parts && maximum != unseen; ++p) {
      const T weight = std::exp(first.maxima[p * size + row] - maximum);
      sum += weight * first.sums[p * size + row];
      out += weight * array(first.outputs + p * size + row * dim, dim);
    }
    if (maximum != unseen) out *= 1 / sum;
    if (log_sum_exp != nullptr) *log_sum_exp = maximum + std::log(sum);
  }

 private:
  /// weights[h, j] = query_h . key_jh
  void score(const T* query, const T* key, Index n) {
    const Index dim = shape_.head_dim, stride = shape_.key_time_stride;
    Index j = 0;
    for (; j + 4 <= n; j += 4)
      for (Index h = 0; h < shape_.heads; ++h)
        dot_rows<4>(weights_ + h * block + j, query + h * dim, key + j * stride + h * dim, stride, dim);
    for (; j < n; ++j)
      for (Index h = 0; h < shape_.heads; ++h)
        weights_[h * block + j] = dot(query + h * dim, key + j * stride + h * dim, dim);
  }

  /// Turns the scores of n keys into weights relative to their maximum.
  void weigh(const Part& part, Index query, Index h, Index begin, Index n) {
    const Index row = query * shape_.heads + h;
    const AttentionHead head{shape_, batch_, h};
    const auto weights = array(weights_ + h * block, n);
    weights *= static_cast<T>(shape_.scale);
    if (const HeadBias<T> bias(head, bias_); bias) {
      bias.copy(factors_, query, head.position(query) - begin, -1, n);
      weights += array(factors_, n);
    }
    part.maxima[row] = largest_of(weights);  // if it skips a NaN, the sum has it
    weights = softmax_weight(weights - part.maxima[row]);
    part.sums[row] = sum_of(weights);
    if (!dropout_) return;
    mask_.fill_keys(factors_, static_cast<std::uint64_t>(head.number(query)), begin, n);
    weights *= array(factors_, n);
  }

  /// outputs[h] += sum over j of weights[h, j] value_jh, several keys at a time.
  void add_values(T* outputs, const T* value, Index n) {
    constexpr Index together = 8;
    const Index dim = shape_.head_dim, stride = shape_.value_time_stride;
    for (Index j = 0; j < n; j += together)
      for (Index h = 0; h < shape_.heads; ++h)
        sum_rows(outputs + h * dim, true, weights_ + h * block + j, value + j * stride + h * dim, stride,
                 std::min(together, n - j), dim);
  }

  const AttentionShape& shape_;
  const T* bias_;
  const Dropout& dropout_;
  const DropoutMask mask_;
  Index batch_;
  T *weights_, *factors_;  // [heads, block], [block]
};

template <class T>
void attention_step(Context& context, T* y, T* log_sum_exp, const T* query, const T* key, const T* value,
                    const T* bias, const AttentionShape& shape, const Dropout& dropout) {
  using Step = AttentionStep<T>;
  using Part = typename Step::Part;
  struct Parts;
  const Index blocks = std::max<Index>(divide_up(shape.keys, Step::block), 1), size = Part::size(shape);
  const Index rows = shape.queries * shape.heads, block_work = Step::block * shape.heads * shape.head_dim;
  T* const parts = scratch<T, Parts>(shape.batch * blocks * size);
  parallel_for(context, shape.batch * blocks, block_work, [=](Index begin, Index end) {
    for (Index unit = begin; unit < end; ++unit)
      Step(shape, bias, dropout, unit / blocks)
          .run(Part(parts + unit * size, shape), query, key, value, unit % blocks * Step::block);
  });
  parallel_for(context, shape.batch * rows, blocks * shape.head_dim, [=](Index begin, Index end) {
    for (Index row = begin; row < end; ++row) {
      const Index batch = row / rows, query_row = row % rows;
      const AttentionHead head{shape, batch, query_row % shape.heads};
      const Index i = query_row / shape.heads;
      Step::join(y + head.output_offset(i), log_sum_exp == nullptr ? nullptr : log_sum_exp + head.number(i),
                 Part(parts + batch * blocks * size, shape), blocks, size, query_row, shape.head_dim);
    }
  });
}

}  // namespace memsizer::cpu
