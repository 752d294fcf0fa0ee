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

}  // namespace

BOOST_AUTO_TEST_CASE_TEMPLATE(weights_of_slots, T, Types) {
  for (Index rows : {0, 1, 33})
    for (Index heads : {1, 3})
      for (Index slots : {0, 1, 4, 31, 33})
        for (double probability : {0.0, 0.25}) check_slot_weights<T>(rows, heads, slots, probability);
}

BOOST_AUTO_TEST_SUITE_END()
