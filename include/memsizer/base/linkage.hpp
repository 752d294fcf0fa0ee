#pragma once
// Where the bodies of the core's greater functions that are no templates are compiled. A file of a target
// that links memsizer::kernels reads the declarations alone, which saves it time and memory; the library has
// the bodies. Every other file compiles the bodies itself, as inline functions. A header writes such a
// function so:
//
//     std::string reversed(std::string_view text);
//
//     #if MEMSIZER_CORE_HAS_BODIES
//     MEMSIZER_CORE_FUNCTION std::string reversed(std::string_view text) { ... }
//     #endif
//
// The target memsizer::kernels defines MEMSIZER_KERNELS_ARE_LINKED. Of the library's own files, which have
// MEMSIZER_CORE_IS_LINKED, one defines MEMSIZER_CORE_IS_COMPILED_HERE.

#include "memsizer/base/requirements.hpp"

#if defined(MEMSIZER_CORE_IS_COMPILED_HERE)
#define MEMSIZER_CORE_HAS_BODIES 1
#define MEMSIZER_CORE_FUNCTION
#elif defined(MEMSIZER_KERNELS_ARE_LINKED) || defined(MEMSIZER_CORE_IS_LINKED)
#define MEMSIZER_CORE_HAS_BODIES 0
#else
#define MEMSIZER_CORE_HAS_BODIES 1
#define MEMSIZER_CORE_FUNCTION inline
#endif
