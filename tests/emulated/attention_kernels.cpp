// Attention's kernels: the emulated device compared with the CPU.
#include "emulated/comparison.hpp"

BOOST_AUTO_TEST_SUITE(attention_kernels)

using namespace memsizer;
using namespace comparison;

namespace {

constexpr std::uint64_t step_key_value = 42;

/// One call: which keys the queries see, and the bias of their scores. The arrays live in device memory.
struct Call {
  Index batch = 2, heads = 2, head_dim = 5, queries = 6, keys = 6;
  bool causal = false;
  Index window = 0, memory = 0;
  std::vector<Id> first_position = {}, key_lengths = {}, first_keys = {}, buckets = {};
  DistanceBiasShape bias = {};
  float probability = 0;
};

template <class T>
class Attention {
 public:
  explicit Attention(const Call& call)
      : first_position_(call.first_position, "first_position"),
        key_lengths_(call.key_lengths, "key_lengths"),
        first_keys_(call.first_keys, "first_keys"),
        buckets_(call.buckets, "buckets"),
        step_key_(std::vector<std::uint64_t>{step_key_value}, "step_key"),
        shape_(shape_of(call)),
        dropout_{call.probability, step_key_.data(), 7},
        query_(input<T>(call.batch * shape_.query_batch_stride, "query")),
        key_(input<T>(call.batch * shape_.key_batch_stride, "key")),
        value_(input<T>(call.batch * shape_.value_batch_stride, "value")),
        dy_(input<T>(call.batch * shape_.output_batch_stride, "dy")),
        bias_(input<T>(shape_.bias_size(), "bias")) {}

  /// Runs the forward, a backward that writes and a backward that adds. The outputs are y, the log sums and
  /// both sets of gradients.
  void compare_devices() {
    const Index rows = shape_.batch * shape_.heads * shape_.queries, biases = shape_.bias_size();
    const std::vector<Index> gradients = {query_.size(), key_.size(), value_.size(), biases};
    std::vector<Index> sizes = {dy_.size(), rows};
    for (int times = 0; times < 2; ++times) sizes.insert(sizes.end(), gradients.begin(), gradients.end());
    comparison::compare<T>(
        sizes, 40,
        [&](Context& context, const KernelTable<T>& table, const auto& out) {
          const T* const bias = biases > 0 ? bias_.data() : nullptr;
          table.attention.attention(context, out[0], out[1], query_.data(), key_.data(), value_.data(), bias,
                                    shape_, dropout_);
          for (const bool accumulate : {false, true}) {
            T* const* const d = out.data() + (accumulate ? 6 : 2);
            table.attention.attention_backward(context, {d[0], accumulate}, {d[1], accumulate},
                                               {d[2], accumulate}, {biases > 0 ? d[3] : nullptr, accumulate},
                                               dy_.data(), out[0], out[1], query_.data(), key_.data(),
                                               value_.data(), bias, shape_, dropout_);
          }
        },
        both_ends);
  }

 private:
  /// A shape with gaps between time steps and between rows of the batch.
  AttentionShape shape_of(const Call& call) {
    const Index width = call.heads * call.head_dim;
    AttentionShape shape{.batch = call.batch,
                         .heads = call.heads,
                         .head_dim = call.head_dim,
                         .queries = call.queries,
                         .keys = call.keys,
                         .query_batch_stride = call.queries * (width + 3) + 2,
                         .query_time_stride = width + 3,
                         .key_batch_stride = call.keys * width,
                         .key_time_stride = width,
                         .value_batch_stride = call.keys * (width + 1) + 1,
                         .value_time_stride = width + 1,
                         .output_batch_stride = call.queries * width,
                         .output_time_stride = width,
                         .scale = 0.6,
                         .causal = call.causal,
                         .memory = call.memory,
                         .window = call.window,
                         .bias = call.bias};
    if (call.first_position.size() > 0) shape.first_position = first_position_.data();
    if (call.key_lengths.size() > 0) shape.key_lengths = key_lengths_.data();
    if (call.first_keys.size() > 0) shape.first_keys = first_keys_.data();
    if (call.buckets.size() > 0) shape.bias.buckets = buckets_.data();
    return shape;
  }

  Buffer<Id> first_position_, key_lengths_, first_keys_, buckets_;
  Buffer<std::uint64_t> step_key_;
  AttentionShape shape_;
  Dropout dropout_;
  Buffer<T> query_, key_, value_, dy_, bias_;
};

template <class T>
void compare_all(const std::vector<Call>& calls) {
  for (std::size_t i = 0; i < calls.size(); ++i)
    BOOST_TEST_CONTEXT("call " << i) Attention<T>(calls[i]).compare_devices();
}

}  // namespace

// Numbers of keys around what a warp takes at a time, and widths around the columns that its lanes hold.
BOOST_AUTO_TEST_CASE_TEMPLATE(sizes, T, Types) {
  std::vector<Call> calls = {{.batch = 0}, {.heads = 0}, {.head_dim = 0}, {.queries = 0}, {.keys = 0}};
  for (const Index keys : {1, 31, 33, 65})
    for (const Index head_dim : {1, 33})
      calls.push_back(
          {.batch = 1, .heads = 1, .head_dim = head_dim, .queries = keys > 40 ? 3 : keys, .keys = keys});
  for (const Index head_dim : {100, 700})  // in the widest tile, and in none
    calls.push_back({.batch = 1, .heads = 1, .head_dim = head_dim, .queries = 2, .keys = 3});
  for (const Index keys : {1023, 2049})
    calls.push_back({.batch = 1, .heads = 1, .head_dim = 1, .queries = 1, .keys = keys});
  calls.push_back({.batch = 1, .heads = 1, .head_dim = 1, .queries = 2049, .keys = 1});
  compare_all<T>(calls);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(what_queries_see, T, Types) {
  compare_all<T>(
      {{.queries = 33, .keys = 33, .causal = true},
       {.queries = 5, .keys = 40, .key_lengths = {40, 7}},
       {.queries = 5, .keys = 40, .causal = true, .first_position = {35, 3}, .key_lengths = {40, 8}},
       {.queries = 3, .keys = 4, .causal = true, .first_position = {-2, -100}},
       {.queries = 35, .keys = 35, .causal = true, .window = 1},
       {.queries = 35, .keys = 35, .causal = true, .window = 31},
       {.queries = 6, .keys = 46, .causal = true, .window = 9, .memory = 40},
       {.queries = 6, .keys = 46, .causal = true, .memory = 40, .first_keys = {40, 13}},
       {.queries = 3, .keys = 9, .causal = true, .memory = 6, .first_keys = {20, 9}},
       {.queries = 33, .keys = 37, .causal = true, .memory = 4, .probability = 0.3f},
       {.queries = 3, .keys = 70, .probability = 0.25f}});
}

BOOST_AUTO_TEST_CASE_TEMPLATE(biases_by_distance, T, Types) {
  const std::vector<Id> buckets = {0, 1, 1, 2, 0, 3, 3, 3, 3};
  compare_all<T>(
      {{.causal = true, .buckets = buckets, .bias = {.entries = 4, .distances = 9}},
       {.queries = 20,
        .keys = 37,
        .causal = true,
        .window = 30,
        .memory = 15,
        .buckets = buckets,
        .bias = {.entries = 4, .distances = 9},
        .probability = 0.2f},
       {.queries = 5,
        .keys = 40,
        .key_lengths = {40, 3},
        .buckets = buckets,
        .bias = {.entries = 4, .distances = 9, .first = -4}},
       {.batch = 3, .queries = 34, .keys = 34, .bias = {.entries = 70, .distances = 70, .first = -35}},
       {.queries = 34, .keys = 34, .causal = true, .bias = {.entries = 1, .distances = 1, .is_slope = true}},
       {.queries = 9,
        .keys = 49,
        .causal = true,
        .memory = 40,
        .bias = {.entries = 49, .distances = 49, .row_a_query = true}},
       {.queries = 9, .keys = 9, .bias = {.entries = 5, .distances = 5, .first = -2, .row_a_query = true}},
       {.batch = 0, .bias = {.entries = 5, .distances = 5}},
       {.queries = 0, .bias = {.entries = 5, .distances = 5}}});
}

BOOST_AUTO_TEST_CASE_TEMPLATE(nan_and_infinity, T, Types) {
  for (const double special : {std::nan(""), -static_cast<double>(INFINITY)}) {
    constexpr Index keys = 40;
    const AttentionShape shape =
        contiguous_attention({.batch = 1, .heads = 1, .head_dim = 1, .queries = 5, .keys = keys});
    std::vector<T> of_keys = uniform<T>(keys, "key");
    of_keys[3] = static_cast<T>(special);
    auto query = input<T>(5, "query", 0.5, 1), value = input<T>(keys, "value");
    Buffer<T> key(of_keys, "key");
    compare<T>({5, 5}, 4, [&](Context& context, const KernelTable<T>& table, const auto& out) {
      table.attention.attention(context, out[0], out[1], query.data(), key.data(), value.data(), nullptr,
                                shape, {});
    });
  }
}

BOOST_AUTO_TEST_SUITE_END()
