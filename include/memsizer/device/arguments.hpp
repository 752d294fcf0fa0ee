#pragma once
// The small structures that kernels take: sizes, strides, flags and outputs. They are plain data, passed by
// value.

#include <cmath>
#include <cstdint>

#include "memsizer/base/bfloat16.hpp"
#include "memsizer/base/checked.hpp"

namespace memsizer {

/// A token, class or row number in device memory.
using Id = std::int32_t;

/// Where a kernel writes or, with `accumulate`, adds. Null data means that the output is not wanted. In a
/// backward pass the first contribution to a gradient writes, later ones add.
template <class T>
struct Output {
  T* data = nullptr;
  bool accumulate = false;

  MEMSIZER_HOST_DEVICE explicit operator bool() const { return data != nullptr; }
};

inline constexpr int max_rank = 6;

/// Extents and strides (in elements) of a walk over up to three arrays. A stride of 0 repeats an operand.
/// Axis 0 is the outermost.
struct Walk {
  int rank = 0;
  Index extents[max_rank] = {};
  Index y_strides[max_rank] = {};
  Index a_strides[max_rank] = {};
  Index b_strides[max_rank] = {};
};

enum class UnaryFunction {
  negate,
  exp,
  log,
  sqrt,
  reciprocal,
  square,
  absolute,
  tanh,
  sigmoid,
  relu,
  gelu,
  gelu_tanh,
  elu_plus_one,
  sine,
  cosine
};
enum class BinaryFunction { add, subtract, multiply, divide };
enum class ReduceFunction { sum, mean, maximum };

/// The names of the operations, in the order of the enumeration.
inline const char* name_of(UnaryFunction f) {
  constexpr const char* names[] = {"negate", "exp",       "log",          "sqrt",    "reciprocal",
                                   "square", "absolute",  "tanh",         "sigmoid", "relu",
                                   "gelu",   "gelu_tanh", "elu_plus_one", "sin",     "cos"};
  return names[static_cast<int>(f)];
}
inline const char* name_of(ReduceFunction f) {
  constexpr const char* names[] = {"sum", "mean", "maximum"};
  return names[static_cast<int>(f)];
}
enum class Activation { none, relu, gelu, gelu_tanh };

/// x is seen as [outer, length, inner] and reduced over the middle.
struct AxisShape {
  Index outer = 1;
  Index length = 1;
  Index inner = 1;
};

/// Where dropout happens and how strongly. The mask is a function of (*step_key, stream, element), so
/// backward recomputes it. Element e is kept if word e mod 4 of philox(mix_keys(*step_key, stream), e / 4) is
/// at least probability * 2^32; kept values are divided by 1 - probability.
struct Dropout {
  float probability = 0;
  const std::uint64_t* step_key = nullptr;  // device memory: changes each step, once backward is done
  std::uint64_t stream = 0;                 // the key of the place's name

  explicit operator bool() const { return probability > 0; }

  /// The least word that keeps its element: probability * 2^32, rounded up, since words are whole numbers.
  constexpr std::uint32_t threshold() const {
    const double exact = static_cast<double>(probability) * 0x1p32;
    if (!(exact > 0)) return 0;
    if (exact >= 0xFFFFFFFF) return 0xFFFFFFFF;
    const auto below = static_cast<std::uint32_t>(exact);
    return below + (static_cast<double>(below) < exact);
  }

  /// The factor of a kept value; 0 if none is kept.
  constexpr double scale() const { return probability < 1 ? 1 / (1 - static_cast<double>(probability)) : 0; }

  // Attention drops the weights of eight neighbouring keys by one draw, 16 bits each. So a kernel draws
  // seldom and in step with its tiles of keys, however many keys there are. Key j of row r = (b heads + h)
  // queries + i is kept if half j mod 8 of philox(mix_keys(*step_key, stream), j / 8, r), the lower half of a
  // word before the upper, is at least probability * 2^16. For example, key 11 looks at the upper half of
  // word 1.

  /// The least half that keeps its weight: probability * 2^16, rounded up.
  constexpr std::uint32_t attention_threshold() const {
    const double exact = static_cast<double>(probability) * 0x1p16;
    if (!(exact > 0)) return 0;
    if (exact >= 0x1p16) return 0x10000;
    const auto below = static_cast<std::uint32_t>(exact);
    return below + (static_cast<double>(below) < exact);
  }

  /// The factor of a kept weight: 1 over the share of halves that keep, so that the mean is 1; 0 if no half
  /// keeps.
  constexpr double attention_scale() const {
    const double dropped = static_cast<double>(attention_threshold()) * 0x1p-16;
    return dropped < 1 ? 1 / (1 - dropped) : 0;
  }
};

/// C [rows, columns] = op(A) [rows, inner] op(B) [inner, columns], `batch` times. Leading dimensions are the
/// distances between stored rows, strides those between matrices of a batch (0 repeats one), in elements.
struct MatmulShape {
  Index batch = 1;
  Index rows = 0, columns = 0, inner = 0;
  bool transpose_a = false, transpose_b = false;
  Index a_leading = 0, b_leading = 0, c_leading = 0;
  Index a_stride = 0, b_stride = 0, c_stride = 0;
};

/// Which factors of a product the kernel transposes.
struct Transposes {
  bool a = false, b = false;
};

/// The product of contiguous matrices.
constexpr MatmulShape contiguous_product(Index rows, Index columns, Index inner, Transposes transposes = {}) {
  return {.rows = rows,
          .columns = columns,
          .inner = inner,
          .transpose_a = transposes.a,
          .transpose_b = transposes.b,
          .a_leading = transposes.a ? rows : inner,
          .b_leading = transposes.b ? inner : columns,
          .c_leading = columns};
}

/// What happens to a matrix product on its way out: c = activation(product + bias).
template <class T>
struct Epilogue {
  const T* bias = nullptr;  // [columns], or null
  Activation activation = Activation::none;
  T* before_activation = nullptr;  // if not null: product + bias is stored here, laid out as C
};

struct LinearShape {
  Index rows = 0, inputs = 0, outputs = 0;
};

struct EmbeddingShape {
  Index batch = 0, time = 0, dim = 0, vocab = 0;
  Index positions = 0;                 // rows of the position table
  const Id* first_position = nullptr;  // [batch] position of each row's first token; null: 0

  /// The position of token `place` of [batch, time].
  MEMSIZER_HOST_DEVICE Index position(Index place) const {
    const Index first = first_position == nullptr ? 0 : first_position[place / time];
    return first + place % time;
  }
};

/// A bias of attention's scores by the distance d of a query from a key, d > 0 for keys before the query. The
/// bias is entry buckets[clamp(d - first, 0, distances - 1)] of a row of `entries` numbers, so a distance
/// below `first` counts as `first`, and one beyond the last as the last. There is a row for each head,
/// [heads, entries], or a row for each query, [batch, heads, queries, entries]. Slopes are multiplied by
/// -|d|. Examples: T5's table has many entries, each for few distances; ALiBi has one slope for each head;
/// Transformer-XL has a number for each query and distance.
struct DistanceBiasShape {
  Index entries = 0;
  Index distances = 0, first = 0;
  const Id* buckets = nullptr;  // [distances] in device memory; null: distance first + i has entry i
  bool row_a_query = false;
  bool is_slope = false;

  MEMSIZER_HOST_DEVICE Index entry(Index distance) const {
    const Index from_first = distance - first;
    const Index place = from_first < 0 ? 0 : from_first < distances ? from_first : distances - 1;
    return buckets == nullptr ? place : buckets[place];
  }
  /// The factor of the entry.
  MEMSIZER_HOST_DEVICE Index factor(Index distance) const {
    return !is_slope ? 1 : distance < 0 ? distance : -distance;
  }
};

/// begin .. end - 1
struct KeyRange {
  Index begin = 0, end = 0;
};

/// Attention over the keys of a row. Query i of row b stands at position p = first_position[b] + memory + i
/// among the keys, where `memory` keys lie before the segment of the queries. It sees
///   the keys first_keys[b] .. key_lengths[b] - 1,
///   of these, if causal, those up to p,
///   and with a window of W > 0 those from p - W + 1 on: its own and the W - 1 before.
/// Head h is at columns h * head_dim. A query that sees no key gets 0.
///
/// Scores may have a bias by distance p - j (DistanceBiasShape).
struct AttentionShape {
  Index batch = 0, heads = 0, head_dim = 0, queries = 0, keys = 0;
  Index query_batch_stride = 0, query_time_stride = 0;
  Index key_batch_stride = 0, key_time_stride = 0;
  Index value_batch_stride = 0, value_time_stride = 0;
  Index output_batch_stride = 0, output_time_stride = 0;
  double scale = 1;
  bool causal = false;
  const Id* first_position = nullptr;  // [batch]; null: 0
  const Id* key_lengths = nullptr;     // [batch]; null: keys
  const Id* first_keys = nullptr;      // [batch]; null: 0
  Index memory = 0;
  Index window = 0;  // 0: none
  DistanceBiasShape bias = {};

  MEMSIZER_HOST_DEVICE Index position(Index row, Index query) const {
    return (first_position == nullptr ? 0 : first_position[row]) + memory + query;
  }

  /// The keys that a query sees. Neither begin nor end decreases from one query to the next.
  MEMSIZER_HOST_DEVICE KeyRange visible_keys(Index row, Index query) const {
    const Index present = key_lengths == nullptr ? keys : clamped(key_lengths[row], 0, keys);
    const Index place = position(row, query);
    Index begin = first_keys == nullptr ? 0 : first_keys[row];
    if (window > 0 && place - window + 1 > begin) begin = place - window + 1;
    begin = clamped(begin, 0, present);
    return {begin, causal ? clamped(place + 1, begin, present) : present};
  }

  /// The queries that may see one of the n keys from `key` on, as far as causality and window decide.
  MEMSIZER_HOST_DEVICE KeyRange queries_that_see(Index row, Index key, Index n) const {
    const Index place = position(row, 0);
    return {causal ? clamped(key - place, 0, queries) : 0,
            window > 0 ? clamped(key + n - 1 + window - place, 0, queries) : queries};
  }

  /// A query's index in [batch, heads, queries]. Statistics are stored in this order, and dropout counts in
  /// it.
  MEMSIZER_HOST_DEVICE Index query_number(Index row, Index head, Index query) const {
    return (row * heads + head) * queries + query;
  }
  /// Where a query's row of the bias begins.
  MEMSIZER_HOST_DEVICE Index bias_offset(Index row, Index head, Index query) const {
    return bias.entries * (bias.row_a_query ? query_number(row, head, query) : head);
  }
  MEMSIZER_HOST_DEVICE Index bias_size() const {
    return bias.entries * (bias.row_a_query ? batch * heads * queries : heads);
  }

 private:
  static MEMSIZER_HOST_DEVICE constexpr Index clamped(Index x, Index low, Index high) {
    return x < low ? low : x > high ? high : x;
  }
};

/// The shape with the strides of contiguous arrays: query and output [batch, queries, heads * head_dim], key
/// and value [batch, keys, heads * head_dim]. The argument has the sizes and whatever else is wanted; its own
/// strides are ignored.
constexpr AttentionShape contiguous_attention(AttentionShape shape) {
  const Index width = shape.heads * shape.head_dim;
  shape.query_time_stride = shape.key_time_stride = shape.value_time_stride = shape.output_time_stride =
      width;
  shape.query_batch_stride = shape.output_batch_stride = shape.queries * width;
  shape.key_batch_stride = shape.value_batch_stride = shape.keys * width;
  return shape;
}

/// Label smoothing: Over::others gives each of the V - 1 other classes s / (V - 1) (fairseq since 2021),
/// Over::all gives s / V to every class, the right one included (PyTorch, fairseq 0.10).
struct LabelSmoothing {
  enum class Over { others, all };
  double smoothing = 0;
  Over over = Over::others;

  friend bool operator==(const LabelSmoothing&, const LabelSmoothing&) = default;
};

/// The numbers that change from one optimiser step to the next, in device memory.
template <class A>
struct OptimiserStep {
  A learning_rate = 0;
  Index step = 0;        // counted from 1
  A gradient_scale = 1;  // the clipping factor; every gradient is multiplied by it
  A finite = 1;          // 0: this step or an earlier one failed, and the update changes nothing
};

/// `rate_factor` multiplies the learning rate: parameters that learn more slowly have one below 1.
struct AdamSettings {
  double beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weight_decay = 0;
  bool decoupled = false;  // AdamW (Loshchilov and Hutter 2019) instead of L2 in the gradient
  double rate_factor = 1;

  friend bool operator==(const AdamSettings&, const AdamSettings&) = default;
};

struct NesterovSettings {
  double momentum = 0.9, weight_decay = 0;
  double rate_factor = 1;

  friend bool operator==(const NesterovSettings&, const NesterovSettings&) = default;
};

}  // namespace memsizer
