#pragma once
// Rows for the operations that are composed of others: those of daily use, most by PyTorch's names.

#include "memsizer/check/cases/layout_cases.hpp"

namespace memsizer::check {

/// What chooses elements: by a condition, by limits, by places.
template <class T>
std::vector<OperationCase<T>> selection_cases() {
  return {
      {"where",
       [](InputBuilder<T>& in, Index n) {
         in.normal({3, n}).normal({n}).ids({3, 1}, 0, 1);
       },
       [](const Inputs<T>& in) { return where(in.ids[0], in.x[0], in.x[1]); },
       [](const Inputs<T>& in) {
         const Tensor<T> chosen = cast<T>(in.ids[0]);
         return chosen * in.x[0] + (1.0 - chosen) * in.x[1];
       }},
      {"clamp", [](InputBuilder<T>& in, Index n) { in.away_from_zero({n}); },
       [](const Inputs<T>& in) { return clamp(in.x[0], -0.25, 0.25); },
       [](const Inputs<T>& in) {
         return on_host(in.x[0], [](double x) { return std::clamp(x, -0.25, 0.25); });
       }},
      {"clamp within", [](InputBuilder<T>& in, Index n) { in.away_from_zero({n}); },
       [](const Inputs<T>& in) { return clamp(in.x[0], -3, 3); },
       [](const Inputs<T>& in) { return in.x[0] * 1.0; }},
      {"maximum of two",
       [](InputBuilder<T>& in, Index n) {
         in.away_from_zero({3, n}).uniform({n}, -0.25, 0.25);  // away from equals
       },
       [](const Inputs<T>& in) { return maximum(in.x[0], in.x[1]); },
       [](const Inputs<T>& in) { return (in.x[0] + in.x[1] + abs(in.x[0] - in.x[1])) * 0.5; }},
      {"minimum of two",
       [](InputBuilder<T>& in, Index n) {
         in.away_from_zero({3, n}).uniform({n}, -0.25, 0.25);  // away from equals
       },
       [](const Inputs<T>& in) { return minimum(in.x[0], in.x[1]); },
       [](const Inputs<T>& in) { return (in.x[0] + in.x[1] - abs(in.x[0] - in.x[1])) * 0.5; }},
      {"gather",
       [](InputBuilder<T>& in, Index n) {
         in.normal({n, 4, 2}).ids({n, 3, 2}, -4, 3);
       },
       [](const Inputs<T>& in) { return gather(in.x[0], 1, in.ids[0]); },
       [](const Inputs<T>& in) {
         const std::vector<Id> ids = in.ids[0].to_vector();
         return picked(in.x[0], in.ids[0].shape(), [&](Index i) {
           const Index place = ids[static_cast<std::size_t>(i)];
           return i / 6 * 8 + (place < 0 ? place + 4 : place) * 2 + i % 2;
         });
       }},
      {"topk",
       [](InputBuilder<T>& in, Index) {
         in.distinct({2, 3, 4});  // few, so that they stay distinct in bfloat16
       },
       [](const Inputs<T>& in) { return topk(in.x[0], 2).values; },
       [](const Inputs<T>& in) {
         const Tensor<T> largest = max(in.x[0], -1, true);
         const Tensor<T> others = where(in.x[0] == largest, 0.0, in.x[0]);  // all are above 0
         return concatenate({largest, max(others, -1, true)}, -1);
       }},
      {"index_select",
       [](InputBuilder<T>& in, Index n) {
         in.normal({2, 5, n}).ids({7}, -5, 4);
       },
       [](const Inputs<T>& in) { return index_select(in.x[0], 1, in.ids[0]); },
       [](const Inputs<T>& in) {
         std::vector<Tensor<T>> parts;
         for (const Id id : in.ids[0].to_vector()) {
           const Index row = id < 0 ? id + 5 : id;
           parts.push_back(slice(in.x[0], 1, row, row + 1));
         }
         return concatenate(parts, 1);
       }},
      {"operator[]",
       [](InputBuilder<T>& in, Index n) {
         in.normal({3, n});
       },
       [](const Inputs<T>& in) { return in.x[0][1] * 2.0 + in.x[0][-1]; },
       [](const Inputs<T>& in) {
         const auto row = [&](Index i) { return reshape(slice(in.x[0], 0, i, i + 1), {-1}); };
         return row(1) * 2.0 + row(2);
       }},
  };
}

/// What computes each element anew.
template <class T>
std::vector<OperationCase<T>> composed_function_cases() {
  const auto normal = [](InputBuilder<T>& in, Index n) { in.normal({n}); };
  const auto away = [](InputBuilder<T>& in, Index n) { in.away_from_zero({n}); };
  return {
      {"sin", normal, [](const Inputs<T>& in) { return sin(in.x[0]); },
       [](const Inputs<T>& in) { return on_host(in.x[0], [](double x) { return std::sin(x); }); }},
      {"cos", normal, [](const Inputs<T>& in) { return cos(in.x[0]); },
       [](const Inputs<T>& in) { return on_host(in.x[0], [](double x) { return std::cos(x); }); }},
      {"abs", away, [](const Inputs<T>& in) { return abs(in.x[0]); },
       [](const Inputs<T>& in) { return on_host(in.x[0], [](double x) { return std::abs(x); }); }},
      {"pow 3", normal, [](const Inputs<T>& in) { return pow(in.x[0], 3); },
       [](const Inputs<T>& in) { return on_host(in.x[0], [](double x) { return x * x * x; }); }},
      {"pow -2", away, [](const Inputs<T>& in) { return pow(in.x[0], -2); },
       [](const Inputs<T>& in) { return on_host(in.x[0], [](double x) { return 1 / (x * x); }); }},
      {"pow 1.5", [](InputBuilder<T>& in, Index n) { in.uniform({n}, 0.5, 2); },
       [](const Inputs<T>& in) { return pow(in.x[0], 1.5); },
       [](const Inputs<T>& in) { return on_host(in.x[0], [](double x) { return std::pow(x, 1.5); }); }},
      {"divide number", away, [](const Inputs<T>& in) { return 2.0 / in.x[0]; },
       [](const Inputs<T>& in) { return on_host(in.x[0], [](double x) { return 2 / x; }); }},
      {"cast", normal, [](const Inputs<T>& in) { return cast<T>(cast<double>(in.x[0]) * 2.0); },
       [](const Inputs<T>& in) { return in.x[0] * 2.0; }},
  };
}

/// What moves or reduces whole axes.
template <class T>
std::vector<OperationCase<T>> axis_cases() {
  const auto block = [](InputBuilder<T>& in, Index n) { in.normal({2, n, 3}); };
  const auto distinct = [](InputBuilder<T>& in, Index n) { in.distinct({2, n, 3}); };
  return {
      {"transpose of two axes", block, [](const Inputs<T>& in) { return transpose(in.x[0], 0, -1); },
       [](const Inputs<T>& in) {
         return permute(in.x[0], {2, 1, 0});
       }},
      {"unsqueeze", block, [](const Inputs<T>& in) { return unsqueeze(in.x[0], -1); },
       [](const Inputs<T>& in) {
         return reshape(in.x[0], Shape{2, in.x[0].extent(1), 3, 1});
       }},
      {"squeeze", block, [](const Inputs<T>& in) { return squeeze(slice(in.x[0], 0, 1, 2), 0); },
       [](const Inputs<T>& in) {
         return reshape(slice(in.x[0], 0, -1, 2), Shape{in.x[0].extent(1), 3});
       }},
      {"stack",
       [](InputBuilder<T>& in, Index n) {
         in.normal({n, 3}).normal({n, 3});
       },
       [](const Inputs<T>& in) {
         return stack({in.x[0], in.x[1]}, 1);
       },
       [](const Inputs<T>& in) {
         const Index n = in.x[0].extent(0);
         const auto middle = [&](const Tensor<T>& x) { return reshape(x, Shape{n, 1, 3}); };
         return concatenate(std::vector{middle(in.x[0]), middle(in.x[1])}, 1);
       }},
      {"cat",
       [](InputBuilder<T>& in, Index n) {
         in.normal({n, 3}).normal({2, 3});
       },
       [](const Inputs<T>& in) {
         return cat({in.x[0], in.x[1]}, 0);
       },
       [](const Inputs<T>& in) { return concatenate(in.x, 0); }},
      {"sum kept", block, [](const Inputs<T>& in) { return in.x[0] - sum(in.x[0], 1, true); },
       [](const Inputs<T>& in) {
         return in.x[0] - reshape(sum(in.x[0], 1), Shape{2, 1, 3});
       }},
      {"mean kept", block, [](const Inputs<T>& in) { return in.x[0] - mean(in.x[0], -1, true); },
       [](const Inputs<T>& in) {
         return in.x[0] - reshape(mean(in.x[0], 2), Shape{2, in.x[0].extent(1), 1});
       }},
      {"max kept", distinct, [](const Inputs<T>& in) { return in.x[0] - max(in.x[0], -1, true); },
       [](const Inputs<T>& in) {
         return in.x[0] - reshape(maximum(in.x[0], 2), Shape{2, in.x[0].extent(1), 1});
       }},
      {"min", distinct, [](const Inputs<T>& in) { return min(in.x[0], -1); },
       [](const Inputs<T>& in) { return -maximum(-in.x[0], 2); }},
      {"variance", block, [](const Inputs<T>& in) { return variance(in.x[0], -1); },
       [](const Inputs<T>& in) {
         const Tensor<T>& x = in.x[0];
         const Tensor<T> centred = x - reshape(mean(x, 2), Shape{2, x.extent(1), 1});
         return sum(centred * centred, 2) * 0.5;
       }},
      {"axis softmax", block, [](const Inputs<T>& in) { return softmax(in.x[0], 0); },
       [](const Inputs<T>& in) { return exp(in.x[0]) / sum(exp(in.x[0]), 0, true); }},
      {"axis log_softmax", block, [](const Inputs<T>& in) { return log_softmax(in.x[0], 0); },
       [](const Inputs<T>& in) { return in.x[0] - log(sum(exp(in.x[0]), 0, true)); }},
  };
}

/// Losses of two tensors of one shape.
template <class T>
std::vector<OperationCase<T>> pair_loss_cases() {
  const auto probabilities = [](InputBuilder<T>& in, Index n) {
    in.uniform({n}, 0.3, 0.7).uniform({n}, 0.1, 0.9);
  };
  return {
      {"mse_loss", [](InputBuilder<T>& in, Index n) { in.normal({n}).normal({n}); },
       [](const Inputs<T>& in) { return mse_loss(in.x[0], in.x[1]); },
       [](const Inputs<T>& in) { return mean((in.x[0] - in.x[1]) * (in.x[0] - in.x[1])); }, 1},
      {"binary_cross_entropy", probabilities,
       [](const Inputs<T>& in) { return binary_cross_entropy(in.x[0], in.x[1]); },
       [](const Inputs<T>& in) {
         const Tensor<T>&p = in.x[0], &y = in.x[1];
         return mean(y * -log(p) - (1.0 - y) * log(1.0 - p));
       },
       1},
      {"binary_cross_entropy_with_logits", probabilities,
       [](const Inputs<T>& in) { return binary_cross_entropy_with_logits(in.x[0] - 0.5, in.x[1]); },
       [](const Inputs<T>& in) { return binary_cross_entropy(sigmoid(in.x[0] - 0.5), in.x[1]); }, 1},
  };
}

}  // namespace memsizer::check
