#pragma once
// A run that is trained and leaves the picture of its curves.

#include "memsizer/report/run_curves.hpp"
#include "memsizer/tasks/start.hpp"

namespace memsizer::report {

/// Draws a run's losses into curves.svg in its folder.
inline void draw_curves(const train::RunDirectory& run, const train::Tell& tell) {
  const std::string architecture = run.config().labels.architecture;
  const Chart chart = loss_chart({{architecture, read_curves(run)}}, Progression::step,
                                 {tasks::architecture_number(architecture)});
  tell_if_not_drawn(draw(chart, run.path() / "curves.svg"), tell);
}

/// Trains as tasks::train_model does, then draws the curves. A run that had nothing left to do stays
/// as it is.
inline train::Outcome train_and_draw(const tasks::Request& request, const train::Observer& observer) {
  bool stepped = false;
  train::Observer own = observer;
  own.started = [&](Index step, double part) {
    stepped = true;
    observer.started(step, part);
  };
  const train::Outcome outcome = tasks::train_model(request, own);
  if (stepped) draw_curves(train::RunDirectory(request.output), observer.tell);
  return outcome;
}

}  // namespace memsizer::report
