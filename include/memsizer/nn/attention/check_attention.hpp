#pragma once
// The gradient check of an attention kind: its inputs and every one of its parameters, in each of its uses.

#include "memsizer/check/gradient_check.hpp"
#include "memsizer/nn/attention/kinds.hpp"
#include "memsizer/nn/parameter_store.hpp"

namespace memsizer::nn {

/// One use of a kind, checked.
struct AttentionCheck {
  std::string name;  // "memsizer causal"
  check::GradientReport report;
};

namespace detail {

/// A layer whose parameters are inputs of the function that is checked.
class CheckedAttention {
 public:
  CheckedAttention(const std::string& kind, bool causal, Device& device)
      : layer_(make_attention<double>(kind, {.dim = 12, .heads = 3, .slots = 5, .causal = causal})),
        store_(*layer_, 7, false, device) {}

  const Attention<double>& layer() const { return *layer_; }

  /// Checks `use`, which calls the layer with the given inputs, in them and in all parameters.
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

/// The state after a segment.
inline State<double> state_after(const Attention<double>& layer, const Tensor<double>& segment) {
  const Tape::Pause pause;
  State<double> state(segment.extent(0));
  layer.forward(segment, {}, &state);
  return state;
}

}  // namespace detail

/// Checks a kind's self-attention with rows of different lengths, its self-attention that goes on from a
/// state, and its attention to a source. MissingKernel where the device cannot run it yet.
inline std::vector<AttentionCheck> check_attention(const std::string& kind, Device& device = cpu::device()) {
  const Tensor<double> x = detail::random_tokens(2, 9, 1, device),
                       before = detail::random_tokens(2, 5, 2, device),
                       source = detail::random_tokens(2, 7, 3, device);
  const Sequence ragged{.lengths = Lengths({9, 6}, device)};
  detail::CheckedAttention causal(kind, true, device), cross(kind, false, device);
  std::vector<AttentionCheck> checks;
  checks.push_back({kind + " causal", causal.check({x}, [&](const auto& in) {
                      return causal.layer().forward(in[0], ragged);
                    })});
  const State<double> state = detail::state_after(causal.layer(), before);
  checks.push_back({kind + " causal with a state", causal.check({x}, [&](const auto& in) {
                      State<double> copy = state;  // a forward changes the state that it is given
                      return causal.layer().forward(in[0], ragged, &copy);
                    })});
  const Lengths source_lengths({7, 4}, device);
  checks.push_back({kind + " cross", cross.check({x, source}, [&](const auto& in) {
                      return cross.layer().attend(in[0],
                                                  cross.layer().prepare(in[1], source_lengths.on_device), {});
                    })});
  return checks;
}

}  // namespace memsizer::nn
