#pragma once
// Small encoder-decoders of every kind of attention and of mixtures, and their batches.

#include <ostream>
#include <sstream>

#include "memsizer/models/encoder_decoder.hpp"

#include "attention_kind_names.hpp"

namespace memsizer::test {

/// The kinds of the three places, each a kind or a comma list of two.
struct Mixture {
  std::string encoder, decoder, cross;

  friend std::ostream& operator<<(std::ostream& out, const Mixture& mixture) {
    return out << mixture.encoder << " | " << mixture.decoder << " | " << mixture.cross;
  }
};

/// Every kind in all places that it can take, the hybrid of MemSizer's authors, and layers of two kinds.
inline std::vector<Mixture> mixtures() {
  std::vector<Mixture> all;
  for (const auto& kind : nn::attention_kinds<double>) {
    const auto in_place = [&](bool promised) { return promised ? kind.name : "transformer"; };
    all.push_back({in_place(kind.bidirectional), in_place(kind.causal), in_place(kind.cross)});
  }
  all.push_back({"transformer", "memsizer", "memsizer"});
  all.push_back({"memsizer,transformer", "transformer,memsizer", "linear,transformer"});
  return all;
}

inline models::EncoderDecoderConfig small_encoder_decoder(const Mixture& mixture, Index vocab = 17) {
  const auto list = [](const std::string& text) {
    std::istringstream names(text);
    std::vector<std::string> kinds;
    for (std::string kind; std::getline(names, kind, ',');) kinds.push_back(kind);
    return kinds;
  };
  return {.decoder = {.attention = list(mixture.decoder),
                      .vocab = vocab,
                      .layers = 2,
                      .dim = 8,
                      .attention_settings = {.heads = 2, .slots = 3},
                      .block = {.ffn = 12}},
          .source = {.encoder_attention = list(mixture.encoder),
                     .cross_attention = list(mixture.cross),
                     .encoder_layers = 2,
                     .cross_slots = 5}};
}

inline Tensor<Id> random_ids(Shape shape, std::uint64_t seed, Index vocab = 17) {
  RandomStream random(seed);
  std::vector<Id> ids(static_cast<std::size_t>(shape.size()));
  for (Id& id : ids) id = static_cast<Id>(random.below(static_cast<std::uint64_t>(vocab)));
  return Tensor<Id>(shape, ids);
}

/// The ids of rows [first, last) and columns [begin, end).
inline Tensor<Id> part(const Tensor<Id>& ids, Index first, Index last, Index begin, Index end) {
  const std::vector<Id> all = ids.to_vector();
  std::vector<Id> chosen;
  for (Index row = first; row < last; ++row)
    for (Index t = begin; t < end; ++t)
      chosen.push_back(all[static_cast<std::size_t>(row * ids.extent(1) + t)]);
  return Tensor<Id>({last - first, end - begin}, chosen);
}

}  // namespace memsizer::test
