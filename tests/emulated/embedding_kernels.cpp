// The embedding and its gradients: the emulated device compared with the CPU.
#include <set>

#include "emulated/comparison.hpp"
#include "kernels/embedding.cuh"

BOOST_AUTO_TEST_SUITE(embedding_kernels)

using namespace memsizer;
using namespace comparison;

namespace {

// Sizes around a warp of columns, the places of a piece and of a tile, and the digits of one and two passes.
constexpr EmbeddingShape shapes[] = {{.batch = 0, .time = 3, .dim = 4, .vocab = 5, .positions = 3},
                                     {.batch = 2, .time = 0, .dim = 4, .vocab = 5, .positions = 3},
                                     {.batch = 2, .time = 3, .dim = 0, .vocab = 5, .positions = 3},
                                     {.batch = 2, .time = 3, .dim = 4, .vocab = 0, .positions = 0},
                                     {.batch = 1, .time = 1, .dim = 1, .vocab = 1, .positions = 1},
                                     {.batch = 3, .time = 21, .dim = 31, .vocab = 255, .positions = 40},
                                     {.batch = 2, .time = 32, .dim = 33, .vocab = 256, .positions = 32},
                                     {.batch = 5, .time = 51, .dim = 5, .vocab = 257, .positions = 51},
                                     {.batch = 1, .time = 1023, .dim = 2, .vocab = 700, .positions = 600},
                                     {.batch = 1, .time = 130, .dim = 1, .vocab = 65536, .positions = 130},
                                     {.batch = 1, .time = 2049, .dim = 1, .vocab = 33, .positions = 2049},
                                     {.batch = 2, .time = 3, .dim = 1025, .vocab = 4, .positions = 9}};

/// How the ids of a text are drawn.
enum class Text { mixed, one_id, all_outside };

/// Mixed: a quarter of the places have id 1, as a padding or a frequent word has; the others are drawn from
/// the whole table and a little beyond both its ends.
std::vector<Id> ids_of(Index places, Index vocab, Text text) {
  RandomStream random(name_key("ids"));
  std::vector<Id> ids(static_cast<std::size_t>(places));
  for (Id& id : ids) {
    if (text == Text::one_id || (text == Text::mixed && random.uniform() < 0.25))
      id = 1;
    else if (text == Text::all_outside)
      id = static_cast<Id>(random.uniform() < 0.5 ? -1 : vocab);
    else
      id = static_cast<Id>(random.uniform() * static_cast<double>(vocab + 4)) - 2;
  }
  return ids;
}

/// First positions from before the table to beyond its end, in the rows of a batch.
std::vector<Id> first_positions(Index batch) {
  std::vector<Id> firsts(static_cast<std::size_t>(batch));
  for (std::size_t row = 0; row < firsts.size(); ++row) firsts[row] = static_cast<Id>(row * 4) - 2;
  return firsts;
}

/// Calls body(shape, ids) with and without first positions, which must live as long as the kernels run.
template <class Body>
void for_each_shape(Text text, const Body& body) {
  for (EmbeddingShape shape : shapes) {
    const std::vector<Id> ids_here = ids_of(shape.batch * shape.time, shape.vocab, text);
    Buffer<Id> ids(ids_here, "ids"), firsts(first_positions(shape.batch), "first positions");
    for (const Id* first : {static_cast<const Id*>(nullptr), static_cast<const Id*>(firsts.data())}) {
      shape.first_position = first;
      BOOST_TEST_CONTEXT(shape.batch << " x " << shape.time << ", dim " << shape.dim << ", vocab "
                                     << shape.vocab << (first != nullptr ? ", first positions" : ""))
      body(shape, ids.data());
    }
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE_TEMPLATE(embedding, T, Types) {
  for_each_shape(Text::mixed, [](const EmbeddingShape& shape, const Id* ids) {
    auto rows = input<T>(shape.vocab * shape.dim, "table"),
         positions = input<T>(shape.positions * shape.dim, "positions");
    for (const T* position_table : {static_cast<const T*>(nullptr), static_cast<const T*>(positions.data())})
      compare<T>({shape.batch * shape.time * shape.dim}, 1,
                 [&](Context& context, const auto& table, const auto& out) {
                   table.embedding.embedding(context, out[0], ids, rows.data(), position_table, shape, 1.5);
                 });
  });
}

BOOST_AUTO_TEST_CASE_TEMPLATE(embedding_backward, T, Types) {
  for (const Text text : {Text::mixed, Text::one_id, Text::all_outside})
    for_each_shape(text, [](const EmbeddingShape& shape, const Id* ids) {
      auto dy = input<T>(shape.batch * shape.time * shape.dim, "dy");
      for (const bool accumulate : {false, true})
        compare<T>({shape.vocab * shape.dim, shape.positions * shape.dim}, 4,
                   [&](Context& context, const auto& table, const auto& out) {
                     table.embedding.embedding_backward(context, {out[0], accumulate}, {out[1], accumulate},
                                                        dy.data(), ids, shape, 1.5);
                   });
    });
}

BOOST_AUTO_TEST_CASE_TEMPLATE(gradients_that_are_not_wanted, T, Types) {
  const EmbeddingShape shape{.batch = 3, .time = 7, .dim = 5, .vocab = 6, .positions = 7};
  Buffer<Id> ids(ids_of(21, 6, Text::mixed), "ids");
  auto dy = input<T>(21 * 5, "dy");
  for (int wanted = 0; wanted < 4; ++wanted)
    compare<T>({30, 35}, 4, [&](Context& context, const auto& table, const auto& out) {
      table.embedding.embedding_backward(context, {(wanted & 1) != 0 ? out[0] : nullptr},
                                         {(wanted & 2) != 0 ? out[1] : nullptr}, dy.data(), ids.data(), shape,
                                         1.5);
    });
}

// The sort must keep the order of places, and the pieces must not depend on the threads of a block.
BOOST_AUTO_TEST_CASE(the_gradient_has_equal_bits_under_every_schedule) {
  const EmbeddingShape shape{.batch = 2, .time = 400, .dim = 3, .vocab = 300, .positions = 400};
  Buffer<Id> ids(ids_of(800, 300, Text::mixed), "ids");
  auto dy = input<float>(2400, "dy");
  std::set<std::vector<float>> gradients;
  under_every_schedule([&](Context& context) {
    Buffer<float> dtable(900, "dtable");
    emulated::table<float>().embedding.embedding_backward(context, {dtable.data()}, {}, dy.data(), ids.data(),
                                                          shape, 1);
    gradients.insert(dtable.values());
  });
  BOOST_TEST(gradients.size() == 1u);
}

BOOST_AUTO_TEST_CASE(places_are_sorted_and_places_of_a_row_keep_their_order) {
  constexpr Index places = 1500, rows = 70000;  // three passes
  std::vector<Id> values = ids_of(places, rows, Text::mixed);
  for (std::size_t i = 0; i < values.size(); i += 3)
    values[i] = static_cast<Id>(i * 7919 % 65536 / 256 * 256);
  Buffer<Id> ids(values, "ids");
  std::vector<std::pair<Index, Index>> expected;
  for (Index place = 0; place < places; ++place) {
    const Index id = values[static_cast<std::size_t>(place)];
    expected.emplace_back(id >= 0 && id < rows ? id : rows, place);
  }
  std::sort(expected.begin(), expected.end());
  emulated::EmulatedContext context;
  context.schedule.seed = 5;
  Buffer<std::byte> memory(emulated::SortMemory::bytes(places), "sort");
  const emulated::PlaceOfRow* sorted =
      emulated::sort_by_row(context, emulated::SortMemory::within(memory.data(), places),
                            emulated::RowOfId{ids.data()}, places, rows);
  for (std::size_t i = 0; i < expected.size(); ++i) {
    BOOST_TEST(sorted[i].row == expected[i].first);
    BOOST_TEST(sorted[i].place == expected[i].second);
  }
}

// The gradient of bfloat16 is summed in float, so it equals float's on the same numbers.
BOOST_AUTO_TEST_CASE(embedding_of_bfloat16) {
  const EmbeddingShape shape{.batch = 2, .time = 70, .dim = 6, .vocab = 9, .positions = 70};
  Buffer<Id> ids(ids_of(140, 9, Text::mixed), "ids");
  std::vector<float> dy_values = uniform<float>(840, "dy"), table_values = uniform<float>(54, "table");
  Buffer<bfloat16> narrow_dy(840, "narrow dy"), narrow_table(54, "narrow table"), y(840, "y");
  for (Index i = 0; i < 840; ++i) {
    narrow_dy.data()[i] = bfloat16(dy_values[static_cast<std::size_t>(i)]);
    dy_values[static_cast<std::size_t>(i)] = narrow_dy.data()[i];
  }
  for (Index i = 0; i < 54; ++i) narrow_table.data()[i] = bfloat16(table_values[static_cast<std::size_t>(i)]);
  Buffer<float> dy(dy_values, "dy"), dtable(54, "dtable"), same_dtable(54, "same dtable");
  emulated::EmulatedContext context;
  emulated::embedding<bfloat16>(context, y.data(), ids.data(), narrow_table.data(), nullptr, shape, 1.1);
  for (Index i = 0; i < 840; ++i) {
    const Index id = ids.data()[i / 6];
    if (id >= 0 && id < 9)
      BOOST_TEST(y.data()[i].bits() == bfloat16(float{narrow_table.data()[id * 6 + i % 6]} * 1.1f).bits());
    else
      BOOST_TEST(std::isnan(float{y.data()[i]}));
  }
  emulated::embedding_backward<float>(context, {dtable.data()}, {}, dy.data(), ids.data(), shape, 1.1);
  emulated::embedding_backward<bfloat16>(context, {same_dtable.data()}, {}, narrow_dy.data(), ids.data(),
                                         shape, 1.1);
  BOOST_TEST(same_dtable.values() == dtable.values(), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_SUITE_END()
