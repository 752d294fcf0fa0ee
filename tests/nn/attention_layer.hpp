#pragma once
// A small attention layer of any kind, with its parameters.

#include <memory>
#include <string>

#include "memsizer/nn/attention/kinds.hpp"
#include "memsizer/nn/parameter_store.hpp"

namespace memsizer::test {

struct Layer {
  Layer(const std::string& kind, bool causal)
      : attention(nn::make_attention<double>(
            kind, {.dim = 12, .settings = {.heads = 3, .slots = 5}, .causal = causal})),
        store(*attention, 7) {}

  std::unique_ptr<nn::Attention<double>> attention;
  nn::ParameterStore<double> store;
};

}  // namespace memsizer::test
