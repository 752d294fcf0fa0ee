#pragma once
// A model that is just a function of all tokens read so far. It records the calls that it gets.

#include <functional>
#include <vector>

#include "memsizer/base/random.hpp"
#include "memsizer/decode/stepper.hpp"

using namespace memsizer;

class HistoryStepper : public decode::Stepper<double> {
 public:
  using Logits = std::function<std::vector<double>(const std::vector<Id>& history)>;

  HistoryStepper(Index vocab, Logits logits) : vocab_(vocab), logits_(std::move(logits)) {}

  /// A model with different random logits for every history.
  static HistoryStepper random(Index vocab, std::uint64_t seed) {
    return HistoryStepper(vocab, [=](const std::vector<Id>& history) {
      std::uint64_t key = seed;
      for (const Id token : history) key = mix_keys(key, static_cast<std::uint64_t>(token));
      RandomStream stream(key);
      std::vector<double> logits(static_cast<std::size_t>(vocab));
      for (double& logit : logits) logit = 2 * stream.normal();
      return logits;
    });
  }

  Index vocab() const override { return vocab_; }

  Tensor<double> start(const std::vector<decode::Prompt>& prompts) override {
    histories.clear();
    for (const decode::Prompt& prompt : prompts) histories.push_back(prompt.tokens);
    segments.push_back(-1);
    return answer();
  }
  Tensor<double> step(const std::vector<Id>& tokens) override {
    require(tokens.size() == histories.size(), "a token a row expected");
    for (std::size_t row = 0; row < tokens.size(); ++row) histories[row].push_back(tokens[row]);
    segments.push_back(static_cast<Index>(tokens.size()));
    return answer();
  }
  void reorder(const std::vector<Index>& rows) override {
    std::vector<std::vector<Id>> next;
    for (const Index row : rows) next.push_back(histories.at(static_cast<std::size_t>(row)));
    histories = std::move(next);
    ++reorders;
  }

  std::vector<double> logits_after(const std::vector<Id>& history) const { return logits_(history); }

  std::vector<std::vector<Id>> histories;
  std::vector<Index> segments;  // -1 for a start, the number of rows for a step
  int reorders = 0;

 private:
  Tensor<double> answer() const {
    std::vector<double> all;
    for (const auto& history : histories) {
      const std::vector<double> row = logits_(history);
      all.insert(all.end(), row.begin(), row.end());
    }
    return Tensor<double>(Shape{static_cast<Index>(histories.size()), vocab_}, all);
  }

  Index vocab_;
  Logits logits_;
};
