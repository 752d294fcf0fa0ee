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
  Index positions() const override { return limit; }

  Tensor<double> add(const std::vector<decode::Prompt>& prompts) override {
    for (const decode::Prompt& prompt : prompts) histories.push_back(prompt.tokens);
    segments.push_back(-static_cast<Index>(prompts.size()));
    return answer(histories.size() - prompts.size());
  }
  Tensor<double> step(const std::vector<Id>& tokens) override {
    require(tokens.size() == histories.size(), "a token a row expected");
    for (std::size_t row = 0; row < tokens.size(); ++row) {
      histories[row].push_back(tokens[row]);
      require(limit == 0 || static_cast<Index>(histories[row].size()) <= limit,
              "a token beyond the positions");
    }
    segments.push_back(static_cast<Index>(tokens.size()));
    return answer(0);
  }
  Tensor<double> extend(const std::vector<Id>& tokens) override {
    require(histories.size() == 1, "one row expected");
    histories[0].insert(histories[0].end(), tokens.begin(), tokens.end());
    return answer(0);
  }
  Index state_bytes() const override { return 0; }
  void reorder(const std::vector<Index>& rows) override {
    if (rows.empty()) return histories.clear();
    std::vector<std::vector<Id>> next;
    for (const Index row : rows) next.push_back(histories.at(static_cast<std::size_t>(row)));
    histories = std::move(next);
    ++reorders;
  }

  std::vector<double> logits_after(const std::vector<Id>& history) const { return logits_(history); }

  std::vector<std::vector<Id>> histories;
  std::vector<Index> segments;  // of rows: below 0 for prompts that are added, above 0 for a step
  int reorders = 0;             // without those that clear all
  Index limit = 0;              // the most tokens of a row; 0: no limit

 private:
  /// The logits of the rows from `first` on.
  Tensor<double> answer(std::size_t first) const {
    std::vector<double> all;
    for (std::size_t i = first; i < histories.size(); ++i) {
      const std::vector<double> row = logits_(histories[i]);
      all.insert(all.end(), row.begin(), row.end());
    }
    return Tensor<double>(Shape{static_cast<Index>(histories.size() - first), vocab_}, all);
  }

  Index vocab_;
  Logits logits_;
};
