#include "fillings.hpp"

#include <algorithm>
#include <vector>

#include "memsizer/cpu/table.hpp"
#ifdef MEMSIZER_OPENBLAS
#include "memsizer/cpu/openblas.hpp"
#endif

namespace memsizer::program {

namespace {

struct Filling {
  std::string name;
  const KernelTable<float>& (*floats)();
  const KernelTable<double>& (*doubles)();
};

const std::vector<Filling>& fillings() {
  static const std::vector<Filling> all = {
      {default_matmul, cpu::table<float>, cpu::table<double>},
#ifdef MEMSIZER_OPENBLAS
      {"openblas", cpu::openblas_table<float>, cpu::openblas_table<double>},
#endif
  };
  return all;
}

const Filling*& in_use() {
  static const Filling* filling = &fillings().front();
  return filling;
}

}  // namespace

void use_matmul_filling(const std::string& name) {
  const auto found = std::ranges::find(fillings(), name, &Filling::name);
  if (found == fillings().end()) {
    require(name != "openblas",
            "--matmul openblas: this program was built without OpenBLAS; where it is installed (Debian: "
            "libopenblas-dev), `cmake --workflow --preset release` builds one with it");
    throw InputError("--matmul: eigen or openblas expected, got '" + name + "'");
  }
  in_use() = &*found;
  cpu::device().use(found->floats(), found->doubles());
}

const std::string& matmul_filling() {
  return in_use()->name;
}

}  // namespace memsizer::program
