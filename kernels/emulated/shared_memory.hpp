#pragma once
// Shared memory. Each declaration has a slice of the block's arena.

#include <cstddef>

namespace memsizer::emulated {

/// The block's slice for one declaration. The first thread that asks for it makes it and fills it with bytes
/// 0xff (a NaN). `declaration` is an address that no other declaration has.
void* shared_slice(const void* declaration, const char* name, std::size_t bytes, std::size_t alignment);

/// The launch's dynamic shared memory.
void* dynamic_shared_memory(const char* name, std::size_t alignment);

template <class Declaration>
inline constexpr char declaration_address = 0;

template <class T, std::size_t count, class Declaration>
T (&shared_array(const char* name, Declaration))
[count] {
  void* slice = shared_slice(&declaration_address<Declaration>, name, count * sizeof(T), alignof(T));
  return *static_cast<T(*)[count]>(slice);
}

}  // namespace memsizer::emulated

/// Declares `name` as an array of `count` T that the threads of a block share; count is a constant.
#define MEMSIZER_SHARED(T, name, count) \
  auto& name = ::memsizer::emulated::shared_array<T, count>(#name, [] {})

/// Declares `name` as a pointer to the shared memory whose size the launch gives (LaunchShape::shared_bytes).
#define MEMSIZER_DYNAMIC_SHARED(T, name) \
  T* const name = static_cast<T*>(::memsizer::emulated::dynamic_shared_memory(#name, alignof(T)))
