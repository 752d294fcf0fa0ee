#include "matmul_backends.hpp"

#include <algorithm>
#include <vector>

#include "memsizer/cpu/context.hpp"
#ifdef MEMSIZER_OPENBLAS
#include "memsizer/cpu/openblas.hpp"
#endif

namespace memsizer::program {

namespace {

struct Backend {
  std::string name;
  const KernelTable<float>& (*floats)();
  const KernelTable<double>& (*doubles)();
};

const std::vector<Backend>& backends() {
  static const std::vector<Backend> all = {
      {default_matmul, cpu::table<float>, cpu::table<double>},
#ifdef MEMSIZER_OPENBLAS
      {"openblas", cpu::openblas_table<float>, cpu::openblas_table<double>},
#endif
  };
  return all;
}

const Backend*& in_use() {
  static const Backend* backend = &backends().front();
  return backend;
}

}  // namespace

void use_matmul_backend(const std::string& name) {
  const auto found = std::ranges::find(backends(), name, &Backend::name);
  if (found == backends().end()) {
    require(name != "openblas",
            "--matmul openblas: this program was built without OpenBLAS; where it is installed (Debian: "
            "libopenblas-dev), `cmake --workflow --preset release` builds one with it");
    throw InputError("--matmul: eigen or openblas expected, got '" + name + "'");
  }
  in_use() = &*found;
  cpu::device().use(found->floats(), found->doubles());
}

const std::string& matmul_backend() {
  return in_use()->name;
}

}  // namespace memsizer::program
