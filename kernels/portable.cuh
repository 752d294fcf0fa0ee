#pragma once
// What a kernel file includes: the CUDA language with a launch that is a function, so that one source
// compiles with nvcc for a GPU and with g++ or clang for the emulated device. Kernels stand in namespace
// memsizer::MEMSIZER_DEVICE, because a program may hold both.

#ifdef __CUDACC__
#include "kernels/cuda/language.cuh"
#else
#include "kernels/emulated/language.hpp"
#include "kernels/emulated/launch.hpp"
#include "kernels/emulated/shared_memory.hpp"
#endif
