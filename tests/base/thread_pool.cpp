#include "memsizer/base/thread_pool.hpp"

#include <numeric>
#include <vector>

#include <boost/test/unit_test.hpp>
#include <pthread.h>

BOOST_AUTO_TEST_SUITE(thread_pool)

using namespace memsizer;

BOOST_AUTO_TEST_CASE(every_index_is_visited_once) {
  for (int threads = 1; threads <= 8; ++threads) {
    ThreadPool pool(threads);
    BOOST_TEST(pool.size() == threads);
    for (Index n : {0, 1, 2, 7, 8, 9, 31, 33, 1023})
      for (Index grain : {0, 1, 4, 100, 5000}) {
        std::vector<int> visits(n, 0);
        pool.parallel_for(n, grain, [&](Index begin, Index end) {
          for (Index i = begin; i < end; ++i) ++visits[i];
        });
        BOOST_TEST_REQUIRE(std::ranges::count(visits, 1) == n);
      }
  }
}

BOOST_AUTO_TEST_CASE(pieces_respect_grain_and_number_of_threads) {
  ThreadPool pool(4);
  for (Index n : {1, 10, 100, 1000})
    for (Index grain : {1, 7, 64, 2000}) {
      std::mutex mutex;
      std::vector<Index> lengths;
      pool.parallel_for(n, grain, [&](Index begin, Index end) {
        std::lock_guard lock(mutex);
        lengths.push_back(end - begin);
      });
      BOOST_TEST(lengths.size() <= 4u);
      BOOST_TEST(std::accumulate(lengths.begin(), lengths.end(), Index{0}) == n);
      if (lengths.size() > 1)
        for (Index length : lengths) BOOST_TEST(length >= grain);
    }
}

BOOST_AUTO_TEST_CASE(an_empty_loop_calls_nothing) {
  ThreadPool pool(3);
  pool.parallel_for(0, 1, [](Index, Index) { BOOST_ERROR("called"); });
}

BOOST_AUTO_TEST_CASE(many_small_loops_see_each_others_results) {
  for (int threads : {2, 3, 8}) {
    ThreadPool pool(threads);
    std::vector<Index> values(64, 0);
    for (int loop = 0; loop < 2000; ++loop)
      // Each loop reads numbers that other threads wrote in the loop before.
      pool.parallel_for(64, 1, [&, loop](Index begin, Index end) {
        for (Index i = begin; i < end; ++i) values[i] += loop % 2 == 0 ? 1 : 0;
      });
    for (Index value : values) BOOST_TEST_REQUIRE(value == 1000);
    Index total = 0;
    std::vector<Index> mirrored(64);
    for (int loop = 0; loop < 200; ++loop) {
      pool.parallel_for(64, 1, [&](Index begin, Index end) {
        for (Index i = begin; i < end; ++i) mirrored[i] = values[63 - i];
      });
      total += mirrored[0];
      pool.parallel_for(64, 1, [&](Index begin, Index end) {
        for (Index i = begin; i < end; ++i) values[i] = mirrored[63 - i];
      });
    }
    BOOST_TEST(total == 200 * 1000);
  }
}

BOOST_AUTO_TEST_CASE(resizing_between_loops) {
  ThreadPool pool(1);
  for (int round = 0; round < 60; ++round) {
    pool.resize(1 + round % 8);
    BOOST_TEST_REQUIRE(pool.size() == 1 + round % 8);
    std::vector<int> visits(100, 0);
    pool.parallel_for(100, 1, [&](Index begin, Index end) {
      for (Index i = begin; i < end; ++i) ++visits[i];
    });
    BOOST_TEST_REQUIRE(std::ranges::count(visits, 1) == 100);
  }
  // Workers that never ran a loop must stop too, and so must workers that sleep.
  for (int round = 0; round < 60; ++round) pool.resize(1 + round % 8);
  std::this_thread::sleep_for(std::chrono::milliseconds(20));
  pool.resize(0);
  BOOST_TEST(pool.size() >= 1);
}

BOOST_AUTO_TEST_CASE(sleeping_workers_wake) {
  ThreadPool pool(4);
  for (int round = 0; round < 5; ++round) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    std::atomic<int> calls = 0;
    pool.parallel_for(4, 1, [&](Index, Index) { ++calls; });
    BOOST_TEST(calls == 4);
  }
}

BOOST_AUTO_TEST_CASE(two_threads_may_use_one_pool) {
  ThreadPool pool(3);
  const auto use = [&pool] {
    for (int loop = 0; loop < 300; ++loop) {
      std::vector<int> visits(64, 0);
      pool.parallel_for(64, 1, [&](Index begin, Index end) {
        for (Index i = begin; i < end; ++i) ++visits[i];
      });
      if (std::ranges::count(visits, 1) != 64) return false;
    }
    return true;
  };
  bool other = false;
  std::thread thread([&] { other = use(); });
  const bool own = use();
  thread.join();
  BOOST_TEST(own);
  BOOST_TEST(other);
}

BOOST_AUTO_TEST_CASE(what_a_piece_throws_comes_when_all_are_done) {
  ThreadPool pool(4);
  for (Index failing : {0, 2, 3}) {
    std::atomic<int> finished = 0;
    const auto loop = [&] {
      pool.parallel_for(4, 1, [&](Index begin, Index) {
        if (begin == failing) throw InputError("piece");
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
        ++finished;
      });
    };
    BOOST_CHECK_THROW(loop(), InputError);
    BOOST_TEST(finished == 3);
  }
  std::atomic<int> calls = 0;
  pool.parallel_for(4, 1, [&](Index, Index) { ++calls; });
  BOOST_TEST(calls == 4);
}

namespace {

/// Counts how often an inner loop over 0 .. n - 1 visits each index. `elsewhere` counts the calls in threads
/// other than the caller's.
std::vector<int> visits_of(ThreadPool& pool, Index n, std::atomic<int>& elsewhere) {
  std::vector<int> visits(n, 0);
  const auto caller = std::this_thread::get_id();
  pool.parallel_for(n, 1, [&](Index begin, Index end) {
    if (std::this_thread::get_id() != caller) ++elsewhere;
    for (Index i = begin; i < end; ++i) ++visits[i];
  });
  return visits;
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_loop_inside_another_runs_in_its_callers_thread) {
  for (int threads : {1, 2, 3, 7}) {
    ThreadPool pool(threads), other(2);
    for (ThreadPool* inner : {&pool, &other}) {
      std::atomic<int> whole = 0, elsewhere = 0;
      pool.parallel_for(64, 1, [&](Index begin, Index end) {
        for (Index i = begin; i < end; ++i)
          if (std::ranges::count(visits_of(*inner, 100, elsewhere), 1) == 100) ++whole;
      });
      BOOST_TEST(whole == 64);
      if (threads > 1 || inner == &pool) BOOST_TEST(elsewhere == 0);
    }
    std::atomic<int> threads_seen = 0;
    pool.parallel_for(threads, 1, [&](Index, Index) { ++threads_seen; });
    BOOST_TEST(threads_seen == threads);  // the pool is whole again
  }
}

BOOST_AUTO_TEST_CASE(pools_that_start_loops_of_each_other_end) {
  ThreadPool first(3), second(3);
  std::atomic<int> calls = 0;
  const auto nest = [&calls](ThreadPool& outer, ThreadPool& inner) {
    for (int round = 0; round < 100; ++round)
      outer.parallel_for(3, 1, [&](Index, Index) {
        inner.parallel_for(3, 1, [&](Index begin, Index end) {
          outer.parallel_for(
              2, 1, [&](Index from, Index to) { calls += static_cast<int>((end - begin) * (to - from)); });
        });
      });
  };
  std::thread thread([&] { nest(second, first); });
  nest(first, second);
  thread.join();
  BOOST_TEST(calls == 2 * 100 * 3 * 3 * 2);
}

BOOST_AUTO_TEST_CASE(what_an_inner_loop_throws_comes_out_of_the_outer) {
  ThreadPool pool(3);
  const auto loop = [&] {
    pool.parallel_for(3, 1, [&](Index, Index) {
      pool.parallel_for(8, 1, [](Index, Index) { throw InputError("inner"); });
    });
  };
  for (int round = 0; round < 3; ++round) BOOST_CHECK_THROW(loop(), InputError);
  std::atomic<int> elsewhere = 0;
  BOOST_TEST(std::ranges::count(visits_of(pool, 30, elsewhere), 1) == 30);
}

BOOST_AUTO_TEST_CASE(a_pool_is_not_resized_in_a_loop) {
  ThreadPool pool(3);
  const auto loop = [&] { pool.parallel_for(3, 1, [&](Index, Index) { pool.resize(2); }); };
  BOOST_CHECK_THROW(loop(), InputError);
  BOOST_TEST(pool.size() == 3);
  // A resize from another thread waits for the loop to end, and the loop still visits every index.
  for (int round = 0; round < 50; ++round) {
    std::thread resizing([&] { pool.resize(1 + round % 5); });
    std::atomic<int> elsewhere = 0;
    BOOST_TEST_REQUIRE(std::ranges::count(visits_of(pool, 1000, elsewhere), 1) == 1000);
    resizing.join();
  }
}

BOOST_AUTO_TEST_CASE(numbers_of_threads_beyond_reason_are_refused) {
  ThreadPool pool(2);
  for (Index threads : {Index{-1}, ThreadPool::most_threads + 1, Index{1} << 32})
    BOOST_CHECK_THROW(pool.resize(threads), InputError);
  BOOST_TEST(pool.size() == 2);
}

#ifdef __GLIBC__
namespace {

/// While this lives, new threads get stacks of 32 TiB, so the machine can start few threads or none.
struct HugeStacks {
  pthread_attr_t before;

  HugeStacks() {
    pthread_getattr_default_np(&before);
    pthread_attr_t huge;
    pthread_attr_init(&huge);
    pthread_attr_setstacksize(&huge, std::size_t{1} << 45);
    pthread_setattr_default_np(&huge);
    pthread_attr_destroy(&huge);
  }
  ~HugeStacks() { pthread_setattr_default_np(&before); }
};

}  // namespace

BOOST_AUTO_TEST_CASE(threads_that_the_machine_cannot_start) {
  ThreadPool pool(2);
  {
    const HugeStacks stacks;
    BOOST_CHECK_THROW(pool.resize(8), SystemError);
    BOOST_CHECK_THROW(ThreadPool(8), SystemError);
  }
  BOOST_TEST(pool.size() == 1);
  pool.resize(3);
  std::atomic<int> calls = 0;
  pool.parallel_for(3, 1, [&](Index, Index) { ++calls; });
  BOOST_TEST(calls == 3);
}
#endif

BOOST_AUTO_TEST_SUITE_END()
