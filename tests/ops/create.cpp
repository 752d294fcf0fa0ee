// Tensors made from nothing, and tensors as text.
#include "memsizer/ops/create.hpp"

#include <boost/test/unit_test.hpp>

#include "memsizer/ops/ops.hpp"

BOOST_AUTO_TEST_SUITE(create)

using namespace memsizer;
using Numbers = std::vector<float>;

BOOST_AUTO_TEST_CASE(random_numbers_follow_their_seed) {
  BOOST_TEST((randn({50}, 1).to_vector() == randn({50}, 1).to_vector()));
  BOOST_TEST((randn({50}, 1).to_vector() != randn({50}, 2).to_vector()));
  BOOST_TEST((Tensor<float>::randn({50}, 3).to_vector() == randn({50}, 3).to_vector()));
  RandomStream random(1);
  const Tensor<double> first = randn<double>({10000}, random), second = randn<double>({10000}, random);
  BOOST_TEST((first.to_vector() != second.to_vector()));
  BOOST_TEST(std::abs(mean(first).item()) < 0.05);
  BOOST_TEST(std::abs(variance(first, 0).item() - 1) < 0.05);
  const Tensor<float> drawn = uniform({10000}, -2, 3);
  BOOST_TEST(!any(drawn < -2.0));
  BOOST_TEST(!any(drawn >= 3.0));
  BOOST_TEST(std::abs(mean(drawn).item() - 0.5f) < 0.1f);
}

BOOST_AUTO_TEST_CASE(ranges_and_matrices) {
  BOOST_TEST((arange(4).to_vector() == std::vector<Id>{0, 1, 2, 3}));
  BOOST_TEST((arange(5, 0, -2).to_vector() == std::vector<Id>{5, 3, 1}));
  BOOST_TEST((arange(0.0, 1.0, 0.25).to_vector() == std::vector<double>{0, 0.25, 0.5, 0.75}));
  BOOST_TEST((arange<float>(3).to_vector() == Numbers{0, 1, 2}));
  BOOST_TEST(arange(0).size() == 0);
  BOOST_CHECK_THROW(arange(0, 3, -1), InputError);
  BOOST_CHECK_THROW(arange(0, 3, 0), InputError);
  BOOST_TEST((eye(2).to_vector() == Numbers{1, 0, 0, 1}));
  BOOST_TEST((matrix({{1, 2, 3}, {4, 5, 6}}).to_vector() == Numbers{1, 2, 3, 4, 5, 6}));
  BOOST_TEST(matrix({{1, 2, 3}, {4, 5, 6}}).shape() == (Shape{2, 3}));
  BOOST_CHECK_THROW(matrix({{1, 2}, {3}}), InputError);
  BOOST_TEST((Tensor<float>::ones({2}).to_vector() == Numbers{1, 1}));
  BOOST_TEST((ones({2}).to_vector() == Numbers{1, 1}));
  BOOST_TEST((zeros<double>({2}).to_vector() == std::vector<double>{0, 0}));
  BOOST_TEST((full<Id>({2}, 3).to_vector() == std::vector<Id>{3, 3}));
}

BOOST_AUTO_TEST_CASE(a_matrix_is_made_of_any_rows) {
  const Tensor<double> mixed = matrix({{1, 2.5}, {3, 4}});
  BOOST_TEST((mixed.to_vector() == std::vector<double>{1, 2.5, 3, 4}));
  BOOST_TEST((matrix<float>({{1, 2.5f}, {3, 4}}).to_vector() == Numbers{1, 2.5f, 3, 4}));
  BOOST_TEST((matrix<Id>({{1, 2}}).to_vector() == std::vector<Id>{1, 2}));
  BOOST_TEST((matrix({{0.5f}}).to_vector() == Numbers{0.5f}));
  const std::vector<std::vector<double>> rows = {{1, 2}, {3, 4}, {5, 6}};
  BOOST_TEST(matrix(rows).shape() == (Shape{3, 2}));
  BOOST_TEST((matrix<float>(rows).to_vector() == Numbers{1, 2, 3, 4, 5, 6}));
  BOOST_TEST(matrix(std::vector<std::vector<float>>{}).shape() == (Shape{0, 0}));
  BOOST_CHECK_THROW(matrix({{1, 2.5}, {3}}), InputError);
  BOOST_CHECK_THROW(matrix(std::vector<std::vector<int>>{{1}, {}}), InputError);
}

BOOST_AUTO_TEST_CASE(a_number_that_no_id_holds_is_not_cast) {
  const Tensor<double> x({2}, {2147483647.9, -2147483648.9});
  BOOST_TEST((cast<Id>(x).to_vector() == std::vector<Id>{2147483647, -2147483647 - 1}));
  for (const double wrong : {2147483648.0, -2147483649.0, 1e20, std::nan(""), HUGE_VAL})
    BOOST_CHECK_THROW(cast<Id>(Tensor<double>({1}, {wrong})), InputError);
}

BOOST_AUTO_TEST_CASE(tensors_from_vectors_of_another_type) {
  const std::vector<double> doubles = {0.5, 1.5};
  const std::size_t n = 2;
  BOOST_TEST((Tensor<float>({n}, doubles).to_vector() == Numbers{0.5f, 1.5f}));
  BOOST_CHECK_THROW(Tensor<float>({3}, doubles), InputError);
  BOOST_CHECK_THROW(Shape{std::numeric_limits<std::uint64_t>::max()}, InputError);
}

BOOST_AUTO_TEST_CASE(elements_are_read_by_their_place) {
  const Tensor<double> x({2, 3}, {1, 2, 3, 4, 5, 6});
  BOOST_TEST(x(1, 0) == 4);
  BOOST_TEST(x.at({-1, -1}) == 6);
  BOOST_TEST((x[-1].to_vector() == std::vector<double>{4, 5, 6}));
  BOOST_CHECK_THROW(x(2, 0), InputError);
  BOOST_CHECK_THROW(x(0), InputError);
  BOOST_CHECK_THROW(x[2], InputError);
  BOOST_CHECK_THROW(sum(x)[0], InputError);
  const Tensor<Id> ids({2, 2}, {1, 2, 3, 4});
  BOOST_TEST((ids[1].to_vector() == std::vector<Id>{3, 4}));
  BOOST_TEST(x.size(-1) == 3);
}

BOOST_AUTO_TEST_CASE(assignments_bind_a_handle_anew) {
  Tensor<double> x({2}, {1, 2});
  const Tensor<double> before = x;
  x += x;
  x *= 2;
  x -= 1.0;
  x /= Tensor<double>({2}, {3, 7});
  BOOST_TEST((x.to_vector() == std::vector<double>{1, 1}));
  BOOST_TEST((before.to_vector() == std::vector<double>{1, 2}));
}

BOOST_AUTO_TEST_CASE(assignments_are_recorded) {
  const Tensor<double> w = Tensor<double>({2}, {1, 2}).require_gradient();
  Tape tape;
  Tensor<double> x = w * w;
  x += w;
  x *= 3;
  tape.backward(sum(x));
  BOOST_TEST((w.gradient().to_vector() == std::vector<double>{9, 15}));
}

BOOST_AUTO_TEST_CASE(a_part_is_changed_by_copying_to_it) {
  const Tensor<double> x = zeros<double>({2, 2});
  x[1].copy_from(ones<double>({2}));
  BOOST_TEST((x.to_vector() == std::vector<double>{0, 0, 1, 1}));
}

BOOST_AUTO_TEST_CASE(what_is_out_of_range_is_refused) {
  const Tensor<double> x({2, 3}, {1, 2, 3, 4, 5, 6});
  BOOST_CHECK_THROW(index_select(x, 0, Tensor<Id>({1}, {2})), InputError);
  BOOST_CHECK_THROW(gather(x, 1, Tensor<Id>({2, 1}, {0, 3})), InputError);
  BOOST_CHECK_THROW(gather(x, 1, Tensor<Id>({3, 1}, {0, 0, 0})), InputError);
  BOOST_CHECK_THROW(clamp(x, 1, 0), InputError);
  BOOST_CHECK_THROW(squeeze(x, 0), InputError);
  BOOST_CHECK_THROW(unsqueeze(x, 4), InputError);
  BOOST_CHECK_THROW(variance(x, 0, false, 2), InputError);
  BOOST_CHECK_THROW(mse_loss(x, x[0]), InputError);
  BOOST_CHECK_THROW(stack({x, x[0]}, 0), InputError);
}

BOOST_AUTO_TEST_CASE(what_is_not_chosen_may_be_infinite) {
  const Tensor<double> x = Tensor<double>({2}, {0, 4}).require_gradient();
  Tape tape;
  tape.backward(sum(where(x > 0.0, log(x), 0.0)));
  BOOST_TEST(x.gradient()(1) == 0.25);
  BOOST_TEST(std::isfinite(where(x > 0.0, log(x), 0.0)(0)));
}

BOOST_AUTO_TEST_CASE(a_gradient_comes_back_in_the_type_of_what_was_converted) {
  const Tensor<float> x = Tensor<float>({2}, {1.5f, -2.5f}).require_gradient();
  Tape tape;
  const Tensor<double> y = x.to<double>();
  tape.backward(sum(y * y * y));
  BOOST_TEST((x.gradient().to_vector() == Numbers{6.75f, 18.75f}));
  BOOST_TEST((x.to<Id>().to_vector() == std::vector<Id>{1, -2}));
  BOOST_TEST(!x.to<Id>().to<float>().requires_gradient());
  BOOST_TEST((Tensor<Id>({2}, {3, -4}).to<bfloat16>().to<float>().to_vector() == Numbers{3, -4}));
}

BOOST_AUTO_TEST_CASE(tensors_as_text) {
  BOOST_TEST(concatenate(Tensor<float>({2, 2}, {1, 2, 3, 4.5f})) ==
             "Tensor<float> [2, 2] on cpu\n[[1, 2],\n [3, 4.5]]");
  BOOST_TEST(concatenate(Tensor<double>(Shape{}, {3})) == "Tensor<double> [] on cpu\n3");
  BOOST_TEST(concatenate(Tensor<Id>()) == "Tensor<Id> without a value");
  BOOST_TEST(concatenate(Tensor<Id>(Shape{0})) == "Tensor<Id> [0] on cpu\n[]");
  BOOST_TEST(concatenate(arange(2000)) == "Tensor<Id> [2000] on cpu\n[0, 1, 2, ..., 1997, 1998, 1999]");
  const std::string large = concatenate(Tensor<float>::zeros({100, 100}));
  BOOST_TEST(std::ranges::count(large, '\n') == 7);
}

BOOST_AUTO_TEST_CASE(a_vector_is_a_tensor_of_one_axis) {
  const Tensor<float> x(std::vector<double>{1, 2.5});
  BOOST_TEST(x.shape() == Shape{2});
  BOOST_TEST((x.to_vector() == std::vector<float>{1, 2.5f}));
  BOOST_TEST((Tensor<double>(std::vector<double>{3}).to_vector() == std::vector<double>{3}));
  BOOST_TEST((Tensor<Id>(std::vector<std::size_t>{3, 4}).to_vector() == std::vector<Id>{3, 4}));
  BOOST_TEST(Tensor<float>(std::vector<float>()).shape() == Shape{0});
}

BOOST_AUTO_TEST_CASE(places_and_extents_are_whole_numbers_of_any_type) {
  const std::size_t one = 1, three = 3;
  const unsigned char two = 2;
  const Tensor<double> x = Tensor<double>({two, three}, {1, 2, 3, 4, 5, 6});
  BOOST_TEST(x.at({one, -1}) == 6);
  BOOST_TEST(x(one, two) == 6);
  BOOST_TEST(x.reshape({three, -1}).shape() == Shape({3, 2}));
  BOOST_TEST(reshape(x, {-1, two}).shape() == Shape({3, 2}));
  BOOST_CHECK_THROW(x.at({std::size_t(0) - 1, 0}), InputError);  // no -1: a subtraction that wrapped
  BOOST_CHECK_THROW(x(std::size_t(0) - 1, 0), InputError);
}

BOOST_AUTO_TEST_CASE(an_axis_may_be_left_out) {
  const Tensor<double> x({2, 2}, {1, 5, 7, -2});
  BOOST_TEST(argmax(x).item() == 2);
  BOOST_TEST(argmin(x).item() == 3);
  BOOST_CHECK_THROW(argmax(Tensor<double>(Shape{0})), InputError);
  BOOST_TEST(concatenate({x, x}).shape() == Shape({4, 2}));
  BOOST_TEST(cat({x, x}).shape() == Shape({4, 2}));
  BOOST_TEST(stack({x, x}).shape() == Shape({2, 2, 2}));
}

BOOST_AUTO_TEST_SUITE_END()
