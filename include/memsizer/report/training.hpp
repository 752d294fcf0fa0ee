#pragma once
// Trains a run and draws its curves.

#include "memsizer/report/run_curves.hpp"
#include "memsizer/tasks/start.hpp"

namespace memsizer::report {

/// Draws a run's losses into curves.svg in the run's folder.
inline void draw_curves(const train::RunDirectory& run, const train::MessageCallback& tell) {
  const std::string architecture = tasks::config_of(run).labels.architecture;
  const Chart chart = loss_chart({{architecture, read_curves(run)}}, Progression::step,
                                 {tasks::architecture_number(architecture)});
  tell_if_not_drawn(draw(chart, run.path() / "curves.svg"), tell);
}

/// InputError if the curves cannot be drawn because a folder has the name of their file. Called before the
/// first step, so that the error does not come after hours of training.
inline void require_place_for_curves(const std::filesystem::path& run) {
  std::error_code absent;
  for (const char* name : {"curves.svg", "curves.dat"})
    require(!std::filesystem::is_directory(run / name, absent), (run / name).string(),
            ": a file for the run's curves expected, got a folder; move it away");
}

/// Whether the run has a log and no curves, as after a kill that came between the last checkpoint and the
/// curves.
inline bool lacks_curves(const train::RunDirectory& run) {
  const auto exists = [](const std::filesystem::path& file) {
    std::error_code absent;
    return std::filesystem::exists(file, absent);
  };
  return exists(run.metrics_file()) && !exists(run.path() / "curves.svg") &&
         !exists(run.path() / "curves.dat");
}

/// Trains like tasks::train_model, then draws the curves. If the run has nothing left to do, draws them only
/// if there are none.
inline train::Outcome train_and_draw(const tasks::Request& request, const train::Observer& observer) {
  require_place_for_curves(request.output);
  bool stepped = false;
  train::Observer own = observer;
  own.started = [&](Index step, double part) {
    stepped = true;
    observer.started(step, part);
  };
  const train::Outcome outcome = tasks::train_model(request, own);
  const train::RunDirectory run(request.output);
  if (stepped || lacks_curves(run)) draw_curves(run, observer.tell);
  return outcome;
}

}  // namespace memsizer::report
