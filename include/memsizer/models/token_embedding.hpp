#pragma once
// How tokens enter a model: each becomes its row of a table plus the vector of its position.

#include "memsizer/base/mutex.hpp"
#include "memsizer/models/positions.hpp"
#include "memsizer/nn/layers.hpp"
#include "memsizer/nn/sequence.hpp"

namespace memsizer::models {

/// What a model adds to a token's vector: a fixed function of its position, a row of a trained table, or
/// nothing (a kind of attention may have its own positions).
enum class PositionKind { sinusoidal, learned, none };

/// The factor of the table's rows. In the Transformer (Vaswani et al. 2017) rows begin with a length of about
/// 1 and are multiplied by sqrt(dim); in GPT-2 they are not multiplied.
enum class EmbeddingScale { sqrt_dim, one };

/// The settings of an embedding that users may choose. Each has a row in models/model_settings.hpp.
struct EmbeddingSettings {
  PositionKind positions = PositionKind::sinusoidal;
  EmbeddingScale scale = EmbeddingScale::sqrt_dim;

  friend bool operator==(const EmbeddingSettings&, const EmbeddingSettings&) = default;
};

struct TokenEmbeddingConfig {
  Index vocab = 0, dim = 0;
  EmbeddingSettings settings = {};
  Index max_positions = 0;  // rows of the table of learned positions
  nn::Initialisation initialisation = nn::Initialisation::fairseq;
  Index padding = -1;  // this token's row begins as 0; -1: none
  double dropout = 0;
};

/// dropout(scale table[token] + position). Its children are `embedding` and, if positions are learned,
/// `position_embedding`. The table may also serve as the output layer, and as the table of another
/// TokenEmbedding.
template <class T>
class TokenEmbedding : public nn::Module<T> {
 public:
  /// InputError if a size is missing, or if the padding token is not below vocab.
  explicit TokenEmbedding(const TokenEmbeddingConfig& config) : config_(checked(config)) {
    own_table_ = std::make_unique<nn::Embedding<T>>(config.vocab, config.dim, start(config.padding));
    table_ = own_table_.get();
    this->child("embedding", *own_table_);
    add_positions();
  }

  /// Reads a table that belongs to the caller and outlives this: only learned positions are this module's
  /// own. InputError if the table is not [vocab, dim] too.
  TokenEmbedding(const TokenEmbeddingConfig& config, const nn::Embedding<T>& table)
      : config_(checked(config)), table_(&table) {
    require(table.weight->shape == Shape({config.vocab, config.dim}), "embedding: a shared table of shape ",
            Shape{config.vocab, config.dim}, " expected, got ", table.weight->shape);
    add_positions();
  }

  /// The first values of a table: N(0, 1 / dim) or GPT-2's N(0, 0.02^2).
  static nn::Initialiser start_of_table(nn::Initialisation initialisation, Index dim, Index padding = -1) {
    const bool gpt2 = initialisation == nn::Initialisation::gpt2;
    return nn::normal(gpt2 ? nn::gpt2_deviation : 1 / std::sqrt(static_cast<double>(dim)), padding);
  }

  /// The vectors [batch, time, dim] of tokens [batch, time] below vocab. A segment that continues a state
  /// begins at sequence.positions.first. InputError if a real token has a position beyond the learned ones.
  Tensor<T> forward(const Tensor<Id>& tokens, const nn::Sequence& sequence) const {
    return dropout(embed(tokens, sequence), sequence.dropout(config_.dropout, this->stream("embedding")));
  }

  const Tensor<T>& table() const { return table_->weight.tensor(); }
  const TokenEmbeddingConfig& config() const { return config_; }

 private:
  /// How many rows of sinusoids are kept. If a segment needs later ones, its rows are computed on each call.
  static constexpr Index kept_sinusoids = 4096;

  static const TokenEmbeddingConfig& checked(const TokenEmbeddingConfig& config) {
    if (config.settings.positions == PositionKind::sinusoidal) require_dim_of_sinusoids(config.dim);
    require(config.vocab > 0 && config.dim > 0, "embedding: vocab and dim above 0 expected, got ",
            config.vocab, ", ", config.dim);
    require(config.settings.positions != PositionKind::learned || config.max_positions > 0,
            "embedding: learned positions need max_positions");
    require(config.padding < config.vocab, "embedding: padding token ", config.padding, " of ", config.vocab);
    return config;
  }

  void add_positions() {
    if (config_.settings.positions != PositionKind::learned) return;
    position_table_ = std::make_unique<nn::Embedding<T>>(config_.max_positions, config_.dim, start(-1));
    this->child("position_embedding", *position_table_);
  }

  nn::Initialiser start(Index padding) const {
    return start_of_table(config_.initialisation, config_.dim, padding);
  }

  Tensor<T> embed(const Tensor<Id>& tokens, const nn::Sequence& sequence) const {
    const bool is_root = config_.settings.scale == EmbeddingScale::sqrt_dim;
    const double scale = is_root ? std::sqrt(static_cast<double>(config_.dim)) : 1;
    if (config_.settings.positions == PositionKind::none) return embedding(tokens, table(), {}, {}, scale);
    const Index time = tokens.extent(1);
    const nn::Lengths& first = sequence.positions.first;
    const Id begin = first.host.empty() ? 0 : *std::ranges::max_element(first.host);
    if (config_.settings.positions == PositionKind::learned) {
      require_learned(tokens, sequence);
      if (begin + time <= config_.max_positions)
        return embedding(tokens, table(), position_table_->weight.tensor(), first.on_device, scale);
      // Only padding has positions beyond the table. It gets the last position.
      return embedding(tokens, table(), {}, {}, scale) +
             embedding(clamped_positions(tokens, sequence), position_table_->weight.tensor());
    }
    if (begin + time <= kept_sinusoids)
      return embedding(tokens, table(), kept_table(begin + time), first.on_device, scale);
    return embed_far(tokens, first, scale);
  }

  /// Embeds tokens with sinusoids that are computed only for them. If rows begin at different positions, the
  /// sinusoids of row r begin at r * time; else all rows share the same.
  Tensor<T> embed_far(const Tensor<Id>& tokens, const nn::Lengths& first, double scale) const {
    const Index rows = tokens.extent(0), time = tokens.extent(1);
    const bool together =
        std::ranges::adjacent_find(first.host, std::ranges::not_equal_to()) == first.host.end();
    std::vector<Id> positions, starts;
    for (Index row = 0; row < (together ? std::min<Index>(rows, 1) : rows); ++row)
      for (Index t = 0; t < time; ++t)
        positions.push_back(static_cast<Id>(t) +
                            (first.host.empty() ? 0 : first.host[static_cast<std::size_t>(row)]));
    for (Index row = 0; row < rows && !together; ++row) starts.push_back(static_cast<Id>(row * time));
    Device& device = tokens.device();
    return embedding(tokens, table(), sinusoids<T>(positions, config_.dim, device),
                     together ? Tensor<Id>() : Tensor<Id>(Shape{rows}, starts, device), scale);
  }

  /// The sinusoids of at least the first `length` positions. They are kept for later calls by all threads.
  Tensor<T> kept_table(Index length) const {
    const Lock lock(sinusoids_mutex_);
    Device& device = table().device();
    if (!sinusoids_.defined() || sinusoids_.extent(0) < length || &sinusoids_.device() != &device)
      sinusoids_ = sinusoids<T>(std::clamp<Index>(2 * length, 512, kept_sinusoids), config_.dim, device);
    return sinusoids_;
  }

  static Id first_position(const nn::Sequence& sequence, std::size_t row) {
    return sequence.positions.first.defined() ? sequence.positions.first.host[row] : 0;
  }

  void require_learned(const Tensor<Id>& tokens, const nn::Sequence& sequence) const {
    for (std::size_t row = 0; row < static_cast<std::size_t>(tokens.extent(0)); ++row) {
      const Index end = first_position(sequence, row) + sequence.length_of(row, tokens.extent(1));
      require(end <= config_.max_positions, "embedding: position ", end - 1, " of row ", row,
              " is beyond the ", config_.max_positions, " learned ones");
    }
  }

  Tensor<Id> clamped_positions(const Tensor<Id>& tokens, const nn::Sequence& sequence) const {
    std::vector<Id> positions;
    for (std::size_t row = 0; row < static_cast<std::size_t>(tokens.extent(0)); ++row)
      for (Index t = 0; t < tokens.extent(1); ++t)
        positions.push_back(
            static_cast<Id>(std::min<Index>(first_position(sequence, row) + t, config_.max_positions - 1)));
    return Tensor<Id>(tokens.shape(), positions, tokens.device());
  }

  TokenEmbeddingConfig config_;
  std::unique_ptr<nn::Embedding<T>> own_table_, position_table_;
  const nn::Embedding<T>* table_;
  mutable Mutex sinusoids_mutex_;
  mutable Tensor<T> sinusoids_;
};

}  // namespace memsizer::models
