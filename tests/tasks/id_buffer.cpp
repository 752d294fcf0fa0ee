#include "memsizer/tasks/id_buffer.hpp"

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(id_buffer)

using namespace memsizer;

BOOST_AUTO_TEST_CASE(memory_grows_to_the_largest_batch_and_stays_there) {
  tasks::IdBuffer buffer;
  const auto fill = [&](const Shape& shape, Id first) {
    std::vector<Id> ids(static_cast<std::size_t>(shape.size()));
    for (std::size_t i = 0; i < ids.size(); ++i) ids[i] = first + static_cast<Id>(i);
    const Tensor<Id> tensor = buffer.fill(shape, ids, cpu::device());
    BOOST_TEST((tensor.shape() == shape));
    BOOST_TEST(tensor.to_vector() == ids, boost::test_tools::per_element());
    return tensor;
  };
  const Tensor<Id> small = fill({2, 3}, 1), large = fill({4, 100}, 10);
  BOOST_TEST(small.data() != large.data());
  BOOST_TEST(small.to_vector() == (std::vector<Id>{1, 2, 3, 4, 5, 6}), boost::test_tools::per_element());
  for (const Shape& shape : {Shape{100, 4}, Shape{1, 1}, Shape{7}}) {
    const std::uint64_t version = large.version();
    BOOST_TEST(fill(shape, 20).data() == large.data());
    BOOST_TEST(large.version() > version);
  }
  BOOST_TEST(large.to_vector()[0] == 20);
}

BOOST_AUTO_TEST_CASE(lengths_are_on_the_host_and_on_the_device) {
  tasks::IdBuffer buffer;
  for (const std::vector<Id>& lengths : {std::vector<Id>{5, 1, 3}, {2}}) {
    const nn::Lengths filled = buffer.fill(lengths, cpu::device());
    BOOST_TEST(filled.host == lengths, boost::test_tools::per_element());
    BOOST_TEST(filled.on_device.to_vector() == lengths, boost::test_tools::per_element());
    BOOST_TEST(filled.on_device.rank() == 1);
  }
}

BOOST_AUTO_TEST_CASE(ids_that_do_not_fill_the_shape_are_refused) {
  tasks::IdBuffer buffer;
  BOOST_CHECK_THROW(buffer.fill({2, 2}, std::vector<Id>{1, 2, 3}, cpu::device()), InputError);
}

BOOST_AUTO_TEST_SUITE_END()
