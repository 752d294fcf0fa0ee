#pragma once
// Rows for functions of each element, arithmetic and reductions.

#include "memsizer/check/cases/host_twins.hpp"
#include "memsizer/check/operation_case.hpp"

namespace memsizer::check {

/// The inputs for a unary function.
enum class Domain { away_from_zero, positive };

template <class T>
OperationCase<T> unary_case(std::string name, Tensor<T> (*operation)(const Tensor<T>&),
                            double (*twin)(double), Domain domain = Domain::away_from_zero) {
  return {std::move(name),
          [=](InputBuilder<T>& in, Index n) {
            domain == Domain::positive ? in.uniform({n}, 0.5, 3) : in.away_from_zero({n});
          },
          [=](const Inputs<T>& in) { return operation(in.x[0]); },
          [=](const Inputs<T>& in) { return on_host(in.x[0], twin); }};
}

template <class T>
std::vector<OperationCase<T>> unary_cases() {
  constexpr double pi = std::numbers::pi;
  return {
      unary_case<T>("negate", operator-, [](double x) { return -x; }),
      unary_case<T>("exp", exp, std::exp),
      unary_case<T>("log", log, std::log, Domain::positive),
      unary_case<T>("sqrt", sqrt, std::sqrt, Domain::positive),
      unary_case<T>(
          "reciprocal", reciprocal, [](double x) { return 1 / x; }, Domain::positive),
      unary_case<T>("square", square, [](double x) { return x * x; }),
      unary_case<T>("absolute", absolute, std::abs),
      unary_case<T>("tanh", tanh, std::tanh),
      unary_case<T>("sigmoid", sigmoid, [](double x) { return 1 / (1 + std::exp(-x)); }),
      unary_case<T>("relu", relu, [](double x) { return std::max(x, 0.0); }),
      unary_case<T>("gelu", gelu, [](double x) { return x * std::erfc(-x / std::sqrt(2.0)) / 2; }),
      unary_case<T>(
          "gelu_tanh", gelu_tanh,
          [](double x) { return x / 2 * (1 + std::tanh(std::sqrt(2 / pi) * (x + 0.044715 * x * x * x))); }),
      unary_case<T>("elu_plus_one", elu_plus_one, [](double x) { return x > 0 ? x + 1 : std::exp(x); }),
  };
}

/// Shapes of two operands in which nothing, a row, a column or a scalar is repeated; rows of eight elements
/// can be loaded as vectors.
struct OperandShapes {
  const char* name;
  std::pair<Shape, Shape> (*of)(Index n);
};
inline constexpr OperandShapes operand_shapes[] = {
    {"equal", [](Index n) { return std::pair<Shape, Shape>({n}, {n}); }},
    {"row",
     [](Index n) {
       return std::pair<Shape, Shape>({2, 3, n}, {n});
     }},
    {"column",
     [](Index n) {
       return std::pair<Shape, Shape>({n, 3}, {n, 1});
     }},
    {"outer",
     [](Index n) {
       return std::pair<Shape, Shape>({3, 1}, {1, n});
     }},
    {"scalar", [](Index n) { return std::pair<Shape, Shape>(Shape{}, {n}); }},
    {"row of eight",
     [](Index n) {
       return std::pair<Shape, Shape>({n, 8}, {8});
     }},
    {"column of rows of eight", [](Index n) {
       return std::pair<Shape, Shape>({n, 1}, {n, 8});
     }}};

/// Each of the four operations on each pair of shapes.
template <class T>
std::vector<OperationCase<T>> binary_cases() {
  struct Named {
    const char* name;
    Tensor<T> (*operation)(const Tensor<T>&, const Tensor<T>&);
    double (*f)(double, double);
  };
  const Named operations[] = {{"add", operator+, [](double a, double b) { return a + b; }},
                              {"subtract", operator-, [](double a, double b) { return a - b; }},
                              {"multiply", operator*, [](double a, double b) { return a * b; }},
                              {"divide", operator/, [](double a, double b) { return a / b; }}};
  std::vector<OperationCase<T>> cases;
  for (const auto& [name, operation, f] : operations)
    for (const auto& [variant, of] : operand_shapes)
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
    cases.push_back({concatenate(name, " of one"),
                     [](InputBuilder<T>& in, Index n) {
                       in.distinct({3, 1, n});
                     },
                     operation, twin});
    // So many terms that they are added in pieces.
    cases.push_back({concatenate(name, " long last"),
                     [](InputBuilder<T>& in, Index n) {
                       in.distinct({2, 2040 + n, 1});
                     },
                     operation, twin});
    cases.push_back({concatenate(name, " long middle"),
                     [](InputBuilder<T>& in, Index n) {
                       in.distinct({2, 120 + n, 3});
                     },
                     operation, twin});
  }
  return cases;
}

}  // namespace memsizer::check
