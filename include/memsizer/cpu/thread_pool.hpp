#pragma once
// Threads that split one loop at a time. The pieces depend on the number of threads, but the results do not,
// because a body gives the same result for an index in whatever piece it comes (parallel.hpp).

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "memsizer/base/function_ref.hpp"
#include "memsizer/cpu/processors.hpp"

namespace memsizer::cpu {

/// body(begin, end) of a loop over a range of indices.
using LoopBody = FunctionRef<void(Index, Index)>;

class ThreadPool {
 public:
  static constexpr Index most_threads = 4096;

  /// 1 to most_threads threads, the caller included; 0: as many as usable_processors() says. SystemError if
  /// the machine cannot start them.
  explicit ThreadPool(Index threads = 0) { start(threads); }
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;
  ~ThreadPool() { stop(); }

  int size() const { return static_cast<int>(workers_.size()) + 1; }

  /// Waits for a running loop; InputError if called in the body of a loop. If threads cannot be started, only
  /// the calling thread remains.
  void resize(Index threads) {
    check(threads);
    require(!in_loop, "threads: their number cannot be set in the body of a loop");
    std::lock_guard no_loop(loop_mutex_);
    stop();
    start(threads);
  }

  /// body(begin, end) over 0 .. n - 1 in at most size() pieces, none smaller than `grain` unless there is
  /// only one. Returns when all pieces are done; then it rethrows the first exception that a piece threw. If
  /// a piece starts a loop, on this pool or another, that loop runs as one piece in the same thread: all
  /// threads have work already, and waiting for them would be a deadlock.
  void parallel_for(Index n, Index grain, LoopBody body) {
    const Index pieces = n / std::max<Index>(grain, 1);
    if (in_loop || pieces < 2 || !run_pieces(n, pieces, body))
      if (n > 0) body(0, n);
  }

 private:
  struct Loop {
    const LoopBody* body = nullptr;
    Index n = 0, pieces = 0;
  };

  /// False if there is only one thread.
  bool run_pieces(Index n, Index most_pieces, LoopBody body) {
    std::lock_guard one_loop_at_a_time(loop_mutex_);
    if (workers_.empty()) return false;
    pending_.store(size() - 1, std::memory_order_relaxed);
    {
      std::lock_guard lock(mutex_);
      loop_ = {.body = &body, .n = n, .pieces = std::min<Index>(most_pieces, size())};
      generation_.fetch_add(1, std::memory_order_release);
    }
    wake_.notify_all();
    run_piece(0);
    // The pieces are equally long, so the other threads are nearly done, and spinning is faster than
    // sleeping.
    for (int spin = 0; pending_.load(std::memory_order_acquire) > 0; ++spin)
      if (spin > spin_limit) std::this_thread::yield();
    if (failure_ != nullptr) std::rethrow_exception(std::exchange(failure_, nullptr));
    return true;
  }

  /// No exception may leave a piece, since other threads still use objects in the caller's frame.
  void run_piece(Index index) noexcept {
    in_loop = true;
    try {
      (*loop_.body)(loop_.n * index / loop_.pieces, loop_.n * (index + 1) / loop_.pieces);
    } catch (...) {
      std::lock_guard lock(mutex_);
      if (failure_ == nullptr) failure_ = std::current_exception();
    }
    in_loop = false;
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
      if (index < loop_.pieces) run_piece(index);
      pending_.fetch_sub(1, std::memory_order_release);
    }
  }

  static void check(Index threads) {
    require(threads >= 0 && threads <= most_threads, "threads: 0 to ", most_threads, " expected, got ",
            threads);
  }

  void start(Index threads) {
    check(threads);
    if (threads == 0) threads = std::min(usable_processors(), most_threads);
    stopping_ = false;
    try {
      for (int i = 1; i < threads; ++i)
        workers_.emplace_back([this, i, seen = generation_.load()] { work(i, seen); });
    } catch (const std::exception& error) {
      stop();
      throw SystemError(concatenate("cannot start ", threads, " threads: ", error.what()));
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
  static inline thread_local bool in_loop = false;  // whether this thread works on a piece of any pool

  std::vector<std::thread> workers_;
  std::mutex loop_mutex_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::atomic<std::uint64_t> generation_{0};
  std::atomic<int> pending_{0};
  Loop loop_;
  std::exception_ptr failure_;  // of the running loop
  bool stopping_ = false;
};

}  // namespace memsizer::cpu
