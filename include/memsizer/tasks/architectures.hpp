#pragma once
// The named architectures: which kind of attention stands in which place, and the defaults that go with it.

#include <algorithm>
#include <string>
#include <vector>

#include "memsizer/base/lists.hpp"
#include "memsizer/base/nearest.hpp"

namespace memsizer::tasks {

/// A row of the table. `attention` is the kind of causal self-attention, in a language model or a decoder.
/// encoder_attention and cross_attention are the kinds in a model with a source text; an architecture that
/// sets encoder_attention is only for tasks with a source. `values` are further key=value defaults, which
/// override the preset's.
struct Architecture {
  std::string name, meaning, attention;
  std::string encoder_attention = {}, cross_attention = {};
  std::vector<std::string> values = {};
};

/// All architectures. To add an architecture, add a row.
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

/// The row with this name. If there is none, an InputError lists all names.
inline const Architecture& find_architecture(const std::string& name) {
  for (const Architecture& row : architectures())
    if (row.name == name) return row;
  throw InputError(
      concatenate("architecture: one of ", join(architecture_names()), " expected, got '", name, "'"));
}

/// The index of an architecture in the table. It decides the color in every plot.
inline int architecture_number(const std::string& name) {
  const std::vector<std::string> names = architecture_names();
  return static_cast<int>(std::ranges::find(names, name) - names.begin());
}

}  // namespace memsizer::tasks
