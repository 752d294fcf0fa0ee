#pragma once
// What a compiler must offer. A file that lacks it would otherwise give hundreds of errors that do not say
// why.

#if defined(_MSVC_LANG) ? _MSVC_LANG < 202002L : __cplusplus < 202002L
#error "memsizer needs C++20: compile with -std=c++20 or later"
#endif

#if defined(__GNUC__) && !defined(__cpp_exceptions)
#error "memsizer reports wrong input by exceptions: compile without -fno-exceptions"
#endif
