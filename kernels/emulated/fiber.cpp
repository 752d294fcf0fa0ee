// A context (ucontext) starts a fiber; _setjmp and _longjmp switch between fibers that have started. A switch
// takes 18 ns. With swapcontext it takes 290 ns, because it asks the operating system for the signal mask.

// With _FORTIFY_SOURCE, longjmp reports a jump to another stack as an error.
#undef _FORTIFY_SOURCE
#include "kernels/emulated/fiber.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include "memsizer/base/error.hpp"

#include "kernels/emulated/asan.hpp"

namespace memsizer::emulated {

namespace {

thread_local Fiber* beginning = nullptr;
thread_local Fiber* leaving = nullptr;

std::size_t page_bytes() {
  static const auto bytes = static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
  return bytes;
}

}  // namespace

// The lowest page cannot be accessed, so that an overflow ends the program instead of changing another stack.
Fiber::Fiber(void (*entry)(), std::size_t stack_bytes)
    : entry_(entry), stack_bytes_(stack_bytes), owns_stack_(true) {
  void* memory = mmap(nullptr, page_bytes() + stack_bytes, PROT_READ | PROT_WRITE,
                      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  if (memory == MAP_FAILED || mprotect(memory, page_bytes(), PROT_NONE) != 0)
    throw SystemError(concatenate("emulated device: no stack of ", stack_bytes, " bytes for a thread"));
  stack_ = static_cast<char*>(memory) + page_bytes();
}

Fiber::~Fiber() {
  if (!owns_stack_) return;
  asan::unpoison(stack_, stack_bytes_);
  munmap(stack_ - page_bytes(), page_bytes() + stack_bytes_);
}

void Fiber::switch_to(Fiber& next) {
  leaving = this;
  asan::start_switch(&fake_stack_, next.stack_, next.stack_bytes_);
  hand_over_to(next);
  asan::finish_switch(fake_stack_, nullptr, nullptr);
}

void Fiber::prepare_start() {
  started_ = true;
  beginning = this;
  getcontext(&context_);
  context_.uc_stack.ss_sp = stack_;
  context_.uc_stack.ss_size = stack_bytes_;
  context_.uc_link = nullptr;
  makecontext(&context_, &Fiber::begin, 0);
}

#ifdef MEMSIZER_ASAN
void Fiber::hand_over_to(Fiber& next) {
  if (next.owns_stack_ && !next.started_) next.prepare_start();
  swapcontext(&context_, &next.context_);
}
#else
void Fiber::hand_over_to(Fiber& next) {
  if (_setjmp(registers_) != 0) return;
  if (!next.owns_stack_ || next.started_) _longjmp(next.registers_, 1);
  next.prepare_start();
  setcontext(&next.context_);
}
#endif

void Fiber::begin() {
  const void* old_stack = nullptr;
  std::size_t old_bytes = 0;
  asan::finish_switch(nullptr, &old_stack, &old_bytes);
  if (!leaving->owns_stack_ && asan::enabled) {
    leaving->stack_ = static_cast<char*>(const_cast<void*>(old_stack));
    leaving->stack_bytes_ = old_bytes;
  }
  beginning->entry_();
  __builtin_unreachable();
}

void Fiber::restart() {
  asan::unpoison(stack_, stack_bytes_);
  started_ = false;
  fake_stack_ = nullptr;
}

}  // namespace memsizer::emulated
