#pragma once
// Rows for operations that move, cut, join, repeat or drop elements.

#include "memsizer/check/cases/host_twins.hpp"
#include "memsizer/check/operation_case.hpp"

namespace memsizer::check {

/// Element i of the result is element from(i) of x, in row-major order.
template <class T, class From>
Tensor<T> picked(const Tensor<T>& x, Shape shape, From from) {
  const std::vector<T> values = x.to_vector();
  std::vector<T> result;
  for (Index i = 0; i < shape.size(); ++i) result.push_back(values[static_cast<std::size_t>(from(i))]);
  return Tensor<T>(shape, result, x.device());
}

/// a and b joined along the middle of three axes, on the host.
template <class T>
Tensor<T> joined_on_host(const Tensor<T>& a, const Tensor<T>& b) {
  const Index outer = a.extent(0), first = a.extent(1), second = b.extent(1), inner = a.extent(2);
  const std::vector<T> values[] = {a.to_vector(), b.to_vector()};
  std::vector<T> joined;
  for (Index o = 0; o < outer; ++o)
    for (const auto& [of, rows] : {std::pair{&values[0], first}, std::pair{&values[1], second}})
      joined.insert(joined.end(), of->begin() + o * rows * inner, of->begin() + (o + 1) * rows * inner);
  return Tensor<T>(Shape{outer, first + second, inner}, joined, a.device());
}

/// The same elements in another shape or order, or scaled.
template <class T>
std::vector<OperationCase<T>> shape_cases() {
  return {
      {"affine", [](InputBuilder<T>& in, Index n) { in.normal({n}); },
       [](const Inputs<T>& in) { return affine(in.x[0], 1.5, -0.25); },
       [](const Inputs<T>& in) { return on_host(in.x[0], [](double x) { return 1.5 * x - 0.25; }); }},
      {"reshape",
       [](InputBuilder<T>& in, Index n) {
         in.normal({n, 6});
       },
       [](const Inputs<T>& in) {
         return reshape(in.x[0], Shape{2, in.x[0].extent(0), 3});
       },
       [](const Inputs<T>& in) {
         return picked(in.x[0], Shape{2, in.x[0].extent(0), 3}, [](Index i) { return i; });
       }},
      {"permute",
       [](InputBuilder<T>& in, Index n) {
         in.normal({2, n, 3});
       },
       [](const Inputs<T>& in) {
         return permute(in.x[0], {2, 0, 1});
       },
       [](const Inputs<T>& in) {
         const Index n = in.x[0].extent(1);
         return picked(in.x[0], Shape{3, 2, n},
                       [n](Index i) { return (i / n % 2 * n + i % n) * 3 + i / n / 2; });
       }},
      {"transpose",
       [](InputBuilder<T>& in, Index n) {
         in.normal({2, n, 5});
       },
       [](const Inputs<T>& in) { return transpose(in.x[0]); },
       [](const Inputs<T>& in) {
         return permute(in.x[0], {0, 2, 1});
       }},
  };
}

/// Parts of a tensor.
template <class T>
std::vector<OperationCase<T>> slice_cases() {
  return {
      {"slice",
       [](InputBuilder<T>& in, Index n) {
         in.normal({2, n + 3, 2});
       },
       [](const Inputs<T>& in) { return slice(in.x[0], 1, 1, in.x[0].extent(1) - 1); },
       [](const Inputs<T>& in) {
         const Index n = in.x[0].extent(1);
         return picked(in.x[0], Shape{2, n - 2, 2}, [n](Index i) {
           const Index row = (n - 2) * 2;
           return i / row * n * 2 + 2 + i % row;
         });
       }},
      {"slice of a result",  // whose gradient begins with this contribution
       [](InputBuilder<T>& in, Index n) {
         in.normal({n, 3});
       },
       [](const Inputs<T>& in) { return slice(in.x[0] * 2.0, 1, 1, 3); },
       [](const Inputs<T>& in) { return slice(in.x[0], 1, 1, 3) * 2.0; }},
  };
}

/// Tensors put together.
template <class T>
std::vector<OperationCase<T>> joining_cases() {
  return {
      {"concatenate",
       [](InputBuilder<T>& in, Index n) {
         in.normal({2, n, 3}).normal({2, 2, 3});
       },
       [](const Inputs<T>& in) { return concatenate(in.x, 1); },
       [](const Inputs<T>& in) { return joined_on_host(in.x[0], in.x[1]); }},
      {"append",
       [](InputBuilder<T>& in, Index n) {
         in.normal({2, n, 3});
       },
       [](const Inputs<T>& in) {
         const Tensor<T>& x = in.x[0];
         const Id n = static_cast<Id>(x.extent(1));
         return append(Tensor<T>::full({2, n + 2, 3}, T{1}, x.device()), x, {0, 2}, {n, n / 2});
       },
       [](const Inputs<T>& in) {
         const Index n = in.x[0].extent(1);
         const auto row = [&](Index b) { return slice(in.x[0], 0, b, b + 1); };
         const auto rest = [&](Index rows) { return Tensor<T>::full({1, rows, 3}, T{1}, in.x[0].device()); };
         return concatenate(
             std::vector{concatenate(std::vector{row(0), rest(2)}, 1),
                         concatenate(std::vector{rest(2), slice(row(1), 1, 0, n / 2), rest(n - n / 2)}, 1)},
             0);
       }},
  };
}

/// Elements repeated or dropped.
template <class T>
std::vector<OperationCase<T>> repeating_cases() {
  return {
      {"broadcast_to", [](InputBuilder<T>& in, Index n) { in.normal({n}); },
       [](const Inputs<T>& in) {
         return broadcast_to(in.x[0], Shape{4, in.x[0].extent(0)});
       },
       [](const Inputs<T>& in) {
         const Tensor<T> row = reshape(in.x[0], Shape{1, in.x[0].extent(0)});
         return concatenate(std::vector{row, row, row, row}, 0);
       }},
      {"dropout", [](InputBuilder<T>& in, Index n) { in.normal({n}); },
       [](const Inputs<T>& in) { return dropout(in.x[0], in.dropout(0.3f)); },
       [](const Inputs<T>& in) { return dropout_on_host(in.x[0], 0.3f, in.step_key.to_vector()[0]); }},
  };
}

}  // namespace memsizer::check
