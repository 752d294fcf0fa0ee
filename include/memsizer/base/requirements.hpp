#pragma once
// What a compiler must offer. A file that lacks it would otherwise give hundreds of errors that do not say
// why. Compilers read on after an #error, and stop at a header that does not exist: its name ends the
// message. Every header that includes no other one of ours includes this one, so that it is read before any
// code of ours, whichever header comes first.

#if defined(_MSVC_LANG) ? _MSVC_LANG < 202002L : __cplusplus < 202002L
#error "memsizer needs C++20: compile with -std=c++20 or later"
#include "nothing else was compiled because of the error above"
#endif

#if defined(__GNUC__) && !defined(__cpp_exceptions)
#error "memsizer reports wrong input by exceptions: compile without -fno-exceptions"
#include "nothing else was compiled because of the error above"
#endif
