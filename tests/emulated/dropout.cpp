// Dropout masks of the CPU and of the emulated device must agree, also for probabilities that lie as close to
// a drawn word as possible.
#include <set>

#include "emulated/comparison.hpp"

BOOST_AUTO_TEST_SUITE(dropout)

using namespace memsizer;
using namespace comparison;

namespace {

constexpr Index elements = 4099;
constexpr std::uint64_t step_key = 42, stream = 7;

std::uint32_t word(Index element) {
  const RandomWords words = philox(mix_keys(step_key, stream), static_cast<std::uint64_t>(element) / 4);
  return words.word[element % 4];
}

/// Probabilities just below, at and above drawn words. Small words also get probabilities halfway to their
/// neighbours.
std::set<float> adversarial_probabilities() {
  std::set<float> probabilities = {1e-45f, 0x1p-33f, 0x1p-32f, 0x1.8p-32f, 0.1f, 1 - 0x1p-23f, 1 - 0x1p-24f};
  std::uint32_t largest = 0;
  for (Index element = 0; element < elements; ++element) {
    const double exact = word(element);
    if (exact > 0 && exact < 0x1p23)
      for (const double near : {exact - 0.5, exact, exact + 0.5})
        probabilities.insert(static_cast<float>(near * 0x1p-32));
    largest = std::max(largest, word(element));
  }
  const float near = static_cast<float>(largest * 0x1p-32);
  for (const float probability : {std::nextafter(near, 0.0f), near, std::nextafter(near, 1.0f)})
    if (probability < 1) probabilities.insert(probability);
  return probabilities;
}

/// Dropout's factor for each element: the weight after dropout, because a softmax over one slot is 1.
template <class T>
std::vector<T> factors(Context& context, const KernelTable<T>& table, const Dropout& dropout) {
  Buffer<T> logits(std::vector<T>(elements), "logits"), weights(std::vector<T>(elements), "weights");
  table.memsizer.slot_weights(context, weights.data(), logits.data(), elements, 1, 1, dropout);
  return weights.values();
}

// Attention whose queries weigh all keys alike. Value j is the unit vector e_j times the number of keys, so
// that the output is the factors.
constexpr Index queries = 5, keys = 43;

std::uint32_t half(Index query, Index key) {
  const RandomWords words = philox(mix_keys(step_key, stream), static_cast<std::uint64_t>(key) / 8,
                                   static_cast<std::uint64_t>(query));
  const std::uint32_t word = words.word[key % 8 / 2];
  return key % 2 == 0 ? word & 0xFFFF : word >> 16;
}

template <class T>
std::vector<T> attention_factors(Context& context, const KernelTable<T>& table, const Dropout& dropout) {
  const AttentionShape shape =
      contiguous_attention({.batch = 1, .heads = 1, .head_dim = keys, .queries = queries, .keys = keys});
  std::vector<T> identity(keys * keys);
  for (Index key = 0; key < keys; ++key) identity[static_cast<std::size_t>(key * keys + key)] = T(keys);
  Buffer<T> query(std::vector<T>(queries * keys), "query"), key(std::vector<T>(keys * keys), "key"),
      value(identity, "value"), y(queries * keys, "y");
  table.attention.attention(context, y.data(), nullptr, query.data(), key.data(), value.data(), nullptr,
                            shape, dropout);
  return y.values();
}

}  // namespace

BOOST_AUTO_TEST_CASE_TEMPLATE(attention_drops_by_halves_on_every_device, T, Types) {
  Buffer<std::uint64_t> step(std::vector<std::uint64_t>{step_key}, "key");
  std::set<float> probabilities = {1e-45f,       0x1p-17f,     0x1p-16f,    0.1f,
                                   1 - 0x1p-16f, 1 - 0x1p-17f, 1 - 0x1p-24f};
  for (Index key = 0; key < keys; ++key) {
    const float near = static_cast<float>(half(2, key) * 0x1p-16);
    for (const float probability : {std::nextafter(near, 0.0f), near, std::nextafter(near, 1.0f)})
      if (probability > 0) probabilities.insert(probability);
  }
  BOOST_TEST(probabilities.size() > 100u);
  for (const float probability : probabilities) {
    const Dropout dropout{.probability = probability, .step_key = step.data(), .stream = stream};
    const double dropped = std::ceil(static_cast<double>(probability) * 0x1p16) * 0x1p-16;
    std::vector<T> expected;
    for (Index query = 0; query < queries; ++query)
      for (Index key = 0; key < keys; ++key)
        expected.push_back(half(query, key) >= static_cast<double>(probability) * 0x1p16
                               ? static_cast<T>(1 / (1 - dropped))
                               : T(0));
    emulated::EmulatedContext context;
    BOOST_TEST_CONTEXT("probability " << probability) {
      check_close(attention_factors<T>(cpu::context(), cpu::table<T>(), dropout), expected, 1);
      check_close(attention_factors<T>(context, emulated::table<T>(), dropout), expected, 1);
    }
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(masks_are_those_of_the_definition_on_every_device, T, Types) {
  Buffer<std::uint64_t> key(std::vector<std::uint64_t>{step_key}, "key");
  const std::set<float> probabilities = adversarial_probabilities();
  BOOST_TEST(probabilities.size() > 20u);
  int fractions = 0;
  for (const float probability : probabilities) {
    const Dropout dropout{.probability = probability, .step_key = key.data(), .stream = stream};
    const double bound = static_cast<double>(probability) * 0x1p32;
    fractions += bound != std::floor(bound);
    std::vector<T> expected;
    for (Index element = 0; element < elements; ++element)
      expected.push_back(word(element) >= bound ? static_cast<T>(1 / (1 - static_cast<double>(probability)))
                                                : T(0));
    emulated::EmulatedContext context;
    BOOST_TEST_CONTEXT("probability " << probability << " = " << bound << " * 2^-32") {
      BOOST_TEST((factors<T>(cpu::context(), cpu::table<T>(), dropout) == expected));
      BOOST_TEST((factors<T>(context, emulated::table<T>(), dropout) == expected));
    }
    std::vector<T> plain(expected.size());
    const std::vector<T> ones(expected.size(), T(1));
    cpu::table<T>().elementwise.dropout(cpu::context(), {plain.data()}, ones.data(), dropout, elements);
    BOOST_TEST((plain == expected));
  }
  BOOST_TEST(fractions > 10);
}

BOOST_AUTO_TEST_SUITE_END()
