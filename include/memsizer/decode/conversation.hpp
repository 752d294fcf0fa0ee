#pragma once
// A conversation with a language model: turn after turn is read into one state, so that nothing is read
// twice. With MemSizer the state keeps its size, however long the conversation becomes.
//
//     </s> question </s> answer </s> question </s> answer </s> ..

#include <functional>
#include <memory>
#include <vector>

#include "memsizer/decode/constraints.hpp"
#include "memsizer/decode/language_model_stepper.hpp"
#include "memsizer/decode/sampling.hpp"

namespace memsizer::decode {

/// How an answer is written.
struct AnswerOptions {
  SamplingOptions sampling = {};
  Constraints constraints = {};
  Index max_tokens = 256;
  std::vector<Id> forbidden = {};  // never chosen
  /// Asked before each token. If it returns false, the answer ends as it is.
  std::function<bool()> go_on = [] { return true; };
  /// Called with each token as it is chosen, but not with </s>.
  std::function<void(Id token)> chosen = [](Id) {};
};

/// The model must outlive the conversation. T is the type of the logits, Accumulate of the model's.
template <class T>
class Conversation {
 public:
  /// `end` is </s>, which begins the conversation and ends each turn.
  template <class Element>
  Conversation(const models::LanguageModel<Element>& model, Id end)
      : stepper_(std::make_unique<LanguageModelStepper<Element>>(model)),
        end_(end),
        positions_(models::position_limit<Element>(model.config())),
        unread_{end} {}

  /// Reads a question and writes the answer to it. Returns the answer's tokens, without </s>. InputError, and
  /// the conversation stays as it was, for a token outside the vocabulary, for options out of range, and if
  /// the model has too few positions for the question.
  std::vector<Id> answer(const std::vector<Id>& question, const AnswerOptions& options) {
    require_valid(options.sampling);
    require_valid(options.constraints);
    require_room(options.constraints, options.max_tokens);
    require_tokens("question", question, stepper_->vocab());
    std::vector<Id> turn = unread_;
    turn.insert(turn.end(), question.begin(), question.end());
    turn.push_back(end_);
    const Index after = read_ + static_cast<Index>(turn.size());
    require(positions_ == 0 || after <= positions_, "the conversation would have ", after,
            " tokens before the answer, and the model has ", positions_, " positions");
    std::vector<T> logits = read(turn);
    std::vector<Id> tokens;
    unread_ = {end_};
    const std::uint64_t stream = turns_++;
    while (options.go_on() && constrained(logits, options, tokens)) {
      const Id token =
          sample<T>(logits, options.sampling,
                    sampling_number(options.sampling.seed, stream, static_cast<Index>(tokens.size())));
      if (token == end_) return tokens;
      tokens.push_back(token);
      options.chosen(token);
      const bool is_last = static_cast<Index>(tokens.size()) == options.max_tokens ||
                           (positions_ > 0 && read_ + 1 > positions_);
      if (is_last || !options.go_on()) {
        unread_ = {token, end_};
        return tokens;
      }
      logits = read({token});
    }
    return tokens;
  }

  /// Forgets everything.
  void reset() {
    stepper_->reorder({});
    unread_ = {end_};
    read_ = 0;
    turns_ = 0;
  }

  /// The number of tokens that the model has read, and of answers.
  Index tokens() const { return read_; }
  Index turns() const { return static_cast<Index>(turns_); }
  /// The bytes that the model remembers of them.
  Index state_bytes() const { return stepper_->state_bytes(); }
  /// The most tokens that the model has positions for; 0: no limit.
  Index positions() const { return positions_; }

 private:
  bool constrained(std::vector<T>& logits, const AnswerOptions& options,
                   const std::vector<Id>& tokens) const {
    forbid<T>(logits, options.forbidden);
    return constrain<T>(logits, options.constraints, tokens, end_);
  }

  /// Reads tokens, and returns the logits [vocab] of the next one.
  std::vector<T> read(const std::vector<Id>& tokens) {
    const Tape::Pause pause;
    const Tensor<T> logits = read_ == 0 ? stepper_->start({{.tokens = tokens}}) : stepper_->extend(tokens);
    read_ += static_cast<Index>(tokens.size());
    return logits.to_vector();
  }

  std::unique_ptr<Stepper<T>> stepper_;
  Id end_;
  Index positions_;
  std::vector<Id> unread_;  // what was said, and is read with the next question
  Index read_ = 0;
  std::uint64_t turns_ = 0;
};

}  // namespace memsizer::decode
