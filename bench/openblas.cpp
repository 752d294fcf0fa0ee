// Benchmarks of OpenBLAS as the filling of the matrix products, where it was found.
#include "memsizer/cpu/openblas.hpp"

#include "bench/matmul.hpp"

namespace {

[[maybe_unused]] const bool registered = [] {
  bench::add_matmul<float>("float/openblas", memsizer::cpu::openblas_table<float>().matmul);
  bench::add_matmul<double>("double/openblas", memsizer::cpu::openblas_table<double>().matmul);
  return true;
}();

}  // namespace
