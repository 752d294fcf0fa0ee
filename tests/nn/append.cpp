// Rows appended to rows: states and prepared sources alone, and those of every kind of attention, which then
// go on as if each row were alone.
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

#include "memsizer/nn/state.hpp"

#include "attention_kind_names.hpp"
#include "nn/attention_layer.hpp"
#include "tensors.hpp"

BOOST_AUTO_TEST_SUITE(append)

using namespace memsizer;
using nn::RowKind;
using test::largest_difference;
using test::Layer;
using test::random_tensor;
using State = nn::State<double>;
using Source = nn::PreparedSource<double>;
namespace data = boost::unit_test::data;

namespace {

/// Two rows that have seen 2 and 1 tokens, with a tensor of every kind. The keys have room for two tokens.
State two_rows() {
  State state(2);
  state.set("memory", RowKind::fixed, Tensor<double>({2, 2}, {1, 2, 3, 4}));
  state.set("keys", RowKind::growing, Tensor<double>({2, 2, 1}, {1, 2, 3, 99}));
  state.set("window", RowKind::ring, Tensor<double>({2, 2}, {1, 2, 3, 0}));
  state.set("ids", RowKind::growing, Tensor<Id>({2, 1}, {7, 8}), {1, 1});
  state.advance({.lengths = nn::Lengths({2, 1}, cpu::device())}, 2);
  return state;
}

/// One row that has seen 3 tokens. The keys have room for four.
State one_row() {
  State state(1);
  state.set("memory", RowKind::fixed, Tensor<double>({1, 2}, {5, 6}));
  state.set("keys", RowKind::growing, Tensor<double>({1, 4, 1}, {4, 5, 6, 99}));
  state.set("window", RowKind::ring, Tensor<double>({1, 2}, {6, 5}));
  state.set("ids", RowKind::growing, Tensor<Id>({1, 2}, {9, 99}), {0});
  state.advance({}, 3);
  return state;
}

template <class E = double>
std::vector<E> values(const auto& rows, const std::string& name) {
  return rows.template get<E>(name).to_vector();
}

Source source(std::vector<Id> lengths, Index time, double value) {
  const auto rows = static_cast<Index>(lengths.size());
  Source source(rows, Tensor<Id>({rows}, lengths));
  source.set("keys", RowKind::growing, Tensor<double>::full({rows, time}, value));
  return source;
}

/// Sources without lengths.
Source whole_source(Index rows, Index time) {
  Source source(rows, {});
  source.set("keys", RowKind::growing, Tensor<double>::ones({rows, time}));
  return source;
}

Tensor<double> row(const Tensor<double>& x, Index index) {
  return slice(x, 0, index, index + 1);
}

}  // namespace

BOOST_AUTO_TEST_CASE(rows_follow_the_rows_before) {
  State state = two_rows();
  state.append(one_row());
  BOOST_TEST(state.batch() == 3);
  BOOST_TEST((state.counts() == std::vector<Id>{2, 1, 3}));
  BOOST_TEST((values(state, "memory") == std::vector<double>{1, 2, 3, 4, 5, 6}));
  BOOST_TEST((values(state, "keys") == std::vector<double>{1, 2, 0, 0, 3, 99, 0, 0, 4, 5, 6, 99}));
  BOOST_TEST((values(state, "window") == std::vector<double>{1, 2, 3, 0, 6, 5}));
  BOOST_TEST((values<Id>(state, "ids") == std::vector<Id>{7, 0, 8, 0, 9, 99}));
  BOOST_TEST((state.fill("ids") == std::vector<Id>{1, 1, 0}));
  BOOST_TEST(state.bytes() == two_rows().bytes() + one_row().bytes());
  State other = one_row();
  other.append(two_rows());
  BOOST_TEST((other.counts() == std::vector<Id>{3, 2, 1}));
  BOOST_TEST((values(other, "keys") == std::vector<double>{4, 5, 6, 99, 1, 2, 0, 0, 3, 99, 0, 0}));
}

BOOST_AUTO_TEST_CASE(no_rows_are_nothing) {
  const State rows = two_rows();
  State state(0), left = one_row();
  left.reorder({});
  for (State* empty : {&state, &left}) {
    empty->append(rows);
    BOOST_TEST((empty->counts() == rows.counts()));
    BOOST_TEST((values(*empty, "keys") == values(rows, "keys")));
    BOOST_TEST(empty->get<double>("keys").data() != rows.get<double>("keys").data());
    empty->append(State(0));
    BOOST_TEST(empty->batch() == 2);
  }
}

BOOST_AUTO_TEST_CASE(rows_that_do_not_fit_are_refused_and_change_nothing) {
  const auto refused = [](const auto& change) {
    State state = two_rows(), other = one_row();
    change(other);
    BOOST_CHECK_THROW(state.append(other), InputError);
    BOOST_TEST(state.batch() == 2);
    BOOST_TEST((state.counts() == std::vector<Id>{2, 1}));
    BOOST_TEST((values(state, "keys") == std::vector<double>{1, 2, 3, 99}));
    BOOST_TEST((state.fill("ids") == std::vector<Id>{1, 1}));
  };
  const Tensor<double> four = Tensor<double>::ones({1, 4});
  refused([](State& other) { other = State(1); });
  refused([&](State& other) {
    other.clear({0});  // a new tensor is for rows that have seen nothing
    other.set("more", RowKind::fixed, four);
  });
  refused([&](State& other) { other.set("memory", RowKind::fixed, four); });
  refused([&](State& other) { other.set("memory", RowKind::growing, four); });
  refused([&](State& other) { other.set("window", RowKind::ring, four); });
  refused([&](State& other) { other.set("keys", RowKind::growing, four); });
  refused([&](State& other) { other.set("ids", RowKind::growing, four, {1}); });
  refused([](State& other) { other.set("ids", RowKind::growing, Tensor<Id>({1, 1}, {1})); });
}

BOOST_AUTO_TEST_CASE(sources_of_other_lengths_follow) {
  Source sources = source({2, 1}, 2, 1);
  sources.append(source({3}, 3, 2));
  BOOST_TEST((sources.lengths().to_vector() == std::vector<Id>{2, 1, 3}));
  BOOST_TEST((values(sources, "keys") == std::vector<double>{1, 1, 0, 1, 1, 0, 2, 2, 2}));
  BOOST_TEST(sources.bytes() == 9 * 8 + 3 * 4);
  Source whole = whole_source(2, 3);
  whole.append(whole_source(1, 3));
  BOOST_TEST(whole.batch() == 3);
  BOOST_TEST(!whole.lengths().defined());
  BOOST_CHECK_THROW(whole.append(whole_source(1, 2)), InputError);
  BOOST_CHECK_THROW(whole.append(source({3}, 3, 2)), InputError);
  BOOST_CHECK_THROW(sources.append(whole_source(1, 3)), InputError);
  BOOST_TEST(whole.batch() == 3);
  BOOST_TEST(sources.batch() == 3);
}

BOOST_DATA_TEST_CASE(appended_rows_go_on_as_if_alone,
                     data::make(test::attention_kind_names(&nn::AttentionDescription::causal)), kind) {
  const Layer layer(kind, true);
  // Caches of 16 and of 40 tokens, appended in both orders.
  const std::vector<Tensor<double>> texts = {random_tensor({2, 5, 12}, 1), random_tensor({1, 40, 12}, 2)};
  for (const std::size_t first : {0u, 1u}) {
    std::vector<State> alone;
    for (const std::size_t i : {first, 1 - first}) {
      alone.emplace_back(texts[i].extent(0));
      layer.attention->forward(texts[i], {}, &alone.back());
    }
    State together = alone[0];
    together.append(alone[1]);
    for (std::uint64_t step = 0; step < 20; ++step) {
      const Tensor<double> x = random_tensor({3, 1, 12}, 10 + step);
      const Index cut = alone[0].batch();
      const Tensor<double> expected =
          concatenate(std::vector{layer.attention->forward(slice(x, 0, 0, cut), {}, &alone[0]),
                                  layer.attention->forward(slice(x, 0, cut, 3), {}, &alone[1])},
                      0);
      BOOST_TEST(largest_difference(layer.attention->forward(x, {}, &together), expected) <= 1e-12);
    }
  }
}

BOOST_DATA_TEST_CASE(appended_sources_are_attended_to_as_if_alone,
                     data::make(test::attention_kind_names(&nn::AttentionDescription::cross)), kind) {
  const Layer layer(kind, false);
  const Tensor<double> two = random_tensor({2, 5, 12}, 1), one = random_tensor({1, 9, 12}, 2),
                       x = random_tensor({3, 4, 12}, 3);
  Source together = layer.attention->prepare(two, nn::Lengths({5, 3}, cpu::device()));
  together.append(layer.attention->prepare(one, nn::Lengths({9}, cpu::device())));
  const Tensor<double> y = layer.attention->attend(x, together, {});
  const auto alone = [&](const Tensor<double>& source, Index index) {
    return layer.attention->attend(row(x, index), layer.attention->prepare(source, {}), {});
  };
  BOOST_TEST(largest_difference(row(y, 0), alone(row(two, 0), 0)) <= 1e-12);
  BOOST_TEST(largest_difference(row(y, 1), alone(slice(row(two, 1), 1, 0, 3), 1)) <= 1e-12);
  BOOST_TEST(largest_difference(row(y, 2), alone(one, 2)) <= 1e-12);
}

BOOST_AUTO_TEST_SUITE_END()
