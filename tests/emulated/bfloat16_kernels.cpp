// Every kernel in bfloat16, under every schedule: near what the CPU computes in float from the same numbers.
// How exact the results are is for tests of operations to say; here the kernels meet the race checker.
#include "emulated/comparison.hpp"

BOOST_AUTO_TEST_SUITE(bfloat16_kernels)

using namespace memsizer;
using namespace comparison;

namespace {

/// A device's kernels of T, and the arrays of a call. The same names are the same numbers in every T: those
/// that bfloat16 holds.
template <class T>
class Call {
 public:
  Context& context;
  const KernelTable<T>& kernels;

  Call(Context& of, const KernelTable<T>& table) : context(of), kernels(table) {}

  const T* in(Index n, const std::string& name, double low = -2, double high = 2) {
    return kept(narrow_, rounded<T>(n, name, low, high), name)->data();
  }
  const float* wide_in(Index n, const std::string& name, double low = -2, double high = 2) {
    return kept(wide_, rounded<float>(n, name, low, high), name)->data();
  }
  /// An output, which begins with numbers to which may be added.
  Output<T> out(Index n, bool accumulate = false) {
    results_.push_back({kept(narrow_, rounded<T>(n, "out", -2, 2), "out"), nullptr});
    return {results_.back().narrow->data(), accumulate};
  }
  Output<float> wide_out(Index n, bool accumulate = false) {
    results_.push_back({nullptr, kept(wide_, rounded<float>(n, "out", -2, 2), "out")});
    return {results_.back().wide->data(), accumulate};
  }

  /// All outputs, in order.
  std::vector<std::vector<float>> results() const {
    std::vector<std::vector<float>> all;
    for (const Result& result : results_) {
      all.emplace_back();
      if (result.wide != nullptr) all.back() = result.wide->values();
      if (result.narrow != nullptr)
        for (const T value : result.narrow->values()) all.back().push_back(static_cast<float>(value));
    }
    return all;
  }

 private:
  template <class Number>
  static std::vector<Number> rounded(Index n, const std::string& name, double low, double high) {
    std::vector<Number> values;
    for (const float value : uniform<float>(n, name, low, high))
      values.push_back(static_cast<Number>(static_cast<float>(bfloat16(value))));
    return values;
  }
  template <class Number>
  using Buffers = std::vector<std::unique_ptr<Buffer<Number>>>;
  template <class Number>
  static Buffer<Number>* kept(Buffers<Number>& buffers, const std::vector<Number>& values,
                              const std::string& name) {
    return buffers.emplace_back(std::make_unique<Buffer<Number>>(values, name)).get();
  }
  struct Result {
    Buffer<T>* narrow;
    Buffer<float>* wide;
  };

  Buffers<T> narrow_;
  Buffers<float> wide_;
  std::vector<Result> results_;
};

void check_near(const std::vector<std::vector<float>>& got, const std::vector<std::vector<float>>& expected) {
  BOOST_TEST_REQUIRE(got.size() == expected.size());
  for (std::size_t i = 0; i < got.size(); ++i) {
    double largest = 1e-6, worst = 0;
    for (const float value : expected[i]) largest = std::max(largest, std::abs(static_cast<double>(value)));
    for (std::size_t j = 0; j < got[i].size(); ++j) {
      const double error = std::abs(static_cast<double>(got[i][j]) - static_cast<double>(expected[i][j]));
      if (!(error <= worst)) worst = error;
    }
    BOOST_TEST(worst <= 0x1p-5 * largest, "output " << i << " is off by " << worst << " of " << largest);
  }
}

/// run(call) calls kernels; it does so on the CPU in float, and on both ends of the ladder in bfloat16.
template <class Run>
void compare_with_float(const Run& run) {
  Call<float> exact(cpu::context(), cpu::table<float>());
  run(exact);
  for (const int rung : both_ends)
    under_every_schedule(
        [&](Context& context) {
          Call<bfloat16> call(context, emulated::table<bfloat16>());
          run(call);
          check_near(call.results(), exact.results());
        },
        rung);
}

Buffer<std::uint64_t> step_key() {
  return Buffer<std::uint64_t>(std::vector<std::uint64_t>{42}, "key");
}

Buffer<Id> ids(Index n, Index below) {
  std::vector<Id> values(static_cast<std::size_t>(n));
  for (std::size_t i = 0; i < values.size(); ++i)
    values[i] = i % 5 == 3 ? -1 : static_cast<Id>(static_cast<Index>(i * 7) % below);
  return Buffer<Id>(values, "ids");
}

}  // namespace

BOOST_AUTO_TEST_CASE(copies) {
  Buffer<Id> rows(std::vector<Id>{2, 0, 2}, "rows");
  constexpr Walk turned{.rank = 2, .extents = {8, 16}, .y_strides = {1, 8}, .a_strides = {16, 1}},
      slice{.rank = 2, .extents = {5, 16}, .y_strides = {16, 1}, .a_strides = {40, 1}},
      onto_one{.rank = 2, .extents = {3, 7}, .y_strides = {0, 1}, .a_strides = {7, 1}};
  compare_with_float([&]<class T>(Call<T>& call) {
    const auto& memory = call.kernels.memory;
    memory.fill(call.context, call.out(257).data, static_cast<T>(0.5f), 257);
    for (const bool accumulate : {false, true})
      for (const Walk& walk : {turned, slice, onto_one})
        memory.copy_strided(call.context, call.out(128, accumulate), call.in(176, "x"), walk);
    for (const Index columns : {3, 8})
      memory.gather_rows(call.context, call.out(3 * columns).data, call.in(3 * columns, "x"), rows.data(), 3,
                         columns * Index{sizeof(T)}, columns * Index{sizeof(T)});
  });
}

BOOST_AUTO_TEST_CASE(elements) {
  constexpr Index n = 257;
  auto key = step_key();
  compare_with_float([&]<class T>(Call<T>& call) {
    const auto& kernels = call.kernels.elementwise;
    const T *const x = call.in(n, "x", 0.5, 2), *const dy = call.in(n, "dy");
    kernels.unary(call.context, call.out(n).data, x, UnaryFunction::gelu, n);
    kernels.unary_backward(call.context, call.out(n, true), dy, x, UnaryFunction::gelu, n);
    kernels.affine(call.context, call.out(n, true), x, 0.7, -0.3, n);
    kernels.scale_by(call.context, call.out(n), x, call.wide_in(1, "scale"), n);
    kernels.dropout(call.context, call.out(n), x, {0.25f, key.data(), 7}, n);
    kernels.widen(call.context, call.wide_out(n), x, n);
    kernels.narrow(call.context, call.out(n, true), call.wide_in(n, "wide"), n);
  });
}

BOOST_AUTO_TEST_CASE(binary_operations) {
  // Nothing is repeated; rows that hold groups of neighbours, and rows that do not; a column.
  constexpr Walk walks[] = {
      {.rank = 1, .extents = {200}, .y_strides = {1}, .a_strides = {1}, .b_strides = {1}},
      {.rank = 2, .extents = {5, 40}, .y_strides = {40, 1}, .a_strides = {40, 1}, .b_strides = {0, 1}},
      {.rank = 2, .extents = {200, 1}, .y_strides = {1, 1}, .a_strides = {1, 1}, .b_strides = {0, 0}},
      {.rank = 2, .extents = {8, 25}, .y_strides = {25, 1}, .a_strides = {25, 1}, .b_strides = {1, 0}},
      {.rank = 2, .extents = {8, 25}, .y_strides = {25, 1}, .a_strides = {0, 1}, .b_strides = {25, 1}},
      {.rank = 2, .extents = {8, 25}, .y_strides = {25, 1}, .a_strides = {1, 0}, .b_strides = {25, 1}}};
  for (const Walk& walk : walks)
    for (const BinaryFunction f : {BinaryFunction::add, BinaryFunction::multiply, BinaryFunction::divide})
      BOOST_TEST_CONTEXT("walk " << &walk - walks << ", function " << static_cast<int>(f))
  compare_with_float([&]<class T>(Call<T>& call) {
    const T *const a = call.in(200, "a"), *const b = call.in(200, "b", 0.5, 2);
    call.kernels.elementwise.binary(call.context, call.out(200).data, a, b, f, walk);
    const Output<T> da = call.out(200), db = call.out(200, true);
    call.kernels.elementwise.binary_backward(call.context, da, db, call.in(200, "dy"), a, b, f, walk);
  });
}

BOOST_AUTO_TEST_CASE(reductions) {
  for (const AxisShape& shape : {AxisShape{33, 36, 1}, AxisShape{1, 5000, 1}, AxisShape{3, 1100, 1},
                                 AxisShape{1, 300, 5}, AxisShape{2, 40, 33}, AxisShape{5, 1, 3}})
    for (const ReduceFunction f : {ReduceFunction::mean, ReduceFunction::maximum})
      BOOST_TEST_CONTEXT(name_of(f) << " of " << shape.outer << " x " << shape.length << " x " << shape.inner)
  compare_with_float([&]<class T>(Call<T>& call) {
    const Index rows = shape.outer * shape.inner, n = rows * shape.length;
    const T* const x = call.in(n, "x");
    call.kernels.reduce.reduce(call.context, call.out(rows).data, x, f, shape);
    for (const bool accumulate : {false, true})
      call.kernels.reduce.reduce_backward(call.context, call.out(n, accumulate), call.in(rows, "dy"), x, f,
                                          shape);
  });
}

BOOST_AUTO_TEST_CASE(rows_of_warps_and_blocks) {
  // Rows of a warp and of a block, kept in registers and read again.
  for (const Index columns : {40, 1100, 2100, 8200}) BOOST_TEST_CONTEXT(columns << " columns")
  compare_with_float([&]<class T>(Call<T>& call) {
    constexpr Index rows = 2;
    const Index n = rows * columns;
    const T *const x = call.in(n, "x"), *const dy = call.in(n, "dy"), *const weight = call.in(columns, "w");
    const auto& softmax = call.kernels.softmax;
    const Output<T> y = call.out(n), log_y = call.out(n), normal = call.out(n);
    softmax.softmax(call.context, y.data, x, rows, columns);
    softmax.softmax_backward(call.context, call.out(n, true), dy, y.data, rows, columns);
    softmax.log_softmax(call.context, log_y.data, x, rows, columns);
    softmax.log_softmax_backward(call.context, call.out(n), dy, log_y.data, rows, columns);
    const Output<float> mean = call.wide_out(rows), deviation = call.wide_out(rows),
                        dweight = call.wide_out(columns), dbias = call.wide_out(columns, true);
    call.kernels.norm.layer_norm(call.context, normal.data, mean.data, deviation.data, x, weight,
                                 call.in(columns, "bias"), rows, columns, 1e-5);
    call.kernels.norm.layer_norm_backward(call.context, call.out(n, true), dweight, dbias, dy, mean.data,
                                          deviation.data, x, weight, rows, columns);
  });
}

// Products of tensor cores are in matmul_kernels.cpp.
BOOST_AUTO_TEST_CASE(products) {
  compare_with_float([]<class T>(Call<T>& call) {
    for (const Index inner : {9, 513}) {
      const Output<T> before = call.out(35);
      call.kernels.matmul.matmul(
          call.context, call.out(35), call.in(5 * inner, "a"), call.in(inner * 7, "b"),
          contiguous_product(5, 7, inner),
          {.bias = call.in(7, "bias"), .activation = Activation::relu, .before_activation = before.data});
    }
    // With one output the bias' gradient is a sum of a row, and with one row no sum.
    for (const LinearShape& shape : {LinearShape{520, 3, 4}, LinearShape{70, 3, 1}, LinearShape{1, 3, 4}}) {
      const Output<float> dweight = call.wide_out(shape.outputs * shape.inputs),
                          dbias = call.wide_out(shape.outputs, true);
      call.kernels.matmul.linear_weight_backward(call.context, dweight, dbias,
                                                 call.in(shape.rows * shape.outputs, "dy"),
                                                 call.in(shape.rows * shape.inputs, "x"), shape);
    }
  });
}

BOOST_AUTO_TEST_CASE(embeddings) {
  constexpr EmbeddingShape shape{.batch = 2, .time = 35, .dim = 6, .vocab = 9, .positions = 35};
  std::vector<Id> known(70);
  for (std::size_t i = 0; i < known.size(); ++i) known[i] = static_cast<Id>(i * i % 9);
  Buffer<Id> of_text(known, "ids");
  compare_with_float([&]<class T>(Call<T>& call) {
    call.kernels.embedding.embedding(call.context, call.out(420).data, of_text.data(), call.in(54, "table"),
                                     call.in(210, "positions"), shape, 1.5);
    const Output<float> dtable = call.wide_out(54, true), dpositions = call.wide_out(210);
    call.kernels.embedding.embedding_backward(call.context, dtable, dpositions, call.in(420, "dy"),
                                              of_text.data(), shape, 1.5);
  });
}

BOOST_AUTO_TEST_CASE(heads_of_attention) {
  auto key = step_key();
  struct Heads {
    Index head_dim;
    float probability = 0;
    DistanceBiasShape bias = {};
  };
  // Heads in tiles, with dropout, with a bias, whose gradient no tile computes, and wider than a tile.
  const Heads kinds[] = {
      {8}, {40, 0.25f}, {100}, {.head_dim = 5, .bias = {.entries = 4, .distances = 4}}, {.head_dim = 130}};
  for (const Heads& kind : kinds) BOOST_TEST_CONTEXT("head_dim " << kind.head_dim)
  compare_with_float([&]<class T>(Call<T>& call) {
    constexpr Index tokens = 33, heads = 1;
    const Index n = tokens * heads * kind.head_dim, biases = kind.bias.entries * heads;
    const AttentionShape shape = contiguous_attention({.batch = 1,
                                                       .heads = heads,
                                                       .head_dim = kind.head_dim,
                                                       .queries = tokens,
                                                       .keys = tokens,
                                                       .scale = 0.3,
                                                       .causal = true,
                                                       .bias = kind.bias});
    const Dropout dropout{kind.probability, key.data(), 7};
    const T *const query = call.in(n, "query"), *const keys = call.in(n, "key"),
                   *const value = call.in(n, "value"),
                   *const biased = biases > 0 ? call.in(biases, "bias") : nullptr;
    const Output<T> y = call.out(n), dquery = call.out(n), dkey = call.out(n, true), dvalue = call.out(n);
    const Output<float> log_sum = call.wide_out(heads * tokens);
    const Output<float> dbias = biases > 0 ? call.wide_out(biases) : Output<float>{};
    const auto& kernels = call.kernels.attention;
    kernels.attention(call.context, y.data, log_sum.data, query, keys, value, biased, shape, dropout);
    kernels.attention_backward(call.context, dquery, dkey, dvalue, dbias, call.in(n, "dy"), y.data,
                               log_sum.data, query, keys, value, biased, shape, dropout);
  });
}

BOOST_AUTO_TEST_CASE(weights_of_slots) {
  auto key = step_key();
  for (const Index slots : {5, 40})
    compare_with_float([&]<class T>(Call<T>& call) {
      constexpr Index rows = 33, heads = 3;
      const Index n = rows * heads * slots;
      const T* const logits = call.in(n, "logits");
      const Dropout dropout{0.25f, key.data(), 7};
      call.kernels.memsizer.slot_weights(call.context, call.out(rows * slots).data, logits, rows, heads,
                                         slots, dropout);
      call.kernels.memsizer.slot_weights_backward(
          call.context, call.out(n, true), call.in(rows * slots, "dp"), logits, rows, heads, slots, dropout);
    });
}

BOOST_AUTO_TEST_CASE(scans) {
  // As many features as threads keep in each of the four sizes of a group.
  for (const Index features : {3, 8, 16, 33})
    for (const bool normalised : {false, true}) BOOST_TEST_CONTEXT(features << " features")
  compare_with_float([&]<class T>(Call<T>& call) {
    constexpr Index batch = 2, time = 35, dim = 9;
    ScanShape shape{.batch = batch, .time = time, .features = features, .dim = dim};
    shape.inverse_root_count = !normalised;
    if (normalised) shape.normaliser = {ScanNormaliser::Guard::plus, 0.5};
    const Index keys = batch * time * features, values = batch * time * dim, state = batch * features * dim;
    ScanInputs<T> in{.query = call.in(keys, "q", 0.1, 1),
                     .key = call.in(keys, "k", 0.1, 1),
                     .value = call.in(values, "v"),
                     .memory = call.wide_in(state, "memory")};
    if (normalised) in.decay = call.in(batch * time, "decay", 0.5, 1);
    if (normalised) in.sums = call.wide_in(batch * features, "sums", 0.1, 1);
    const Output<T> y = call.out(values), dquery = call.out(keys), dkey = call.out(keys),
                    dvalue = call.out(values);
    const Output<float> normalisers = call.wide_out(batch * time), memory = call.wide_out(state),
                        sums = call.wide_out(batch * features), dmemory = call.wide_out(state),
                        dsums = call.wide_out(batch * features);
    call.kernels.scan.causal_scan(call.context,
                                  {.y = y.data,
                                   .normalisers = normalised ? normalisers.data : nullptr,
                                   .memory = memory.data,
                                   .sums = normalised ? sums.data : nullptr},
                                  in, shape);
    ScanGradients<T> gradients{.dquery = dquery, .dkey = dkey, .dvalue = dvalue, .dmemory = dmemory};
    if (normalised) gradients.dsums = dsums;
    if (normalised) gradients.ddecay = call.out(batch * time);
    call.kernels.scan.causal_scan_backward(call.context, gradients,
                                           {.dy = call.in(values, "dy"),
                                            .y = normalised ? y.data : nullptr,
                                            .normalisers = normalised ? normalisers.data : nullptr},
                                           in, shape);
  });
}

BOOST_AUTO_TEST_CASE(losses) {
  for (const Index classes : {33, 1030, 8200}) {
    auto targets = ids(5, classes);
    BOOST_TEST_CONTEXT(classes << " classes")
    compare_with_float([&]<class T>(Call<T>& call) {
      constexpr Index rows = 5, dim = 3;
      const LabelSmoothing smoothing{0.1, LabelSmoothing::Over::all};
      const T* const logits = call.in(rows * classes, "logits", -6, 6);
      const Output<float> loss = call.wide_out(rows), maximum = call.wide_out(rows),
                          log_sum = call.wide_out(rows), total = call.wide_out(3);
      call.kernels.loss.cross_entropy(call.context, loss.data, maximum.data, log_sum.data, logits,
                                      targets.data(), rows, classes, smoothing);
      call.kernels.loss.cross_entropy_backward(call.context, call.out(rows * classes, true),
                                               call.wide_in(rows, "dloss"), maximum.data, log_sum.data,
                                               logits, targets.data(), rows, classes, smoothing);
      if (classes > 2000) return;  // a product touches whole tiles
      const bool few = classes < 100;
      const Output<T> dx = few ? call.out(rows * dim) : Output<T>{};
      const Output<float> dweight = few ? call.wide_out(classes * dim) : Output<float>{};
      call.kernels.loss.linear_cross_entropy(call.context, total.data, dx, dweight, call.in(rows * dim, "x"),
                                             call.in(classes * dim, "weight"), targets.data(), rows, dim,
                                             classes, smoothing);
    });
  }
}

BOOST_AUTO_TEST_CASE(optimisers) {
  constexpr Index n = 70;
  Buffer<OptimiserStep<float>> step(1, "step");
  *step.data() = {.learning_rate = 0.01f, .step = 3};
  for (const bool with_adam : {false, true})
    compare_with_float([&]<class T>(Call<T>& call) {
      const Output<T> weight = call.out(n);
      const Output<float> master = call.wide_out(n), first = call.wide_out(n),
                          second = call.wide_out(n, true);
      call.kernels.optimiser.gradient_norm(call.context, second.data, master.data, n);  // what is at least 0
      for (Index i = 1; i < n; ++i) second.data[i] = second.data[0];
      const float* const gradient = call.wide_in(n, "gradient");
      if (with_adam)
        call.kernels.optimiser.adam(call.context, weight.data, master.data, first.data, second.data, gradient,
                                    step.data(), n, AdamSettings{});
      else
        call.kernels.optimiser.nesterov(call.context, weight.data, master.data, first.data, gradient,
                                        step.data(), n, NesterovSettings{});
    });
}

BOOST_AUTO_TEST_SUITE_END()
