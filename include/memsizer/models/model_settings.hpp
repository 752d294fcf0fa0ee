#pragma once
// The settings of a language model, by name.

#include "memsizer/base/setting.hpp"
#include "memsizer/models/language_model.hpp"

namespace memsizer::models {

namespace detail {

/// The kinds of attention as a comma list, one for all layers or one a layer.
inline Setting<LanguageModelConfig> attention_setting() {
  Setting<LanguageModelConfig> row{
      .name = "attention",
      .meaning = "kind of self-attention, or a comma list with one a layer; empty: the architecture's"};
  row.text = [](const LanguageModelConfig& config) { return join(config.attention, ","); };
  row.assign = [](LanguageModelConfig& config, const std::string& text) {
    config.attention = split_list(text, "attention");
  };
  return row;
}

}  // namespace detail

inline std::vector<Setting<LanguageModelConfig>> language_model_settings() {
  using S = LanguageModelConfig;
  using enum SettingRole;
  std::vector<Setting<S>> rows = with_role<S>(
      model,
      {detail::attention_setting(), number("layers", "number of blocks", &S::layers, {1, 1000}),
       number("dim", "width of the model", &S::dim, {1, 1 << 16}),
       number("heads", "attention heads", &S::heads, {1, 1 << 12}),
       number("slots", "slots of MemSizer's memory", &S::slots, {1, 1 << 16}),
       number("ffn", "width of the feed-forward layer", &S::ffn, {1, 1 << 18}),
       choice("activation", "activation of the feed-forward layer", &S::activation,
              {{"relu", Activation::relu}, {"gelu", Activation::gelu}, {"gelu-tanh", Activation::gelu_tanh}}),
       truth("pre_norm", "normalise before each sublayer instead of after", &S::pre_norm),
       truth("final_norm", "normalise after the last block, where pre_norm is true", &S::final_norm)
           .needs({"pre_norm", {"true"}, false, "with post-norm the last block ends with one"}),
       choice("positions", "how positions are marked", &S::positions,
              {{"sinusoidal", PositionKind::sinusoidal},
               {"learned", PositionKind::learned},
               {"none", PositionKind::none}}),
       choice("embedding_scale", "what the embedding is multiplied by", &S::embedding_scale,
              {{"sqrt_dim", EmbeddingScale::sqrt_dim}, {"one", EmbeddingScale::one}}),
       truth("tie", "the output layer is the embedding", &S::tie),
       // A special token and the 256 bytes are the least that any tokenizer has.
       number("vocab", "tokens of the vocabulary, special ones counted", &S::vocab, {257, 1 << 24})});
  for (auto& row : with_role<S>(
           training,
           {choice("initialisation", "how the weights begin", &S::initialisation,
                   {{"fairseq", nn::Initialisation::fairseq}, {"gpt2", nn::Initialisation::gpt2}}),
            number("q_init_scale", "MemSizer: Xavier gain scale^-0.5 of the query projection",
                   &S::q_init_scale, {1e-6, 1e6}),
            number("kv_init_scale", "MemSizer: Xavier gain scale^-0.5 of the key and value projections",
                   &S::kv_init_scale, {1e-6, 1e6}),
            number("dropout", "dropout after the embedding and each sublayer", &S::dropout, {0, 0.99}),
            number("attention_dropout", "dropout on attention weights", &S::attention_dropout, {0, 0.99}),
            number("activation_dropout", "dropout after the feed-forward's activation",
                   &S::activation_dropout, {0, 0.99})}))
    rows.push_back(std::move(row));
  return rows;
}

}  // namespace memsizer::models
