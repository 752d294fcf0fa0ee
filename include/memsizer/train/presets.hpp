#pragma once
// The sets of defaults, and the model that a configuration describes.

#include "memsizer/base/lists.hpp"
#include "memsizer/models/language_model.hpp"
#include "memsizer/train/config.hpp"

namespace memsizer::train {

/// The defaults of a task, architecture and preset; the kinds of attention stay open. InputError where there
/// are none.
inline Config preset_config(const std::string& task, const std::string& architecture,
                            const std::string& preset) {
  Config config;
  set(config, find_key("task"), task);
  set(config, find_key("architecture"), architecture);
  set(config, find_key("preset"), preset);
  require(task == "language-modeling", "task ", task, " is not built yet; there is language-modeling");
  require(preset != "paper",
          "preset paper of language-modeling needs adaptive softmax and layer drop, which are not "
          "built yet; there are tiny, small and base");
  config.slots = 32;
  config.warmup = 100;
  config.clip = 1;
  config.weight_decay = 0.01;
  if (preset == "tiny") {
    config.layers = 2, config.dim = 128, config.heads = 4, config.slots = 16, config.ffn = 512,
    config.vocab = 2048;
    config.sequence = 128, config.batch = 16, config.dropout = 0, config.learning_rate = 3e-3;
  } else if (preset == "small") {
    // WikiText-2 at least four times in half an hour on two processors, with both kinds of attention.
    config.layers = 3, config.dim = 192, config.heads = 4, config.ffn = 768, config.vocab = 8192;
    config.sequence = 256, config.batch = 8, config.dropout = 0.1, config.learning_rate = 2e-3;
    config.warmup = 200;
  } else {
    config.layers = 8, config.dim = 512, config.heads = 8, config.ffn = 2048, config.vocab = 32768;
    config.sequence = 512, config.batch = 16, config.dropout = 0.1, config.learning_rate = 1e-3;
    config.warmup = 1000;
  }
  return config;
}

/// Attention that nothing names is the architecture's. InputError where what names it is no kind, or leaves
/// no layer of the architecture's: the model would not be what it is called.
inline void complete_attention(Config& config) {
  if (config.attention.empty()) config.attention = config.architecture;
  const std::vector<std::string> kinds = split_list(config.attention, "attention");
  for (const std::string& kind : kinds) nn::find_attention_kind<float>(kind);
  require(std::ranges::count(kinds, config.architecture) > 0, "architecture ", config.architecture,
          ": at least one layer of that kind expected, got attention ", config.attention,
          " (of --set, --config or --from)");
}

/// The language model of a configuration whose vocabulary is `vocab` tokens with this padding token.
inline models::LanguageModelConfig language_model_config(const Config& config, Index vocab, Index padding) {
  const std::string& kinds = config.attention.empty() ? config.architecture : config.attention;
  return {.attention = split_list(kinds, "attention"),
          .vocab = vocab,
          .layers = config.layers,
          .dim = config.dim,
          .heads = config.heads,
          .slots = config.slots,
          .ffn = config.ffn,
          .activation = config.activation == "gelu" ? Activation::gelu : Activation::relu,
          .pre_norm = config.pre_norm,
          .learned_positions = config.positions == "learned",
          .max_positions = config.sequence,
          .tie = config.tie,
          .dropout = config.dropout,
          .attention_dropout = config.attention_dropout,
          .activation_dropout = config.activation_dropout,
          .q_init_scale = config.q_init_scale,
          .kv_init_scale = config.kv_init_scale,
          .padding = padding};
}

/// How targets are smoothed.
inline LabelSmoothing label_smoothing(const Config& config) {
  return {config.label_smoothing,
          config.label_smoothing_over == "all" ? LabelSmoothing::Over::all : LabelSmoothing::Over::others};
}

}  // namespace memsizer::train
