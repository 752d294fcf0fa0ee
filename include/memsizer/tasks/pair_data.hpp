#pragma once
// The data of a task whose examples are pairs of texts: what a model reads, and what it is to write.

#include <functional>

#include "memsizer/data/encoded_pairs.hpp"
#include "memsizer/data/missing_examples.hpp"
#include "memsizer/tasks/task.hpp"

namespace memsizer::tasks {

/// Called with each pair of a split. If it returns false, the reading ends.
using PairCallback = std::function<bool(const data::TextPair&)>;

class PairDataSet : public DataSet {
 public:
  /// The examples of a split that the data names and that are not there.
  virtual data::MissingExamples missing(data::Split) const { return {}; }
  /// Reads the pairs of a split, one after another. InputError for what the data refuse.
  virtual void for_each(data::Split split, const PairCallback& use) const = 0;
  /// The pairs of a split as ids, from the cache if it has them.
  virtual data::EncodedPairs encode(data::Split split, const text::Tokenizer& tokenizer,
                                    const data::EncodeCache& cache) const = 0;

  /// One tokenizer serves both sides.
  void add_text(text::TokenizerTrainer& trainer) const override {
    for_each(data::Split::train, [&](const data::TextPair& pair) {
      trainer.add_text(pair.source);
      trainer.add_text(pair.target);
      return true;
    });
  }

  /// The first `count` pairs of a split as the files have them.
  std::vector<data::TextPair> first_pairs(data::Split split, Index count) const {
    return first<data::TextPair>(split, count, std::identity());
  }
  /// The targets of these pairs.
  std::vector<std::string> references(data::Split split, Index count) const {
    return first<std::string>(split, count, &data::TextPair::target);
  }

 private:
  /// A part of each of the first pairs.
  template <class Part, class Choose>
  std::vector<Part> first(data::Split split, Index count, const Choose& choose) const {
    std::vector<Part> parts;
    if (count > 0)
      for_each(split, [&](const data::TextPair& pair) {
        parts.push_back(std::invoke(choose, pair));
        return static_cast<Index>(parts.size()) < count;
      });
    return parts;
  }
};

/// Tells the user how many examples of a split are not there; `examples` is their name, such as "articles".
inline void tell_of_missing(const PairDataSet& data, data::Split split, const std::string& examples,
                            const MessageCallback& tell) {
  if (const data::MissingExamples missing = data.missing(split); missing.count > 0)
    tell(concatenate("of the ", data::split_name(split), " split, ", missing.count, ' ', examples,
                     " are not there, such as ", missing.first));
}

/// The pairs of a data set that a task has opened. It throws std::bad_cast for other data.
inline const PairDataSet& pairs_of(const DataSet& data) {
  return dynamic_cast<const PairDataSet&>(data);
}

/// Any data::PairData, such as SentencePairs, as the data set of a task.
template <data::PairData Data>
class PairsOf : public PairDataSet {
 public:
  explicit PairsOf(Data data) : data_(std::move(data)) {}

  const Data& data() const { return data_; }

  const std::filesystem::path& path() const override { return data_.path(); }
  bool has(data::Split split) const override { return data_.has(split); }
  data::MissingExamples missing(data::Split split) const override {
    if constexpr (requires { data_.missing(split); })
      return data_.missing(split);
    else
      return {};
  }
  std::vector<std::filesystem::path> files(data::Split split) const override { return data_.files(split); }
  void for_each(data::Split split, const PairCallback& use) const override {
    auto stream = data_.open(split);
    for (data::TextPair pair; stream.next(pair);)
      if (!use(pair)) return;
  }
  data::EncodedPairs encode(data::Split split, const text::Tokenizer& tokenizer,
                            const data::EncodeCache& cache) const override {
    return data::encode_pairs(data_, split, tokenizer, cache);
  }

 private:
  Data data_;
};

}  // namespace memsizer::tasks
