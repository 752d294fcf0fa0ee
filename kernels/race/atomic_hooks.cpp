// The atomic operations of instrumented code, for the race checker. They must be really atomic, because code
// outside kernels, with several host threads, calls them too.
#include <cstdint>

#include "kernels/race/checker.hpp"

namespace {

void touch(const volatile void* address, std::size_t bytes, const void* code) {
  using namespace memsizer::emulated;
  if (!in_kernel_code) return;
  RuntimeScope scope;
  race::Checker::instance().touch(const_cast<const void*>(address), bytes, race::Access::atomic, code);
}

}  // namespace

// The argument for the memory order is ignored: all operations use the strongest, sequential consistency.
// NOLINTBEGIN(bugprone-reserved-identifier): the compilers chose these names
#define MEMSIZER_FETCH_HOOK(bits, operation)                                                         \
  std::uint##bits##_t __tsan_atomic##bits##_fetch_##operation(volatile std::uint##bits##_t* address, \
                                                              std::uint##bits##_t value, int) {      \
    touch(address, bits / 8, __builtin_return_address(0));                                           \
    return __atomic_fetch_##operation(address, value, __ATOMIC_SEQ_CST);                             \
  }

#define MEMSIZER_ATOMIC_HOOKS(bits)                                                                         \
  std::uint##bits##_t __tsan_atomic##bits##_load(const volatile std::uint##bits##_t* address, int) {        \
    touch(address, bits / 8, __builtin_return_address(0));                                                  \
    return __atomic_load_n(address, __ATOMIC_SEQ_CST);                                                      \
  }                                                                                                         \
  void __tsan_atomic##bits##_store(volatile std::uint##bits##_t* address, std::uint##bits##_t value, int) { \
    touch(address, bits / 8, __builtin_return_address(0));                                                  \
    __atomic_store_n(address, value, __ATOMIC_SEQ_CST);                                                     \
  }                                                                                                         \
  std::uint##bits##_t __tsan_atomic##bits##_exchange(volatile std::uint##bits##_t* address,                 \
                                                     std::uint##bits##_t value, int) {                      \
    touch(address, bits / 8, __builtin_return_address(0));                                                  \
    return __atomic_exchange_n(address, value, __ATOMIC_SEQ_CST);                                           \
  }                                                                                                         \
  int __tsan_atomic##bits##_compare_exchange_strong(volatile std::uint##bits##_t* address,                  \
                                                    std::uint##bits##_t* expected,                          \
                                                    std::uint##bits##_t desired, int, int) {                \
    touch(address, bits / 8, __builtin_return_address(0));                                                  \
    return __atomic_compare_exchange_n(address, expected, desired, false, __ATOMIC_SEQ_CST,                 \
                                       __ATOMIC_SEQ_CST);                                                   \
  }                                                                                                         \
  int __tsan_atomic##bits##_compare_exchange_weak(volatile std::uint##bits##_t* address,                    \
                                                  std::uint##bits##_t* expected,                            \
                                                  std::uint##bits##_t desired, int, int) {                  \
    touch(address, bits / 8, __builtin_return_address(0));                                                  \
    return __atomic_compare_exchange_n(address, expected, desired, true, __ATOMIC_SEQ_CST,                  \
                                       __ATOMIC_SEQ_CST);                                                   \
  }                                                                                                         \
  std::uint##bits##_t __tsan_atomic##bits##_compare_exchange_val(volatile std::uint##bits##_t* address,     \
                                                                 std::uint##bits##_t expected,              \
                                                                 std::uint##bits##_t desired, int, int) {   \
    touch(address, bits / 8, __builtin_return_address(0));                                                  \
    __atomic_compare_exchange_n(address, &expected, desired, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);    \
    return expected;                                                                                        \
  }                                                                                                         \
  MEMSIZER_FETCH_HOOK(bits, add)                                                                            \
  MEMSIZER_FETCH_HOOK(bits, sub)                                                                            \
  MEMSIZER_FETCH_HOOK(bits, and)                                                                            \
  MEMSIZER_FETCH_HOOK(bits, or)                                                                             \
  MEMSIZER_FETCH_HOOK(bits, xor)                                                                            \
  MEMSIZER_FETCH_HOOK(bits, nand)

extern "C" {

MEMSIZER_ATOMIC_HOOKS(8)
MEMSIZER_ATOMIC_HOOKS(16)
MEMSIZER_ATOMIC_HOOKS(32)
MEMSIZER_ATOMIC_HOOKS(64)

void __tsan_atomic_thread_fence(int) {
  __atomic_thread_fence(__ATOMIC_SEQ_CST);
}
void __tsan_atomic_signal_fence(int) {}

}  // extern "C"
// NOLINTEND(bugprone-reserved-identifier)
#undef MEMSIZER_ATOMIC_HOOKS
#undef MEMSIZER_FETCH_HOOK
