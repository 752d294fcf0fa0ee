#pragma once
// The attention kinds by name. A new kind adds its file and a line here.

#include "memsizer/base/lists.hpp"
#include "memsizer/nn/attention/memsizer.hpp"
#include "memsizer/nn/attention/multi_head.hpp"

namespace memsizer::nn {

/// A kind's name in configurations and how it is made.
template <class T>
struct AttentionKind {
  const char* name;
  std::unique_ptr<Attention<T>> (*make)(const AttentionConfig&);
};

template <class T>
inline constexpr AttentionKind<T> attention_kinds[] = {
    {"transformer",
     [](const AttentionConfig& c) -> std::unique_ptr<Attention<T>> {
       return std::make_unique<MultiHeadAttention<T>>(c);
     }},
    {"memsizer",
     [](const AttentionConfig& c) -> std::unique_ptr<Attention<T>> {
       return std::make_unique<MemSizerAttention<T>>(c);
     }},
};

/// The kind of a name; InputError naming all kinds if there is none.
template <class T>
const AttentionKind<T>& find_attention_kind(const std::string& name) {
  for (const AttentionKind<T>& kind : attention_kinds<T>)
    if (name == kind.name) return kind;
  const std::string names = join(attention_kinds<T>, ", ", &AttentionKind<T>::name);
  throw InputError(concatenate("no attention kind is named '", name, "'; there are ", names));
}

/// The attention of a kind; InputError if there is none of this name.
template <class T>
std::unique_ptr<Attention<T>> make_attention(const std::string& name, const AttentionConfig& config) {
  return find_attention_kind<T>(name).make(config);
}

}  // namespace memsizer::nn
