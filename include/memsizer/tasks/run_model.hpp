#pragma once
// What the trained models of all tasks have in common: a run's configuration, tokenizer and weights.

#include "memsizer/tasks/special_tokens.hpp"
#include "memsizer/tasks/task.hpp"

namespace memsizer::tasks {

/// A checkpoint of a run as a model of the class `Model` with elements of type T, on a device.
template <class Model, class T>
class RunModel : public TrainedModel {
 public:
  /// `settings_of(config, padding)` gives the model's settings. If a file is damaged or does not fit the
  /// others, an InputError names it.
  template <class SettingsOf>
  RunModel(const RunDirectory& run, Device& device, const std::string& checkpoint,
           const SettingsOf& settings_of)
      : config_(run.config()),
        tokenizer_(run.tokenizer(config_)),
        weights_(train::open_weights(run.checkpoint(train::checkpoint_to_use(run, checkpoint)))),
        model_(train::at_file(run.config_file(),
                              [&] { return Model(settings_of(config_, padding_of(tokenizer_))); })),
        store_(train::require_matching_weights(weights_, model_), 0, false, device) {
    nn::load(store_, weights_, files::Convert::no);
  }

  const Model& model() const { return model_; }
  const nn::ParameterStore<T>& store() const { return store_; }

  const Config& config() const override { return config_; }
  const text::Tokenizer& tokenizer() const override { return tokenizer_; }
  Index parameter_count() const override { return store_.parameter_count(); }
  Device& device() const override { return model_.device(); }

  Id end_token() const override { return end_of_text(tokenizer_); }
  std::vector<Id> forbidden_tokens() const override { return tasks::forbidden_tokens(tokenizer_); }

 private:
  Config config_;
  text::Tokenizer tokenizer_;
  files::SafetensorsReader weights_;  // kept open, because a process that trains may remove the file
  Model model_;
  nn::ParameterStore<T> store_;
};

}  // namespace memsizer::tasks
