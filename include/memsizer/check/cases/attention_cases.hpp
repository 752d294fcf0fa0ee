#pragma once
// Rows for attention and for MemSizer's slot weights.

#include "memsizer/check/cases/composed_attention.hpp"
#include "memsizer/check/cases/composed_twins.hpp"
#include "memsizer/check/operation_case.hpp"

namespace memsizer::check {

/// One way to call attention: the width of its two heads, the numbers of queries and keys for a size, and
/// other options.
template <class T>
struct AttentionCase {
  using Options = std::function<AttentionOptions(const Inputs<T>&)>;
  using Bias = std::function<DistanceBias<T>(const Inputs<T>&)>;

  std::string name;
  Options options;
  Index more_keys = 0;                                            // than queries
  std::function<void(InputBuilder<T>&, Index)> more_inputs = {};  // beside query, key and value
  Bias bias = {};
  Index smallest = 0;
  Index head_dim = 3;

  OperationCase<T> row() const {
    const auto inputs = [more_keys = more_keys, more = more_inputs, head_dim = head_dim](InputBuilder<T>& in,
                                                                                         Index size) {
      const Index n = head_dim == 3 ? size : std::min<Index>(size, 70), columns = 2 * head_dim;
      in.normal({2, n, columns}).normal({2, n + more_keys, columns}).normal({2, n + more_keys, columns});
      if (more) more(in, n);
    };
    const auto options_of = [options = options](const Inputs<T>& in) {
      AttentionOptions all = options(in);
      all.heads = 2;
      return all;
    };
    const auto bias_of = [bias = bias](const Inputs<T>& in) { return bias ? bias(in) : DistanceBias<T>{}; };
    return {"attention " + name, inputs,
            [=](const Inputs<T>& in) {
              return attention(in.x[0], in.x[1], in.x[2], options_of(in), bias_of(in));
            },
            [=](const Inputs<T>& in) {
              return composed_attention(in.x[0], in.x[1], in.x[2], options_of(in), bias_of(in), in.step_key);
            },
            smallest};
  }
};

/// Rows for the keys that a query sees.
template <class T>
std::vector<AttentionCase<T>> visibility_cases() {
  using In = const Inputs<T>&;
  // Lengths from 1 key on, and first positions 0 to 2.
  const auto ragged = [](InputBuilder<T>& in, Index n) {
    in.ids({2}, 1, n + 2 > 1 ? n + 2 : 1).ids({2}, 0, 2);
  };
  const auto window = [](Index of_size_1, Index n) { return of_size_1 > 0 ? of_size_1 : n > 0 ? n : 1; };
  std::vector<AttentionCase<T>> cases = {
      {"causal", [](In) { return AttentionOptions{.causal = true}; }, 0, {}, {}, 1},
      {"cross", [](In) { return AttentionOptions{}; }, 1},
      {"ragged", [](In in) { return AttentionOptions{.key_lengths = in.ids[0]}; }, 4, ragged},
      {"cached",  // with room for two keys more
       [](In in) {
         return AttentionOptions{.causal = true,
                                 .keys = in.x[1].extent(1) - 2,
                                 .first_position = in.ids[1],
                                 .key_lengths = in.ids[0]};
       },
       4, ragged},
      {"dropout",
       [](In in) { return AttentionOptions{.causal = true, .dropout = in.dropout(0.3f)}; },
       0,
       {},
       {},
       1},
      {"scale", [](In) { return AttentionOptions{.causal = true, .scale = 0.3}; }, 0, {}, {}, 1},
      {"memory", [](In) { return AttentionOptions{.causal = true, .memory = 7}; }, 7},
      {"memory window", [](In) { return AttentionOptions{.causal = true, .window = 5, .memory = 7}; }, 7},
      {"memory ragged",  // each row sees only the last part of the memory
       [](In in) { return AttentionOptions{.causal = true, .memory = 7, .first_keys = in.ids[0]}; }, 7,
       [](InputBuilder<T>& in, Index) { in.ids({2}, 0, 7); }},
      {"memory window dropout",
       [](In in) {
         return AttentionOptions{.causal = true, .window = 9, .memory = 13, .dropout = in.dropout(0.25f)};
       },
       13},
  };
  for (const Index length : {1, 31, 0})  // 0: as long as the sequence
    cases.push_back(
        {concatenate("window ", length == 0 ? "of all" : concatenate(length)),
         [=](In in) { return AttentionOptions{.causal = true, .window = window(length, in.x[0].extent(1))}; },
         0,
         {},
         {},
         1});
  return cases;
}

/// Biases by distance. Input 3 is the bias's.
template <class T>
std::vector<AttentionCase<T>> bias_cases() {
  using In = const Inputs<T>&;
  const auto causal = [](In) { return AttentionOptions{.causal = true}; };
  const auto table = [](Index entries) {
    return [=](InputBuilder<T>& in, Index) { in.normal({2, entries}); };
  };
  const auto t5 = [](In in) { return DistanceBias<T>::t5(in.x[3], 16); };
  return {
      {"t5", causal, 0, table(8), t5, 1},
      {"t5 memory window dropout",
       [](In in) {
         return AttentionOptions{.causal = true, .window = 31, .memory = 5, .dropout = in.dropout(0.3f)};
       },
       5, table(8), t5},
      {"t5 both directions", [](In) { return AttentionOptions{}; }, 3, table(8),
       [](In in) { return DistanceBias<T>::t5(in.x[3], 16, true); }},
      {"alibi", causal, 0, [](InputBuilder<T>& in, Index) { in.uniform({2}, 0.01, 0.5); },
       [](In in) { return DistanceBias<T>::alibi(in.x[3]); }, 1},
      {"alibi cross ragged", [](In in) { return AttentionOptions{.key_lengths = in.ids[0]}; }, 2,
       [](InputBuilder<T>& in, Index n) { in.uniform({2}, 0.01, 0.5).ids({2}, 1, n + 2); },
       [](In in) { return DistanceBias<T>::alibi(in.x[3]); }},
      {"bias by distance", causal, 0, table(5), [](In in) { return DistanceBias<T>{.values = in.x[3]}; }, 1},
      {"bias of each query",  // as Transformer-XL has it
       [](In) { return AttentionOptions{.causal = true, .memory = 3}; }, 3,
       [](InputBuilder<T>& in, Index n) {
         in.normal({2, 2, n, 6});
       },
       [](In in) { return DistanceBias<T>{.values = in.x[3]}; }},
  };
}

/// Heads of two strips of 32 columns, of four, and so wide that no tile holds them. At most 70 queries make
/// them cheap.
template <class T>
std::vector<AttentionCase<T>> wide_head_cases() {
  std::vector<AttentionCase<T>> cases;
  for (const Index head_dim : {40, 100, 130})
    cases.push_back({.name = concatenate("heads of ", head_dim),
                     .options = [](const Inputs<T>&) { return AttentionOptions{.causal = true}; },
                     .smallest = 1,
                     .head_dim = head_dim});
  return cases;
}

template <class T>
std::vector<OperationCase<T>> attention_cases() {
  std::vector<OperationCase<T>> rows;
  for (const std::vector<AttentionCase<T>>& family :
       {visibility_cases<T>(), bias_cases<T>(), wide_head_cases<T>()})
    for (const AttentionCase<T>& one : family) rows.push_back(one.row());
  return rows;
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

}  // namespace memsizer::check
