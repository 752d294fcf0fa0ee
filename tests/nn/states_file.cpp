#include "memsizer/nn/states_file.hpp"

#include <boost/test/unit_test.hpp>

#include "files/temporary_folder.hpp"

BOOST_AUTO_TEST_SUITE(states_file)

using namespace memsizer;
using namespace memsizer::nn;

BOOST_AUTO_TEST_CASE(arrays_of_all_sorts_come_back) {
  const TemporaryFolder folder;
  const std::vector<HostArray> arrays = {
      {"0.keys", RowKind::growing, RowElement::value, {2, 2}, std::vector<float>{1, 2, 3, 4}},
      {"0.memory", RowKind::fixed, RowElement::accumulator, {1, 2}, std::vector<double>{0.1, -7}},
      {"1.ids", RowKind::ring, RowElement::id, {3}, std::vector<Id>{5, -1, 0}}};
  save_states(arrays, folder / "states.safetensors");
  const std::vector<HostArray> loaded = load_states(folder / "states.safetensors");
  BOOST_TEST_REQUIRE(loaded.size() == arrays.size());
  for (std::size_t i = 0; i < arrays.size(); ++i) {
    BOOST_TEST(loaded[i].full_name() == arrays[i].full_name());
    BOOST_TEST((loaded[i].shape == arrays[i].shape));
    BOOST_TEST((loaded[i].values == arrays[i].values));
  }
}

BOOST_AUTO_TEST_CASE(a_file_of_something_else_is_refused) {
  const TemporaryFolder folder;
  files::SafetensorsWriter writer;
  const std::vector<float> values = {1};
  writer.add("weight", std::vector<Index>{1}, values);
  writer.write(folder / "w.safetensors");
  CHECK_THROWS_SAYING(load_states(folder / "w.safetensors"), InputError,
                      (folder / "w.safetensors").string() + ": state: a name as memory:fixed:sum expected");
}

BOOST_AUTO_TEST_SUITE_END()
