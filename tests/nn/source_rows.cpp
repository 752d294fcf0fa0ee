// Rows that share a source, and how they are grouped.
#include "memsizer/nn/source_rows.hpp"

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(source_rows)

using namespace memsizer;

namespace {

nn::SourceRows grouped(const std::vector<Index>& source_of_row, Index sources) {
  return {source_of_row, sources, cpu::device()};
}

}  // namespace

BOOST_AUTO_TEST_CASE(runs_of_one_length_in_the_order_of_the_sources_need_no_copy) {
  for (const auto& rows : {std::vector<Index>{0, 1, 2}, {0, 0, 1, 1, 2, 2}}) {
    const nn::SourceRows shared = grouped(rows, 3);
    BOOST_TEST(shared.is_regular());
    BOOST_TEST_REQUIRE(shared.groups().size() == 1u);
    BOOST_TEST(shared.groups()[0].length == static_cast<Index>(rows.size()) / 3);
  }
  for (const auto& rows : {std::vector<Index>{1, 0, 2}, {0, 0, 1, 2}, {0, 1}, {0, 1, 2, 0}})
    BOOST_TEST(!grouped(rows, 3).is_regular());
}

BOOST_AUTO_TEST_CASE(runs_are_grouped_by_their_length) {
  const nn::SourceRows shared = grouped({2, 2, 0, 1, 1, 2}, 3);
  BOOST_TEST_REQUIRE(shared.groups().size() == 2u);
  const auto &pairs = shared.groups()[0], &single = shared.groups()[1];
  BOOST_TEST(pairs.length == 2);
  BOOST_TEST((pairs.sources == std::vector<Index>{2, 1}));
  BOOST_TEST((pairs.rows.to_vector() == std::vector<Id>{0, 1, 3, 4}));
  BOOST_TEST(single.length == 1);
  BOOST_TEST((single.sources == std::vector<Index>{0, 2}));
  BOOST_TEST((single.rows.to_vector() == std::vector<Id>{2, 5}));
  BOOST_TEST((shared.places().to_vector() == std::vector<Id>{0, 1, 4, 2, 3, 5}));
}

BOOST_AUTO_TEST_SUITE_END()
