#pragma once
// Threads that split one loop at a time. A loop is cut by its length and the number of threads alone, so two
// runs with the same number of threads do the same sums in the same order.

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "memsizer/base/checked.hpp"

namespace memsizer::cpu {

class ThreadPool {
 public:
  /// threads >= 1, the caller included; 0: as many as the machine has processors.
  explicit ThreadPool(int threads = 0) { resize(threads); }
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;
  ~ThreadPool() { stop(); }

  int size() const { return static_cast<int>(workers_.size()) + 1; }

  /// Not while a loop runs.
  void resize(int threads) {
    stop();
    if (threads <= 0) threads = std::max(1u, std::thread::hardware_concurrency());
    stopping_ = false;
    for (int i = 1; i < threads; ++i)
      workers_.emplace_back([this, i, seen = generation_.load()] { work(i, seen); });
  }

  /// body(begin, end) over 0 .. n - 1 in at most size() pieces, none smaller than `grain` unless there is
  /// only one. Returns when all are done. The body must not throw and must not start a loop of its own.
  template <class Body>
  void parallel_for(Index n, Index grain, const Body& body) {
    const Index pieces = std::clamp<Index>(n / std::max<Index>(grain, 1), 1, size());
    if (pieces == 1) {
      if (n > 0) body(Index{0}, n);
      return;
    }
    run_pieces(static_cast<int>(pieces),
               [&](int piece) { body(n * piece / pieces, n * (piece + 1) / pieces); });
  }

 private:
  void run_pieces(int pieces, const std::function<void(int)>& piece) {
    std::lock_guard one_loop_at_a_time(loop_mutex_);
    pending_.store(size() - 1, std::memory_order_relaxed);
    {
      std::lock_guard lock(mutex_);
      piece_ = &piece;
      pieces_ = pieces;
      generation_.fetch_add(1, std::memory_order_release);
    }
    wake_.notify_all();
    piece(0);
    // The pieces are equally long, so the others are nearly done: spinning beats sleeping.
    for (int spin = 0; pending_.load(std::memory_order_acquire) > 0; ++spin)
      if (spin > spin_limit) std::this_thread::yield();
  }

  void work(int index, std::uint64_t seen) {
    while (true) {
      for (int spin = 0; spin < spin_limit && generation_.load(std::memory_order_acquire) == seen; ++spin)
        pause();
      if (generation_.load(std::memory_order_acquire) == seen) {
        std::unique_lock lock(mutex_);
        wake_.wait(lock, [&] { return generation_.load(std::memory_order_acquire) != seen; });
      }
      seen = generation_.load(std::memory_order_acquire);
      if (stopping_) return;
      if (index < pieces_) (*piece_)(index);
      pending_.fetch_sub(1, std::memory_order_release);
    }
  }

  void stop() {
    {
      std::lock_guard lock(mutex_);
      stopping_ = true;
      generation_.fetch_add(1, std::memory_order_release);
    }
    wake_.notify_all();
    for (std::thread& worker : workers_) worker.join();
    workers_.clear();
  }

  static void pause() {
#if defined(__x86_64__) || defined(__i386__)
    __builtin_ia32_pause();
#endif
  }

  static constexpr int spin_limit = 4000;

  std::vector<std::thread> workers_;
  std::mutex loop_mutex_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::atomic<std::uint64_t> generation_{0};
  std::atomic<int> pending_{0};
  const std::function<void(int)>* piece_ = nullptr;
  int pieces_ = 0;
  bool stopping_ = false;
};

}  // namespace memsizer::cpu
