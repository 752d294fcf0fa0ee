#pragma once
// Rows for matrix products, normalisation and embeddings.

#include "memsizer/check/operation_case.hpp"

namespace memsizer::check {

template <class T>
std::vector<OperationCase<T>> product_cases() {
  std::vector<OperationCase<T>> cases;
  for (const auto& [name, transposes] :
       {std::pair{"nn", Transposes{}}, std::pair{"nt", Transposes{false, true}},
        std::pair{"tn", Transposes{true, false}}, std::pair{"tt", Transposes{true, true}}})
    cases.push_back(
        {concatenate("matmul ", name),
         [t = transposes](InputBuilder<T>& in, Index n) {
           in.normal(t.a ? Shape{2, 5, n} : Shape{2, n, 5}).normal(t.b ? Shape{2, 7, 5} : Shape{2, 5, 7});
         },
         [t = transposes](const Inputs<T>& in) { return matmul(in.x[0], in.x[1], t); },
         [t = transposes](const Inputs<T>& in) {  // sum over k of a[.., k] b[k, ..] as a broadcast product
           const Tensor<T> a = t.a ? transpose(in.x[0]) : in.x[0], b = t.b ? in.x[1] : transpose(in.x[1]);
           return sum(reshape(a, Shape{2, a.extent(1), 1, 5}) * reshape(b, Shape{2, 1, 7, 5}), -1);
         }});
  for (const auto& [name, activation] :
       {std::pair{"plain", Activation::none}, std::pair{"relu", Activation::relu},
        std::pair{"gelu", Activation::gelu}, std::pair{"gelu_tanh", Activation::gelu_tanh}})
    cases.push_back(
        {concatenate("linear ", name),
         [](InputBuilder<T>& in, Index n) {  // what ReLU sees is an eighth or more from 0
           in.odd_multiples({3, n, 9}, 0.5).odd_multiples({11, 9}, 0.5).odd_multiples({11}, 0.125);
         },
         [a = activation](const Inputs<T>& in) { return linear(in.x[0], in.x[1], in.x[2], a); },
         [a = activation](const Inputs<T>& in) {
           const Index rows = 3 * in.x[0].extent(1);
           const Tensor<T> y = matmul(reshape(in.x[0], Shape{rows, 9}), in.x[1], {.b = true}) + in.x[2];
           const Tensor<T> z = a == Activation::none ? y : unary(unary_function(a), y);
           return reshape(z, Shape{3, in.x[0].extent(1), 11});
         }});
  cases.push_back({"linear wide",
                   [](InputBuilder<T>& in, Index n) {
                     in.normal({2, n}).normal({33, n});
                   },
                   [](const Inputs<T>& in) { return linear(in.x[0], in.x[1]); },
                   [](const Inputs<T>& in) { return matmul(in.x[0], in.x[1], {.b = true}); }});
  return cases;
}

/// A product of two matrices or batches of them. Its twin is the transpose of the product of the transposed
/// matrices in the opposite order.
template <class T>
OperationCase<T> matmul_case(const std::string& name, std::function<void(InputBuilder<T>&, Index)> inputs,
                             Transposes transposes = {}) {
  return {"matmul " + name, std::move(inputs),
          [=](const Inputs<T>& in) { return matmul(in.x[0], in.x[1], transposes); },
          [=](const Inputs<T>& in) {
            return transpose(matmul(in.x[1], in.x[0], {!transposes.b, !transposes.a}));
          }};
}

/// A layer on [rows, inputs] numbers, with a bias.
template <class T>
OperationCase<T> linear_case(const std::string& name, std::function<void(InputBuilder<T>&, Index)> inputs,
                             Activation activation = Activation::none) {
  return {"linear " + name, std::move(inputs),
          [=](const Inputs<T>& in) { return linear(in.x[0], in.x[1], in.x[2], activation); },
          [=](const Inputs<T>& in) {
            const Tensor<T> y = matmul(in.x[0], in.x[1], {.b = true}) + in.x[2];
            return activation == Activation::none ? y : unary(unary_function(activation), y);
          }};
}

/// Products that the higher rungs compute otherwise: on tensor cores, which need 16 rows, columns and inner
/// numbers, in pieces of a long inner axis, and in large tiles, for which size 1023 has just enough rows.
/// Also those whose bias has the gradient of one row, or of one column.
template <class T>
std::vector<OperationCase<T>> large_product_cases() {
  using In = InputBuilder<T>;
  std::vector<OperationCase<T>> cases = {
      matmul_case<T>("long",
                     [](In& in, Index n) {
                       in.normal({17, 512 + n}).normal({512 + n, 19});
                     }),
      matmul_case<T>("square",
                     [](In& in, Index n) {
                       in.normal({n, 5}).normal({5, 2 * n});
                     }),
      linear_case<T>(
          "from 16 on",
          [](In& in, Index n) {
            in.normal({16 + n, 40}, 0.3).normal({24, 40}, 0.3).normal({24});
          },
          Activation::gelu),
      linear_case<T>("many rows",
                     [](In& in, Index n) {
                       in.normal({512 + n, 17}).normal({18, 17}).normal({18});
                     }),
      linear_case<T>("one row",
                     [](In& in, Index n) {
                       in.normal({1, n}).normal({33, n}).normal({33});
                     }),
      linear_case<T>("one column", [](In& in, Index n) {
        in.normal({3 * n, 9}).normal({1, 9}).normal({1});
      })};
  for (const auto& [name, t] :
       {std::pair{"nn", Transposes{}}, std::pair{"nt", Transposes{false, true}},
        std::pair{"tn", Transposes{true, false}}, std::pair{"tt", Transposes{true, true}}})
    cases.push_back(matmul_case<T>(
        concatenate("from 16 on ", name),
        [t = t](In& in, Index n) {
          in.normal(t.a ? Shape{2, 40, 16 + n} : Shape{2, 16 + n, 40});
          in.normal(t.b ? Shape{2, 24, 40} : Shape{2, 40, 24});
        },
        t));
  return cases;
}

/// Rows of up to 1,023 columns, of a few hundred more, and of more than a warp may have.
template <class T>
std::vector<OperationCase<T>> normalisation_cases() {
  const auto centred_exp = [](const Tensor<T>& x) {
    const Index rows = rows_and_columns(x.shape()).rows;
    const Tensor<T> flat = reshape(x, Shape{rows, x.extent(-1)});
    return exp(flat - reshape(maximum(flat, 1), Shape{rows, 1}));
  };
  std::vector<OperationCase<T>> cases;
  for (const auto& [variant, more] :
       {std::pair{"", 0}, std::pair{" long", 600}, std::pair{" longer", 1030}}) {
    const auto inputs = [more = more](InputBuilder<T>& in, Index n) { in.normal({2, 3, more + n}, 3); };
    cases.push_back({concatenate("softmax", variant), inputs,
                     [](const Inputs<T>& in) { return softmax(in.x[0]); },
                     [=](const Inputs<T>& in) {
                       const Tensor<T> e = centred_exp(in.x[0]);
                       return reshape(e / reshape(sum(e, 1), Shape{6, 1}), in.x[0].shape());
                     },
                     1});
    cases.push_back({concatenate("log_softmax", variant), inputs,
                     [](const Inputs<T>& in) { return log_softmax(in.x[0]); },
                     [=](const Inputs<T>& in) { return log(softmax(in.x[0])); }, 1});
    cases.push_back({concatenate("layer_norm", variant),
                     [more = more](InputBuilder<T>& in, Index n) {
                       in.normal({2, 3, more + n}).normal({more + n}).normal({more + n});
                     },
                     [](const Inputs<T>& in) { return layer_norm(in.x[0], in.x[1], in.x[2], 1e-5); },
                     [](const Inputs<T>& in) {
                       const Shape column{2, 3, 1};
                       const Tensor<T> centred = in.x[0] - reshape(mean(in.x[0], 2), column);
                       const Tensor<T> variance = reshape(mean(square(centred), 2), column);
                       return centred / sqrt(variance + 1e-5) * in.x[1] + in.x[2];
                     },
                     1});
  }
  return cases;
}

/// [ids, rows of the table]: a 1 where the id is the row's number.
template <class T>
Tensor<T> one_hot(const Tensor<Id>& ids, const Tensor<T>& table) {
  std::vector<T> values(static_cast<std::size_t>(ids.size() * table.extent(0)), T{0});
  Index row = 0;
  for (const Id id : ids.to_vector()) values[static_cast<std::size_t>(row++ * table.extent(0) + id)] = T{1};
  return Tensor<T>(Shape{ids.size(), table.extent(0)}, values, table.device());
}

template <class T>
std::vector<OperationCase<T>> embedding_cases() {
  return {
      {"embedding",
       [](InputBuilder<T>& in, Index n) {
         in.normal({7, 6}).normal({n + 3, 6}).ids({2, n}, 0, 6).ids({2}, 0, 3);
       },
       [](const Inputs<T>& in) { return embedding(in.ids[0], in.x[0], in.x[1], in.ids[1], 1.5); },
       [](const Inputs<T>& in) {
         const Index n = in.ids[0].extent(1);
         const std::vector<Id> first = in.ids[1].to_vector();
         const Tensor<T> rows = matmul(one_hot(in.ids[0], in.x[0]), in.x[0]) * 1.5;
         std::vector<Tensor<T>> positions;
         for (Id start : first) positions.push_back(slice(in.x[1], 0, start, start + n));
         return reshape(rows + concatenate(positions, 0), Shape{2, n, 6});
       }},
      {"embedding of any shape",
       [](InputBuilder<T>& in, Index n) {
         in.normal({7, 6}).ids({n, 1, 2}, 0, 6);
       },
       [](const Inputs<T>& in) { return embedding(in.ids[0], in.x[0]); },
       [](const Inputs<T>& in) {
         return reshape(matmul(one_hot(in.ids[0], in.x[0]), in.x[0]), Shape{in.ids[0].extent(0), 1, 2, 6});
       }}};
}

}  // namespace memsizer::check
