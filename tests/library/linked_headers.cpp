// Files that link memsizer::kernels have its threads compiled already. Reading the headers of threads would
// cost each of them a sixth of its memory: so it was when decoding began to share its searches among threads.
#include <memsizer/check.hpp>
#include <memsizer/core.hpp>
#include <memsizer/decode.hpp>
#include <memsizer/nn/save.hpp>
#include <memsizer/train/fit.hpp>

// The guards of libstdc++'s headers.
#if defined(_GLIBCXX_THREAD) || defined(_GLIBCXX_CONDITION_VARIABLE)
#error "a header for files that link memsizer::kernels includes <thread> or <condition_variable>"
#endif
