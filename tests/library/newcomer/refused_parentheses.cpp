// A line of lines.txt that does not compile on purpose, as those in refused.cpp. It stands alone, since a
// compiler says what it has to say of one constructor once a file, and refused.cpp has the line without
// parentheses.
#include "memsizer/core.hpp"

using namespace memsizer;

void nested_braces_in_parentheses() {
  // error: write matrix({{1, 2}, {3, 4}}), or Tensor<float>({2, 2}, {1, 2, 3, 4})
  Tensor<float> a({{1, 2}, {3, 4}});
}
