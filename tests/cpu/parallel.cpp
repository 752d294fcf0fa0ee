#include "memsizer/cpu/parallel.hpp"

#include <atomic>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "memsizer/cpu/shared_loop.hpp"

BOOST_AUTO_TEST_SUITE(parallel)

using namespace memsizer;

BOOST_AUTO_TEST_CASE(loops_of_little_work_stay_on_one_thread) {
  cpu::set_threads(4);
  int calls = 0;
  cpu::parallel_for(cpu::context(), cpu::context().grain, 1, [&](Index, Index) { ++calls; });
  BOOST_TEST(calls == 1);
  std::atomic<int> parallel_calls = 0;
  cpu::parallel_for(cpu::context(), 4, cpu::context().grain, [&](Index, Index) { ++parallel_calls; });
  BOOST_TEST(parallel_calls == 4);
  cpu::set_threads(0);
}

BOOST_AUTO_TEST_CASE(a_shared_loop_visits_each_index_once_on_all_threads) {
  cpu::set_threads(3);
  std::vector<int> visits(100, 0);
  std::atomic<int> parts = 0;
  cpu::share_loop(100, [&](Index begin, Index end) {
    ++parts;
    for (Index i = begin; i < end; ++i) ++visits[static_cast<std::size_t>(i)];
  });
  BOOST_TEST(parts == 3);
  BOOST_TEST(visits == std::vector<int>(100, 1), boost::test_tools::per_element());
  cpu::set_threads(0);
}

BOOST_AUTO_TEST_CASE(numbers_of_threads_beyond_reason_are_refused) {
  BOOST_CHECK_THROW(cpu::set_threads((Index{1} << 32) + 1), InputError);
}

BOOST_AUTO_TEST_SUITE_END()
