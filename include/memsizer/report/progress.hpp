#pragma once
// Shows the progress of long work and the time left. On a terminal it is one line that is written over;
// elsewhere it is a new line every ten seconds.

#include <cstdio>
#include <cstdlib>
#include <deque>
#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include <sys/ioctl.h>
#include <unistd.h>

#include "memsizer/base/clock.hpp"
#include "memsizer/report/number_text.hpp"

namespace memsizer::report {

/// Where progress is shown, and the clock that measures it. Tests pass their own.
struct ProgressView {
  std::function<void(std::string_view)> write;
  std::function<double()> seconds;  // from any start; must not decrease
  bool terminal = false;            // whether a line can be written over
  std::size_t columns = 80;         // the terminal's width
};

/// Whether a terminal with this TERM variable can write over a line. A user who sets NO_COLOR wants plain
/// text, so we write plain lines then too. Null means that the variable is not set.
inline bool can_write_over(const char* term, const char* no_color) {
  const std::string_view kind = term == nullptr ? "" : term;
  return !kind.empty() && kind != "dumb" && (no_color == nullptr || *no_color == '\0');
}

/// A view with standard error and the steady clock.
inline ProgressView standard_error_view() {
  ProgressView view;
  view.write = [](std::string_view text) { std::fwrite(text.data(), 1, text.size(), stderr); };
  view.seconds = steady_seconds;
  view.terminal =
      ::isatty(STDERR_FILENO) != 0 && can_write_over(std::getenv("TERM"), std::getenv("NO_COLOR"));
  struct winsize size {};
  if (view.terminal && ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
    view.columns = size.ws_col;
  return view;
}

struct ProgressOptions {
  std::string label;           // the name of the work: "training"
  std::string unit = "steps";  // the unit of the counts
  Index total = 0;             // how many units there are; 0: not known
};

/// The progress of one piece of work. Example:
///
///     Progress progress({.label = "training", .total = 1000});
///     for (Index step = 1; step <= 1000; ++step) progress.update(step, "loss 4.2");
///     progress.finish();
class Progress {
 public:
  explicit Progress(ProgressOptions options, ProgressView view = standard_error_view())
      : options_(std::move(options)), view_(std::move(view)), shown_at_(view_.seconds()) {
    start(0, part_of(0));
  }
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  /// Moves the terminal to the start of a new line.
  ~Progress() { leave_line(); }

  /// Begins the measurement now. `done` units were done before, by an earlier run; rates leave them out.
  void start(Index done, double part) {
    began_ = view_.seconds();
    began_with_ = done_ = done;
    part_ = part;
    marks_ = {{began_, done, part}};
  }

  /// Shows that `done` units of the total are done. `details` appears at the end of the line.
  void update(Index done, std::string_view details = {}) { update(done, part_of(done), details); }

  /// Does the same if the count does not tell how much is done. `part`, from 0 to 1, is the part that is
  /// done; below 0: not known. Example: work that ends at a fixed time.
  void update(Index done, double part, std::string_view details = {}) {
    done_ = done;
    part_ = part;
    details_ = details;
    const double now = view_.seconds();
    if (part >= 0 && marks_.front().part < 0) marks_ = {{now, done, part}};
    if (now - marks_.back().seconds >= mark_seconds) {
      marks_.push_back({now, done, part});
      if (marks_.size() > marks_kept) marks_.pop_front();
    }
    if (now - shown_at_ >= (view_.terminal ? terminal_seconds : plain_seconds)) show(now);
  }

  /// Removes the progress line until the next update, so that other text can be written to the terminal.
  void hide() {
    if (std::exchange(drawn_, false)) view_.write(erase_line);
  }

  /// Writes a line that stays, above the progress line.
  void note(std::string_view text) {
    if (drawn_) view_.write(erase_line);
    view_.write(std::string(text) + '\n');
    if (std::exchange(drawn_, false)) show(view_.seconds());
  }

  /// Shows the last state with the total time, and ends the line.
  void finish() {
    const double now = view_.seconds();
    std::string line = head() + "  in " + duration_text(now - began_);
    if (done_ > began_with_ && now > began_) line += rate_text(done_ - began_with_, now - began_);
    if (!details_.empty()) line += "  " + details_;
    if (std::exchange(drawn_, false)) view_.write(erase_line);
    view_.write(line + '\n');
  }

 private:
  struct Mark {
    double seconds;
    Index done;
    double part;
  };

  static constexpr std::string_view erase_line = "\r\x1b[K";
  static constexpr double terminal_seconds = 0.1, plain_seconds = 10, mark_seconds = 3;
  static constexpr std::size_t marks_kept = 10;  // so the rate is that of the last half minute

  /// "training  1,240/5,000 steps"
  std::string head() const {
    std::string text = options_.label + "  " + with_thousands(done_);
    if (options_.total > 0) text += '/' + with_thousands(options_.total);
    return text + ' ' + options_.unit;
  }

  std::string rate_text(Index done, double seconds) const {
    return "  " + short_number(static_cast<double>(done) / seconds) + ' ' + options_.unit + "/s";
  }

  double part_of(Index done) const {
    if (options_.total <= 0) return -1;
    return std::min(1.0, static_cast<double>(done) / static_cast<double>(options_.total));
  }

  std::string line(double now) const {
    std::string text = head();
    if (part_ >= 0) text += "  " + std::to_string(static_cast<int>(100 * part_)) + " %";
    const Mark& mark = marks_.front();
    const double passed = now - mark.seconds;
    if (done_ > mark.done && passed > 0) text += rate_text(done_ - mark.done, passed);
    if (mark.part >= 0 && part_ > mark.part)
      text += "  " + duration_text((1 - part_) / (part_ - mark.part) * passed) + " left";
    if (!details_.empty()) text += "  " + details_;
    return text;
  }

  void show(double now) {
    shown_at_ = now;
    std::string text = line(now);
    if (!view_.terminal) return view_.write(text + '\n');
    if (text.size() >= view_.columns) text.resize(whole_characters(text, view_.columns - 1));
    view_.write(std::string(erase_line) + text);
    drawn_ = true;
  }

  /// The largest size up to `limit` that does not cut a UTF-8 character.
  static std::size_t whole_characters(std::string_view text, std::size_t limit) {
    while (limit > 0 && (static_cast<unsigned char>(text[limit]) & 0xC0) == 0x80) --limit;
    return limit;
  }

  void leave_line() {
    if (std::exchange(drawn_, false)) view_.write("\n");
  }

  ProgressOptions options_;
  ProgressView view_;
  double began_ = 0, shown_at_;
  Index began_with_ = 0, done_ = 0;
  double part_ = -1;
  std::string details_;
  std::deque<Mark> marks_;
  bool drawn_ = false;  // whether the cursor is at the end of a progress line
};

}  // namespace memsizer::report
