#pragma once
// The attention kinds by name. To add a kind, include its file here and add a line to attention_kinds.

#include "memsizer/base/lists.hpp"
#include "memsizer/nn/attention/linear.hpp"
#include "memsizer/nn/attention/memsizer.hpp"
#include "memsizer/nn/attention/multi_head.hpp"

namespace memsizer::nn {

/// The description of a kind, and a function that makes a layer of it.
template <class T>
struct AttentionKind : AttentionDescription {
  std::unique_ptr<Attention<T>> (*make)(const AttentionConfig&);
};

/// The row of a class template that has a static description.
template <class T, template <class> class Kind>
constexpr AttentionKind<T> attention_kind() {
  return {Kind<T>::description, [](const AttentionConfig& config) -> std::unique_ptr<Attention<T>> {
            return std::make_unique<Kind<T>>(config);
          }};
}

template <class T>
inline constexpr AttentionKind<T> attention_kinds[] = {
    attention_kind<T, MultiHeadAttention>(),
    attention_kind<T, MemSizerAttention>(),
    attention_kind<T, LinearAttention>(),
};

/// The kinds that a program adds itself, before any thread looks for a kind:
///   own_attention_kinds<float>().push_back(attention_kind<float, MyAttention>());
template <class T>
std::vector<AttentionKind<T>>& own_attention_kinds() {
  static std::vector<AttentionKind<T>> kinds;
  return kinds;
}

/// The kind of this name. If there is none, InputError lists all kinds.
template <class T>
const AttentionKind<T>& find_attention_kind(const std::string& name) {
  for (const AttentionKind<T>& kind : attention_kinds<T>)
    if (name == kind.name) return kind;
  for (const AttentionKind<T>& kind : own_attention_kinds<T>())
    if (name == kind.name) return kind;
  std::string names = join(attention_kinds<T>, ", ", &AttentionKind<T>::name);
  for (const AttentionKind<T>& kind : own_attention_kinds<T>()) names += concatenate(", ", kind.name);
  throw InputError(concatenate("no attention kind is named '", name, "'; there are ", names));
}

/// Makes an attention layer of the kind of this name. InputError if there is no such kind.
template <class T>
std::unique_ptr<Attention<T>> make_attention(const std::string& name, const AttentionConfig& config) {
  return find_attention_kind<T>(name).make(config);
}

}  // namespace memsizer::nn
