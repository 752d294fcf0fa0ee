#pragma once
// Rows for functions of each element, arithmetic, reductions and operations that move elements.

#include "memsizer/check/cases/host_twins.hpp"
#include "memsizer/check/operation_case.hpp"

namespace memsizer::check {

template <class T>
OperationCase<T> unary_case(std::string name, Tensor<T> (*operation)(const Tensor<T>&),
                            double (*twin)(double), double low = -3, double high = 3) {
  return {
      std::move(name),
      [=](InputBuilder<T>& in, Index n) { low < 0 ? in.away_from_zero({n}) : in.uniform({n}, low, high); },
      [=](const Inputs<T>& in) { return operation(in.x[0]); },
      [=](const Inputs<T>& in) { return on_host(in.x[0], twin); }};
}

template <class T>
std::vector<OperationCase<T>> unary_cases() {
  constexpr double pi = std::numbers::pi;
  return {
      unary_case<T>("negate", operator-, [](double x) { return -x; }),
      unary_case<T>("exp", exp, std::exp),
      unary_case<T>("log", log, std::log, 0.5, 3),
      unary_case<T>("sqrt", sqrt, std::sqrt, 0.5, 3),
      unary_case<T>(
          "reciprocal", reciprocal, [](double x) { return 1 / x; }, 0.5, 3),
      unary_case<T>("square", square, [](double x) { return x * x; }),
      unary_case<T>("absolute", absolute, std::abs),
      unary_case<T>("tanh", tanh, std::tanh),
      unary_case<T>("sigmoid", sigmoid, [](double x) { return 1 / (1 + std::exp(-x)); }),
      unary_case<T>("relu", relu, [](double x) { return std::max(x, 0.0); }),
      unary_case<T>("gelu", gelu, [](double x) { return x * std::erfc(-x / std::sqrt(2.0)) / 2; }),
      unary_case<T>(
          "gelu_tanh", gelu_tanh,
          [](double x) { return x / 2 * (1 + std::tanh(std::sqrt(2 / pi) * (x + 0.044715 * x * x * x))); }),
  };
}

/// Each of the four on shapes where nothing, a row, a column or a scalar is repeated.
template <class T>
std::vector<OperationCase<T>> binary_cases() {
  using Operation = Tensor<T> (*)(const Tensor<T>&, const Tensor<T>&);
  struct Named {
    const char* name;
    Operation operation;
    double (*f)(double, double);
  };
  const Named operations[] = {{"add", operator+, [](double a, double b) { return a + b; }},
                              {"subtract", operator-, [](double a, double b) { return a - b; }},
                              {"multiply", operator*, [](double a, double b) { return a * b; }},
                              {"divide", operator/, [](double a, double b) { return a / b; }}};
  struct Shapes {
    const char* name;
    std::function<std::pair<Shape, Shape>(Index)> of;
  };
  const Shapes shapes[] = {{"equal",
                            [](Index n) {
                              return std::pair{Shape{n}, Shape{n}};
                            }},
                           {"row",
                            [](Index n) {
                              return std::pair{Shape{2, 3, n}, Shape{n}};
                            }},
                           {"column",
                            [](Index n) {
                              return std::pair{Shape{n, 3}, Shape{n, 1}};
                            }},
                           {"outer",
                            [](Index n) {
                              return std::pair{Shape{3, 1}, Shape{1, n}};
                            }},
                           {"scalar", [](Index n) {
                              return std::pair{Shape{}, Shape{n}};
                            }}};
  std::vector<OperationCase<T>> cases;
  for (const auto& [name, operation, f] : operations)
    for (const auto& [variant, of] : shapes)
      cases.push_back(
          {concatenate(name, ' ', variant),
           [of = of](InputBuilder<T>& in, Index n) { in.normal(of(n).first).away_from_zero(of(n).second); },
           [operation = operation](const Inputs<T>& in) { return operation(in.x[0], in.x[1]); },
           [f = f](const Inputs<T>& in) { return binary_on_host(in.x[0], in.x[1], f); }});
  return cases;
}

template <class T>
std::vector<OperationCase<T>> reduce_cases() {
  std::vector<OperationCase<T>> cases;
  for (const auto& [name, f] :
       {std::pair{"sum", ReduceFunction::sum}, std::pair{"mean", ReduceFunction::mean},
        std::pair{"maximum", ReduceFunction::maximum}}) {
    const auto operation = [f = f](const Inputs<T>& in) { return reduce(f, in.x[0], 1); };
    const auto twin = [f = f](const Inputs<T>& in) { return reduce_on_host(in.x[0], f); };
    cases.push_back({concatenate(name, " last"),
                     [](InputBuilder<T>& in, Index n) {
                       in.distinct({3, n, 1});
                     },
                     operation, twin, 1});
    cases.push_back({concatenate(name, " middle"),
                     [](InputBuilder<T>& in, Index n) {
                       in.distinct({2, 5, n});
                     },
                     operation, twin});
  }
  return cases;
}

template <class T>
std::vector<OperationCase<T>> layout_cases() {
  const auto element = [](const Tensor<T>& x, auto shape, auto from) {
    const std::vector<T> values = x.to_vector();
    std::vector<T> result;
    for (Index i = 0; i < Shape(shape).size(); ++i)
      result.push_back(values[static_cast<std::size_t>(from(i))]);
    return Tensor<T>(shape, result, x.device());
  };
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
       [=](const Inputs<T>& in) {
         return element(in.x[0], Shape{2, in.x[0].extent(0), 3}, [](Index i) { return i; });
       }},
      {"permute",
       [](InputBuilder<T>& in, Index n) {
         in.normal({2, n, 3});
       },
       [](const Inputs<T>& in) {
         return permute(in.x[0], {2, 0, 1});
       },
       [=](const Inputs<T>& in) {
         const Index n = in.x[0].extent(1);
         return element(in.x[0], Shape{3, 2, n},
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
      {"slice",
       [](InputBuilder<T>& in, Index n) {
         in.normal({2, n + 3, 2});
       },
       [](const Inputs<T>& in) { return slice(in.x[0], 1, 1, in.x[0].extent(1) - 1); },
       [=](const Inputs<T>& in) {
         const Index n = in.x[0].extent(1);
         return element(in.x[0], Shape{2, n - 2, 2}, [n](Index i) {
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
      {"concatenate",
       [](InputBuilder<T>& in, Index n) {
         in.normal({2, n, 3}).normal({2, 2, 3});
       },
       [](const Inputs<T>& in) { return concatenate(in.x, 1); },
       [=](const Inputs<T>& in) {
         const Index n = in.x[0].extent(1);
         Tensor<T> y = Tensor<T>::zeros({2, n + 2, 3});
         std::vector<T> a = in.x[0].to_vector(), b = in.x[1].to_vector(), c;
         for (std::size_t row = 0; row < 2; ++row) {
           const auto first = static_cast<std::ptrdiff_t>(row) * n * 3,
                      second = static_cast<std::ptrdiff_t>(row) * 6;
           c.insert(c.end(), a.begin() + first, a.begin() + first + n * 3);
           c.insert(c.end(), b.begin() + second, b.begin() + second + 6);
         }
         return Tensor<T>(Shape{2, n + 2, 3}, c, in.x[0].device());
       }},
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
