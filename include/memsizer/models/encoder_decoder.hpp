#pragma once
// The encoder-decoder, which reads a source and says a target: translation, summaries.

#include "memsizer/base/linkage.hpp"
#include "memsizer/models/decoder_state.hpp"
#include "memsizer/models/language_model.hpp"

namespace memsizer::models {

/// What an encoder-decoder has besides its decoder.
struct SourceSettings {
  std::vector<std::string> encoder_attention = {"transformer"};  // one kind, or one for each encoder layer
  std::vector<std::string> cross_attention = {"transformer"};    // the decoder's, to the source; as attention
  Index encoder_layers = 0;
  Index cross_slots = 0;  // slots of a memory of the source, in encoder and cross attention; 0: as elsewhere
  bool share_embeddings = true;  // source and target have one table of tokens
  Index max_source = 0;  // the longest source in tokens, and the rows of its table of learned positions

  friend bool operator==(const SourceSettings&, const SourceSettings&) = default;
};

struct EncoderDecoderConfig {
  /// The decoder: a language model that also attends to a source. The encoder has the same vocab, dim, heads,
  /// block, embedding settings, padding token, final norm and initialisation.
  LanguageModelConfig decoder = {};
  SourceSettings source = {};

  friend bool operator==(const EncoderDecoderConfig&, const EncoderDecoderConfig&) = default;
};

/// The Transformer of Vaswani et al. 2017 (arXiv 1706.03762) with any kind of attention in each of its three
/// places and in each layer: the encoder's self-attention sees the whole source, the decoder's is causal,
/// and its cross attention reads the encoder's output. With a final norm (in pre-norm models) both end in
/// one. The weights are `embedding` (or `encoder.embedding` and `decoder.embedding`), `encoder.0` and so on,
/// `encoder_norm`, `decoder.0` and so on, `decoder_norm` and, if it is not tied, `output`.
template <class T>
class EncoderDecoder : public nn::Module<T> {
 public:
  /// What each decoder layer needs of the sources.
  using Sources = std::vector<nn::PreparedSource<T>>;
  /// What decoding remembers of the sources and of the tokens so far.
  using State = DecoderState<T>;

  /// InputError if no model can be built from the configuration.
  explicit EncoderDecoder(const EncoderDecoderConfig& config);

  /// Reads the sources [batch, source time], tokens below vocab, and computes once what each decoder layer
  /// needs of them: for MemSizer a memory of fixed size. `sequence.lengths` are the numbers of real tokens;
  /// padding, on the right, changes nothing. InputError if a source is empty.
  Sources encode(const Tensor<Id>& source, const nn::Sequence& sequence = {}) const;

  /// The vectors [batch, time, dim] that the output layer reads, for decoder input [batch, time] beside its
  /// sources.
  Tensor<T> hidden(const Tensor<Id>& tokens, const Sources& sources, const nn::Sequence& sequence = {}) const;

  State initial_state(Sources sources) const {
    require(!sources.empty(), "encoder-decoder: prepared sources expected");
    const Index batch = sources[0].batch();
    return State(std::move(sources), decoder_.initial_state(batch));
  }

  /// The same, for tokens that continue what the state has seen. If anything fails, the state stays as it
  /// was.
  Tensor<T> hidden(const Tensor<Id>& tokens, State& state, const nn::Sequence& sequence = {}) const;

  /// The logits [.., vocab] of hidden vectors [.., dim].
  Tensor<T> logits(const Tensor<T>& hidden) const { return output_.logits(hidden); }

  /// The mean cross entropy of the targets [batch, time], plus the losses that layers add. A target below 0
  /// is not scored. `sequence` describes the decoder input [batch, time]; its dropout is the encoder's too.
  LanguageModelLoss<T> loss(const Tensor<Id>& source, const nn::Lengths& source_lengths,
                            const Tensor<Id>& decoder_input, const Tensor<Id>& targets,
                            const nn::Sequence& sequence = {}, const LabelSmoothing& smoothing = {}) const;

  const EncoderDecoderConfig& config() const { return config_; }
  /// The device on which a ParameterStore has put the weights. Tokens must be on it too.
  Device& device() const { return decoder_.embedding().table().device(); }
  const Block<T>& decoder_block(Index layer) const { return decoder_.block(layer); }

 private:
  using Kinds = std::vector<std::string>;

  static const EncoderDecoderConfig& checked(const EncoderDecoderConfig& config);
  static std::unique_ptr<nn::Embedding<T>> shared_table(const EncoderDecoderConfig& config);
  static nn::AttentionConfig attention_config(const EncoderDecoderConfig& config, Index sublayers);
  static std::vector<BlockConfig> encoder_blocks(const EncoderDecoderConfig& config);
  static std::vector<BlockConfig> decoder_blocks(const EncoderDecoderConfig& config);
  std::unique_ptr<TokenEmbedding<T>> embedding(const Kinds& kinds, Index max_positions) const;
  /// InputError unless there are sources for each layer, and as many rows of tokens as `rows`.
  void require_sources(const Sources& sources, Index rows, const Tensor<Id>& tokens) const;

  EncoderDecoderConfig config_;
  std::unique_ptr<nn::Embedding<T>> shared_table_;
  TokenStack<T> encoder_, decoder_;
  OutputLayer<T> output_;
};

#if MEMSIZER_CORE_HAS_BODIES
// The bodies stand outside the class for the reason that language_model.hpp gives.

template <class T>
EncoderDecoder<T>::EncoderDecoder(const EncoderDecoderConfig& config)
    : config_(checked(config)),
      shared_table_(shared_table(config)),
      encoder_("encoder", embedding(config.source.encoder_attention, config.source.max_source),
               encoder_blocks(config), config.decoder.block.pre_norm && config.decoder.final_norm,
               {.embedding = "encoder", .blocks = "encoder", .final_norm = "encoder_norm"}),
      decoder_("decoder", embedding(config.decoder.attention, config.decoder.max_positions),
               decoder_blocks(config), config.decoder.block.pre_norm && config.decoder.final_norm,
               {.embedding = "decoder", .blocks = "decoder", .final_norm = "decoder_norm"}),
      output_(decoder_.embedding(), config.decoder.tie) {
  if (shared_table_ != nullptr) this->child("embedding", *shared_table_);
  this->child("", encoder_);
  this->child("", decoder_);
  this->child("", output_);
}

template <class T>
const EncoderDecoderConfig& EncoderDecoder<T>::checked(const EncoderDecoderConfig& config) {
  require_kinds("encoder", "self-attention", config.source.encoder_attention, config.source.encoder_layers);
  require_kinds("decoder", "self-attention", config.decoder.attention, config.decoder.layers);
  require_kinds("decoder", "attention to the source", config.source.cross_attention, config.decoder.layers);
  require(config.source.cross_slots >= 0, "encoder-decoder: cross_slots of at least 0 expected, got ",
          config.source.cross_slots);
  for (const std::string& kind : config.source.encoder_attention)
    require(nn::find_attention_kind<T>(kind).bidirectional, "encoder: a kind of attention that sees all ",
            "tokens expected, got ", kind);
  for (const std::string& kind : config.source.cross_attention)
    require(nn::find_attention_kind<T>(kind).cross, "decoder: a kind of attention to a source expected, got ",
            kind);
  return config;
}

template <class T>
std::unique_ptr<nn::Embedding<T>> EncoderDecoder<T>::shared_table(const EncoderDecoderConfig& config) {
  if (!config.source.share_embeddings) return nullptr;
  const LanguageModelConfig& decoder = config.decoder;
  return std::make_unique<nn::Embedding<T>>(
      decoder.vocab, decoder.dim,
      TokenEmbedding<T>::start_of_table(decoder.initialisation, decoder.dim, decoder.padding));
}

template <class T>
std::unique_ptr<TokenEmbedding<T>> EncoderDecoder<T>::embedding(const Kinds& kinds,
                                                                Index max_positions) const {
  LanguageModelConfig of_side = config_.decoder;
  of_side.attention = kinds;
  of_side.max_positions = max_positions;
  const TokenEmbeddingConfig config = embedding_config<T>(of_side);
  if (shared_table_ == nullptr) return std::make_unique<TokenEmbedding<T>>(config);
  return std::make_unique<TokenEmbedding<T>>(config, *shared_table_);
}

/// What the attention layers of one side have in common. GPT-2's first values divide the outputs of a side's
/// `sublayers` by the square root of their number.
template <class T>
nn::AttentionConfig EncoderDecoder<T>::attention_config(const EncoderDecoderConfig& config, Index sublayers) {
  return {.dim = config.decoder.dim,
          .settings = config.decoder.attention_settings,
          .initialisation = config.decoder.initialisation,
          .residual_factor = 1 / std::sqrt(static_cast<double>(sublayers))};
}

template <class T>
std::vector<BlockConfig> EncoderDecoder<T>::encoder_blocks(const EncoderDecoderConfig& config) {
  nn::AttentionConfig self = attention_config(config, 2 * config.source.encoder_layers);
  if (config.source.cross_slots > 0) self.settings.slots = config.source.cross_slots;
  std::vector<BlockConfig> blocks;
  for (Index layer = 0; layer < config.source.encoder_layers; ++layer)
    blocks.push_back({.self_attention = kind_of_layer(config.source.encoder_attention, layer),
                      .self = self,
                      .settings = config.decoder.block});
  return blocks;
}

template <class T>
std::vector<BlockConfig> EncoderDecoder<T>::decoder_blocks(const EncoderDecoderConfig& config) {
  const nn::AttentionConfig shared = attention_config(config, 3 * config.decoder.layers);
  nn::AttentionConfig self = shared, cross = shared;
  self.causal = true;
  if (config.source.cross_slots > 0) cross.settings.slots = config.source.cross_slots;
  std::vector<BlockConfig> blocks;
  for (Index layer = 0; layer < config.decoder.layers; ++layer)
    blocks.push_back({.self_attention = kind_of_layer(config.decoder.attention, layer),
                      .self = self,
                      .cross_attention = kind_of_layer(config.source.cross_attention, layer),
                      .cross = cross,
                      .settings = config.decoder.block});
  return blocks;
}

template <class T>
typename EncoderDecoder<T>::Sources EncoderDecoder<T>::encode(const Tensor<Id>& source,
                                                              const nn::Sequence& sequence) const {
  for (std::size_t row = 0; row < sequence.lengths.host.size(); ++row)
    require(sequence.lengths.host[row] > 0, "encoder: a source of at least one token expected in row ", row);
  require(source.rank() != 2 || source.extent(1) > 0, "encoder: sources of at least one token expected");
  return decoder_.blocks().prepare(encoder_.forward(source, sequence), sequence.lengths);
}

template <class T>
void EncoderDecoder<T>::require_sources(const Sources& sources, Index rows, const Tensor<Id>& tokens) const {
  require(static_cast<Index>(sources.size()) == config_.decoder.layers, "decoder: sources prepared for ",
          config_.decoder.layers, " layers expected, got ", sources.size());
  require(tokens.rank() == 2 && tokens.extent(0) == rows, "decoder: tokens [", rows,
          ", time] expected, beside as many sources, got ", tokens.shape());
}

template <class T>
Tensor<T> EncoderDecoder<T>::hidden(const Tensor<Id>& tokens, const Sources& sources,
                                    const nn::Sequence& sequence) const {
  require_sources(sources, sources.empty() ? 0 : sources[0].batch(), tokens);
  return decoder_.forward(tokens, sequence, nullptr, &sources);
}

template <class T>
Tensor<T> EncoderDecoder<T>::hidden(const Tensor<Id>& tokens, State& state,
                                    const nn::Sequence& sequence) const {
  require_sources(state.sources(), state.batch(), tokens);
  const nn::SourceRows rows(state.source_of_row(), state.sources()[0].batch(), device());
  nn::Sequence shared = sequence;
  shared.source_rows = &rows;
  return decoder_.forward(tokens, shared, &state.layers(), &state.sources());
}

template <class T>
LanguageModelLoss<T> EncoderDecoder<T>::loss(const Tensor<Id>& source, const nn::Lengths& source_lengths,
                                             const Tensor<Id>& decoder_input, const Tensor<Id>& targets,
                                             const nn::Sequence& sequence,
                                             const LabelSmoothing& smoothing) const {
  require_ids("decoder: targets", targets, std::numeric_limits<Id>::min(), config_.decoder.vocab);
  nn::AuxiliaryLosses auxiliary;
  nn::Sequence asking = sequence;
  asking.auxiliary = &auxiliary;
  const nn::Sequence of_source{.lengths = source_lengths,
                               .training = sequence.training,
                               .step_key = sequence.step_key,
                               .auxiliary = &auxiliary};
  const Tensor<T> hidden = this->hidden(decoder_input, encode(source, of_source), asking);
  return output_.loss(hidden, targets, smoothing, std::move(auxiliary));
}

#endif

}  // namespace memsizer::models
