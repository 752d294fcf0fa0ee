// Code that is compiled with -fsanitize=thread calls these functions at each memory access. They call the
// race checker instead of the compiler's own runtime. g++ and clang each use a part of them.
#include <cstring>

#include "kernels/race/checker.hpp"

using memsizer::emulated::race::Access;

namespace {

void touch(const volatile void* address, std::size_t bytes, Access access, const void* code) {
  using namespace memsizer::emulated;
  if (!in_kernel_code) return;
  RuntimeScope scope;
  race::Checker::instance().touch(const_cast<const void*>(address), bytes, access, code);
}

void touch_both(const volatile void* address, std::size_t bytes, const void* code) {
  touch(address, bytes, Access::read, code);
  touch(address, bytes, Access::write, code);
}

}  // namespace

// NOLINTBEGIN(bugprone-reserved-identifier): the compilers chose these names
#define MEMSIZER_HOOK(name, bytes, access)                      \
  void __tsan_##name##bytes(void* address) {                    \
    touch(address, bytes, access, __builtin_return_address(0)); \
  }
#define MEMSIZER_HOOKS_OF_SIZE(bytes)                           \
  MEMSIZER_HOOK(read, bytes, Access::read)                      \
  MEMSIZER_HOOK(write, bytes, Access::write)                    \
  MEMSIZER_HOOK(unaligned_read, bytes, Access::read)            \
  MEMSIZER_HOOK(unaligned_write, bytes, Access::write)          \
  MEMSIZER_HOOK(volatile_read, bytes, Access::read)             \
  MEMSIZER_HOOK(volatile_write, bytes, Access::write)           \
  MEMSIZER_HOOK(unaligned_volatile_read, bytes, Access::read)   \
  MEMSIZER_HOOK(unaligned_volatile_write, bytes, Access::write) \
  void __tsan_read_write##bytes(void* address) {                \
    touch_both(address, bytes, __builtin_return_address(0));    \
  }                                                             \
  void __tsan_unaligned_read_write##bytes(void* address) {      \
    touch_both(address, bytes, __builtin_return_address(0));    \
  }

extern "C" {

MEMSIZER_HOOKS_OF_SIZE(1)
MEMSIZER_HOOKS_OF_SIZE(2)
MEMSIZER_HOOKS_OF_SIZE(4)
MEMSIZER_HOOKS_OF_SIZE(8)
MEMSIZER_HOOKS_OF_SIZE(16)

// Every instrumented object calls this before main.
void __tsan_init() {
  memsizer::emulated::monitor = &memsizer::emulated::race::Checker::instance();
}
void __tsan_func_entry(void*) {}
void __tsan_func_exit() {}

void __tsan_read_range(void* address, std::size_t bytes) {
  touch(address, bytes, Access::read, __builtin_return_address(0));
}
void __tsan_write_range(void* address, std::size_t bytes) {
  touch(address, bytes, Access::write, __builtin_return_address(0));
}
void __tsan_vptr_read(void** address) {
  touch(address, sizeof(void*), Access::read, __builtin_return_address(0));
}
void __tsan_vptr_update(void** address, void*) {
  touch(address, sizeof(void*), Access::write, __builtin_return_address(0));
}

// clang before 16 calls memcpy etc., as the source does, and the linker's --wrap brings these calls here.
// Later clangs call the names with __tsan_.
void* __real_memcpy(void*, const void*, std::size_t);
void* __real_memmove(void*, const void*, std::size_t);
void* __real_memset(void*, int, std::size_t);

void* __wrap_memcpy(void* to, const void* from, std::size_t bytes) {
  touch(from, bytes, Access::read, __builtin_return_address(0));
  touch(to, bytes, Access::write, __builtin_return_address(0));
  return __real_memcpy(to, from, bytes);
}
void* __wrap_memmove(void* to, const void* from, std::size_t bytes) {
  touch(from, bytes, Access::read, __builtin_return_address(0));
  touch(to, bytes, Access::write, __builtin_return_address(0));
  return __real_memmove(to, from, bytes);
}
void* __wrap_memset(void* to, int value, std::size_t bytes) {
  touch(to, bytes, Access::write, __builtin_return_address(0));
  return __real_memset(to, value, bytes);
}
[[gnu::alias("__wrap_memcpy")]] void* __tsan_memcpy(void*, const void*, std::size_t);
[[gnu::alias("__wrap_memmove")]] void* __tsan_memmove(void*, const void*, std::size_t);
[[gnu::alias("__wrap_memset")]] void* __tsan_memset(void*, int, std::size_t);

}  // extern "C"
// NOLINTEND(bugprone-reserved-identifier)
#undef MEMSIZER_HOOKS_OF_SIZE
#undef MEMSIZER_HOOK
