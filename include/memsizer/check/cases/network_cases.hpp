#pragma once
// Rows for matrix products, normalisation, attention, MemSizer's memory, embeddings and losses.

#include "memsizer/check/operation_case.hpp"

namespace memsizer::check {

/// 1 where a query of row b may see a key, else 0: [batch, queries, keys].
template <class T>
Tensor<T> visible(const AttentionShape& shape, const Tensor<Id>& first_position,
                  const Tensor<Id>& key_lengths, Device& device) {
  std::vector<T> mask;
  const auto number = [](const Tensor<Id>& numbers, Index row, Index otherwise) {
    return numbers.defined() ? Index{numbers.to_vector()[static_cast<std::size_t>(row)]} : otherwise;
  };
  for (Index b = 0; b < shape.batch; ++b) {
    const Index first = number(first_position, b, 0), length = number(key_lengths, b, shape.keys);
    for (Index i = 0; i < shape.queries; ++i)
      for (Index j = 0; j < shape.keys; ++j)
        mask.push_back(j < length && (!shape.causal || j <= first + i) ? T{1} : T{0});
  }
  return Tensor<T>(Shape{shape.batch, shape.queries, shape.keys}, mask, device);
}

/// Attention with the whole matrix of weights, head by head, from simpler operations.
template <class T>
Tensor<T> composed_attention(const Tensor<T>& query, const Tensor<T>& key, const Tensor<T>& value,
                             const AttentionOptions& options) {
  const AttentionShape shape = attention_shape(query, key, value, options);
  const Tensor<T> mask = visible<T>(shape, options.first_position, options.key_lengths, query.device());
  const Shape all_weights{shape.batch, shape.heads, shape.queries, shape.keys};
  const Tensor<T> kept = dropout(Tensor<T>::full(all_weights, T{1}, query.device()), options.dropout);
  std::vector<Tensor<T>> heads;
  for (Index h = 0; h < shape.heads; ++h) {
    const auto head = [&](const Tensor<T>& x) {
      return slice(x, 2, h * shape.head_dim, (h + 1) * shape.head_dim);
    };
    const Tensor<T> scores =
        matmul(head(query), head(slice(key, 1, 0, shape.keys)), {.b = true}) * shape.scale;
    Tensor<T> weights = softmax(scores * mask + (mask - 1.0) * 1e4) * mask;
    if (options.dropout) weights = weights * reshape(slice(kept, 1, h, h + 1), weights.shape());
    heads.push_back(matmul(weights, head(slice(value, 1, 0, shape.keys))));
  }
  return concatenate(heads, 2);
}

/// The causal memory with the whole matrix of p_t k_j: the formula of the paper.
template <class T>
Tensor<T> composed_scan(const Tensor<T>& p, const Tensor<T>& k, const Tensor<T>& v, const Tensor<Id>& lengths,
                        const ScanState<T>& state) {
  const Index batch = p.extent(0), time = p.extent(1);
  std::vector<T> mask, scale;
  const std::vector<Id> real =
      lengths.defined() ? lengths.to_vector() : std::vector<Id>(batch, static_cast<Id>(time));
  const std::vector<Id> counts =
      state.counts.defined() ? state.counts.to_vector() : std::vector<Id>(batch, 0);
  for (std::size_t b = 0; b < real.size(); ++b)
    for (Index t = 0; t < time; ++t) {
      for (Index j = 0; j < time; ++j) mask.push_back(j <= t && t < real[b] ? T{1} : T{0});
      scale.push_back(t < real[b] ? static_cast<T>(1 / std::sqrt(counts[b] + t + 1.0)) : T{0});
    }
  const Tensor<T> scores = matmul(p, k, {.b = true}) * Tensor<T>(Shape{batch, time, time}, mask, p.device());
  Tensor<T> sums = matmul(scores, v);
  if (state.memory.defined()) sums = sums + matmul(p, state.memory);
  return sums * Tensor<T>(Shape{batch, time, 1}, scale, p.device());
}

/// Cross entropy of each row from log softmax and a matrix of smoothed targets.
template <class T>
Tensor<T> composed_cross_entropy(const Tensor<T>& logits, const Tensor<Id>& targets,
                                 const LabelSmoothing& smoothing) {
  const auto [rows, classes] = rows_and_columns(logits.shape());
  const double s = smoothing.smoothing, n = static_cast<double>(classes);
  const bool all = smoothing.over == LabelSmoothing::Over::all;
  const double other = all ? s / n : (s > 0 ? s / (n - 1) : 0), right = all ? 1 - s + s / n : 1 - s;
  std::vector<T> wanted(static_cast<std::size_t>(rows * classes), T{0});
  const std::vector<Id> ids = targets.to_vector();
  for (Index row = 0; row < rows; ++row)
    for (Index c = 0; c < classes && ids[static_cast<std::size_t>(row)] >= 0; ++c)
      wanted[static_cast<std::size_t>(row * classes + c)] =
          static_cast<T>(c == ids[static_cast<std::size_t>(row)] ? right : other);
  return -sum(log_softmax(logits) * Tensor<T>(logits.shape(), wanted, logits.device()), -1);
}

/// Random targets, some of them not scored, and one that always is.
template <class T>
Tensor<Id> scored(const Inputs<T>& in) {
  std::vector<Id> targets = in.ids[0].to_vector();
  targets.push_back(in.ids[1].to_vector()[0]);
  return Tensor<Id>(Shape{static_cast<Index>(targets.size())}, targets, in.ids[0].device());
}

/// The sum of a loss of each row over the number of scored rows.
template <class T>
Tensor<T> mean_over_scored(const Tensor<T>& losses, const Tensor<Id>& targets) {
  double count = 0;
  for (Id target : targets.to_vector()) count += target >= 0;
  return sum(losses) / count;
}

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
        std::pair{"gelu", Activation::gelu}})
    cases.push_back(
        {concatenate("linear ", name),
         [](InputBuilder<T>& in, Index n) {  // what ReLU sees is an eighth or more from 0
           in.odd_multiples({3, n, 9}, 0.5).odd_multiples({11, 9}, 0.5).odd_multiples({11}, 0.125);
         },
         [a = activation](const Inputs<T>& in) { return linear(in.x[0], in.x[1], in.x[2], a); },
         [a = activation](const Inputs<T>& in) {
           const Index rows = 3 * in.x[0].extent(1);
           const Tensor<T> y = matmul(reshape(in.x[0], Shape{rows, 9}), in.x[1], {.b = true}) + in.x[2];
           const Tensor<T> z = a == Activation::relu ? relu(y) : a == Activation::gelu ? gelu(y) : y;
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

template <class T>
std::vector<OperationCase<T>> normalisation_cases() {
  const auto centred_exp = [](const Tensor<T>& x) {
    const Index rows = rows_and_columns(x.shape()).rows;
    const Tensor<T> flat = reshape(x, Shape{rows, x.extent(-1)});
    return exp(flat - reshape(maximum(flat, 1), Shape{rows, 1}));
  };
  const auto inputs = [](InputBuilder<T>& in, Index n) { in.normal({2, 3, n}, 3); };
  return {
      {"softmax", inputs, [](const Inputs<T>& in) { return softmax(in.x[0]); },
       [=](const Inputs<T>& in) {
         const Tensor<T> e = centred_exp(in.x[0]);
         return reshape(e / reshape(sum(e, 1), Shape{6, 1}), in.x[0].shape());
       },
       1},
      {"log_softmax", inputs, [](const Inputs<T>& in) { return log_softmax(in.x[0]); },
       [=](const Inputs<T>& in) { return log(softmax(in.x[0])); }, 1},
      {"layer_norm",
       [](InputBuilder<T>& in, Index n) {
         in.normal({2, 3, n}).normal({n}).normal({n});
       },
       [](const Inputs<T>& in) { return layer_norm(in.x[0], in.x[1], in.x[2], 1e-5); },
       [](const Inputs<T>& in) {
         const Shape column{2, 3, 1};
         const Tensor<T> centred = in.x[0] - reshape(mean(in.x[0], 2), column);
         const Tensor<T> variance = reshape(mean(square(centred), 2), column);
         return centred / sqrt(variance + 1e-5) * in.x[1] + in.x[2];
       },
       1},
  };
}

template <class T>
std::vector<OperationCase<T>> attention_cases() {
  struct Variant {
    const char* name;
    bool causal, ragged;
    float dropout = 0;
  };
  std::vector<OperationCase<T>> cases;
  for (const Variant& variant :
       {Variant{"causal", true, false}, Variant{"full", false, false}, Variant{"ragged", false, true},
        Variant{"cached", true, true}, Variant{"dropout", true, false, 0.3f}}) {
    const auto options = [=](const Inputs<T>& in) {
      AttentionOptions options{.heads = 2, .causal = variant.causal, .dropout = in.dropout(variant.dropout)};
      if (variant.ragged) options.key_lengths = in.ids[0];
      if (variant.ragged && variant.causal) {  // a cache with room for two keys more
        options.first_position = in.ids[1];
        options.keys = in.x[1].extent(1) - 2;
      }
      return options;
    };
    cases.push_back(
        {concatenate("attention ", variant.name),
         [=](InputBuilder<T>& in, Index n) {
           const Index keys = variant.ragged ? n + 4 : variant.causal ? n : n + 1;
           in.normal({2, n, 6}).normal({2, keys, 6}).normal({2, keys, 6});
           in.ids({2}, 1, keys - 2 > 1 ? keys - 2 : 1).ids({2}, 0, 2);
         },
         [=](const Inputs<T>& in) { return attention(in.x[0], in.x[1], in.x[2], options(in)); },
         [=](const Inputs<T>& in) { return composed_attention(in.x[0], in.x[1], in.x[2], options(in)); },
         variant.causal && !variant.ragged ? 1 : 0});
  }
  return cases;
}

template <class T>
std::vector<OperationCase<T>> slot_weights_cases() {
  return {
      {"slot_weights",
       [](InputBuilder<T>& in, Index n) {
         in.normal({n, 3 * 5});
       },
       [](const Inputs<T>& in) { return slot_weights(in.x[0], 3); },
       [](const Inputs<T>& in) {
         return mean(softmax(reshape(in.x[0], Shape{in.x[0].extent(0), 3, 5})), 1);
       }},
      {"slot_weights dropout",
       [](InputBuilder<T>& in, Index n) {
         in.normal({n, 3 * 5});
       },
       [](const Inputs<T>& in) { return slot_weights(in.x[0], 3, in.dropout(0.25f)); },
       [](const Inputs<T>& in) {
         const Tensor<T> weights = softmax(reshape(in.x[0], Shape{in.x[0].extent(0), 3, 5}));
         return mean(dropout(weights, in.dropout(0.25f)), 1);
       }},
  };
}

template <class T>
std::vector<OperationCase<T>> key_value_memory_cases() {
  const auto scan_inputs = [](InputBuilder<T>& in, Index n) {
    in.normal({2, n, 5}).normal({2, n, 5}).normal({2, n, 6}).ids({2}, n > 0 ? 1 : 0, n).ids({2}, 0, 9);
  };
  const auto state = [](const Inputs<T>& in) {
    const Tensor<T> memory = Tensor<T>::full({2, 5, 6}, T{0.5}, in.x[0].device());
    return ScanState<T>{memory, in.ids[1]};
  };
  return {
      {"causal_scan", scan_inputs, [](const Inputs<T>& in) { return causal_scan(in.x[0], in.x[1], in.x[2]); },
       [](const Inputs<T>& in) { return composed_scan(in.x[0], in.x[1], in.x[2], {}, {}); }},
      {"causal_scan continued", scan_inputs,
       [=](const Inputs<T>& in) { return causal_scan(in.x[0], in.x[1], in.x[2], in.ids[0], state(in)); },
       [=](const Inputs<T>& in) { return composed_scan(in.x[0], in.x[1], in.x[2], in.ids[0], state(in)); }},
      {"key_value_memory",
       [](InputBuilder<T>& in, Index n) {
         in.normal({2, n, 5}).normal({2, n, 6}).ids({2}, 1, n);
       },
       [](const Inputs<T>& in) { return key_value_memory(in.x[0], in.x[1], in.ids[0]); },
       [](const Inputs<T>& in) {
         const Index n = in.x[0].extent(1);
         std::vector<T> scale;
         for (Id length : in.ids[0].to_vector())
           for (Index t = 0; t < n; ++t)
             scale.push_back(t < length ? static_cast<T>(1 / std::sqrt(double(length))) : T{0});
         return matmul(in.x[0] * Tensor<T>(Shape{2, n, 1}, scale, in.x[0].device()), in.x[1], {.a = true});
       },
       1},
  };
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
         const std::vector<Id> ids = in.ids[0].to_vector(), first = in.ids[1].to_vector();
         std::vector<T> one_hot(static_cast<std::size_t>(2 * n * 7), T{0});
         for (std::size_t i = 0; i < ids.size(); ++i)
           one_hot[i * 7 + static_cast<std::size_t>(ids[i])] = T{1};
         const Tensor<T> rows = matmul(Tensor<T>(Shape{2 * n, 7}, one_hot, in.x[0].device()), in.x[0]) * 1.5;
         std::vector<Tensor<T>> positions;
         for (Id start : first) positions.push_back(slice(in.x[1], 0, start, start + n));
         return reshape(rows + concatenate(positions, 0), Shape{2, n, 6});
       }}};
}

template <class T>
std::vector<OperationCase<T>> loss_cases() {
  using Over = LabelSmoothing::Over;
  std::vector<OperationCase<T>> cases;
  for (const LabelSmoothing smoothing :
       {LabelSmoothing{}, LabelSmoothing{0.1, Over::others}, LabelSmoothing{0.1, Over::all}}) {
    const std::string variant =
        concatenate(smoothing.smoothing, smoothing.over == Over::all ? " over all" : " over others");
    cases.push_back(
        {"cross_entropy_rows " + variant,
         [](InputBuilder<T>& in, Index n) {
           in.normal({n, 11}, 2).ids({n}, -1, 10);
         },
         [=](const Inputs<T>& in) { return cross_entropy_rows(in.x[0], in.ids[0], smoothing); },
         [=](const Inputs<T>& in) { return composed_cross_entropy(in.x[0], in.ids[0], smoothing); }});
    cases.push_back({"cross_entropy " + variant,
                     [](InputBuilder<T>& in, Index n) {
                       in.normal({n + 1, 11}, 2).ids({n}, -1, 10).ids({1}, 3, 3);
                     },
                     [=](const Inputs<T>& in) { return cross_entropy(in.x[0], scored(in), smoothing); },
                     [=](const Inputs<T>& in) {
                       return mean_over_scored(composed_cross_entropy(in.x[0], scored(in), smoothing),
                                               scored(in));
                     }});
    cases.push_back({"linear_cross_entropy " + variant,
                     [](InputBuilder<T>& in, Index n) {
                       in.normal({n + 1, 6}).normal({13, 6}).ids({n}, -1, 12).ids({1}, 3, 3);
                     },
                     [=](const Inputs<T>& in) {
                       return linear_cross_entropy(in.x[0], in.x[1], scored(in), smoothing).mean;
                     },
                     [=](const Inputs<T>& in) {
                       const Tensor<T> logits = matmul(in.x[0], in.x[1], {.b = true});
                       return mean_over_scored(composed_cross_entropy(logits, scored(in), smoothing),
                                               scored(in));
                     }});
  }
  return cases;
}

}  // namespace memsizer::check
