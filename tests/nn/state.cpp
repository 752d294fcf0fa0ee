// States and prepared sources alone: fixed and growing tensors and rings, of values, sums and ids.
#include "memsizer/nn/state.hpp"

#include <boost/test/unit_test.hpp>

#include "memsizer/cpu/context.hpp"
#include "memsizer/cpu/memory.hpp"

BOOST_AUTO_TEST_SUITE(state)

using namespace memsizer;
using nn::RowKind;
using State = nn::State<double>;

namespace {

/// Three rows that have seen 5, 2 and 0 tokens, with a tensor of every kind.
State sample(Device& device = cpu::device()) {
  State state(3);
  state.set("memory", RowKind::fixed, Tensor<double>({3, 2}, {1, 2, 3, 4, 5, 6}, device));
  state.set(
      "keys", RowKind::growing,
      Tensor<double>({3, 6, 1}, {1, 2, 3, 4, 5, 99, 6, 7, 99, 99, 99, 99, 99, 99, 99, 99, 99, 99}, device));
  state.set("window", RowKind::ring, Tensor<double>({3, 4}, {4, 1, 2, 3, 5, 6, 0, 0, 0, 0, 0, 0}, device));
  state.set("ids", RowKind::growing, Tensor<Id>({3, 2}, {7, 8, 9, 99, 99, 99}, device), {2, 1, 0});
  state.advance({.lengths = nn::Lengths({5, 2, 0}, device)}, 6);
  return state;
}

std::vector<double> values(const State& state, const std::string& name) {
  return state.get<double>(name).to_vector();
}

}  // namespace

BOOST_AUTO_TEST_CASE(bytes_are_those_in_use) {
  // The memory has 6 numbers, the keys 5 + 2, the window 4 + 2, the ids 2 + 1, the counts 3.
  BOOST_TEST(sample().bytes() == (6 + 7 + 6) * 8 + (3 + 3) * 4);
  BOOST_TEST(State(0).bytes() == 0);
}

BOOST_AUTO_TEST_CASE(positions_and_fill_are_two_things) {
  const State state = sample();
  BOOST_TEST((state.counts() == std::vector<Id>{5, 2, 0}));
  BOOST_TEST((state.fill("keys") == state.counts()));
  BOOST_TEST((state.fill("ids") == std::vector<Id>{2, 1, 0}));
  BOOST_CHECK_THROW(state.fill("none"), InputError);
}

BOOST_AUTO_TEST_CASE(a_state_of_another_kind_is_refused) {
  State state = sample();
  BOOST_CHECK_THROW(state.set("normaliser", RowKind::fixed, Tensor<double>({3}, {1, 2, 3})), InputError);
  BOOST_TEST(!state.has("normaliser"));
  state.set("memory", RowKind::fixed, Tensor<double>({3}, {1, 2, 3}));  // what was there is replaced
  state.clear({0, 1});                                                  // no row has seen a token now
  state.set("normaliser", RowKind::fixed, Tensor<double>({3}, {1, 2, 3}));
}

BOOST_AUTO_TEST_CASE(rows_are_reordered_repeated_and_left_out) {
  State state = sample();
  state.reorder({1, 0, 1, 2});
  BOOST_TEST(state.batch() == 4);
  BOOST_TEST((state.counts() == std::vector<Id>{2, 5, 2, 0}));
  BOOST_TEST((values(state, "memory") == std::vector<double>{3, 4, 1, 2, 3, 4, 5, 6}));
  BOOST_TEST((state.get<Id>("ids").to_vector() == std::vector<Id>{9, 99, 7, 8, 9, 99, 99, 99}));
  BOOST_TEST((state.fill("ids") == std::vector<Id>{1, 2, 1, 0}));
  state.reorder({});
  BOOST_TEST(state.batch() == 0);
  BOOST_TEST(state.get<double>("keys").shape() == Shape({0, 6, 1}));
  BOOST_CHECK_THROW(sample().reorder({0, 3}), InputError);
  BOOST_CHECK_THROW(sample().reorder({-1}), InputError);
}

BOOST_AUTO_TEST_CASE(a_reorder_is_one_gather_a_tensor) {
  static int gathers;
  gathers = 0;
  KernelTable<double> table;
  table.memory.gather_rows = +[](Context& context, void* y, const void* x, const Id* rows, Index count,
                                 Index row_bytes, Index used_bytes) {
    ++gathers;
    cpu::gather_rows(context, y, x, rows, count, row_bytes, used_bytes);
  };
  Device device("gathering", cpu::context(), cpu::memory(), table);
  State state = sample(device);
  state.reorder({2, 2, 0, 1, 1});
  BOOST_TEST(gathers == 4);
  nn::PreparedSource<double> source(2, Tensor<Id>({2}, {3, 1}, device));
  source.set("keys", RowKind::fixed, Tensor<double>({2, 3}, {1, 2, 3, 4, 5, 6}, device));
  source.reorder({1, 0, 1});
  BOOST_TEST(gathers == 6);
  BOOST_TEST((source.lengths().to_vector() == std::vector<Id>{1, 3, 1}));
  BOOST_TEST((source.get<double>("keys").to_vector() == std::vector<double>{4, 5, 6, 1, 2, 3, 4, 5, 6}));
}

BOOST_AUTO_TEST_CASE(cleared_rows_are_zeros_and_the_others_stay) {
  State state = sample();
  state.clear({0});
  BOOST_TEST((state.counts() == std::vector<Id>{0, 2, 0}));
  BOOST_TEST((values(state, "memory") == std::vector<double>{0, 0, 3, 4, 5, 6}));
  BOOST_TEST((state.fill("ids") == std::vector<Id>{0, 1, 0}));
  BOOST_CHECK_THROW(state.clear({3}), InputError);
}

BOOST_AUTO_TEST_CASE(what_shares_a_state_does_not_change_it) {
  const State state = sample();
  State shared = state.shared(), copy = state;
  BOOST_TEST(shared.get<double>("memory").data() == state.get<double>("memory").data());
  BOOST_TEST(copy.get<double>("memory").data() != state.get<double>("memory").data());
  shared.clear({0, 1, 2});
  shared.reorder({0});
  BOOST_TEST((state.counts() == std::vector<Id>{5, 2, 0}));
  BOOST_TEST((values(state, "memory") == std::vector<double>{1, 2, 3, 4, 5, 6}));
  BOOST_TEST((values(copy, "memory") == std::vector<double>{1, 2, 3, 4, 5, 6}));
}

BOOST_AUTO_TEST_CASE(all_sorts_are_saved_and_restored) {
  const State state = sample();
  const State restored = State::restored(state.save(), cpu::device());
  BOOST_TEST((restored.counts() == state.counts()));
  BOOST_TEST(restored.bytes() == state.bytes());
  BOOST_TEST((values(restored, "memory") == values(state, "memory")));
  BOOST_TEST((values(restored, "window") == values(state, "window")));
  // Only the part of a growing tensor that is in use, with zeros where a row has fewer numbers.
  BOOST_TEST((values(restored, "keys") == std::vector<double>{1, 2, 3, 4, 5, 6, 7, 0, 0, 0, 0, 0, 0, 0, 0}));
  BOOST_TEST((restored.get<Id>("ids").to_vector() == std::vector<Id>{7, 8, 9, 0, 0, 0}));
  BOOST_TEST((restored.fill("ids") == state.fill("ids")));
}

BOOST_AUTO_TEST_CASE(narrow_values_are_saved_as_floats) {
  nn::State<bfloat16> state(1);
  state.set("keys", RowKind::growing, Tensor<bfloat16>({1, 2}, {bfloat16(1.5), bfloat16(3)}));
  state.set("memory", RowKind::fixed, Tensor<float>({1, 1}, {0.1f}));
  state.advance({}, 2);
  const auto restored = nn::State<bfloat16>::restored(state.save(), cpu::device());
  BOOST_TEST((restored.get<bfloat16>("keys").to_vector() == state.get<bfloat16>("keys").to_vector()));
  BOOST_TEST(restored.get<float>("memory").item() == 0.1f);
  BOOST_CHECK_THROW(restored.get<float>("keys"), InputError);
}

BOOST_AUTO_TEST_CASE(what_does_not_go_together_is_refused) {
  const auto refused = [](const auto& change) {
    std::vector<nn::HostArray> arrays = sample().save();
    change(arrays);
    BOOST_CHECK_THROW(State::restored(arrays, cpu::device()), InputError);
  };
  const auto named = [](auto& arrays, const std::string& name) -> nn::HostArray& {
    return *std::ranges::find(arrays, name, &nn::HostArray::name);
  };
  refused([](auto& arrays) { arrays.clear(); });
  refused([&](auto& arrays) { named(arrays, "counts").values = std::vector<Id>{5, 2}; });
  refused([&](auto& arrays) { named(arrays, "counts").values = std::vector<Id>{5, 2, -1}; });
  refused([&](auto& arrays) { named(arrays, "counts").values = std::vector<Id>{6, 2, 0}; });  // keys have 5
  refused([&](auto& arrays) { named(arrays, "ids.fill").values = std::vector<Id>{3, 1, 0}; });
  refused([&](auto& arrays) { named(arrays, "ids.fill").values = std::vector<Id>{1, 0}; });
  refused([&](auto& arrays) { named(arrays, "ids.fill").name = "none.fill"; });
  refused([&](auto& arrays) { named(arrays, "memory").values = std::vector<float>(6); });
  refused([&](auto& arrays) { named(arrays, "memory").shape = {3, 3}; });
  refused([&](auto& arrays) { named(arrays, "keys").shape = {15}; });
  for (const char* name : {"memory", "memory:fixed", "memory:fixed:number", "memory:loose:sum", ":fixed", ""})
    BOOST_CHECK_THROW(nn::HostArray::named(name), InputError);
  State state(2);
  BOOST_CHECK_THROW(state.set("x", RowKind::fixed, Tensor<double>({3}, {1, 2, 3})), InputError);
  BOOST_CHECK_THROW(state.set("x", RowKind::growing, Tensor<double>({2}, {1, 2})), InputError);
  BOOST_CHECK_THROW(state.set("x", RowKind::growing, Tensor<double>({2, 1}, {1, 2}), {1}), InputError);
}

BOOST_AUTO_TEST_SUITE_END()
