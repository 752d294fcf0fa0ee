#pragma once
// The named architectures: which kind of attention stands where, and sizes that go with it.

#include <algorithm>
#include <string>
#include <vector>

#include "memsizer/base/lists.hpp"
#include "memsizer/base/nearest.hpp"

namespace memsizer::tasks {

/// A row of the table. `attention` is the kind of causal self-attention (of a language model and of a
/// decoder); encoder_attention and cross_attention are those of a model with a source text, and an
/// architecture that names an encoder is for tasks with a source alone. `values` are further key=value
/// defaults, which come after the preset's.
struct Architecture {
  std::string name, meaning, attention;
  std::string encoder_attention = {}, cross_attention = {};
  std::vector<std::string> values = {};
};

/// A new architecture is a new row.
inline const std::vector<Architecture>& architectures() {
  static const std::vector<Architecture> table = {
      {"transformer", "softmax attention over all tokens (Vaswani et al. 2017)", "transformer"},
      {"memsizer", "a key-value memory of fixed size (Zhang and Cai 2022)", "memsizer"},
      {"linear", "attention by a kernel, ELU + 1 (Katharopoulos et al. 2020)", "linear"},
      {.name = "gpt2",
       .meaning = "a Transformer as GPT-2 begins it (Radford et al. 2019)",
       .attention = "transformer",
       .values = {"positions=learned", "activation=gelu-tanh", "embedding_scale=one", "initialisation=gpt2",
                  "weight_decay_on=matrices"}},
      {.name = "memsizer-hybrid",
       .meaning = "a Transformer's encoder with MemSizer's decoder, as MemSizer's authors translate",
       .attention = "memsizer",
       .encoder_attention = "transformer",
       .cross_attention = "memsizer"}};
  return table;
}

inline std::vector<std::string> architecture_names() {
  std::vector<std::string> names;
  for (const Architecture& row : architectures()) names.push_back(row.name);
  return names;
}

/// The row of a name; InputError that lists all if there is none.
inline const Architecture& find_architecture(const std::string& name) {
  for (const Architecture& row : architectures())
    if (row.name == name) return row;
  throw InputError(
      concatenate("architecture: one of ", join(architecture_names()), " expected, got '", name, "'"));
}

/// The place of an architecture in the table, which is its color in every picture.
inline int architecture_number(const std::string& name) {
  const std::vector<std::string> names = architecture_names();
  return static_cast<int>(std::ranges::find(names, name) - names.begin());
}

}  // namespace memsizer::tasks
