// Every umbrella in one file, and the program train.cpp, for a second compiler with all of its warnings.
#include <memsizer/check.hpp>
#include <memsizer/data.hpp>
#include <memsizer/decode.hpp>
#include <memsizer/metrics.hpp>
#include <memsizer/text.hpp>
#include <memsizer/train.hpp>

#include "train.cpp"
