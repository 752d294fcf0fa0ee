#pragma once
// Which keys can tell the models of a comparison apart.

#include <set>

#include "memsizer/train/optimisation.hpp"
#include "memsizer/train/presets.hpp"

namespace memsizer::train {

/// Why models of a comparison that differ in a key alone would be one and the same; empty where they differ.
inline std::string why_without_effect(const Config& config, const std::string& key) {
  struct Rule {
    std::set<std::string> keys;
    bool holds;
    const char* reason;
  };
  const bool has_memory = std::ranges::count(split_list(config.attention), "memsizer") > 0;
  const Rule rules[] = {
      {{"encoder_attention", "decoder_attention", "cross_attention", "encoder_layers", "decoder_layers",
        "cross_slots", "source", "target", "max_source", "max_target"},
       config.task == "language-modeling",
       "language modelling has no source text"},
      {{"slots", "q_init_scale", "kv_init_scale"}, !has_memory, "no layer of the model is a MemSizer"},
      {{"vocab", "normalizer"}, true, "all models of a comparison share one tokenizer"},
      {{"batch"}, config.batch_tokens > 0, "batch_tokens tells the size of a batch"},
      {{"label_smoothing_over"}, config.label_smoothing == 0, "label_smoothing is 0"},
      {{"betas", "epsilon"}, config.optimizer == "nesterov", "they are of adam and adamw"},
      {{"momentum"}, config.optimizer != "nesterov", "it is of nesterov"},
      {{"schedule_steps"}, !has_an_end(config), "the schedule has no end"},
      {{"log_every", "save_every", "keep"}, true, "it concerns logging and saving alone"},
  };
  for (const Rule& rule : rules)
    if (rule.holds && rule.keys.contains(key)) return rule.reason;
  return {};
}

}  // namespace memsizer::train
