#pragma once
// Where the bodies of the greater functions of the room `tasks` are compiled, with all that they
// instantiate: every task, its models and its training in each element type. A file of a target that
// links memsizer::train reads the declarations alone, so it compiles in a fraction of the time; the library
// has the bodies. Every other file compiles the bodies itself, as inline functions. A header writes such a
// function so:
//
//     Outcome train_model(const Request& request, const Observer& observer);
//
//     #if MEMSIZER_TRAIN_HAS_BODIES
//     MEMSIZER_TRAIN_FUNCTION Outcome train_model(const Request& request, const Observer& observer) { ... }
//     #endif
//
// Headers that only bodies need stand under the same condition. The target memsizer::train defines
// MEMSIZER_TRAIN_IS_LINKED, and the library's own file MEMSIZER_TRAIN_IS_COMPILED_HERE.

#include "memsizer/base/requirements.hpp"

#if !defined(MEMSIZER_TRAIN_IS_LINKED)
#define MEMSIZER_TRAIN_HAS_BODIES 1
#define MEMSIZER_TRAIN_FUNCTION inline
#elif defined(MEMSIZER_TRAIN_IS_COMPILED_HERE)
#define MEMSIZER_TRAIN_HAS_BODIES 1
#define MEMSIZER_TRAIN_FUNCTION
#else
#define MEMSIZER_TRAIN_HAS_BODIES 0
#endif
