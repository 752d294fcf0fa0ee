#include "memsizer/base/ordered_pipeline.hpp"

#include <atomic>
#include <chrono>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <boost/test/unit_test.hpp>

#include "memsizer/base/error.hpp"

BOOST_AUTO_TEST_SUITE(ordered_pipeline)

using namespace memsizer;

namespace {

struct Number {
  int value = 0, doubled = 0;
};

/// Numbers from 1 to `last`, doubled with pauses that put the threads out of step; -1 at the end if a stage
/// of one thread at a time had two. `fails(stage, number)` says where to throw.
template <class Fails>
std::vector<int> double_numbers(ThreadPool* threads, int last, std::string& error, const Fails& fails) {
  std::vector<int> given;
  std::atomic<int> inside_take{0}, inside_give{0}, beside{0};
  int taken = 0;
  const auto throw_if = [&](const char* stage, int number) {
    require(!fails(std::string(stage), number), stage, " ", number);
  };
  try {
    run_in_order<Number>(
        threads,
        [&](Number& number) {
          beside += ++inside_take > 1;
          number.value = ++taken;
          --inside_take;
          throw_if("take", number.value);
          return number.value <= last;
        },
        [&](Number& number) {
          std::this_thread::sleep_for(std::chrono::microseconds(number.value * 7919 % 5 * 20));
          throw_if("work", number.value);
          number.doubled = 2 * number.value;
        },
        [&](const Number& number) {
          beside += ++inside_give > 1;
          given.push_back(number.doubled);
          --inside_give;
          throw_if("give", number.value);
        });
  } catch (const InputError& thrown) {
    error = thrown.what();
  }
  if (beside > 0) given.push_back(-1);
  return given;
}

std::vector<int> doubles_up_to(int last) {
  std::vector<int> numbers;
  for (int i = 1; i <= last; ++i) numbers.push_back(2 * i);
  return numbers;
}

}  // namespace

BOOST_AUTO_TEST_CASE(items_are_given_in_the_order_in_which_they_are_taken) {
  const auto nowhere = [](const std::string&, int) { return false; };
  for (const int size : {1, 2, 3, 8}) {
    ThreadPool threads(size);
    for (const int last : {0, 1, 2, 7, 200}) {
      std::string error;
      BOOST_TEST(double_numbers(&threads, last, error, nowhere) == doubles_up_to(last));
      BOOST_TEST(error == "");
    }
  }
  std::string error;
  BOOST_TEST(double_numbers(nullptr, 50, error, nowhere) == doubles_up_to(50));
}

BOOST_AUTO_TEST_CASE(the_earliest_failure_is_thrown_and_nothing_after_it_is_given) {
  ThreadPool threads(3);
  for (ThreadPool* pool : {&threads, static_cast<ThreadPool*>(nullptr)})
    for (const char* stage : {"take", "work", "give"})
      for (int round = 0; round < 20; ++round) {
        std::string error;
        // Items 30 and later fail, and 31 may fail before 30 does.
        const auto given = double_numbers(
            pool, 100, error, [&](const std::string& at, int number) { return at == stage && number >= 30; });
        BOOST_TEST(error == concatenate(stage, " 30"));
        BOOST_TEST(given == doubles_up_to(stage[0] == 'g' ? 30 : 29));
      }
}

BOOST_AUTO_TEST_CASE(in_the_body_of_a_loop_one_thread_does_it_all) {
  ThreadPool threads(4);
  std::atomic<int> wrong{0};
  threads.parallel_for(4, 1, [&](Index begin, Index end) {
    for (Index i = begin; i < end; ++i) {
      int next = 0;
      std::vector<int> given;
      run_in_order<int>(
          &threads, [&](int& item) { return (item = next++) < 20; }, [](int& item) { ++item; },
          [&](int item) { given.push_back(item); });
      for (int k = 0; k < 20; ++k) wrong += given[static_cast<size_t>(k)] != k + 1;
    }
  });
  BOOST_TEST(wrong == 0);
}

BOOST_AUTO_TEST_SUITE_END()
