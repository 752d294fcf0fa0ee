// The library memsizer::text: the bodies of the text wing's greater functions, compiled once.
#define MEMSIZER_TEXT_IS_COMPILED_HERE
#include "memsizer/text.hpp"
