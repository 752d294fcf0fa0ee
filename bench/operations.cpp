// Times every family of the CPU's kernels with the shapes of preset small (preset_small.hpp).
#include "bench/operations.hpp"

#include <vector>

#include "bench/matmul.hpp"
#include "bench/preset_small.hpp"

namespace {

using namespace memsizer;
using bench::arrays;
using bench::Cost;

using bench::preset_small::batch;
using bench::preset_small::dim;
using bench::preset_small::ffn;
using bench::preset_small::heads;
using bench::preset_small::rows;
using bench::preset_small::slots;
using bench::preset_small::time;
using bench::preset_small::vocabulary;

std::vector<Id> random_ids() {
  std::vector<Id> ids(rows);
  RandomStream random(1);
  for (Id& id : ids) id = static_cast<Id>(random.below(vocabulary));
  return ids;
}

template <class T>
void add_elementwise(const std::string& prefix) {
  const KernelTable<T>& table = cpu::table<T>();
  constexpr Index n = rows * ffn;
  const double bytes = n * sizeof(T);
  const Walk walk{.rank = 1, .extents = {n}, .y_strides = {1}, .a_strides = {1}, .b_strides = {1}};
  const Walk turned{.rank = 2, .extents = {ffn, rows}, .y_strides = {rows, 1}, .a_strides = {1, ffn}};
  const auto add = [&](const char* name, double passes, auto call) {
    bench::add(prefix + name, Cost{.bytes = passes * bytes},
               [=] { return [call, a = arrays<T, 3>(n)] { call(a[0], a[1], a[2]); }; });
  };
  add("/memory/fill", 1, [&, n = n](T* y, T*, T*) { table.memory.fill(cpu::context(), y, T(1), n); });
  add("/memory/transpose", 2,
      [&table, turned](T* y, T* x, T*) { table.memory.copy_strided(cpu::context(), {y}, x, turned); });
  add("/elementwise/add", 3, [&table, walk](T* y, T* a, T* b) {
    table.elementwise.binary(cpu::context(), y, a, b, BinaryFunction::add, walk);
  });
  add("/elementwise/gelu", 2,
      [&table](T* y, T* x, T*) { table.elementwise.unary(cpu::context(), y, x, UnaryFunction::gelu, n); });
  add("/elementwise/gelu_backward", 3, [&table](T* dx, T* dy, T* x) {
    table.elementwise.unary_backward(cpu::context(), {dx}, dy, x, UnaryFunction::gelu, n);
  });
  add("/elementwise/dropout", 2, [&table](T* y, T* x, T*) {
    static const std::uint64_t step_key = 1;
    table.elementwise.dropout(cpu::context(), {y}, x, {0.1f, &step_key, 2}, n);
  });
  add("/reduce/sum_rows", 1, [&table](T* y, T* x, T*) {
    table.reduce.reduce(cpu::context(), y, x, ReduceFunction::sum, {1, rows, ffn});
  });
  add("/softmax/softmax", 2,
      [&table](T* y, T* x, T*) { table.softmax.softmax(cpu::context(), y, x, rows, ffn); });
  add("/softmax/softmax_backward", 3, [&table](T* dx, T* dy, T* y) {
    table.softmax.softmax_backward(cpu::context(), {dx}, dy, y, rows, ffn);
  });
}

template <class T>
void add_norm_and_embedding(const std::string& prefix) {
  const KernelTable<T>& table = cpu::table<T>();
  constexpr Index n = rows * dim;
  const double bytes = n * sizeof(T);
  bench::add(prefix + "/norm/layer_norm", {.bytes = 2 * bytes}, [&] {
    return [&, a = arrays<T, 2>(n), w = arrays<T, 2>(dim), s = arrays<T, 2>(rows)] {
      table.norm.layer_norm(cpu::context(), a[0], s[0], s[1], a[1], w[0], w[1], rows, dim, 1e-5);
    };
  });
  bench::add(prefix + "/norm/layer_norm_backward", {.bytes = 3 * bytes}, [&] {
    return [&, a = arrays<T, 3>(n), w = arrays<T, 3>(dim), s = arrays<T, 2>(rows)] {
      table.norm.layer_norm_backward(cpu::context(), {a[0]}, {w[0]}, {w[1]}, a[1], s[0], s[1], a[2], w[2],
                                     rows, dim);
    };
  });
  const EmbeddingShape shape{
      .batch = batch, .time = time, .dim = dim, .vocab = vocabulary, .positions = time};
  bench::add(prefix + "/embedding/embedding", {.bytes = 3 * bytes}, [&, shape] {
    return [&, shape, a = arrays<T, 1>(n), w = arrays<T, 1>(vocabulary * dim), p = arrays<T, 1>(time * dim),
            ids = random_ids()] {
      table.embedding.embedding(cpu::context(), a[0], ids.data(), w[0], p[0], shape, 16);
    };
  });
  bench::add(prefix + "/embedding/embedding_backward", {.bytes = 3 * bytes}, [&, shape] {
    return [&, shape, a = arrays<T, 1>(n), w = arrays<T, 1>(vocabulary * dim), ids = random_ids()] {
      table.embedding.embedding_backward(cpu::context(), {w[0], true}, {}, a[0], ids.data(), shape, 16);
    };
  });
}

AttentionShape attention_shape(Index sequences, Index queries, Index keys) {
  return contiguous_attention({.batch = sequences,
                               .heads = heads,
                               .head_dim = dim / heads,
                               .queries = queries,
                               .keys = keys,
                               .scale = 0.144,
                               .causal = queries > 1});
}

template <class T>
void add_attention(const std::string& prefix) {
  const KernelTable<T>& table = cpu::table<T>();
  constexpr Index n = rows * dim;
  const double pairs = batch * time * (time + 1) / 2, product = 2 * dim * pairs;
  const AttentionShape shape = attention_shape(batch, time, time);
  static const std::uint64_t step_key = 1;
  for (float probability : {0.0f, 0.1f}) {
    const Dropout dropout{probability, &step_key, 2};
    const std::string suffix = probability > 0 ? "_dropout" : "";
    bench::add(prefix + "/attention/causal" + suffix, {.operations = 2 * product}, [=, &table] {
      return [=, &table, a = arrays<T, 4>(n), s = arrays<T, 1>(rows * heads)] {
        table.attention.attention(cpu::context(), a[0], s[0], a[1], a[2], a[3], nullptr, shape, dropout);
      };
    });
    bench::add(prefix + "/attention/causal_backward" + suffix, {.operations = 5 * product}, [=, &table] {
      return [=, &table, a = arrays<T, 8>(n), s = arrays<T, 1>(rows * heads)] {
        table.attention.attention_backward(cpu::context(), {a[0]}, {a[1]}, {a[2]}, {}, a[3], a[4], s[0], a[5],
                                           a[6], a[7], nullptr, shape, dropout);
      };
    });
  }
  for (Index keys : {time, Index{16384}}) {
    const AttentionShape step = attention_shape(1, 1, keys);
    const Cost cost{.bytes = 2.0 * static_cast<double>(keys * dim) * sizeof(T)};
    bench::add(prefix + "/attention/step/" + std::to_string(keys), cost, [=, &table] {
      return [=, &table, q = arrays<T, 2>(dim), a = arrays<T, 2>(keys * dim)] {
        table.attention.attention(cpu::context(), q[0], nullptr, q[1], a[0], a[1], nullptr, step, {});
      };
    });
  }
}

/// Adds the scan's uses for a shape without a normaliser.
template <class T>
void add_scan(const std::string& prefix, const ScanShape& shape) {
  const KernelTable<T>& table = cpu::table<T>();
  const Index values = shape.batch * shape.time * shape.heads * shape.dim,
              sums = shape.heads * shape.features;
  const Index keys = shape.batch * shape.time * sums, state = shape.batch * sums * shape.dim;
  const double product = 2.0 * static_cast<double>(keys * shape.dim);
  bench::add(prefix + "causal_scan", {.operations = 2 * product}, [=, &table] {
    return [=, &table, a = arrays<T, 2>(values), w = arrays<T, 2>(keys), m = arrays<T, 1>(state)] {
      table.scan.causal_scan(cpu::context(), {.y = a[0], .memory = m[0]},
                             {.query = w[0], .key = w[1], .value = a[1]}, shape);
    };
  });
  bench::add(prefix + "causal_scan_backward", {.operations = 5 * product}, [=, &table] {
    return [=, &table, a = arrays<T, 3>(values), w = arrays<T, 4>(keys)] {
      table.scan.causal_scan_backward(cpu::context(), {.dquery = {w[0]}, .dkey = {w[1]}, .dvalue = {a[0]}},
                                      {.dy = a[1]}, {.query = w[2], .key = w[3], .value = a[2]}, shape);
    };
  });
  ScanShape step = shape;
  step.batch = step.time = 1;
  const Cost step_cost{.bytes = 2.0 * static_cast<double>(sums * shape.dim) * sizeof(T)};
  bench::add(prefix + "step", step_cost, [=, &table] {
    return [=, &table, a = arrays<T, 2>(shape.heads * shape.dim), w = arrays<T, 1>(sums),
            m = arrays<T, 1>(sums * shape.dim)] {
      table.scan.causal_scan(cpu::context(), {.y = a[0], .memory = m[0]},
                             {.query = w[0], .key = w[0], .value = a[1], .memory = m[0]}, step);
    };
  });
  bench::add(prefix + "key_value_memory", {.operations = product}, [=, &table] {
    return [=, &table, a = arrays<T, 1>(values), w = arrays<T, 1>(keys), m = arrays<T, 1>(state),
            z = arrays<T, 1>(shape.batch * sums)] {
      table.scan.causal_scan(cpu::context(), {.memory = m[0], .sums = z[0]}, {.key = w[0], .value = a[0]},
                             shape);
    };
  });
}

template <class T>
void add_memsizer(const std::string& prefix) {
  const KernelTable<T>& table = cpu::table<T>();
  constexpr Index weights = rows * slots;
  const Cost logits_cost{.bytes = static_cast<double>(weights * heads) * sizeof(T)};
  bench::add(prefix + "/memsizer/slot_weights", logits_cost, [&] {
    return [&, l = arrays<T, 1>(weights * heads), p = arrays<T, 1>(weights)] {
      table.memsizer.slot_weights(cpu::context(), p[0], l[0], rows, heads, slots, {});
    };
  });
  bench::add(prefix + "/memsizer/slot_weights_backward", {.bytes = 2 * logits_cost.bytes}, [&] {
    return [&, l = arrays<T, 2>(weights * heads), p = arrays<T, 1>(weights)] {
      table.memsizer.slot_weights_backward(cpu::context(), {l[0]}, p[0], l[1], rows, heads, slots, {});
    };
  });
  add_scan<T>(prefix + "/memsizer/",
              {.batch = batch, .time = time, .features = slots, .dim = dim, .inverse_root_count = true});
}

template <class T>
void add_loss_and_optimiser(const std::string& prefix) {
  const KernelTable<T>& table = cpu::table<T>();
  const double product = 2.0 * rows * dim * vocabulary;
  const auto add_layer = [&](const char* name, double products, bool gradients) {
    bench::add(prefix + name, {.operations = products * product}, [&, gradients] {
      return [&, gradients, x = arrays<T, 2>(rows * dim), w = arrays<T, 2>(vocabulary * dim),
              ids = random_ids()] {
        T total[3];
        table.loss.linear_cross_entropy(cpu::context(), total, {gradients ? +x[0] : nullptr},
                                        {gradients ? +w[0] : nullptr}, x[1], w[1], ids.data(), rows, dim,
                                        vocabulary, {});
        benchmark::DoNotOptimize(total);
      };
    });
  };
  add_layer("/loss/linear_cross_entropy", 3, true);
  add_layer("/loss/linear_cross_entropy_forward", 1, false);
  constexpr Index n = bench::preset_small::parameters;
  bench::add(prefix + "/optimiser/norm", {.bytes = static_cast<double>(n) * sizeof(T)}, [&] {
    return [&, a = arrays<T, 1>(n)] {
      T norm;
      table.optimiser.gradient_norm(cpu::context(), &norm, a[0], n);
      benchmark::DoNotOptimize(norm);
    };
  });
  bench::add(prefix + "/optimiser/adam", {.bytes = 7.0 * n * sizeof(T)}, [&] {
    return [&, a = arrays<T, 4>(n)] {
      const OptimiserStep<T> step{.learning_rate = T(1e-3), .step = 10};
      table.optimiser.adam(cpu::context(), a[0], nullptr, a[1], a[2], a[3], &step, n, {});
    };
  });
}

template <class T>
void add_all(const std::string& prefix) {
  add_elementwise<T>(prefix);
  add_norm_and_embedding<T>(prefix);
  bench::add_matmul<T>(prefix + "/matmul", cpu::table<T>().matmul);
  add_attention<T>(prefix);
  add_memsizer<T>(prefix);
  add_loss_and_optimiser<T>(prefix);
}

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  add_all<float>("float");
  add_all<double>("double");
  benchmark::RunSpecifiedBenchmarks();
}
