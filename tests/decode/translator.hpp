#pragma once
// An encoder-decoder with random weights, small enough to try all cases.

#include "memsizer/decode/encoder_decoder_stepper.hpp"
#include "memsizer/nn/parameter_store.hpp"

#include "models/small_encoder_decoder.hpp"

namespace memsizer::test {

/// Its weights are so large that tokens have different probabilities.
class Translator {
 public:
  explicit Translator(const Mixture& mixture, Index vocab = 7)
      : model_(small_encoder_decoder(mixture, vocab)), store_(model_, 5, false) {
    Tensor<double> flat = store_.weights();
    std::vector<double> weights = flat.to_vector();
    for (double& weight : weights) weight *= 3;
    flat.copy_from(weights);
  }

  const models::EncoderDecoder<double>& model() const { return model_; }

  decode::EncoderDecoderStepper<double> stepper() const {
    return decode::EncoderDecoderStepper<double>(model_);
  }

  /// Logits after a text beside a source, both read at once and alone.
  std::vector<double> logits_after(const std::vector<Id>& source, const std::vector<Id>& text) const {
    const auto row = [](const std::vector<Id>& ids) {
      return Tensor<Id>({1, static_cast<Index>(ids.size())}, ids);
    };
    const Tensor<double> logits = model_.logits(model_.hidden(row(text), model_.encode(row(source))));
    const std::vector<double> all = logits.to_vector();
    return {all.end() - logits.extent(2), all.end()};
  }

 private:
  models::EncoderDecoder<double> model_;
  nn::ParameterStore<double> store_;
};

}  // namespace memsizer::test
