#pragma once
// Threads that split one loop at a time. The pieces depend on the number of threads, but the results need
// not: a body that gives the same result for an index in whatever piece it comes gives the same on any number
// of threads.
//
// Each thread begins with the piece of its own number, so that loops over the same numbers find them in the
// thread's cache. Then it takes pieces that nobody has begun: on a machine with other work a thread may have
// to wait for a processor, and the others do its share instead of waiting for it.

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "memsizer/base/function_ref.hpp"
#include "memsizer/base/processors.hpp"

namespace memsizer {

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

  /// A loop's number and the number of its pieces, in one word, so that a thread reads both at once.
  struct Ticket {
    std::uint64_t word = 0;

    Ticket() = default;
    Ticket(std::uint64_t generation, Index pieces)
        : word(generation << 16 | static_cast<std::uint64_t>(pieces)) {
      static_assert(most_threads < 1 << 16);
    }
    std::uint64_t generation() const { return word >> 16; }
    Index pieces() const { return static_cast<Index>(word & 0xFFFF); }
  };

  /// The last loop that has begun this piece. It grows, so a thread that comes too late for a loop finds its
  /// pieces begun. Each is alone in its cache line, since threads write to them at the same time.
  struct alignas(64) Begun {
    std::atomic<std::uint64_t> generation{0};
  };

  /// False if there is only one thread.
  bool run_pieces(Index n, Index most_pieces, LoopBody body) {
    std::lock_guard one_loop_at_a_time(loop_mutex_);
    if (workers_.empty()) return false;
    loop_ = {.body = &body, .n = n, .pieces = std::min<Index>(most_pieces, size())};
    done_.store(0, std::memory_order_relaxed);
    announce(loop_.pieces);
    run_pieces_left(0);
    // The pieces are equally long, so those that other threads have begun are nearly done, and spinning is
    // faster than sleeping.
    for (int spin = 0; done_.load(std::memory_order_acquire) < loop_.pieces; ++spin)
      if (spin > spin_limit) std::this_thread::yield();
    if (failure_ != nullptr) std::rethrow_exception(std::exchange(failure_, nullptr));
    return true;
  }

  /// Begins the next generation, and wakes the workers.
  void announce(Index pieces) {
    {
      std::lock_guard lock(mutex_);
      const std::uint64_t before = ticket_.load(std::memory_order_relaxed).generation();
      ticket_.store(Ticket(before + 1, pieces), std::memory_order_release);
    }
    wake_.notify_all();
  }

  /// Runs pieces until none is left, from that of the thread's own number on. loop_ is read only while a
  /// piece that this thread has begun is not done, so the loop has not ended.
  void run_pieces_left(Index own) {
    const Ticket ticket = ticket_.load(std::memory_order_acquire);
    for (Index i = 0; i < ticket.pieces(); ++i) {
      const Index piece = (own + i) % ticket.pieces();
      if (!begin(begun_[static_cast<std::size_t>(piece)], ticket.generation())) continue;
      run_piece(piece);
      done_.fetch_add(1, std::memory_order_release);
    }
  }

  /// Whether this thread is the first to begin a piece in a loop.
  static bool begin(Begun& piece, std::uint64_t generation) {
    std::uint64_t last = piece.generation.load(std::memory_order_relaxed);
    return last < generation &&
           piece.generation.compare_exchange_strong(last, generation, std::memory_order_acq_rel);
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

  void work(Index own, std::uint64_t seen) {
    const auto is_called = [&] {
      return ticket_.load(std::memory_order_acquire).generation() != seen ||
             stopping_.load(std::memory_order_acquire);
    };
    while (true) {
      for (int spin = 0; spin < spin_limit && !is_called(); ++spin) pause();
      if (!is_called()) {
        std::unique_lock lock(mutex_);
        wake_.wait(lock, is_called);
      }
      if (stopping_.load(std::memory_order_acquire)) return;
      seen = ticket_.load(std::memory_order_acquire).generation();
      run_pieces_left(own);
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
    begun_ = std::vector<Begun>(static_cast<std::size_t>(threads));
    try {
      const std::uint64_t seen = ticket_.load().generation();
      for (Index i = 1; i < threads; ++i) workers_.emplace_back([this, i, seen] { work(i, seen); });
    } catch (const std::exception& error) {
      stop();
      throw SystemError(concatenate("cannot start ", threads, " threads: ", error.what()));
    }
  }

  void stop() {
    stopping_ = true;
    announce(0);
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
  std::atomic<Ticket> ticket_{};
  std::vector<Begun> begun_;    // of each piece
  std::atomic<Index> done_{0};  // pieces of the running loop
  Loop loop_;
  std::exception_ptr failure_;  // of the running loop
  std::atomic<bool> stopping_{false};
};

}  // namespace memsizer
