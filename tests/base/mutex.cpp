#include "memsizer/base/mutex.hpp"

#include <thread>
#include <vector>

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(mutex)

using namespace memsizer;

BOOST_AUTO_TEST_CASE(one_thread_at_a_time) {
  Mutex mutex;
  long count = 0;  // no atomic: a lost addition would show, and the thread sanitizer would see a race
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      for (int k = 0; k < 20000; ++k) {
        const Lock lock(mutex);
        ++count;
      }
    });
  for (std::thread& thread : threads) thread.join();
  BOOST_TEST(count == 80000);
}

BOOST_AUTO_TEST_CASE(a_lock_ends_with_its_scope) {
  Mutex mutex;
  for (int i = 0; i < 3; ++i) try {
      const Lock lock(mutex);
      if (i == 1) throw 1;
    } catch (int) {
    }
  const Lock lock(mutex);  // would wait for ever if another were held
}

BOOST_AUTO_TEST_SUITE_END()
