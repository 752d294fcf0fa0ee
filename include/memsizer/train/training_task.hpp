#pragma once
// What the training loop asks of a task: batches, their loss, a validation.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "memsizer/nn/parameter_store.hpp"
#include "memsizer/nn/sequence.hpp"
#include "memsizer/train/figures.hpp"

namespace memsizer::train {

/// Takes what the user should know, a line at a time.
using Tell = std::function<void(const std::string&)>;

/// Hears how much of a piece of work is done, of how much; false: it is to stop.
using Advanced = std::function<bool(Index done, Index of)>;

/// Where in the training data the next step begins: in which pass over it, at which batch of that pass.
struct DataPosition {
  Index epoch = 0, segment = 0;
};

/// A split of the data that a run learns from, with what its text is known by; nothing where it is absent.
struct DataSplit {
  std::string name;
  std::optional<std::string> hash;
};

/// A model and its data, ready to be trained.
class TrainingTask {
 public:
  virtual ~TrainingTask() = default;

  virtual nn::Module<float>& model() = 0;

  /// Fetches the batches of the next step and returns how many tokens each scores.
  virtual std::vector<Index> next_step(Index batches) = 0;
  /// The loss of one of these batches.
  virtual LinearCrossEntropy<float> loss(Index batch, const nn::Sequence& sequence) = 0;

  /// Batches of one pass over the training data.
  virtual Index batches_per_epoch() const = 0;

  virtual bool has_validation() const = 0;
  /// `advanced` is called now and then; where it returns false the validation ends without a report.
  virtual std::optional<ValidationReport> validate(const Advanced& advanced) = 0;

  virtual DataPosition position() const = 0;
  /// InputError on a position that the data has not.
  virtual void restore(const DataPosition& position) = 0;

  /// The data's folder or file and its splits, by which a resumed run knows its data again.
  virtual std::string data_path() const = 0;
  virtual std::vector<DataSplit> data_splits() const = 0;
};

}  // namespace memsizer::train
