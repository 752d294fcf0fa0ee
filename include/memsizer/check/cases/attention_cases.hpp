#pragma once
// Rows for attention and for MemSizer's slot weights.

#include "memsizer/check/cases/composed_twins.hpp"
#include "memsizer/check/operation_case.hpp"

namespace memsizer::check {

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

}  // namespace memsizer::check
