#pragma once
// The gradient check of an attention kind. It checks the gradients of all inputs and parameters, in each use
// that the kind's description promises.

#include <set>

#include "memsizer/check/gradient_check.hpp"
#include "memsizer/nn/attention/kinds.hpp"
#include "memsizer/nn/parameter_store.hpp"

namespace memsizer::nn {

/// The result for one use of a kind.
struct AttentionCheck {
  std::string name;  // the kind and its use: "memsizer causal"
  check::GradientReport report;
};

namespace detail {

/// A layer whose parameters become inputs of the function that is checked.
class CheckedAttention {
 public:
  CheckedAttention(const std::string& kind, bool causal, Device& device)
      : layer_(make_attention<double>(kind,
                                      {.dim = 12, .settings = {.heads = 3, .slots = 5}, .causal = causal})),
        store_(*layer_, 7, false, device) {}

  const Attention<double>& layer() const { return *layer_; }

  /// Checks the gradients of `use`, which calls the layer, for the given inputs and for all parameters.
  check::GradientReport check(std::vector<Tensor<double>> inputs,
                              const std::function<Tensor<double>(const std::vector<Tensor<double>>&)>& use) {
    const std::size_t given = inputs.size();
    for (const auto& entry : store_.entries()) inputs.push_back(entry.parameter->value);
    return check::check_gradient(
        [&](const std::vector<Tensor<double>>& x) {
          for (std::size_t i = given; i < x.size(); ++i) store_.entries()[i - given].parameter->value = x[i];
          return use(x);
        },
        inputs);
  }

 private:
  std::unique_ptr<Attention<double>> layer_;
  ParameterStore<double> store_;
};

inline Tensor<double> random_tokens(Index batch, Index time, std::uint64_t seed, Device& device) {
  RandomStream random(mix_keys(seed, name_key("attention check")));
  return Tensor<double>({batch, time, 12}, check::detail::random_normal(batch * time * 12, random), device);
}

/// Random tokens whose kinks are so far from 0 that the checker's differences cross none of them. (When the
/// checker moves a parameter by one step, a kink moves by a few times as much.) A token that is too near is
/// drawn again; the others stay.
inline Tensor<double> smooth_tokens(const Attention<double>& layer, Index batch, Index time,
                                    std::uint64_t seed, Device& device) {
  constexpr double nearest = 50 * check::GradientOptions{}.step;
  constexpr int tries = 1000;
  const Tape::Pause pause;
  std::vector<double> values = random_tokens(batch, time, seed, device).to_vector();
  RandomStream random(mix_keys(seed, name_key("attention check, again")));
  for (int i = 0; i < tries; ++i) {
    const Tensor<double> tokens({batch, time, 12}, values, device);
    std::set<std::size_t> near;
    for (const Tensor<double>& kinks : layer.kinks(tokens)) {
      const std::vector<double> numbers = kinks.to_vector();
      const std::size_t of_token = numbers.size() / static_cast<std::size_t>(batch * time);
      for (std::size_t j = 0; j < numbers.size(); ++j)
        if (std::abs(numbers[j]) < nearest) near.insert(j / of_token);
    }
    if (near.empty()) return tokens;
    for (const std::size_t token : near)
      for (std::size_t j = 12 * token; j < 12 * (token + 1); ++j) values[j] = random.normal();
  }
  throw Error(concatenate("attention check: after ", tries, " tries a kink of the kind ",
                          layer.description().name, " is within ", nearest));
}

/// The layer's state after this segment.
inline State<double> state_after(const Attention<double>& layer, const Tensor<double>& segment) {
  const Tape::Pause pause;
  State<double> state(segment.extent(0));
  layer.forward(segment, {}, &state);
  return state;
}

}  // namespace detail

/// Checks each use that the kind's description promises: causal self-attention (with rows of different
/// lengths, after a state, and with documents that begin inside the segment), self-attention to all tokens,
/// and attention to a source. MissingKernel if the device cannot run the kind yet.
inline std::vector<AttentionCheck> check_attention(const std::string& kind, Device& device = cpu::device()) {
  const AttentionDescription& description = find_attention_kind<double>(kind);
  const Sequence ragged{.lengths = Lengths({9, 6}, device)};
  std::vector<AttentionCheck> checks;
  if (description.causal) {
    detail::CheckedAttention causal(kind, true, device);
    const Tensor<double> x = detail::smooth_tokens(causal.layer(), 2, 9, 1, device);
    checks.push_back({kind + " causal", causal.check({x}, [&](const auto& in) {
                        return causal.layer().forward(in[0], ragged);
                      })});
    const State<double> state = detail::state_after(causal.layer(), detail::random_tokens(2, 5, 2, device));
    checks.push_back({kind + " causal with a state", causal.check({x}, [&](const auto& in) {
                        State<double> copy = state;  // a forward changes the state that it is given
                        return causal.layer().forward(in[0], ragged, &copy);
                      })});
    const Sequence documents{.lengths = ragged.lengths, .inner_document_starts = {{2, 7}, {}}};
    if (description.document_boundaries)
      checks.push_back({kind + " causal with documents", causal.check({x}, [&](const auto& in) {
                          State<double> copy = state;
                          return causal.layer().forward(in[0], documents, &copy);
                        })});
  }
  if (description.bidirectional) {
    detail::CheckedAttention all(kind, false, device);
    const Tensor<double> x = detail::smooth_tokens(all.layer(), 2, 9, 1, device);
    checks.push_back({kind + " bidirectional",
                      all.check({x}, [&](const auto& in) { return all.layer().forward(in[0], ragged); })});
  }
  if (description.cross) {
    detail::CheckedAttention cross(kind, false, device);
    const Tensor<double> x = detail::smooth_tokens(cross.layer(), 2, 9, 1, device),
                         source = detail::smooth_tokens(cross.layer(), 2, 7, 3, device);
    const Lengths lengths({7, 4}, device);
    checks.push_back({kind + " cross", cross.check({x, source}, [&](const auto& in) {
                        const auto prepared = cross.layer().prepare(in[1], lengths);
                        return cross.layer().attend(in[0], prepared, {});
                      })});
  }
  return checks;
}

}  // namespace memsizer::nn
