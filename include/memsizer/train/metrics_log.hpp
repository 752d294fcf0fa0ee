#pragma once
// metrics.jsonl has one JSON object per line: one for each logged step and one for each validation.

#include <filesystem>
#include <functional>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "memsizer/files/json_view.hpp"
#include "memsizer/files/line_reader.hpp"
#include "memsizer/train/figures.hpp"

namespace memsizer::train {

/// The figures of metrics.jsonl that plots and comparisons use.
struct RunCurves {
  std::vector<double> steps, tokens, seconds, losses;  // at logged steps
  std::vector<double> validation_steps, validation_losses;
  /// Further figures of the validations by name, such as "bleu"; NaN where a validation does not have one.
  std::map<std::string, std::vector<double>> validation_figures;
  std::vector<double> rates;  // tokens per second at logged steps, if known
};

namespace detail {

/// Adds the numbers in the line of a validation.
inline void add_validation(RunCurves& curves, const files::JsonView& line) {
  constexpr double unknown = std::numeric_limits<double>::quiet_NaN();
  curves.validation_steps.push_back(line.get<double>("step"));
  curves.validation_losses.push_back(line.get<double>("validation_loss"));
  for (const auto& [name, value] : line.object())
    if (value.is_number() && name != "step" && name != "validation_loss") {
      std::vector<double>& figures = curves.validation_figures[name];
      figures.resize(curves.validation_steps.size() - 1, unknown);
      figures.push_back(value.template get<double>());
    }
  for (auto& [name, figures] : curves.validation_figures)
    figures.resize(curves.validation_steps.size(), unknown);
}

}  // namespace detail

/// Reads these figures from the lines that begin in the first `bytes` bytes. A last line without a newline is
/// left out, because a running or killed process has not finished it. On any other line that is not the
/// object of a step, an InputError names the place.
inline RunCurves read_curves(const std::filesystem::path& metrics_file,
                             Index bytes = std::numeric_limits<Index>::max()) {
  RunCurves curves;
  Index read = 0;
  const std::string file = metrics_file.string();
  files::LineReader reader(metrics_file);
  for (std::string line; read < bytes && reader.next(line) && reader.has_newline();) {
    read += static_cast<Index>(line.size()) + 1;
    const files::Json json = files::parse_json(line, file, {.first_line = reader.number()});
    const files::JsonView view(json, concatenate(file, ':', reader.number()));
    const double step = view.get<double>("step");
    if (view.contains("validation_loss")) {
      detail::add_validation(curves, view);
    } else {
      curves.steps.push_back(step);
      curves.tokens.push_back(view.get<double>("tokens"));
      curves.seconds.push_back(view.get<double>("seconds"));
      curves.losses.push_back(view.get<double>("loss"));
      if (!view.at("tokens_per_second").is_null())
        curves.rates.push_back(view.get<double>("tokens_per_second"));
    }
  }
  return curves;
}

/// The text of an error about a log that does not fit its checkpoint, with the way out. The weights and the
/// state need no log, so a run without one goes on.
inline std::string with_way_out(const std::string& error) {
  return error +
         "; the file was changed since the checkpoint was saved. Move it away, and --resume goes on without "
         "its lines";
}

/// The step of the last validation in the first `bytes` bytes of a file of metrics, and its loss. The step is
/// -1 if there is no validation or no file. InputError, with the way out, if a line has no valid figures.
struct LastValidation {
  Index step = -1;
  double loss = 0;
};
inline LastValidation last_validation(const std::filesystem::path& metrics_file,
                                      Index bytes = std::numeric_limits<Index>::max()) try {
  std::error_code ignored;
  if (!std::filesystem::exists(metrics_file, ignored)) return {};
  const RunCurves curves = read_curves(metrics_file, bytes);
  if (curves.validation_steps.empty()) return {};
  return {static_cast<Index>(curves.validation_steps.back()), curves.validation_losses.back()};
} catch (const InputError& error) {
  throw InputError(with_way_out(error.what()));
}

class MetricsLog {
 public:
  /// Continues the file after its first `bytes` bytes; later lines, written after the run's checkpoint, are
  /// removed. If the file is shorter than that, the weights and the state are still whole: `tell` is called
  /// with a text about the loss, and the log continues after the last whole line. InputError, with the way
  /// out and before the file is changed, if a line has no valid figures or does not end where the checkpoint
  /// says.
  MetricsLog(
      const std::filesystem::path& file, Index bytes,
      const std::function<void(const std::string&)>& tell = [](const std::string&) {})
      : file_(files::open_file(file, O_RDWR | O_APPEND | O_CREAT)), bytes_(bytes) {
    const Index size = file_.status().st_size;
    if (size < bytes) {
      bytes_ = whole_lines(size);
      tell(concatenate(file.string(), ": ", bytes, " bytes expected by the checkpoint, got ", size,
                       "; the lines between are lost, and the run goes on"));
    }
    char last = '\n';
    if (bytes_ > 0) file_.read_at(bytes_ - 1, &last, 1);
    require(last == '\n', with_way_out(concatenate(
                              file.string(), ": the checkpoint expects a line to end at byte ", bytes_)));
    last_validated_step_ = last_validation(file, bytes_).step;
    file_.cut(bytes_);
  }

  /// The step of the last validation in the lines that the file had at first; -1 if they have none.
  Index last_validated_step() const { return last_validated_step_; }

  /// Adds a line. On a full disk it throws a SystemError and leaves no part of the line.
  void write(const StepReport& report) { write_line(to_json(report)); }
  void write(const ValidationReport& report, Index step) { write_line(to_json(report, step)); }

  /// Forces all lines onto the disk. Returns the file's length in bytes.
  Index synchronise() {
    file_.synchronise();
    return bytes_;
  }

 private:
  /// The length of the whole lines in the first `size` bytes.
  Index whole_lines(Index size) const {
    std::string text(static_cast<std::size_t>(size), ' ');
    if (size > 0) file_.read_at(0, text.data(), size);
    return static_cast<Index>(text.rfind('\n') + 1);
  }

  void write_line(const nlohmann::ordered_json& line) {
    const std::string text = files::dump_json(line, -1);
    try {
      file_.write(text);
    } catch (...) {
      file_.cut(bytes_);
      throw;
    }
    bytes_ += static_cast<Index>(text.size());
  }

  files::Descriptor file_;
  Index bytes_, last_validated_step_ = -1;
};

}  // namespace memsizer::train
