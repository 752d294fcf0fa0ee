#pragma once
// What the training loop asks of a task; a file a task implements it.

#include <functional>
#include <optional>

#include "memsizer/files/json.hpp"
#include "memsizer/nn/parameter_store.hpp"
#include "memsizer/nn/sequence.hpp"

namespace memsizer::train {

/// Hears how much of a piece of work is done, of how much; false: it is to stop.
using Advanced = std::function<bool(Index done, Index of)>;

/// A task with its model and its data: batches to learn from, and a validation.
class Task {
 public:
  virtual ~Task() = default;

  virtual nn::Module<float>& model() = 0;

  /// Fetches the batches of the next step and returns how many tokens each scores.
  virtual std::vector<Index> next_step(Index batches) = 0;
  /// The loss of one of these batches.
  virtual LinearCrossEntropy<float> loss(Index batch, const nn::Sequence& sequence) = 0;

  /// Batches of one pass over the training data.
  virtual Index batches_per_epoch() const = 0;

  virtual bool has_validation() const = 0;
  /// The figures of a validation, validation_loss (nats a token) first. `advanced` is called now and then;
  /// where it returns false the validation ends early and has no figures.
  virtual std::optional<nlohmann::ordered_json> validate(const Advanced& advanced) = 0;

  /// Where in the data the next step begins, for checkpoints.
  virtual nlohmann::ordered_json position() const = 0;
  virtual void restore_position(const files::JsonView& position) = 0;
};

}  // namespace memsizer::train
