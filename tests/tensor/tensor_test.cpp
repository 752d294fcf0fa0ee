#include "memsizer/tensor/tensor.hpp"

#include <cstdio>
#include <cstdlib>

#include <boost/test/unit_test.hpp>

#include "memsizer/cpu/context.hpp"

BOOST_AUTO_TEST_SUITE(tensor)

using namespace memsizer;

namespace {

/// A static tensor. It is made before the device that will hold it, so it is destroyed after everything that
/// would be destroyed with that device. Its destructor checks, when the program ends, that the device is
/// still there.
struct UntilExit {
  Tensor<float> tensor;
  int threads = 0;

  ~UntilExit() {
    tensor = {};
    if (threads == 0 || cpu::context().threads().size() == threads) return;
    std::fputs("error: the cpu device was gone before a static tensor\n", stderr);
    std::_Exit(1);
  }
} until_exit;

}  // namespace

BOOST_AUTO_TEST_CASE(holds_values_in_row_major_order) {
  const Tensor<float> x({2, 3}, {1, 2, 3, 4, 5, 6});
  BOOST_TEST(x.rank() == 2);
  BOOST_TEST(x.size() == 6);
  BOOST_TEST(x.extent(-1) == 3);
  BOOST_TEST((x.to_vector() == std::vector<float>{1, 2, 3, 4, 5, 6}));
  BOOST_TEST(x.device().name() == "cpu");
}

BOOST_AUTO_TEST_CASE(holds_no_values_too) {
  const std::vector<float> none;
  Tensor<float> x({3, 0}, none);
  x.copy_from(none);
  BOOST_TEST(x.to_vector().empty());
}

BOOST_AUTO_TEST_CASE(an_undefined_tensor_says_so) {
  BOOST_TEST(!Tensor<float>().defined());
  BOOST_TEST(Tensor<float>(Shape{0}).defined());
  BOOST_CHECK_THROW(Tensor<float>().item(), InputError);
  BOOST_CHECK_THROW(Tensor<float>().data(), InputError);
  BOOST_CHECK_THROW(Tensor<Id>().device(), InputError);
  BOOST_CHECK_THROW(Tensor<float>().fill(0), InputError);
}

// The undefined-behaviour sanitizer checks that memcpy gets no null pointer.
BOOST_AUTO_TEST_CASE(nothing_is_copied_of_an_empty_tensor) {
  const Tensor<float> x(Shape{0}, std::vector<float>{});
  BOOST_TEST(x.to_vector().empty());
  BOOST_TEST(x.clone().to_vector().empty());
}

BOOST_AUTO_TEST_CASE(the_device_outlives_static_tensors) {
  until_exit.threads = 3;
  cpu::set_threads(3);
  until_exit.tensor = Tensor<float>(Shape{1000});
}

BOOST_AUTO_TEST_CASE(copies_share_elements_and_clones_do_not) {
  const Tensor<double> x({2}, {1, 2});
  Tensor<double> handle = x;
  const Tensor<double> clone = x.clone();
  handle.fill(7);
  BOOST_TEST((x.to_vector() == std::vector<double>{7, 7}));
  BOOST_TEST((clone.to_vector() == std::vector<double>{1, 2}));
}

BOOST_AUTO_TEST_CASE(a_view_is_a_part) {
  const Tensor<double> x({6}, {0, 1, 2, 3, 4, 5});
  const Tensor<double> part = x.view(2, {2, 2});
  BOOST_TEST((part.to_vector() == std::vector<double>{2, 3, 4, 5}));
  BOOST_CHECK_THROW(x.view(3, {2, 2}), InputError);
  BOOST_CHECK_THROW(x.view(-1, {2}), InputError);
  BOOST_CHECK_THROW(x.view(std::numeric_limits<Index>::max(), {1}), InputError);
}

BOOST_AUTO_TEST_CASE(wrong_numbers_of_values_are_refused) {
  BOOST_CHECK_THROW(Tensor<float>({2}, {1, 2, 3}), InputError);
  BOOST_CHECK_THROW(Tensor<float>(Shape{2}).item(), InputError);
  BOOST_TEST(Tensor<float>({}, {5}).item() == 5);
}

BOOST_AUTO_TEST_CASE(a_size_that_does_not_fit_is_refused_before_it_is_allocated) {
  BOOST_CHECK_THROW(Shape({Index{1} << 40, Index{1} << 40}), InputError);
  BOOST_CHECK_THROW(Shape({0, Index{1} << 40, Index{1} << 40}), InputError);  // the strides overflow
  BOOST_CHECK_THROW((Tensor<double>(Shape{Index{1} << 61})), InputError);
  BOOST_CHECK_THROW(Shape({-1}), InputError);
  BOOST_CHECK_THROW(Shape({1, 1, 1, 1, 1, 1, 1}), InputError);
  BOOST_CHECK_THROW((Tensor<double>(Shape{Index{1} << 58})), SystemError);
}

BOOST_AUTO_TEST_CASE(axes_count_from_both_ends) {
  const Shape shape{2, 3, 4};
  BOOST_TEST(shape[-3] == 2);
  BOOST_TEST(shape[2] == 4);
  BOOST_CHECK_THROW(shape[3], InputError);
  BOOST_CHECK_THROW(shape[-4], InputError);
  BOOST_TEST((shape.with(-1, 9) == Shape{2, 3, 9}));
  BOOST_TEST(concatenate(shape) == "[2, 3, 4]");
}

BOOST_AUTO_TEST_CASE(storage_goes_back_to_the_pool) {
  MemoryPool& pool = cpu::device().pool();
  const Index before = pool.bytes_in_use();
  {
    const Tensor<float> x(Shape{1000});
    const Tensor<float> same = x;
    BOOST_TEST(pool.bytes_in_use() >= before + 4000);
  }
  BOOST_TEST(pool.bytes_in_use() == before);
}

BOOST_AUTO_TEST_CASE(a_missing_gradient_is_an_error) {
  Tensor<float> x({2}, {1, 2});
  BOOST_CHECK_THROW(x.gradient(), InputError);
  x.require_gradient();
  BOOST_TEST((x.gradient().to_vector() == std::vector<float>{0, 0}));
  BOOST_TEST(!x.detach().requires_gradient());
  BOOST_CHECK_THROW(x.require_gradient(Tensor<float>(Shape{3})), InputError);
}

BOOST_AUTO_TEST_CASE(a_copy_on_one_device_passes_no_host) {
  DeviceMemory memory = cpu::memory();
  memory.host_readable = false;
  memory.to_host = [](Context&, void*, const void*, Index) { throw Error("the device was read"); };
  Device device("silent", cpu::context(), memory, cpu::table<float>());
  const Tensor<float> x({2, 3}, {1, 2, 3, 4, 5, 6}, device);
  const Tensor<float> copy = x.clone();
  Tensor<float> part = Tensor<float>({2, 2}, {0, 0, 0, 0}, device);
  part.copy_from(x.view(2, {4}));
  part.view(0, {0}).copy_from(x.view(6, {0}));
  BOOST_TEST(copy.data() != x.data());
  BOOST_TEST((std::vector<float>(copy.data(), copy.data() + 6) == std::vector<float>{1, 2, 3, 4, 5, 6}));
  BOOST_TEST((std::vector<float>(part.data(), part.data() + 4) == std::vector<float>{3, 4, 5, 6}));
  BOOST_CHECK_THROW(part.copy_from(x), InputError);
  BOOST_CHECK_THROW(part.copy_from(Tensor<float>({4}, {1, 2, 3, 4})), InputError);
  BOOST_CHECK_THROW(x.to(cpu::device()), Error);
}

BOOST_AUTO_TEST_SUITE_END()
