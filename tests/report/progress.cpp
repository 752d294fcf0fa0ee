#include "memsizer/report/progress.hpp"

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(progress)

using namespace memsizer;
using namespace memsizer::report;
using namespace memsizer::train;

namespace {

/// A screen and a clock that the test controls.
struct FakeView {
  std::string written;
  double now = 100;

  ProgressView view(bool terminal, std::size_t columns = 80) {
    return {.write = [this](std::string_view text) { written += text; },
            .seconds = [this] { return now; },
            .terminal = terminal,
            .columns = columns};
  }
  std::string take() { return std::exchange(written, {}); }
};

}  // namespace

BOOST_AUTO_TEST_CASE(a_terminal_line_renews_itself) {
  FakeView screen;
  Progress progress({.label = "training", .total = 1000}, screen.view(true));
  progress.update(0);
  BOOST_TEST(screen.take() == "");
  screen.now += 0.5;
  progress.update(10, "loss 4.2");
  BOOST_TEST(screen.take() == "\r\x1b[Ktraining  10/1,000 steps  1 %  20 steps/s  0:50 left  loss 4.2");
  screen.now += 0.05;
  progress.update(11, "loss 4.1");
  BOOST_TEST(screen.take() == "");
  screen.now += 9.45;
  progress.update(200);
  BOOST_TEST(screen.take() == "\r\x1b[Ktraining  200/1,000 steps  20 %  20 steps/s  0:40 left");
  progress.finish();
  BOOST_TEST(screen.take() == "\r\x1b[Ktraining  200/1,000 steps  in 0:10  20 steps/s\n");
}

BOOST_AUTO_TEST_CASE(elsewhere_a_line_comes_every_ten_seconds) {
  FakeView screen;
  Progress progress({.label = "reading", .unit = "bytes"}, screen.view(false));
  for (int second = 1; second <= 25; ++second) {
    screen.now += 1;
    progress.update(second * 1000);
  }
  BOOST_TEST(screen.take() == "reading  10,000 bytes  1,000 bytes/s\nreading  20,000 bytes  1,000 bytes/s\n");
  progress.finish();
  BOOST_TEST(screen.take() == "reading  25,000 bytes  in 0:25  1,000 bytes/s\n");
}

BOOST_AUTO_TEST_CASE(the_rate_is_that_of_the_last_half_minute) {
  FakeView screen;
  Progress progress({.label = "x", .total = 10000}, screen.view(false));
  Index done = 0;
  const auto run = [&](int seconds, Index a_second) {
    for (; seconds > 0; --seconds) {
      screen.now += 1;
      progress.update(done += a_second);
    }
  };
  run(100, 10);
  run(60, 50);
  const std::string lines = screen.take();
  BOOST_TEST(lines.substr(lines.rfind("x  ")) == "x  4,000/10,000 steps  40 %  50 steps/s  2:00 left\n");
}

BOOST_AUTO_TEST_CASE(another_measure_may_tell_how_much_is_done) {
  FakeView screen;
  Progress progress({.label = "x"}, screen.view(true));
  progress.update(0, 0.0);
  screen.now += 20;
  progress.update(10, 0.25);
  BOOST_TEST(screen.take() == "\r\x1b[Kx  10 steps  25 %  0.5 steps/s  1:00 left");
  screen.now += 10;
  progress.update(12, 0.5);
  BOOST_TEST(screen.take() == "\r\x1b[Kx  12 steps  50 %  0.4 steps/s  0:30 left");
}

BOOST_AUTO_TEST_CASE(a_resumed_run_counts_its_own_steps_for_the_rate) {
  FakeView screen;
  Progress progress({.label = "x", .total = 200}, screen.view(true));
  screen.now += 30;  // loads the run
  progress.start(100, 0.5);
  screen.now += 1;
  progress.update(110);
  BOOST_TEST(screen.take() == "\r\x1b[Kx  110/200 steps  55 %  10 steps/s  0:09 left");
  progress.finish();
  BOOST_TEST(screen.take() == "\r\x1b[Kx  110/200 steps  in 0:01  10 steps/s\n");
}

BOOST_AUTO_TEST_CASE(work_without_steps_has_no_rate) {
  FakeView screen;
  Progress progress({.label = "x", .total = 200}, screen.view(true));
  progress.start(200, 1);
  screen.now += 1;
  progress.finish();
  BOOST_TEST(screen.take() == "x  200/200 steps  in 0:01\n");
}

BOOST_AUTO_TEST_CASE(notes_stand_above_the_line) {
  FakeView screen;
  {
    Progress progress({.label = "x"}, screen.view(true));
    progress.note("begins");
    BOOST_TEST(screen.take() == "begins\n");
    screen.now += 1;
    progress.update(1);
    screen.take();
    progress.note("half");
    BOOST_TEST(screen.take() == "\r\x1b[Khalf\n\r\x1b[Kx  1 steps  1 steps/s");
  }
  BOOST_TEST(screen.take() == "\n");
}

BOOST_AUTO_TEST_CASE(a_line_fits_into_the_terminal) {
  FakeView screen;
  Progress progress({.label = "training"}, screen.view(true, 12));
  screen.now += 1;
  progress.update(5, "details");
  BOOST_TEST(screen.take() == "\r\x1b[Ktraining  5");
  Progress other({.label = "f\u00fcnf f\u00fc\u00fcnf"}, screen.view(true, 10));
  screen.now += 1;
  other.update(5);
  BOOST_TEST(screen.take() == "\r\x1b[Kf\u00fcnf f\u00fc");
}

BOOST_AUTO_TEST_CASE(a_hidden_line_comes_back_with_the_next_update) {
  FakeView screen;
  Progress progress({.label = "generating", .unit = "tokens"}, screen.view(true));
  progress.hide();
  BOOST_TEST(screen.take() == "");
  screen.now += 1;
  progress.update(5);
  screen.take();
  progress.hide();
  BOOST_TEST(screen.take() == "\r\x1b[K");
  progress.hide();
  BOOST_TEST(screen.take() == "");
  screen.now += 1;
  progress.update(10);
  BOOST_TEST(screen.take().starts_with("\r\x1b[Kgenerating  10 tokens"));
}

BOOST_AUTO_TEST_CASE(a_terminal_is_asked_what_it_can) {
  for (const char* term : {"xterm", "xterm-256color", "linux", "vt100", "screen"}) {
    BOOST_TEST(can_write_over(term, nullptr), term);
    BOOST_TEST(can_write_over(term, ""), term);
    BOOST_TEST(!can_write_over(term, "1"), term);
  }
  for (const char* term : {static_cast<const char*>(nullptr), "", "dumb"})
    BOOST_TEST(!can_write_over(term, nullptr));
}

BOOST_AUTO_TEST_SUITE_END()
