#pragma once
// The trained model of a run with its tokenizer, ready to be used.

#include "memsizer/train/checkpoint.hpp"
#include "memsizer/train/language_modeling.hpp"

namespace memsizer::train {

/// Reads config.json, tokenizer.json and the best checkpoint, or the latest where there was no validation.
/// InputError that names the file where one is damaged or does not go with the others.
struct LoadedLanguageModel {
  explicit LoadedLanguageModel(const RunDirectory& run, Device& device = cpu::device())
      : config(run.config()),
        tokenizer(run.tokenizer(config)),
        weights(open_weights(run)),
        model(
            at_file(run.config_file(),
                    [&] { return models::LanguageModel<float>(language_model_config(config, tokenizer)); })),
        store(fitting(weights, model), 0, false, device) {
    load_weights(weights, store);
  }

  Config config;
  text::Tokenizer tokenizer;
  files::SafetensorsReader weights;  // opened once: a process that trains may remove the file meanwhile
  models::LanguageModel<float> model;
  nn::ParameterStore<float> store;
};

}  // namespace memsizer::train
