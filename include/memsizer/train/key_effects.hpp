#pragma once
// Which configuration keys change nothing beside the others.

#include <set>

#include "memsizer/train/optimisation.hpp"
#include "memsizer/train/presets.hpp"

namespace memsizer::train {

/// Keys that change nothing while something else holds, and what that is.
struct WithoutEffect {
  std::set<std::string> keys;
  bool holds;
  const char* reason;
};

/// Why another value of a key would change nothing in a run; empty where it would.
inline std::string why_without_effect(const Config& config, const std::string& key) {
  const bool has_memory = std::ranges::count(split_list(config.attention, "attention"), "memsizer") > 0;
  const WithoutEffect rules[] = {
      {{"encoder_attention", "decoder_attention", "cross_attention", "encoder_layers", "decoder_layers",
        "cross_slots", "source", "target", "max_source", "max_target"},
       config.task == "language-modeling",
       "language modelling has no source text"},
      {{"slots", "q_init_scale", "kv_init_scale"}, !has_memory, "no layer of the model is a MemSizer"},
      {{"batch"}, config.batch_tokens > 0, "batch_tokens tells the size of a batch"},
      {{"label_smoothing_over"}, config.label_smoothing == 0, "label_smoothing is 0"},
      {{"betas", "epsilon"}, config.optimizer == "nesterov", "they are of adam and adamw"},
      {{"momentum"}, config.optimizer != "nesterov", "it is of nesterov"},
      {{"schedule_steps"}, !has_an_end(config), "the schedule has no end"},
  };
  for (const WithoutEffect& rule : rules)
    if (rule.holds && rule.keys.contains(key)) return rule.reason;
  return {};
}

/// Why models of a comparison that differ in a key alone would be one and the same; empty where they differ.
inline std::string why_not_swept(const Config& config, const std::string& key) {
  if (key == "vocab" || key == "normalizer") return "all models of a comparison share one tokenizer";
  if (key == "log_every" || key == "save_every" || key == "keep")
    return "it concerns logging and saving alone";
  return why_without_effect(config, key);
}

}  // namespace memsizer::train
