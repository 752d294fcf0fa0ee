#include "memsizer/cpu/memsizer.hpp"

#include "cpu/kernel_test.hpp"

BOOST_AUTO_TEST_SUITE(memsizer_kernels)

using namespace memsizer;
using namespace kernel_test;

namespace {

constexpr std::uint64_t step_key = 99;

double factor(double probability, Index element) {
  const auto words = philox(mix_keys(step_key, 3), static_cast<std::uint64_t>(element / 4));
  return words.word[element % 4] >= probability * 0x1p32 ? 1 / (1 - probability) : 0;
}

template <class T>
std::vector<double> doubles(const Guarded<T>& array) {
  return {array.begin(), array.end()};
}

template <class T>
void check_slot_weights(Index rows, Index heads, Index slots, double probability) {
  const auto logits = uniform<T>(rows * heads * slots, "logits", -5, 5), dp = uniform<T>(rows * slots, "dp");
  std::vector<double> p(rows * slots), dlogits(logits.size());
  for (Index head = 0; head < rows * heads; ++head) {
    double sum = 0, dot = 0;
    const Index at = head * slots, out = head / heads * slots;
    std::vector<double> weight(slots), dweight(slots);
    for (Index s = 0; s < slots; ++s) sum += weight[s] = std::exp(double{logits[at + s]});
    for (Index s = 0; s < slots; ++s) {
      weight[s] /= sum;
      const double kept = (probability > 0 ? factor(probability, at + s) : 1) / static_cast<double>(heads);
      p[out + s] += kept * weight[s];
      dweight[s] = kept * dp[out + s];
      dot += weight[s] * dweight[s];
    }
    for (Index s = 0; s < slots; ++s) dlogits[at + s] = weight[s] * (dweight[s] - dot);
  }
  const Dropout dropout{static_cast<float>(probability), &step_key, 3};
  const auto& kernels = cpu::table<T>().memsizer;
  with_threads([&] {
    Guarded<T> out(rows * slots, T{9});
    kernels.slot_weights(cpu::context(), out.data(), logits.data(), rows, heads, slots, dropout);
    check_close(out, p);
    check_gradient<T>(dlogits, 1, [&](Output<T> gradient) {
      kernels.slot_weights_backward(cpu::context(), gradient, dp.data(), logits.data(), rows, heads, slots,
                                    dropout);
    });
  });
}

struct Case {
  Index batch = 2, time = 5, slots = 4, dim = 6;
  std::vector<Id> lengths = {}, counts = {};
  bool with_memory = true;

  MemSizerShape shape() const {
    return {batch,
            time,
            slots,
            dim,
            lengths.empty() ? nullptr : lengths.data(),
            counts.empty() ? nullptr : counts.data()};
  }
  Index length(Index b) const { return lengths.empty() ? time : lengths[b]; }
  double scale(Index b, Index t) const {
    return 1 / std::sqrt(static_cast<double>((counts.empty() ? 0 : counts[b]) + t + 1));
  }
};

std::ostream& operator<<(std::ostream& out, const Case& c) {
  return out << c.batch << " x " << c.time << ", " << c.slots << " slots, dim " << c.dim
             << (c.lengths.empty() ? "" : ", ragged") << (c.counts.empty() ? "" : ", counted")
             << (c.with_memory ? ", with memory" : "");
}

template <class T>
struct Inputs {
  Guarded<T> p, k, v, dy, memory;

  explicit Inputs(const Case& c)
      : p(uniform<T>(c.batch * c.time * c.slots, "p", 0, 1)),
        k(uniform<T>(c.batch * c.time * c.slots, "k")),
        v(uniform<T>(c.batch * c.time * c.dim, "v")),
        dy(uniform<T>(c.batch * c.time * c.dim, "dy")),
        memory(uniform<T>(c.batch * c.slots * c.dim, "memory")) {}

  const T* memory_in(const Case& c) const { return c.with_memory ? memory.data() : nullptr; }
};

/// The scan token by token, and its gradients through every pair of tokens.
struct NaiveScan {
  std::vector<double> y, memory, dp, dk, dv;

  template <class T>
  NaiveScan(const Case& c, const Inputs<T>& in)
      : y(in.v.size()), memory(in.memory.size()), dp(in.p.size()), dk(in.k.size()), dv(in.v.size()) {
    if (c.with_memory) memory = doubles(in.memory);
    for (Index b = 0; b < c.batch; ++b)
      for (Index t = 0; t < c.length(b); ++t)
        for (Index s = 0; s < c.slots; ++s)
          for (Index d = 0; d < c.dim; ++d) add(c, in, b, t, s, d);
  }

 private:
  template <class T>
  void add(const Case& c, const Inputs<T>& in, Index b, Index t, Index s, Index d) {
    const auto weight = [&](Index time) { return (b * c.time + time) * c.slots + s; };
    const auto value = [&](Index time) { return (b * c.time + time) * c.dim + d; };
    double& state = memory[(b * c.slots + s) * c.dim + d];
    state += double{in.k[weight(t)]} * in.v[value(t)];
    y[value(t)] += c.scale(b, t) * in.p[weight(t)] * state;
    dp[weight(t)] += c.scale(b, t) * in.dy[value(t)] * state;
    for (Index j = 0; j <= t; ++j) {
      const double dstate = c.scale(b, t) * in.p[weight(t)] * in.dy[value(t)];
      dk[weight(j)] += dstate * in.v[value(j)];
      dv[value(j)] += dstate * in.k[weight(j)];
    }
  }
};

template <class T>
void check_scan(const Case& c) {
  BOOST_TEST_CONTEXT(c) {
    const Inputs<T> in(c);
    const NaiveScan naive(c, in);
    const auto& kernels = cpu::table<T>().memsizer;
    with_threads([&] {
      Guarded<T> y(in.v.size(), T{9}), again(in.v.size()), memory(in.memory.size(), T{9});
      kernels.causal_scan(cpu::context(), y.data(), memory.data(), in.p.data(), in.k.data(), in.v.data(),
                          in.memory_in(c), c.shape());
      kernels.causal_scan(cpu::context(), again.data(), nullptr, in.p.data(), in.k.data(), in.v.data(),
                          in.memory_in(c), c.shape());
      check_close(y, naive.y, 10);
      check_close(again, naive.y, 10);
      check_close(memory, naive.memory, 10);
      const auto backward = [&](Output<T> dp, Output<T> dk, Output<T> dv) {
        kernels.causal_scan_backward(cpu::context(), dp, dk, dv, in.dy.data(), in.p.data(), in.k.data(),
                                     in.v.data(), in.memory_in(c), c.shape());
      };
      check_gradient<T>(naive.dp, 20, [&](Output<T> gradient) { backward(gradient, {}, {}); });
      check_gradient<T>(naive.dk, 20, [&](Output<T> gradient) { backward({}, gradient, {}); });
      check_gradient<T>(naive.dv, 20, [&](Output<T> gradient) { backward({}, {}, gradient); });
    });
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE_TEMPLATE(weights_of_slots, T, Types) {
  for (Index rows : {0, 1, 33})
    for (Index heads : {1, 3})
      for (Index slots : {0, 1, 4, 31, 33})
        for (double probability : {0.0, 0.25}) check_slot_weights<T>(rows, heads, slots, probability);
}

BOOST_AUTO_TEST_CASE_TEMPLATE(scans_of_odd_sizes, T, Types) {
  for (Index time : {0, 1, 2, 31, 33, 65})
    for (bool with_memory : {false, true}) check_scan<T>({.time = time, .with_memory = with_memory});
  check_scan<T>({.batch = 0});
  check_scan<T>({.slots = 0});
  check_scan<T>({.dim = 0});
  check_scan<T>({.batch = 1, .time = 200, .slots = 33, .dim = 65});
  check_scan<T>({.batch = 3, .time = 64, .slots = 1, .dim = 1});
  check_scan<T>({.batch = 1, .time = 70, .slots = 32, .dim = 128});
}

BOOST_AUTO_TEST_CASE_TEMPLATE(ragged_and_counted_scans, T, Types) {
  check_scan<T>({.batch = 4, .time = 100, .lengths = {100, 0, 33, 1}, .counts = {0, 7, 1000, 16384}});
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_memory_is_updated_in_place_step_by_step, T, Types) {
  const Case whole{.batch = 2, .time = 70, .slots = 5, .dim = 40};
  const Inputs<T> in(whole);
  const NaiveScan naive(whole, in);
  const auto& kernels = cpu::table<T>().memsizer;
  for (Index segment : {1, 2, 3, 32, 69}) {
    Guarded<T> y(in.v.size()), memory = in.memory;
    for (Index t = 0; t < whole.time; t += segment) {
      const Case part{.batch = 2,
                      .time = std::min(segment, whole.time - t),
                      .slots = 5,
                      .dim = 40,
                      .counts = {static_cast<Id>(t), static_cast<Id>(t)}};
      const auto cut = [&](const Guarded<T>& all, Index width) {
        Guarded<T> piece(2 * part.time * width);
        for (Index b = 0; b < 2; ++b)
          std::copy_n(all.data() + (b * whole.time + t) * width, part.time * width,
                      piece.data() + b * part.time * width);
        return piece;
      };
      const Guarded<T> p = cut(in.p, 5), k = cut(in.k, 5), v = cut(in.v, 40);
      Guarded<T> out(v.size());
      kernels.causal_scan(cpu::context(), out.data(), memory.data(), p.data(), k.data(), v.data(),
                          memory.data(), part.shape());
      for (Index b = 0; b < 2; ++b)
        std::copy_n(out.data() + b * part.time * 40, part.time * 40, y.data() + (b * whole.time + t) * 40);
    }
    check_close(y, naive.y, 10);
    check_close(memory, naive.memory, 10);
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(results_do_not_depend_on_threads, T, Types) {
  const Case c{.batch = 3, .time = 100, .slots = 32, .dim = 100};
  const Inputs<T> in(c);
  std::vector<Guarded<T>> results;
  with_threads([&] {
    Guarded<T>& y = results.emplace_back(in.v.size());
    cpu::table<T>().memsizer.causal_scan(cpu::context(), y.data(), nullptr, in.p.data(), in.k.data(),
                                         in.v.data(), in.memory.data(), c.shape());
  });
  for (const auto& result : results) BOOST_TEST(result.same_bits(results[0]));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(memories_of_sources, T, Types) {
  const auto& kernels = cpu::table<T>().memsizer;
  for (const Case& c : {Case{}, Case{.batch = 0}, Case{.time = 0}, Case{.slots = 0}, Case{.dim = 0},
                        Case{.batch = 1, .time = 1, .slots = 1, .dim = 1},
                        Case{.batch = 3, .time = 150, .slots = 33, .dim = 65, .lengths = {150, 0, 65}}}) {
    const Inputs<T> in(c);
    std::vector<double> memory(in.memory.size()), dk(in.k.size()), dv(in.v.size());
    for (Index b = 0; b < c.batch; ++b)
      for (Index t = 0; t < c.length(b); ++t)
        for (Index s = 0; s < c.slots; ++s)
          for (Index d = 0; d < c.dim; ++d) {
            const double scale = 1 / std::sqrt(static_cast<double>(c.length(b)));
            const Index at = (b * c.slots + s) * c.dim + d, weight = (b * c.time + t) * c.slots + s,
                        value = (b * c.time + t) * c.dim + d;
            memory[at] += scale * in.k[weight] * in.v[value];
            dk[weight] += scale * in.memory[at] * in.v[value];
            dv[value] += scale * in.memory[at] * in.k[weight];
          }
    BOOST_TEST_CONTEXT(c)
    with_threads([&] {
      Guarded<T> out(in.memory.size(), T{9});
      kernels.key_value_memory(cpu::context(), out.data(), in.k.data(), in.v.data(), c.shape());
      check_close(out, memory, 4);
      const auto backward = [&](Output<T> dk, Output<T> dv) {
        kernels.key_value_memory_backward(cpu::context(), dk, dv, in.memory.data(), in.k.data(), in.v.data(),
                                          c.shape());
      };
      check_gradient<T>(dk, 4, [&](Output<T> gradient) { backward(gradient, {}); });
      check_gradient<T>(dv, 4, [&](Output<T> gradient) { backward({}, gradient); });
    });
  }
}

BOOST_AUTO_TEST_SUITE_END()
