// Benchmarks of OpenBLAS's matrix products, if the build found OpenBLAS.
#include "memsizer/cpu/openblas.hpp"

#include "bench/matmul.hpp"

namespace {

[[maybe_unused]] const bool registered = [] {
  bench::add_matmul<float>("float/openblas", memsizer::cpu::openblas_table<float>().matmul);
  bench::add_matmul<double>("double/openblas", memsizer::cpu::openblas_table<double>().matmul);
  return true;
}();

}  // namespace
