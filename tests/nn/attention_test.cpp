// Promises in the descriptions of attention kinds: any cut of a sequence gives the same values, states can be
// reordered and cleared, padding changes nothing. Each test takes the kinds that make its promise.
#include <cmath>

#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "memsizer/cpu/context.hpp"
#include "memsizer/nn/attention/kinds.hpp"
#include "memsizer/nn/parameter_store.hpp"

#include "attention_kind_names.hpp"
#include "kernel_names.hpp"
#include "tensors.hpp"

BOOST_AUTO_TEST_SUITE(attention_kinds)

using namespace memsizer;
using test::largest_difference;
using test::random_tensor;
namespace data = boost::unit_test::data;

namespace attention_test {

using Promise = nn::AttentionDescription;
const std::vector<std::string> kinds = test::attention_kind_names(&Promise::causal),
                               cross_kinds = test::attention_kind_names(&Promise::cross);

/// Causal kinds that have dropout in their attention.
const std::vector<std::string> dropout_kinds = [] {
  std::vector<std::string> names;
  for (const auto& kind : nn::attention_kinds<double>)
    if (kind.causal && std::ranges::count(kind.settings, "attention_dropout") == 1)
      names.push_back(kind.name);
  return names;
}();

/// Causal kinds whose values do not depend on how a sequence is cut.
const std::vector<std::string> any_cut_kinds = [] {
  std::vector<std::string> names;
  for (const auto& kind : nn::attention_kinds<double>)
    if (kind.causal && kind.any_cut) names.push_back(kind.name);
  return names;
}();

struct Layer {
  explicit Layer(const std::string& kind, bool causal = true)
      : attention(nn::make_attention<double>(
            kind, {.dim = 12, .settings = {.heads = 3, .slots = 5}, .causal = causal})),
        store(*attention, 7) {}

  std::unique_ptr<nn::Attention<double>> attention;
  nn::ParameterStore<double> store;
};

Tensor<double> row(const Tensor<double>& x, Index index) {
  return slice(x, 0, index, index + 1);
}

}  // namespace attention_test

using namespace attention_test;

BOOST_DATA_TEST_CASE(any_cut_into_segments_equals_the_whole, data::make(any_cut_kinds), kind) {
  const Layer layer(kind);
  const Index time = 150;  // more than two chunks of 64
  const Tensor<double> x = random_tensor({2, time, 12}, 1);
  const Tensor<double> whole = layer.attention->forward(x, {});
  const std::vector<std::vector<Index>> cuts = {
      {150}, std::vector<Index>(150, 1), {64, 64, 22}, {63, 2, 64, 21}, {1, 148, 1}, {7, 70, 73}};
  for (const std::vector<Index>& cut : cuts) {
    nn::State<double> state(2);
    std::vector<Tensor<double>> parts;
    Index begin = 0;
    for (Index length : cut) {
      parts.push_back(layer.attention->forward(slice(x, 1, begin, begin + length), {}, &state));
      begin += length;
    }
    BOOST_TEST(largest_difference(concatenate(parts, 1), whole) <= 1e-12);
    BOOST_TEST((state.counts() == std::vector<Id>{150, 150}));
  }
}

BOOST_DATA_TEST_CASE(gradients_flow_within_a_segment_that_continues_a_state, data::make(any_cut_kinds),
                     kind) {
  // A tape changes neither the values nor how the state advances.
  const Layer layer(kind);
  const Tensor<double> x = random_tensor({2, 30, 12}, 1);
  const Tensor<double> whole = layer.attention->forward(x, {});
  nn::State<double> state(2);
  layer.attention->forward(slice(x, 1, 0, 10), {}, &state);
  Tape tape;
  Tensor<double> segment = slice(x, 1, 10, 20).require_gradient();
  const Tensor<double> y = layer.attention->forward(segment, {}, &state);
  BOOST_TEST(largest_difference(y, slice(whole, 1, 10, 20)) <= 1e-12);
  state.for_each_tensor([](const std::string& name, nn::RowKind, const auto& tensor) {
    BOOST_TEST(!tensor.requires_gradient(), name);
  });
  tape.backward(sum(square(y)));
  BOOST_TEST(largest_difference(segment.gradient(), Tensor<double>::zeros(segment.shape())) > 0.01);
  const Tensor<double> last = layer.attention->forward(slice(x, 1, 20, 30), {}, &state);
  BOOST_TEST(largest_difference(last, slice(whole, 1, 20, 30)) <= 1e-12);
}

BOOST_DATA_TEST_CASE(ragged_rows_equal_rows_alone, data::make(any_cut_kinds), kind) {
  // Three rows, with these numbers of real tokens in each segment (down to single steps), compared with each
  // row alone.
  const Layer layer(kind);
  const std::vector<std::vector<std::vector<Id>>> cuts = {
      {{5, 70, 1}, {66, 2, 3}}, {{5, 70, 1}, {1, 1, 1}, {1, 1, 1}, {2, 1, 3}, {1, 1, 1}}};
  for (const std::vector<std::vector<Id>>& segments : cuts) {
    nn::State<double> state(3);
    std::vector<Id> counts(3);
    std::vector<std::vector<Tensor<double>>> inputs(3), outputs(3);
    for (const std::vector<Id>& lengths : segments) {
      const Index time = std::ranges::max(lengths);
      const Tensor<double> x = random_tensor({3, time, 12}, inputs[0].size());
      const Tensor<double> y =
          layer.attention->forward(x, {.lengths = nn::Lengths(lengths, x.device())}, &state);
      for (std::size_t r = 0; r < 3; ++r) {
        counts[r] += lengths[r];
        inputs[r].push_back(slice(row(x, static_cast<Index>(r)), 1, 0, lengths[r]));
        outputs[r].push_back(slice(row(y, static_cast<Index>(r)), 1, 0, lengths[r]));
      }
    }
    BOOST_TEST((state.counts() == counts));
    for (std::size_t r = 0; r < 3; ++r) {
      const Tensor<double> alone = layer.attention->forward(concatenate(inputs[r], 1), {});
      BOOST_TEST(largest_difference(concatenate(outputs[r], 1), alone) <= 1e-12);
    }
  }
}

BOOST_DATA_TEST_CASE(a_row_that_has_seen_nothing_gives_numbers, data::make(kinds), kind) {
  const Layer layer(kind);
  const Tensor<double> x = random_tensor({2, 5, 12}, 1);
  nn::State<double> state(2);
  const Tensor<double> y = layer.attention->forward(x, {.lengths = nn::Lengths({5, 0}, x.device())}, &state);
  for (const double value : y.to_vector()) BOOST_TEST(std::isfinite(value));
  BOOST_TEST((state.counts() == std::vector<Id>{5, 0}));
}

BOOST_DATA_TEST_CASE(states_reorder_and_clear, data::make(any_cut_kinds), kind) {
  const Layer layer(kind);
  const Tensor<double> x = random_tensor({3, 8, 12}, 1), next = random_tensor({3, 1, 12}, 2);
  nn::State<double> state(3);
  layer.attention->forward(x, {}, &state);
  state.reorder({2, 0, 0});
  state.clear({1});
  const Tensor<double> y = layer.attention->forward(next, {}, &state);
  BOOST_TEST((state.counts() == std::vector<Id>{9, 1, 9}));
  const auto alone = [&](const std::vector<Tensor<double>>& parts) {
    const Tensor<double> all = layer.attention->forward(concatenate(parts, 1), {});
    return slice(all, 1, all.extent(1) - 1, all.extent(1));
  };
  BOOST_TEST(largest_difference(row(y, 0), alone({row(x, 2), row(next, 0)})) <= 1e-12);
  BOOST_TEST(largest_difference(row(y, 1), alone({row(next, 1)})) <= 1e-12);
  BOOST_TEST(largest_difference(row(y, 2), alone({row(x, 0), row(next, 2)})) <= 1e-12);
  BOOST_CHECK_THROW(state.reorder({3}), InputError);
  BOOST_CHECK_THROW(state.clear({-1}), InputError);
}

BOOST_DATA_TEST_CASE(states_are_saved_and_restored, data::make(kinds), kind) {
  const Layer layer(kind);
  const Tensor<double> x = random_tensor({2, 8, 12}, 1), next = random_tensor({2, 1, 12}, 2);
  nn::State<double> state(2);
  layer.attention->forward(x, {.lengths = nn::Lengths({8, 5}, x.device())}, &state);
  std::vector<nn::HostArray> arrays;
  for (const nn::HostArray& array : state.save()) {  // by the names in a file
    arrays.push_back(nn::HostArray::named(array.full_name()));
    arrays.back().shape = array.shape;
    arrays.back().values = array.values;
  }
  auto restored = nn::State<double>::restored(arrays, cpu::device());
  BOOST_TEST(restored.bytes() == state.bytes());
  BOOST_TEST(largest_difference(layer.attention->forward(next, {}, &state),
                                layer.attention->forward(next, {}, &restored)) == 0);
  BOOST_TEST(restored.bytes() == state.bytes());
  BOOST_TEST((restored.counts() == std::vector<Id>{9, 6}));
}

BOOST_DATA_TEST_CASE(copies_of_a_state_go_on_alone, data::make(any_cut_kinds), kind) {
  const Layer layer(kind);
  const Tensor<double> x = random_tensor({2, 8, 12}, 1), a = random_tensor({2, 3, 12}, 2),
                       b = random_tensor({2, 1, 12}, 3);
  nn::State<double> state(2), assigned;
  layer.attention->forward(x, {}, &state);
  nn::State<double> copy = state;
  assigned = copy;
  const auto continued = [&](const Tensor<double>& y) {
    return slice(layer.attention->forward(concatenate(std::vector{x, y}, 1), {}), 1, 8, 8 + y.extent(1));
  };
  BOOST_TEST(largest_difference(layer.attention->forward(a, {}, &state), continued(a)) <= 1e-12);
  BOOST_TEST(largest_difference(layer.attention->forward(b, {}, &copy), continued(b)) <= 1e-12);
  BOOST_TEST(largest_difference(layer.attention->forward(a, {}, &assigned), continued(a)) <= 1e-12);
  BOOST_TEST((state.counts() == std::vector<Id>{11, 11}));
  BOOST_TEST((copy.counts() == std::vector<Id>{9, 9}));
}

BOOST_DATA_TEST_CASE(what_a_state_held_is_never_overwritten, data::make(any_cut_kinds), kind) {
  const Layer layer(kind);
  nn::State<double> state(2);
  layer.attention->forward(random_tensor({2, 8, 12}, 1), {}, &state);
  // Handles to the tensors of now: the entries in use must keep their values.
  std::vector<std::function<std::vector<double>()>> held;
  state.for_each_tensor([&](const std::string&, nn::RowKind row_kind, const auto& tensor) {
    if constexpr (std::is_same_v<std::remove_cvref_t<decltype(tensor)>, Tensor<double>>)
      held.push_back([tensor, used = row_kind == nn::RowKind::fixed ? tensor.extent(1) : Index{8}] {
        return slice(tensor, 1, 0, used).to_vector();
      });
  });
  BOOST_TEST_REQUIRE(!held.empty());
  std::vector<std::vector<double>> before;
  for (const auto& values : held) before.push_back(values());
  layer.attention->forward(random_tensor({2, 5, 12}, 2), {}, &state);
  for (std::size_t i = 0; i < held.size(); ++i) BOOST_TEST(held[i]() == before[i]);
}

BOOST_DATA_TEST_CASE(a_forward_that_fails_counts_no_token, data::make(any_cut_kinds), kind) {
  // Takes one kernel away at a time, so that the forward fails in every possible place.
  const KernelTable<double> whole = cpu::table<double>();
  Device device("one kernel missing", cpu::context(), cpu::memory(), cpu::table<float>(), whole);
  const auto attention =
      nn::make_attention<double>(kind, {.dim = 12, .settings = {.heads = 3, .slots = 5}, .causal = true});
  const nn::ParameterStore<double> store(*attention, 7, true, device);
  const Tensor<double> x = random_tensor({2, 40, 12}, 1).to(device);
  const Tensor<double> expected = slice(attention->forward(x, {}), 1, 10, 40);
  const auto segment = [&](Index begin, Index end) { return slice(x, 1, begin, end); };
  const Tensor<double> before = segment(0, 10), after = segment(10, 40);
  const std::vector<std::string> names = test::kernel_names();
  int failed = 0;
  for (std::size_t missing = 0; missing < names.size(); ++missing) {
    nn::State<double> state(2);
    attention->forward(before, {}, &state);
    KernelTable<double> lacking = whole;
    reinterpret_cast<void**>(&lacking)[missing] = nullptr;
    device.use(cpu::table<float>(), lacking);
    try {
      attention->forward(after, {}, &state);
    } catch (const MissingKernel&) {
      ++failed;
      BOOST_TEST((state.counts() == std::vector<Id>{10, 10}), "without " << names[missing]);
    }
    device.use(cpu::table<float>(), whole);
    if (state.counts()[0] == 10)
      BOOST_TEST(largest_difference(attention->forward(after, {}, &state), expected) <= 1e-12,
                 "once without " << names[missing]);
  }
  BOOST_TEST(failed > 1);
}

BOOST_DATA_TEST_CASE(what_lies_in_the_padding_of_a_source_changes_nothing, data::make(cross_kinds), kind) {
  const Layer layer(kind, false);
  const Tensor<double> x = random_tensor({2, 3, 12}, 1), source = random_tensor({2, 7, 12}, 2),
                       other = random_tensor({2, 7, 12}, 3);
  const nn::Lengths lengths({7, 4}, x.device());
  const Tensor<double> mixed = concatenate(
      std::vector{row(source, 0),
                  concatenate(std::vector{slice(row(source, 1), 1, 0, 4), slice(row(other, 1), 1, 4, 7)}, 1)},
      0);
  const auto attend = [&](const Tensor<double>& s) {
    return layer.attention->attend(x, layer.attention->prepare(s, lengths), {});
  };
  BOOST_TEST(largest_difference(attend(source), attend(mixed)) == 0);
  BOOST_TEST(largest_difference(attend(source), attend(other)) > 0.01);
}

BOOST_DATA_TEST_CASE(state_bytes_are_those_promised, data::make(kinds), kind) {
  const Layer layer(kind);
  nn::State<double> state(1);
  for (Index tokens : {16, 100}) {
    state.clear({0});
    layer.attention->forward(random_tensor({1, tokens, 12}, 1), {}, &state);
    BOOST_TEST(state.bytes() == layer.attention->state_bytes(tokens));
  }
}

BOOST_DATA_TEST_CASE(dropout_is_a_function_of_its_key, data::make(dropout_kinds), kind) {
  const auto attention = nn::make_attention<double>(
      kind, {.dim = 12, .settings = {.heads = 3, .slots = 5, .dropout = 0.5}, .causal = true});
  const nn::ParameterStore<double> store(*attention, 7);
  const Tensor<double> x = random_tensor({2, 9, 12}, 1);
  const Tensor<std::uint64_t> keys({2}, {1, 2});
  const auto with_key = [&](Index i) {
    return attention->forward(x, {.training = true, .step_key = keys.data() + i});
  };
  BOOST_TEST(largest_difference(with_key(0), with_key(0)) == 0);
  BOOST_TEST(largest_difference(with_key(0), with_key(1)) > 0.001);
  BOOST_TEST(largest_difference(with_key(0), attention->forward(x, {})) > 0.001);
}

BOOST_DATA_TEST_CASE(a_sequence_of_other_sizes_is_refused, data::make(kinds), kind) {
  const Tensor<double> x = random_tensor({4, 5, 12}, 1);
  const auto sequences = {nn::Sequence{.lengths = nn::Lengths({5}, x.device())},
                          nn::Sequence{.lengths = nn::Lengths({9, 5, 5, 5}, x.device())},
                          nn::Sequence{.lengths = nn::Lengths({5, 5, 5, -3}, x.device())},
                          nn::Sequence{.document_start = {true, false, true}}};
  for (const bool causal : {true, false}) {
    if (!causal && !nn::find_attention_kind<double>(kind).bidirectional) continue;
    const Layer layer(kind, causal);
    for (const nn::Sequence& sequence : sequences) {
      nn::State<double> state(4);
      BOOST_CHECK_THROW(layer.attention->forward(x, sequence, &state), InputError);
      BOOST_TEST((state.counts() == std::vector<Id>(4, 0)));
      BOOST_CHECK_THROW(layer.attention->forward(x, sequence), InputError);
    }
  }
}

BOOST_AUTO_TEST_CASE(wrong_settings_are_refused) {
  BOOST_CHECK_THROW(nn::make_attention<double>("transformr", {.dim = 4}), InputError);
  BOOST_CHECK_THROW(nn::make_attention<double>("transformer", {.dim = 10, .settings = {.heads = 3}}),
                    InputError);
  BOOST_CHECK_THROW(nn::make_attention<double>("memsizer", {.dim = 0}), InputError);
  const Layer layer("memsizer");
  nn::State<double> state(3);
  BOOST_CHECK_THROW(layer.attention->forward(random_tensor({2, 4, 12}, 1), {}, &state), InputError);
}

BOOST_AUTO_TEST_SUITE_END()
