#pragma once
// Where the bodies of the greater functions of the rooms `files` and `text` are compiled. A file of a target
// that links memsizer::text reads the declarations alone, so it compiles in a third of the time; the library
// has the bodies. Every other file compiles the bodies itself, as inline functions. A header writes such a
// function so:
//
//     std::string reversed(std::string_view text);
//
//     #if MEMSIZER_TEXT_HAS_BODIES
//     MEMSIZER_TEXT_FUNCTION std::string reversed(std::string_view text) { ... }
//     #endif
//
// The target memsizer::text defines MEMSIZER_TEXT_IS_LINKED, and the library's own file
// MEMSIZER_TEXT_IS_COMPILED_HERE.

#include "memsizer/base/requirements.hpp"

#if !defined(MEMSIZER_TEXT_IS_LINKED)
#define MEMSIZER_TEXT_HAS_BODIES 1
#define MEMSIZER_TEXT_FUNCTION inline
#elif defined(MEMSIZER_TEXT_IS_COMPILED_HERE)
#define MEMSIZER_TEXT_HAS_BODIES 1
#define MEMSIZER_TEXT_FUNCTION
#else
#define MEMSIZER_TEXT_HAS_BODIES 0
#endif
