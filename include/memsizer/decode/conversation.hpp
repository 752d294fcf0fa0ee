#pragma once
// A conversation with a language model: turn after turn is read into one state, so that nothing is read
// twice. With MemSizer the state keeps its size, however long the conversation becomes.
//
//     </s> question </s> answer </s> question </s> answer </s> ..

#include <functional>
#include <utility>
#include <vector>

#include "memsizer/decode/constraints.hpp"
#include "memsizer/decode/padded_rows.hpp"
#include "memsizer/decode/sampling.hpp"
#include "memsizer/models/language_model.hpp"

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

/// The model must outlive the conversation.
template <class T>
class Conversation {
 public:
  /// `end` is </s>, which begins the conversation and ends each turn.
  Conversation(const models::LanguageModel<T>& model, Id end)
      : model_(model), end_(end), state_(model.initial_state(1)), unread_{end} {}

  /// Reads a question and writes the answer to it. Returns the answer's tokens, without </s>. InputError, and
  /// the conversation stays as it was, for a token outside the vocabulary, for options out of range, and if
  /// the model has too few positions for the question.
  std::vector<Id> answer(const std::vector<Id>& question, const AnswerOptions& options) {
    require_valid(options.sampling);
    require_valid(options.constraints);
    require_room(options.constraints, options.max_tokens);
    require_tokens("question", question, model_.get().config().vocab);
    std::vector<Id> turn = unread_;
    turn.insert(turn.end(), question.begin(), question.end());
    turn.push_back(end_);
    const Index after = read_ + static_cast<Index>(turn.size());
    require(positions() == 0 || after <= positions(), "the conversation would have ", after,
            " tokens before the answer, and the model has ", positions(), " positions");
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
                           (positions() > 0 && read_ + 1 > positions());
      if (is_last || !options.go_on()) {
        unread_ = {token, end_};
        return tokens;
      }
      logits = read({token});
    }
    return tokens;
  }

  /// Forgets everything.
  void reset() { *this = Conversation(model_, end_); }

  /// The number of tokens that the model has read, and of answers.
  Index tokens() const { return read_; }
  Index turns() const { return static_cast<Index>(turns_); }
  /// The bytes that the model remembers of them.
  Index state_bytes() const {
    Index bytes = 0;
    for (const nn::State<T>& layer : state_) bytes += layer.bytes();
    return bytes;
  }
  /// The most tokens that the model has positions for; 0: no limit.
  Index positions() const {
    return model_.get().positions() == models::PositionKind::learned ? model_.get().config().max_positions
                                                                     : 0;
  }

 private:
  bool constrained(std::vector<T>& logits, const AnswerOptions& options,
                   const std::vector<Id>& tokens) const {
    forbid<T>(logits, options.forbidden);
    return constrain<T>(logits, options.constraints, tokens, end_);
  }

  /// Reads tokens, and returns the logits [vocab] of the next one.
  std::vector<T> read(const std::vector<Id>& tokens) {
    const Tape::Pause pause;
    const auto count = static_cast<Index>(tokens.size());
    const Tensor<T> hidden =
        model_.get().hidden(Tensor<Id>(Shape{1, count}, tokens, model_.get().device()), {}, &state_);
    read_ += count;
    return model_.get().logits(last_of_rows(hidden, {static_cast<Id>(count)})).to_vector();
  }

  std::reference_wrapper<const models::LanguageModel<T>> model_;
  Id end_;
  typename models::LanguageModel<T>::State state_;
  std::vector<Id> unread_;  // what was said, and is read with the next question
  Index read_ = 0;
  std::uint64_t turns_ = 0;
};

}  // namespace memsizer::decode
