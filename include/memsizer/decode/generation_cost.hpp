#pragma once
// The cost of one more token, in time and in bytes of state, after more and more tokens.

#include <functional>

#include "memsizer/base/clock.hpp"
#include "memsizer/base/median.hpp"
#include "memsizer/models/encoder_decoder.hpp"

namespace memsizer::decode {

struct GenerationCost {
  Index length = 0;              // tokens before
  double tokens_per_second = 0;  // of greedy decoding, one sequence, one token at a time
  Index state_bytes = 0;
};

/// The numbers of earlier tokens at which costs are reported.
inline const std::vector<Index>& cost_lengths() {
  static const std::vector<Index> lengths = {16, 64, 256, 1024, 4096, 16384};
  return lengths;
}

/// The same on a device. The emulated one takes seconds for what others do at once, so it stops at the first.
inline std::vector<Index> cost_lengths_on(const Device& device) {
  if (device.name() == "emulated") return {cost_lengths().front()};
  return cost_lengths();
}

/// The number of steps timed at each length in a round, and the number of rounds over the lengths. A round's
/// median lies in one moment, in which the machine may have other work; the least of the rounds' medians
/// counts.
inline constexpr Index timed_steps = 33, timed_rounds = 3;

namespace detail {

/// What a language model has read of one text.
template <class T>
class TextRead {
 public:
  explicit TextRead(const models::LanguageModel<T>& model) : model_(&model), state_(model.initial_state(1)) {}

  Index vocab() const { return model_->config().vocab; }
  Device& device() const { return model_->device(); }
  Index length() const { return state_[0].largest_count(); }
  Index bytes() const {
    Index bytes = 0;
    for (const nn::State<T>& layer : state_) bytes += layer.bytes();
    return bytes;
  }

  /// Goes on with what was read: there is no source.
  void begin(const Tensor<Id>&) {}
  Tensor<T> hidden(const Tensor<Id>& tokens) { return model_->hidden(tokens, {}, &state_); }
  Tensor<T> logits(const Tensor<T>& hidden) const { return model_->logits(hidden); }

 private:
  const models::LanguageModel<T>* model_;
  typename models::LanguageModel<T>::State state_;
};

/// What an encoder-decoder has read of one source and its target.
template <class T>
class TargetRead {
 public:
  explicit TargetRead(const models::EncoderDecoder<T>& model) : model_(&model) {}

  Index vocab() const { return model_->config().decoder.vocab; }
  Device& device() const { return model_->device(); }
  Index length() const { return state_.layers()[0].largest_count(); }
  Index bytes() const { return state_.bytes(); }

  /// Reads a source; its target has no token yet.
  void begin(const Tensor<Id>& source) { state_ = model_->initial_state(model_->encode(source)); }
  Tensor<T> hidden(const Tensor<Id>& tokens) { return model_->hidden(tokens, state_); }
  Tensor<T> logits(const Tensor<T>& hidden) const { return model_->logits(hidden); }

 private:
  const models::EncoderDecoder<T>* model_;
  typename models::EncoderDecoder<T>::State state_;
};

/// `count` random tokens [1, count].
inline Tensor<Id> random_tokens(RandomStream& random, Index count, Index vocab, Device& device) {
  std::vector<Id> tokens(static_cast<std::size_t>(count));
  for (Id& token : tokens) token = static_cast<Id>(random.below(static_cast<std::uint64_t>(vocab)));
  return Tensor<Id>({1, count}, tokens, device);
}

/// The median seconds of greedy steps after what was read: the model, the output layer and the choice of the
/// largest logit.
template <class Read>
double seconds_of_step(Read read, Index steps) {
  std::vector<double> seconds;
  Id token = 0;
  for (Index step = 0; step < steps; ++step) {
    const double start = steady_seconds();
    const auto logits = read.logits(read.hidden(Tensor<Id>({1, 1}, {token}, read.device()))).to_vector();
    token = static_cast<Id>(std::ranges::max_element(logits) - logits.begin());
    seconds.push_back(steady_seconds() - start);
  }
  return median(seconds);
}

/// Fills what was read with random tokens up to each length (rising), then times steps in rounds over copies.
template <class Read>
std::vector<GenerationCost> measured_costs(Read read, const std::vector<Index>& lengths, Index steps,
                                           const std::function<bool()>& go_on) {
  const Tape::Pause pause;
  RandomStream random(name_key("generation cost"));
  std::vector<Read> filled;
  std::vector<GenerationCost> costs;
  const auto measure = [&](std::size_t i) {
    costs[i].tokens_per_second = std::max(costs[i].tokens_per_second, 1 / seconds_of_step(filled[i], steps));
  };
  for (const Index length : lengths) {
    read.begin(random_tokens(random, length, read.vocab(), read.device()));
    while (read.length() < length) {
      if (!go_on()) return costs;
      const Index segment = std::min<Index>(256, length - read.length());
      read.hidden(random_tokens(random, segment, read.vocab(), read.device()));
    }
    filled.push_back(read);
    costs.push_back({.length = length, .state_bytes = read.bytes()});
    measure(costs.size() - 1);
  }
  for (Index round = 1; round < timed_rounds; ++round)
    for (std::size_t i = 0; i < costs.size() && go_on(); ++i) measure(i);
  return costs;
}

}  // namespace detail

/// The cost of a token after each of these numbers of tokens (rising, above 0), from `steps` steps in each
/// round. If `go_on` returns false, it ends early with what was measured so far.
template <class T>
std::vector<GenerationCost> generation_costs(
    const models::LanguageModel<T>& model, const std::vector<Index>& lengths, Index steps = timed_steps,
    const std::function<bool()>& go_on = [] { return true; }) {
  return detail::measured_costs(detail::TextRead<T>(model), lengths, steps, go_on);
}

/// The same for an encoder-decoder, after sources and targets of these lengths each. The bytes are those of
/// the prepared sources too.
template <class T>
std::vector<GenerationCost> generation_costs(
    const models::EncoderDecoder<T>& model, const std::vector<Index>& lengths, Index steps = timed_steps,
    const std::function<bool()>& go_on = [] { return true; }) {
  return detail::measured_costs(detail::TargetRead<T>(model), lengths, steps, go_on);
}

}  // namespace memsizer::decode
