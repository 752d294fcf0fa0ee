#pragma once
// Items that go through three stages: they are taken one after another, worked on by all threads at once, and
// given away in the order in which they were taken. While one thread takes or gives an item, the others work,
// so slow files cost a pipeline nothing as long as the work is slower.

#include <condition_variable>
#include <exception>
#include <mutex>
#include <optional>

#include "memsizer/base/thread_pool.hpp"

namespace memsizer {

namespace detail {

/// What the threads of a pipeline share. Each of them has one item at a time.
template <class Take, class Work, class Give>
class OrderedPipeline {
 public:
  OrderedPipeline(const Take& take, const Work& work, const Give& give)
      : take_(take), work_(work), give_(give) {}

  /// Brings items through all stages until there is none, or until one has failed. Called by each thread.
  template <class Item>
  void run(Item& item) {
    std::exception_ptr failure;
    while (const std::optional<Index> number = take(item, failure)) {
      if (failure == nullptr) failure = failure_of([&] { work_(item); });
      give(item, *number, failure);
    }
  }

 private:
  template <class Function>
  static std::exception_ptr failure_of(const Function& function) {
    try {
      function();
    } catch (...) {
      return std::current_exception();
    }
    return nullptr;
  }

  /// The number of the item; nothing if there is none.
  template <class Item>
  std::optional<Index> take(Item& item, std::exception_ptr& failure) {
    std::lock_guard one_at_a_time(take_mutex_);
    if (ended_) return std::nullopt;
    bool is_item = true;
    failure = failure_of([&] { is_item = take_(item); });
    ended_ = failure != nullptr || !is_item;
    return is_item ? std::optional(taken_++) : std::nullopt;
  }

  /// Waits until the items before this one are given. A failure waits for its turn too, so the earliest one
  /// is thrown, as by a single thread.
  template <class Item>
  void give(Item& item, Index number, std::exception_ptr failure) {
    std::unique_lock lock(give_mutex_);
    turn_.wait(lock, [&] { return given_ == number || failed_; });
    if (failed_) return;
    if (failure == nullptr) failure = failure_of([&] { give_(item); });
    ++given_;
    failed_ = failure != nullptr;
    turn_.notify_all();
    if (!failed_) return;
    lock.unlock();
    end();
    std::rethrow_exception(failure);
  }

  void end() {
    std::lock_guard lock(take_mutex_);
    ended_ = true;
  }

  const Take& take_;
  const Work& work_;
  const Give& give_;
  std::mutex take_mutex_, give_mutex_;
  std::condition_variable turn_;
  Index taken_ = 0, given_ = 0;
  bool ended_ = false, failed_ = false;
};

}  // namespace detail

/// Each thread of the pool has an Item, whose memory it uses again; null: the calling thread alone. Calls
/// take(item), which returns false at the end, then work(item) beside other threads, then give(item). If one
/// of them throws, the items before are given, those after are not, and the exception is thrown from here.
/// Example: lines are read and written in their order, and translated by all threads.
///
///     run_in_order<std::string>(
///         &pool, [&](std::string& line) { return bool(std::getline(std::cin, line)); },
///         [&](std::string& line) { line = translate(line); },
///         [&](const std::string& line) { std::cout << line << '\n'; });
template <class Item, class Take, class Work, class Give>
void run_in_order(ThreadPool* threads, const Take& take, const Work& work, const Give& give) {
  detail::OrderedPipeline pipeline(take, work, give);
  const auto run = [&](Index first, Index last) {
    for (Index i = first; i < last; ++i) {
      Item item;
      pipeline.run(item);
    }
  };
  if (threads == nullptr) return run(0, 1);
  threads->parallel_for(threads->size(), 1, run);
}

}  // namespace memsizer
