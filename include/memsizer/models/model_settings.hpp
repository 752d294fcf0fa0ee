#pragma once
// The settings of a model by name: a list for each part that several models share, and one for language
// models.

#include "memsizer/base/setting.hpp"
#include "memsizer/models/language_model.hpp"

namespace memsizer::models {

/// Why models of a comparison do not differ in a setting of the tokenizer.
inline constexpr const char* one_tokenizer = "all models of a comparison share one tokenizer";

inline std::vector<Setting<nn::AttentionSettings>> attention_settings() {
  using S = nn::AttentionSettings;
  using enum SettingRole;
  const SettingNeed fairseq{"initialisation", {"fairseq"}, false, "GPT-2's first values have no such scale"};
  return concatenated(
      with_role<S>(
          model,
          {number("heads", "attention heads", &S::heads, {1, 1 << 12}),
           number("slots", "slots of MemSizer's memory", &S::slots, {1, 1 << 16}).with({.noun = "slots"})}),
      with_role<S>(
          training,
          {number("attention_dropout", "dropout on attention weights", &S::dropout, {0, 0.99}),
           number("q_init_scale", "MemSizer's query projection begins with Xavier gain scale^-0.5",
                  &S::q_init_scale, {1e-6, 1e6})
               .needs(fairseq),
           number("kv_init_scale", "MemSizer's key and value projections begin with Xavier gain scale^-0.5",
                  &S::kv_init_scale, {1e-6, 1e6})
               .needs(fairseq)}));
}

inline std::vector<Setting<BlockSettings>> block_settings() {
  using S = BlockSettings;
  using enum SettingRole;
  return concatenated(
      with_role<S>(model,
                   {number("ffn", "width of the feed-forward layer", &S::ffn, {1, 1 << 18}),
                    choice("activation", "activation of the feed-forward layer", &S::activation,
                           {{"relu", Activation::relu},
                            {"gelu", Activation::gelu},
                            {"gelu-tanh", Activation::gelu_tanh}}),
                    truth("pre_norm", "normalise before each sublayer instead of after", &S::pre_norm)}),
      with_role<S>(training, {number("dropout", "dropout after the embedding and each sublayer", &S::dropout,
                                     {0, 0.99}),
                              number("activation_dropout", "dropout after the feed-forward's activation",
                                     &S::activation_dropout, {0, 0.99})}));
}

inline std::vector<Setting<EmbeddingSettings>> embedding_settings() {
  using S = EmbeddingSettings;
  return with_role<S>(
      SettingRole::model,
      {choice("positions", "kind of positions that the model adds to its input", &S::positions,
              {{"sinusoidal", PositionKind::sinusoidal},
               {"learned", PositionKind::learned},
               {"none", PositionKind::none}})
           .with({.places = {"encoder", "decoder"},
                  .unread = "every layer's kind of attention brings positions of its own"}),
       choice("embedding_scale", "factor of the embedding", &S::scale,
              {{"sqrt_dim", EmbeddingScale::sqrt_dim}, {"one", EmbeddingScale::one}})});
}

inline std::vector<Setting<LanguageModelConfig>> language_model_settings() {
  using S = LanguageModelConfig;
  using enum SettingRole;
  return concatenated(
      with_role<S>(
          model, {list_setting("attention",
                               "kind of self-attention, or a comma list with one for each layer; empty: the "
                               "architecture's",
                               &S::attention),
                  number("layers", "number of blocks", &S::layers, {1, 1000}),
                  number("dim", "width of the model", &S::dim, {1, 1 << 16})}),
      settings_of_member(&S::attention_settings, attention_settings()),
      settings_of_member(&S::block, block_settings()),
      with_role<S>(
          model, {truth("final_norm", "normalise after the last block, if pre_norm is true", &S::final_norm)
                      .needs({"pre_norm", {"true"}, false, "with post-norm the last block ends with one"})}),
      settings_of_member(&S::embedding, embedding_settings()),
      // Every tokenizer has at least one special token and the 256 bytes.
      with_role<S>(model, {truth("tie", "the output layer is the embedding", &S::tie),
                           number("vocab", "size of the vocabulary, special tokens included", &S::vocab,
                                  {257, 1 << 24})
                               .with({.same_models = one_tokenizer})}),
      with_role<S>(training,
                   {choice("initialisation", "scheme of the initial weights", &S::initialisation,
                           {{"fairseq", nn::Initialisation::fairseq}, {"gpt2", nn::Initialisation::gpt2}})}));
}

}  // namespace memsizer::models
