#pragma once
// The cost of one more token, in time and in bytes of state, after more and more tokens.

#include <functional>

#include "memsizer/base/clock.hpp"
#include "memsizer/base/median.hpp"
#include "memsizer/models/language_model.hpp"

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

/// The number of steps timed at each length.
inline constexpr Index timed_steps = 33;

namespace detail {

/// Seconds of a greedy step: the model, the output layer and the choice of the largest logit.
template <class T>
double timed_step(const models::LanguageModel<T>& model, typename models::LanguageModel<T>::State& state,
                  Id& token) {
  const double start = steady_seconds();
  const Tensor<T> logits =
      model.logits(model.hidden(Tensor<Id>({1, 1}, {token}, model.device()), {}, &state));
  const std::vector<T> values = logits.to_vector();
  token = static_cast<Id>(std::ranges::max_element(values) - values.begin());
  return steady_seconds() - start;
}

}  // namespace detail

/// Fills a state with random tokens up to each length (rising) and times `steps` steps there; the median
/// counts. If `go_on` returns false, it ends early with the lengths measured so far.
template <class T>
std::vector<GenerationCost> generation_costs(
    const models::LanguageModel<T>& model, const std::vector<Index>& lengths, Index steps = timed_steps,
    const std::function<bool()>& go_on = [] { return true; }) {
  const Tape::Pause pause;
  auto state = model.initial_state(1);
  RandomStream random(name_key("generation cost"));
  const auto random_token = [&] {
    return static_cast<Id>(random.below(static_cast<std::uint64_t>(model.config().vocab)));
  };
  std::vector<GenerationCost> costs;
  Id token = random_token();
  for (const Index length : lengths) {
    while (state[0].largest_count() < length) {
      if (!go_on()) return costs;
      const Index segment = std::min<Index>(256, length - state[0].largest_count());
      std::vector<Id> tokens(static_cast<std::size_t>(segment));
      std::ranges::generate(tokens, random_token);
      model.hidden(Tensor<Id>({1, segment}, tokens, model.device()), {}, &state);
    }
    GenerationCost cost{.length = state[0].largest_count()};
    for (const nn::State<T>& layer : state) cost.state_bytes += layer.bytes();
    std::vector<double> seconds;
    for (Index step = 0; step < steps; ++step) seconds.push_back(detail::timed_step(model, state, token));
    cost.tokens_per_second = 1 / median(seconds);
    costs.push_back(cost);
  }
  return costs;
}

}  // namespace memsizer::decode
