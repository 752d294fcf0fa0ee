#pragma once
// The core library without the kernels' bodies, and the list of its classes. memsizer.hpp and core.hpp
// include this.

#include "memsizer/base/requirements.hpp"  // first of all
#include "memsizer/models/encoder_decoder.hpp"
#include "memsizer/nn/parameter_store.hpp"
#include "memsizer/nn/sequential.hpp"
#include "memsizer/nn/step_key.hpp"
#include "memsizer/nn/summary.hpp"
#include "memsizer/optim/optimiser.hpp"
#include "memsizer/optim/schedule.hpp"

/// What the library memsizer::kernels holds compiled. `INSTANTIATE` is `template` in the library and
/// `extern template` in core.hpp. What is missing here is compiled by each file that uses it, unless its body
/// is in the library alone (base/linkage.hpp).
#define MEMSIZER_CORE_CLASSES(INSTANTIATE)          \
  INSTANTIATE class memsizer::Tensor<memsizer::Id>; \
  MEMSIZER_CORE_CLASSES_OF(INSTANTIATE, float);     \
  MEMSIZER_CORE_CLASSES_OF(INSTANTIATE, double)

/// The same in bfloat16, which core_bfloat16.hpp names.
#define MEMSIZER_BFLOAT16_CLASSES(INSTANTIATE) MEMSIZER_CORE_CLASSES_OF(INSTANTIATE, memsizer::bfloat16)

/// The classes of one element type.
#define MEMSIZER_CORE_CLASSES_OF(INSTANTIATE, T)                                                        \
  INSTANTIATE class memsizer::Tensor<T>;                                                                \
  INSTANTIATE void memsizer::Tape::backward<T>(const memsizer::Tensor<T>&);                             \
  INSTANTIATE void memsizer::Tape::backward<T>(const memsizer::Tensor<T>&, const memsizer::Tensor<T>&); \
  INSTANTIATE void memsizer::Tape::backward<T>(                                                         \
      const std::vector<std::pair<memsizer::Tensor<T>, memsizer::Tensor<T>>>&);                         \
  INSTANTIATE void memsizer::record_edges<T>(                                                           \
      const char*, memsizer::Tensor<T>&,                                                                \
      std::type_identity_t<memsizer::UniqueFunction<void(const memsizer::Tensor<T>&)>>,                 \
      std::vector<memsizer::GraphEdge>);                                                                \
  INSTANTIATE void memsizer::record_edges_of_both<T>(                                                   \
      const char*, memsizer::Tensor<T>&, memsizer::Tensor<T>&,                                          \
      std::type_identity_t<                                                                             \
          memsizer::UniqueFunction<void(const memsizer::Tensor<T>&, const memsizer::Tensor<T>&)>>,      \
      std::vector<memsizer::GraphEdge>);                                                                \
  INSTANTIATE class memsizer::nn::Module<T>;                                                            \
  INSTANTIATE class memsizer::nn::Linear<T>;                                                            \
  INSTANTIATE class memsizer::nn::LayerNorm<T>;                                                         \
  INSTANTIATE class memsizer::nn::Embedding<T>;                                                         \
  INSTANTIATE class memsizer::nn::RowTensors<T>;                                                        \
  INSTANTIATE class memsizer::nn::PreparedSource<T>;                                                    \
  INSTANTIATE class memsizer::nn::State<T>;                                                             \
  INSTANTIATE void memsizer::nn::append<T>(std::vector<memsizer::nn::State<T>>&,                        \
                                           const std::vector<memsizer::nn::State<T>>&);                 \
  INSTANTIATE std::vector<memsizer::nn::HostArray> memsizer::nn::save<T>(                               \
      const std::vector<memsizer::nn::State<T>>&);                                                      \
  INSTANTIATE std::vector<memsizer::nn::State<T>> memsizer::nn::restored_states<T>(                     \
      const std::vector<memsizer::nn::HostArray>&, memsizer::Index, memsizer::Device&);                 \
  INSTANTIATE class memsizer::nn::Attention<T>;                                                         \
  INSTANTIATE class memsizer::nn::MultiHeadAttention<T>;                                                \
  INSTANTIATE class memsizer::nn::MemSizerAttention<T>;                                                 \
  INSTANTIATE class memsizer::nn::ProjectedAttention<T>;                                                \
  INSTANTIATE class memsizer::nn::LinearAttention<T>;                                                   \
  INSTANTIATE const memsizer::nn::AttentionKind<T>& memsizer::nn::find_attention_kind<T>(               \
      const std::string&);                                                                              \
  INSTANTIATE std::unique_ptr<memsizer::nn::Attention<T>> memsizer::nn::make_attention<T>(              \
      const std::string&, const memsizer::nn::AttentionConfig&);                                        \
  INSTANTIATE class memsizer::optim::FlatParameters<T>;                                                 \
  INSTANTIATE class memsizer::nn::ParameterStore<T>;                                                    \
  INSTANTIATE class memsizer::optim::Optimiser<T>;                                                      \
  INSTANTIATE class memsizer::optim::Adam<T>;                                                           \
  INSTANTIATE class memsizer::optim::AdamW<T>;                                                          \
  INSTANTIATE class memsizer::optim::NesterovSgd<T>;                                                    \
  MEMSIZER_CORE_OPERATIONS_OF(INSTANTIATE, T)

/// The models of one element type. Their great functions have bodies in the library alone, so core.hpp need
/// not declare them: a file that uses none of them would pay for it.
#define MEMSIZER_CORE_MODELS_OF(INSTANTIATE, T)          \
  INSTANTIATE class memsizer::models::TokenEmbedding<T>; \
  INSTANTIATE class memsizer::models::BlockStack<T>;     \
  INSTANTIATE class memsizer::models::Block<T>;          \
  INSTANTIATE class memsizer::models::TokenStack<T>;     \
  INSTANTIATE class memsizer::models::OutputLayer<T>;    \
  INSTANTIATE class memsizer::models::LanguageModel<T>;  \
  INSTANTIATE class memsizer::models::EncoderDecoder<T>

/// The operations that most models use, of one element type.
#define MEMSIZER_CORE_OPERATIONS_OF(INSTANTIATE, T)                                                         \
  INSTANTIATE memsizer::Tensor<T> memsizer::unary<T>(memsizer::UnaryFunction, const memsizer::Tensor<T>&);  \
  INSTANTIATE memsizer::Tensor<T> memsizer::binary<T>(                                                      \
      memsizer::BinaryFunction, const char*, const memsizer::Tensor<T>&, const memsizer::Tensor<T>&);       \
  INSTANTIATE memsizer::Tensor<T> memsizer::affine<T>(const memsizer::Tensor<T>&, double, double);          \
  INSTANTIATE memsizer::Tensor<T> memsizer::dropout<T>(const memsizer::Tensor<T>&,                          \
                                                       const memsizer::Dropout&);                           \
  INSTANTIATE memsizer::Tensor<T> memsizer::embedding<T>(                                                   \
      const memsizer::Tensor<memsizer::Id>&, const memsizer::Tensor<T>&, const memsizer::Tensor<T>&,        \
      const memsizer::Tensor<memsizer::Id>&, double);                                                       \
  INSTANTIATE memsizer::Tensor<T> memsizer::reshape<T>(const memsizer::Tensor<T>&, const memsizer::Shape&); \
  INSTANTIATE memsizer::Tensor<T> memsizer::reshape<T>(const memsizer::Tensor<T>&,                          \
                                                       std::initializer_list<memsizer::AnyIndex>);          \
  INSTANTIATE memsizer::Tensor<T> memsizer::permute<T>(const memsizer::Tensor<T>&, std::span<const int>);   \
  INSTANTIATE memsizer::Tensor<T> memsizer::slice<T>(const memsizer::Tensor<T>&, memsizer::Index,           \
                                                     memsizer::Index, memsizer::Index);                     \
  INSTANTIATE memsizer::Tensor<T> memsizer::concatenate<T>(const std::vector<memsizer::Tensor<T>>&,         \
                                                           memsizer::Index);                                \
  INSTANTIATE memsizer::Tensor<T> memsizer::broadcast_to<T>(const memsizer::Tensor<T>&,                     \
                                                            const memsizer::Shape&);                        \
  INSTANTIATE memsizer::Tensor<memsizer::Accumulate<T>> memsizer::cross_entropy_rows<T>(                    \
      const memsizer::Tensor<T>&, const memsizer::Tensor<memsizer::Id>&, const memsizer::LabelSmoothing&);  \
  INSTANTIATE memsizer::Tensor<memsizer::Accumulate<T>> memsizer::cross_entropy<T>(                         \
      const memsizer::Tensor<T>&, const memsizer::Tensor<memsizer::Id>&, const memsizer::LabelSmoothing&);  \
  INSTANTIATE memsizer::Tensor<T> memsizer::matmul<T>(const memsizer::Tensor<T>&,                           \
                                                      const memsizer::Tensor<T>&, memsizer::Transposes);    \
  INSTANTIATE memsizer::Tensor<T> memsizer::linear<T>(const memsizer::Tensor<T>&,                           \
                                                      const memsizer::Tensor<T>&,                           \
                                                      const memsizer::Tensor<T>&, memsizer::Activation);    \
  INSTANTIATE memsizer::Tensor<T> memsizer::slot_weights<T>(const memsizer::Tensor<T>&, memsizer::Index,    \
                                                            const memsizer::Dropout&);                      \
  INSTANTIATE memsizer::Tensor<T> memsizer::layer_norm<T>(                                                  \
      const memsizer::Tensor<T>&, const memsizer::Tensor<T>&, const memsizer::Tensor<T>&, double);          \
  INSTANTIATE memsizer::Tensor<T> memsizer::reduce<T>(memsizer::ReduceFunction, const memsizer::Tensor<T>&, \
                                                      memsizer::Index, bool);                               \
  INSTANTIATE memsizer::Tensor<T> memsizer::softmax<T>(const memsizer::Tensor<T>&);                         \
  INSTANTIATE memsizer::Tensor<T> memsizer::log_softmax<T>(const memsizer::Tensor<T>&);                     \
  INSTANTIATE memsizer::Tensor<T> memsizer::index_select<T>(const memsizer::Tensor<T>&, memsizer::Index,    \
                                                            const memsizer::Tensor<memsizer::Id>&);         \
  INSTANTIATE memsizer::Tensor<T> memsizer::gather<T>(const memsizer::Tensor<T>&, memsizer::Index,          \
                                                      const memsizer::Tensor<memsizer::Id>&);               \
  INSTANTIATE memsizer::Tensor<T> memsizer::attention<T>(                                                   \
      const memsizer::Tensor<T>&, const memsizer::Tensor<T>&, const memsizer::Tensor<T>&,                   \
      const memsizer::AttentionOptions&, const memsizer::DistanceBias<T>&);                                 \
  INSTANTIATE memsizer::Tensor<T> memsizer::causal_scan<T>(                                                 \
      const memsizer::Tensor<T>&, const memsizer::Tensor<T>&, const memsizer::Tensor<T>&,                   \
      const memsizer::ScanOptions<T>&, const memsizer::ScanState<T>&)
