#pragma once
// Whether AddressSanitizer watches this program. Under it memory is given as long as asked for and given back
// at once, so that it sees each step over an end and each use after release.

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
