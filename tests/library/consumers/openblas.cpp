// An outside program that multiplies two matrices with OpenBLAS.
#include <cstdio>

#include <memsizer/cpu/openblas.hpp>

int main() {
  using namespace memsizer;
  const float a[] = {1, 2, 3, 4}, b[] = {5, 6, 7, 8};
  float c[4] = {};
  cpu::OpenblasProduct::multiply<float>(
      c, false, a, b, {.rows = 2, .columns = 2, .inner = 2, .a_leading = 2, .b_leading = 2, .c_leading = 2},
      {});
  std::printf("%g %g %g %g\n", static_cast<double>(c[0]), static_cast<double>(c[1]),
              static_cast<double>(c[2]), static_cast<double>(c[3]));
  return c[0] == 19 && c[1] == 22 && c[2] == 43 && c[3] == 50 ? 0 : 1;
}
