#pragma once
// The list of kernels with a seeded fault, each with its correct twin.

#include <span>
#include <vector>

#include "kernels/emulated/fault.hpp"
#include "kernels/emulated/launch.hpp"

namespace faulty_kernels {

/// Launches a kernel, or several, in the case's shape unless it needs another one.
using Launcher = void (*)(memsizer::emulated::EmulatedContext& context, memsizer::emulated::LaunchShape shape,
                          float* out, const float* in, int n);

struct Case {
  const char* name;
  memsizer::emulated::FaultKind fault;  // the fault that the faulty twin is reported for
  const char* variable;                 // the array that is named; empty if the fault names none
  Launcher faulty, correct;
  memsizer::emulated::Extent blocks, threads;
  int n;            // the argument of the kernel
  int in_elements;  // the size of `in`, which holds small integers
  /// Computes the output of the correct twin.
  std::vector<float> (*expected)(const std::vector<float>& in, int n);
};

std::span<const Case> cases();

}  // namespace faulty_kernels
