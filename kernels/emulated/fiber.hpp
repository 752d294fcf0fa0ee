#pragma once
// A fiber has its own stack, on which a function runs until it hands over to another fiber.

#include <csetjmp>
#include <cstddef>

#include <ucontext.h>

namespace memsizer::emulated {

class Fiber {
 public:
  /// The fiber that runs already, on the host thread's stack.
  Fiber() = default;
  /// `entry` never returns. It begins with the first switch to this fiber. SystemError if there is no space
  /// for the stack.
  Fiber(void (*entry)(), std::size_t stack_bytes);
  Fiber(const Fiber&) = delete;
  Fiber& operator=(const Fiber&) = delete;
  ~Fiber();

  /// Must be called by this fiber. Lets `next` run, and returns when something switches back.
  void switch_to(Fiber& next);
  /// Forgets what the fiber was doing: its next run begins at its entry. Objects on its stack are not
  /// destroyed.
  void restart();
  bool stack_holds(const void* address) const {
    const auto* byte = static_cast<const char*>(address);
    return byte >= stack_ && byte < stack_ + stack_bytes_;
  }

 private:
  void hand_over_to(Fiber& next);
  void prepare_start();
  static void begin();

  void (*entry_)() = nullptr;
  char* stack_ = nullptr;
  std::size_t stack_bytes_ = 0;
  bool owns_stack_ = false;
  bool started_ = false;
  ucontext_t context_;
  std::jmp_buf registers_;
  void* fake_stack_ = nullptr;  // for AddressSanitizer
};

}  // namespace memsizer::emulated
