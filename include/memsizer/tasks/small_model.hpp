#pragma once
// What a dry run does with a small model, whatever kind of model it is.

#include "memsizer/tasks/task.hpp"
#include "memsizer/train/learner.hpp"

namespace memsizer::tasks {

/// Does a training step, a scoring, or the first steps of a generation. loss(sequence, smoothing) is that of
/// a batch with `tokens` scored tokens; generate() takes the steps. For training, `store` has gradients.
template <class T, class Loss, class Generate>
void run_in_small(DryRun what, const Config& config, nn::ParameterStore<T>& store, Index tokens,
                  const Loss& loss, const Generate& generate) {
  const Tape::Pause pause;
  switch (what) {
    case DryRun::training: {
      train::Learner<T> learner(store, train::make_optimiser(config.optimiser, store),
                                {.clip = config.optimiser.clip});
      learner.step(config.schedule.learning_rate, {tokens}, [&](Index, const nn::Sequence& sequence) {
        return loss(sequence, config.label_smoothing);
      });
      return;
    }
    case DryRun::scoring:
      loss(nn::Sequence{}, LabelSmoothing{});
      return;
    case DryRun::generation:
      generate();
  }
}

}  // namespace memsizer::tasks
