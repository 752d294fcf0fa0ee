#include "memsizer/cpu/embedding.hpp"

#include "cpu/kernel_test.hpp"

BOOST_AUTO_TEST_SUITE(embedding)

using namespace memsizer;
using namespace kernel_test;

namespace {

struct Sizes {
  Index batch, time, dim, vocab;
};

constexpr Sizes sizes[] = {{0, 4, 3, 5},     {1, 1, 1, 1},       {2, 31, 33, 7},
                           {3, 33, 1, 1023}, {4, 500, 64, 3000}, {2, 3, 0, 4}};
constexpr Index positions = 600;

std::vector<Id> random_ids(const Sizes& size) {
  RandomStream random(name_key("ids"));
  std::vector<Id> ids(size.batch * size.time);
  // The square makes small ids frequent, as some words are in text.
  for (Id& id : ids) id = static_cast<Id>(static_cast<double>(size.vocab) * std::pow(random.uniform(), 2));
  return ids;
}

}  // namespace

BOOST_AUTO_TEST_CASE_TEMPLATE(rows_are_looked_up_scaled_and_positioned, T, Types) {
  const std::vector<Id> first = {5, 0, 90, 7};
  for (const Sizes& size : sizes) {
    const std::vector<Id> ids = random_ids(size);
    const auto table = uniform<T>(size.vocab * size.dim, "table");
    const auto position_table = uniform<T>(positions * size.dim, "positions");
    for (bool shifted : {false, true})
      for (bool positioned : {false, true}) {
        std::vector<double> expected(ids.size() * size.dim);
        for (Index i = 0; i < static_cast<Index>(expected.size()); ++i) {
          const Index place = i / size.dim, column = i % size.dim;
          const Index position = place % size.time + (shifted ? first[place / size.time] : 0);
          expected[i] = 1.5 * table[ids[place] * size.dim + column] +
                        (positioned ? position_table[position * size.dim + column] : 0);
        }
        const EmbeddingShape shape{.batch = size.batch,
                                   .time = size.time,
                                   .dim = size.dim,
                                   .vocab = size.vocab,
                                   .positions = positioned ? positions : 0,
                                   .first_position = shifted ? first.data() : nullptr};
        with_threads([&] {
          Guarded<T> y(expected.size());
          cpu::table<T>().embedding.embedding(cpu::context(), y.data(), ids.data(), table.data(),
                                              positioned ? position_table.data() : nullptr, shape, 1.5);
          check_close(y, expected);
        });
      }
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(gradients_are_summed_by_id_and_position, T, Types) {
  const std::vector<Id> first = {5, 0, 90, 7};
  for (const Sizes& size : sizes) {
    const std::vector<Id> ids = random_ids(size);
    const auto dy = uniform<T>(ids.size() * size.dim, "dy");
    std::vector<double> dtable(size.vocab * size.dim), dpositions(positions * size.dim);
    for (Index i = 0; i < dy.size(); ++i) {
      const Index place = i / size.dim, column = i % size.dim;
      dtable[ids[place] * size.dim + column] += 1.5 * dy[i];
      dpositions[(place % size.time + first[place / size.time]) * size.dim + column] += dy[i];
    }
    const EmbeddingShape shape{.batch = size.batch,
                               .time = size.time,
                               .dim = size.dim,
                               .vocab = size.vocab,
                               .positions = positions,
                               .first_position = first.data()};
    const auto& kernels = cpu::table<T>().embedding;
    BOOST_TEST_CONTEXT(size.batch << " x " << size.time << " x " << size.dim)
    with_threads([&] {
      check_gradient<T>(dtable, 10, [&](Output<T> gradient) {
        kernels.embedding_backward(cpu::context(), gradient, {}, dy.data(), ids.data(), shape, 1.5);
      });
      check_gradient<T>(dpositions, 10, [&](Output<T> gradient) {
        kernels.embedding_backward(cpu::context(), {}, gradient, dy.data(), ids.data(), shape, 1.5);
      });
    });
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(one_id_everywhere_is_summed_by_one_thread, T, Types) {
  const Index places = 3000, dim = 33;
  std::vector<Id> ids(places, 2);
  ids.front() = 0;
  ids.back() = 4;
  const auto dy = uniform<T>(places * dim, "dy");
  std::vector<double> expected(5 * dim);
  for (Index i = 0; i < dy.size(); ++i) expected[ids[i / dim] * dim + i % dim] += dy[i];
  with_threads([&] {
    check_gradient<T>(expected, 10, [&](Output<T> gradient) {
      cpu::table<T>().embedding.embedding_backward(cpu::context(), gradient, {}, dy.data(), ids.data(),
                                                   {.batch = 1, .time = places, .dim = dim, .vocab = 5}, 1);
    });
  });
}

BOOST_AUTO_TEST_CASE_TEMPLATE(an_id_outside_the_table_gives_nan_and_no_gradient, T, Types) {
  const Id ids[] = {0, 3, -1, 2, std::numeric_limits<Id>::max()};
  const EmbeddingShape shape{.batch = 1, .time = 5, .dim = 33, .vocab = 3, .positions = 4};
  const Guarded<T> table(3 * 33, T{1}), position_table(4 * 33, T{1}), dy(5 * 33, T{1});
  Guarded<T> y(5 * 33), dtable(3 * 33), dpositions(4 * 33);
  cpu::table<T>().embedding.embedding(cpu::context(), y.data(), ids, table.data(), nullptr, shape, 1);
  for (Index place = 0; place < 5; ++place)
    BOOST_TEST(std::isnan(y[place * 33]) == (place == 1 || place == 2 || place == 4));
  cpu::table<T>().embedding.embedding(cpu::context(), y.data(), ids, table.data(), position_table.data(),
                                      shape, 1);
  BOOST_TEST(y[3 * 33] == 2);
  cpu::table<T>().embedding.embedding_backward(cpu::context(), {dtable.data()}, {dpositions.data()},
                                               dy.data(), ids, shape, 1);
  std::vector<double> expected(3 * 33, 0);
  std::fill_n(expected.begin(), 33, 1);
  std::fill_n(expected.begin() + 66, 33, 1);
  check_close(dtable, expected);
  check_close(dpositions, std::vector<double>(4 * 33, 1));
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_position_outside_the_table_gives_nan, T, Types) {
  const Id ids[] = {0, 0, 0};
  const Id first = 2;
  const Guarded<T> table(4, T{1}), position_table(16, T{1});
  Guarded<T> y(12);
  cpu::table<T>().embedding.embedding(
      cpu::context(), y.data(), ids, table.data(), position_table.data(),
      {.batch = 1, .time = 3, .dim = 4, .vocab = 1, .positions = 4, .first_position = &first}, 1);
  BOOST_TEST(y[7] == 2);
  BOOST_TEST(std::isnan(y[8]));
}

BOOST_AUTO_TEST_SUITE_END()
