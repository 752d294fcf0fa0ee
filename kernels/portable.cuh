#pragma once
// Every kernel file includes this one. It gives the CUDA language with launch as a function, so that one
// source compiles with nvcc for a GPU, and with g++ or clang for the emulated device. Kernels are in
// namespace memsizer::MEMSIZER_DEVICE, because a program may contain both.

#ifdef __CUDACC__
#include "kernels/cuda/language.cuh"
#include "kernels/cuda/named_barriers.cuh"
#include "kernels/cuda/tensor_core.cuh"
#include "kernels/cuda/vector.cuh"
#else
#include "kernels/emulated/language.hpp"
#include "kernels/emulated/launch.hpp"
#include "kernels/emulated/named_barriers.hpp"
#include "kernels/emulated/shared_memory.hpp"
#include "kernels/emulated/tensor_core.hpp"
#include "kernels/emulated/vector.hpp"
#endif
