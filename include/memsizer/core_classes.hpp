#pragma once
// The core library without the kernels' bodies, and the list of its classes. memsizer.hpp and core.hpp
// include this.

#include "memsizer/base/requirements.hpp"  // first of all
#include "memsizer/models/language_model.hpp"
#include "memsizer/nn/parameter_store.hpp"
#include "memsizer/optim/optimiser.hpp"
#include "memsizer/optim/schedule.hpp"

/// What the library memsizer::kernels holds compiled. `INSTANTIATE` is `template` in the library and
/// `extern template` in core.hpp. A class that is missing here is compiled by each file that uses it.
#define MEMSIZER_CORE_CLASSES(INSTANTIATE)          \
  INSTANTIATE class memsizer::Tensor<memsizer::Id>; \
  MEMSIZER_CORE_CLASSES_OF(INSTANTIATE, float);     \
  MEMSIZER_CORE_CLASSES_OF(INSTANTIATE, double)

/// The classes of one element type.
#define MEMSIZER_CORE_CLASSES_OF(INSTANTIATE, T)                                                        \
  INSTANTIATE class memsizer::Tensor<T>;                                                                \
  INSTANTIATE void memsizer::Tape::backward<T>(const memsizer::Tensor<T>&);                             \
  INSTANTIATE void memsizer::Tape::backward<T>(const memsizer::Tensor<T>&, const memsizer::Tensor<T>&); \
  INSTANTIATE class memsizer::nn::Module<T>;                                                            \
  INSTANTIATE class memsizer::nn::Linear<T>;                                                            \
  INSTANTIATE class memsizer::nn::LayerNorm<T>;                                                         \
  INSTANTIATE class memsizer::nn::Embedding<T>;                                                         \
  INSTANTIATE class memsizer::nn::RowTensors<T>;                                                        \
  INSTANTIATE class memsizer::nn::PreparedSource<T>;                                                    \
  INSTANTIATE class memsizer::nn::State<T>;                                                             \
  INSTANTIATE class memsizer::nn::Attention<T>;                                                         \
  INSTANTIATE class memsizer::nn::MultiHeadAttention<T>;                                                \
  INSTANTIATE class memsizer::nn::MemSizerAttention<T>;                                                 \
  INSTANTIATE class memsizer::nn::ProjectedAttention<T>;                                                \
  INSTANTIATE class memsizer::nn::LinearAttention<T>;                                                   \
  INSTANTIATE const memsizer::nn::AttentionKind<T>& memsizer::nn::find_attention_kind<T>(               \
      const std::string&);                                                                              \
  INSTANTIATE std::unique_ptr<memsizer::nn::Attention<T>> memsizer::nn::make_attention<T>(              \
      const std::string&, const memsizer::nn::AttentionConfig&);                                        \
  INSTANTIATE class memsizer::models::TokenEmbedding<T>;                                                \
  INSTANTIATE class memsizer::models::BlockStack<T>;                                                    \
  INSTANTIATE class memsizer::models::Block<T>;                                                         \
  INSTANTIATE class memsizer::models::LanguageModel<T>;                                                 \
  INSTANTIATE class memsizer::optim::FlatParameters<T>;                                                 \
  INSTANTIATE class memsizer::nn::ParameterStore<T>;                                                    \
  INSTANTIATE class memsizer::optim::Optimiser<T>;                                                      \
  INSTANTIATE class memsizer::optim::Adam<T>;                                                           \
  INSTANTIATE class memsizer::optim::AdamW<T>;                                                          \
  INSTANTIATE class memsizer::optim::NesterovSgd<T>
