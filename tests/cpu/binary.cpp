#include "memsizer/cpu/binary.hpp"

#include "cpu/kernel_test.hpp"

BOOST_AUTO_TEST_SUITE(binary)

using namespace memsizer;
using namespace kernel_test;

namespace {

using Extents = std::vector<Index>;

Index product(const Extents& extents) {
  Index n = 1;
  for (Index extent : extents) n *= extent;
  return n;
}

/// The strides of a contiguous operand with these extents, padded with 1 on the left. Where the operand
/// repeats, the stride is 0.
void operand_strides(Index (&strides)[max_rank], const Extents& y, const Extents& operand) {
  Index stride = 1;
  for (std::size_t i = 0; i < operand.size(); ++i) {
    const std::size_t from = operand.size() - 1 - i, to = y.size() - 1 - i;
    strides[to] = operand[from] == 1 && y[to] != 1 ? 0 : stride;
    stride *= operand[from];
  }
}

struct Broadcast {
  Extents y, a, b;

  Walk walk() const {
    Walk walk{.rank = static_cast<int>(y.size())};
    std::copy(y.begin(), y.end(), walk.extents);
    operand_strides(walk.y_strides, y, y);
    operand_strides(walk.a_strides, y, a);
    operand_strides(walk.b_strides, y, b);
    return walk;
  }
};

const Broadcast broadcasts[] = {
    {{}, {}, {}},
    {{0}, {0}, {0}},
    {{1023}, {1023}, {1023}},
    {{40001}, {40001}, {1}},
    {{33}, {1}, {33}},
    {{31, 33}, {31, 33}, {33}},
    {{31, 33}, {31, 1}, {31, 33}},
    {{31, 33}, {31, 1}, {33}},
    {{300, 700}, {300, 700}, {700}},
    {{700, 300}, {700, 1}, {700, 300}},
    {{20000, 3}, {20000, 3}, {3}},
    {{3, 20000}, {3, 1}, {1, 20000}},
    {{1, 1023}, {1, 1}, {1, 1023}},
    {{2, 3, 5, 7}, {3, 1, 7}, {2, 1, 5, 1}},
    {{2, 33, 4, 31}, {2, 1, 4, 1}, {33, 1, 31}},
    {{6, 0, 5}, {6, 1, 5}, {0, 5}},
    {{2, 3, 2, 3, 2, 3}, {2, 1, 2, 1, 2, 1}, {1, 3, 1, 3, 1, 3}},
    {{64, 5000}, {1}, {64, 5000}},
};

struct Operation {
  BinaryFunction function;
  double (*value)(double, double);
  double (*left)(double, double);
  double (*right)(double, double);
};

const Operation operations[] = {
    {BinaryFunction::add, [](double a, double b) { return a + b; }, [](double, double) { return 1.0; },
     [](double, double) { return 1.0; }},
    {BinaryFunction::subtract, [](double a, double b) { return a - b; }, [](double, double) { return 1.0; },
     [](double, double) { return -1.0; }},
    {BinaryFunction::multiply, [](double a, double b) { return a * b; }, [](double, double b) { return b; },
     [](double a, double) { return a; }},
    {BinaryFunction::divide, [](double a, double b) { return a / b; }, [](double, double b) { return 1 / b; },
     [](double a, double b) { return -a / (b * b); }},
};

/// Calls body(element of y, element of a, element of b) for every element of y.
template <class Body>
void for_each_element(const Walk& walk, const Body& body) {
  Index n = 1;
  for (int axis = 0; axis < walk.rank; ++axis) n *= walk.extents[axis];
  for (Index i = 0; i < n; ++i) {
    Index rest = i, a = 0, b = 0;
    for (int axis = walk.rank - 1; axis >= 0; --axis) {
      a += rest % walk.extents[axis] * walk.a_strides[axis];
      b += rest % walk.extents[axis] * walk.b_strides[axis];
      rest /= walk.extents[axis];
    }
    body(i, a, b);
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE_TEMPLATE(every_function_with_every_broadcast, T, Types) {
  for (const Broadcast& shape : broadcasts) {
    const auto a = uniform<T>(product(shape.a), "a"), b = uniform<T>(product(shape.b), "b", 0.5, 2);
    for (const Operation& operation : operations) {
      const Walk walk = shape.walk();
      std::vector<double> expected(product(shape.y));
      for_each_element(walk, [&](Index y, Index i, Index j) { expected[y] = operation.value(a[i], b[j]); });
      BOOST_TEST_CONTEXT("broadcast " << &shape - broadcasts)
      with_threads([&] {
        Guarded<T> y(product(shape.y));
        cpu::table<T>().elementwise.binary(cpu::context(), y.data(), a.data(), b.data(), operation.function,
                                           walk);
        check_close(y, expected);
      });
    }
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(gradients_are_summed_over_repeated_axes, T, Types) {
  for (const Broadcast& shape : broadcasts) {
    const auto a = uniform<T>(product(shape.a), "a"), b = uniform<T>(product(shape.b), "b", 0.5, 2);
    const auto dy = uniform<T>(product(shape.y), "dy");
    for (const Operation& operation : operations) {
      const Walk walk = shape.walk();
      std::vector<long double> da(a.size()), db(b.size());
      for_each_element(walk, [&](Index y, Index i, Index j) {
        da[i] += operation.left(a[i], b[j]) * dy[y];
        db[j] += operation.right(a[i], b[j]) * dy[y];
      });
      BOOST_TEST_CONTEXT("broadcast " << &shape - broadcasts)
      with_threads([&] {
        const auto& kernels = cpu::table<T>().elementwise;
        check_gradient<T>({da.begin(), da.end()}, 5, [&](Output<T> gradient) {
          kernels.binary_backward(cpu::context(), gradient, {}, dy.data(), a.data(), b.data(),
                                  operation.function, walk);
        });
        check_gradient<T>({db.begin(), db.end()}, 5, [&](Output<T> gradient) {
          kernels.binary_backward(cpu::context(), {}, gradient, dy.data(), a.data(), b.data(),
                                  operation.function, walk);
        });
      });
    }
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(sums_need_no_operands_in_backward, T, Types) {
  const Broadcast shape{{31, 33}, {31, 33}, {33}};
  const auto dy = uniform<T>(31 * 33, "dy");
  std::vector<double> row(33);
  for (Index i = 0; i < dy.size(); ++i) row[i % 33] += dy[i];
  for (BinaryFunction f : {BinaryFunction::add, BinaryFunction::subtract}) {
    Guarded<T> da(31 * 33), db(33);
    cpu::table<T>().elementwise.binary_backward(cpu::context(), {da.data()}, {db.data()}, dy.data(), nullptr,
                                                nullptr, f, shape.walk());
    check_close(da, {dy.begin(), dy.end()});
    std::vector<double> expected = row;
    if (f == BinaryFunction::subtract)
      for (double& value : expected) value = -value;
    check_close(db, expected, 5);
  }
}

BOOST_AUTO_TEST_CASE_TEMPLATE(a_gradient_does_not_depend_on_the_threads, T, Types) {
  const Broadcast shape{{700, 300}, {700, 300}, {300}};
  const auto a = uniform<T>(700 * 300, "a"), b = uniform<T>(300, "b"), dy = uniform<T>(700 * 300, "dy");
  std::vector<Guarded<T>> results;
  with_threads([&] {
    Guarded<T> db(300);
    cpu::table<T>().elementwise.binary_backward(cpu::context(), {}, {db.data()}, dy.data(), a.data(),
                                                b.data(), BinaryFunction::multiply, shape.walk());
    results.push_back(db);
  });
  for (const auto& result : results) BOOST_TEST(result.same_bits(results[0]));
}

BOOST_AUTO_TEST_SUITE_END()
