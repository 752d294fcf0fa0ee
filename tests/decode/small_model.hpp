#pragma once
// A language model with random weights, small enough to try all cases.

#include <memory>
#include <string>

#include "memsizer/decode/language_model_stepper.hpp"
#include "memsizer/nn/parameter_store.hpp"

#include "attention_kind_names.hpp"

using namespace memsizer;

class SmallModel {
 public:
  explicit SmallModel(const std::string& attention, Index vocab = 7)
      : model_({.attention = {attention},
                .vocab = vocab,
                .layers = 2,
                .dim = 8,
                .attention_settings = {.heads = 2, .slots = 3},
                .block = {.ffn = 16}}),
        store_(model_, 5, false) {
    // The initial weights would give nearly equal probabilities. Larger weights make the tokens differ.
    Tensor<double> flat = store_.weights();
    std::vector<double> weights = flat.to_vector();
    for (double& weight : weights) weight *= 3;
    flat.copy_from(weights);
  }

  decode::LanguageModelStepper<double> stepper(decode::LanguageModelStepper<double>::Reading reading =
                                                   [](Index, Index) {}) const {
    return decode::LanguageModelStepper<double>(model_, std::move(reading));
  }

  const models::LanguageModel<double>& model() const { return model_; }

  /// The logits after a text that is read at once, without a state.
  std::vector<double> logits_after(const std::vector<Id>& text) const {
    const Tensor<Id> tokens(Shape{1, static_cast<Index>(text.size())}, text);
    const Tensor<double> logits = model_.logits(model_.hidden(tokens, {}));
    const std::vector<double> all = logits.to_vector();
    return {all.end() - logits.extent(2), all.end()};
  }

 private:
  models::LanguageModel<double> model_;
  nn::ParameterStore<double> store_;
};
