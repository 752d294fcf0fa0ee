#pragma once
// The twenty kernels with a seeded fault and their correct twins, in one list.

#include <span>
#include <vector>

#include "kernels/emulated/fault.hpp"
#include "kernels/emulated/position.hpp"

namespace faulty_kernels {

using Kernel = void (*)(float* out, const float* in, int n);

struct Case {
  const char* name;
  memsizer::emulated::FaultKind fault;  // what the faulty twin is reported for
  const char* variable;                 // and on which array; empty where the fault has none
  Kernel faulty, correct;
  memsizer::emulated::Extent blocks, threads;
  int n;            // as the kernel is told
  int in_elements;  // small integers
  /// The output of the correct twin.
  std::vector<float> (*expected)(const std::vector<float>& in, int n);
};

std::span<const Case> cases();

}  // namespace faulty_kernels
