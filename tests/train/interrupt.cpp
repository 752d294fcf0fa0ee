// Ctrl-C in nested work, and the signals that count as a request to stop.
#include "memsizer/train/interrupt.hpp"

#include <csignal>

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(interrupt)

using memsizer::train::Interrupt;

BOOST_AUTO_TEST_CASE(one_inside_another_shares_its_flag) {
  const Interrupt outer;
  BOOST_TEST(!Interrupt::requested());
  {
    const Interrupt inner;
    std::raise(SIGINT);
    BOOST_TEST(Interrupt::requested());
  }
  BOOST_TEST(Interrupt::requested());
  const Interrupt later;
  BOOST_TEST(Interrupt::requested());
}

BOOST_AUTO_TEST_CASE(a_new_one_knows_nothing_of_the_last) {
  {
    const Interrupt first;
    std::raise(SIGTERM);
    BOOST_TEST(Interrupt::requested());
  }
  const Interrupt second;
  BOOST_TEST(!Interrupt::requested());
}

BOOST_AUTO_TEST_CASE(every_signal_that_ends_a_program_is_a_request) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    const Interrupt interrupt;
    std::raise(signal);
    BOOST_TEST(Interrupt::requested(), signal);
    BOOST_TEST(Interrupt::signal() == signal);
    if (signal == SIGHUP) std::raise(signal);  // a closing terminal may send several
  }
}

BOOST_AUTO_TEST_CASE(an_ignored_signal_stays_ignored) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    const auto before = std::signal(signal, SIG_IGN);
    {
      const Interrupt interrupt;
      std::raise(signal);
      BOOST_TEST(!Interrupt::requested(), signal);
    }
    BOOST_TEST((std::signal(signal, before) == SIG_IGN), signal);
  }
}

BOOST_AUTO_TEST_SUITE_END()
