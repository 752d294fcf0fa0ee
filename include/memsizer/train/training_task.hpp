#pragma once
// What the training loop needs from a task: batches, their loss, and a validation.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "memsizer/nn/host_array.hpp"
#include "memsizer/nn/parameter_store.hpp"
#include "memsizer/nn/sequence.hpp"
#include "memsizer/train/figures.hpp"

namespace memsizer::train {

/// A callback for messages to the user, one line in each call.
using MessageCallback = std::function<void(const std::string&)>;

/// A callback for progress: `done` parts of `of`. If it returns false, the work stops.
using ProgressCallback = std::function<bool(Index done, Index of)>;

/// Where the next step begins in the training data: the epoch, and the batch in that epoch.
struct DataPosition {
  Index epoch = 0, batch = 0;
};

/// A split of the run's data and the hash of its text; no hash if the split is absent.
struct DataSplit {
  std::string name;
  std::optional<std::string> hash;
};

/// A model of element type T and its data, ready to be trained.
template <class T>
class TrainingTask {
 public:
  virtual ~TrainingTask() = default;

  virtual nn::Module<T>& model() = 0;

  /// Fetches the batches of the next step. Returns the number of tokens that each batch scores.
  virtual std::vector<Index> next_step(Index batches) = 0;
  /// The loss of one of these batches, by its number.
  virtual LinearCrossEntropy<T> loss(Index batch, const nn::Sequence& sequence) = 0;

  /// The number of batches in one epoch.
  virtual Index batches_per_epoch() const = 0;

  virtual bool has_validation() const = 0;
  /// Scores the validation split. `progress` is called now and then; if it returns false, the validation ends
  /// without a report.
  virtual std::optional<ValidationReport> validate(const ProgressCallback& progress) = 0;

  virtual DataPosition position() const = 0;
  /// InputError if the data has no such position.
  virtual void restore(const DataPosition& position) = 0;

  /// The recurrent states with which the next step goes on (nn::save), which a checkpoint then holds; empty
  /// if each step begins with none. A failed step is run again, to explain it, with the states as they are.
  virtual std::vector<nn::HostArray> carried_states() const { return {}; }
  /// Goes on with these states. InputError if they are not the model's.
  virtual void restore_states(const std::vector<nn::HostArray>& states) {
    require(states.empty(), "no states expected, since no step goes on with those of another, got ",
            states.size());
  }

  /// The folder or file of the data, and its splits. A resumed run compares the splits with its own.
  virtual std::string data_path() const = 0;
  virtual std::vector<DataSplit> data_splits() const = 0;
};

}  // namespace memsizer::train
