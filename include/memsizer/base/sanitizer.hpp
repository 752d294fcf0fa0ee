#pragma once
// Whether this program runs under AddressSanitizer. If it does, we allocate exactly the requested length and
// release memory at once, so that the sanitizer sees each access beyond an end and each use after release.

#include "memsizer/base/requirements.hpp"

#if defined(__SANITIZE_ADDRESS__)
#define MEMSIZER_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define MEMSIZER_ASAN 1
#endif
#endif

namespace memsizer {

#ifdef MEMSIZER_ASAN
inline constexpr bool address_sanitizer = true;
#else
inline constexpr bool address_sanitizer = false;
#endif

}  // namespace memsizer
