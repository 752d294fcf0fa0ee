#pragma once
// Opens libcublasLt while the program runs. It has half a gigabyte, and only who asks for it needs it.

#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include <cublasLt.h>
#include <dlfcn.h>

#include "memsizer/base/error.hpp"

namespace memsizer::cuda {

/// Where the library may lie, in the order in which it is looked for. The variable MEMSIZER_CUBLASLT names
/// the only place. Else: where the system looks for libraries, and where NVIDIA's toolkit has it.
inline std::vector<std::string> cublaslt_places() {
  if (const char* named = std::getenv("MEMSIZER_CUBLASLT"); named != nullptr && *named != '\0')
    return {named};
  const std::string name = concatenate("libcublasLt.so.", CUBLAS_VER_MAJOR);
  return {name, "/usr/local/cuda/lib64/" + name};
}

/// The functions of cuBLASLt that we call.
struct CublasLtFunctions {
  decltype(&cublasLtGetVersion) version;
  decltype(&cublasLtGetStatusName) status_name;
  decltype(&cublasLtCreate) create;
  decltype(&cublasLtDestroy) destroy;
  decltype(&cublasLtMatmulDescCreate) create_operation;
  decltype(&cublasLtMatmulDescDestroy) destroy_operation;
  decltype(&cublasLtMatmulDescSetAttribute) set_operation;
  decltype(&cublasLtMatrixLayoutCreate) create_layout;
  decltype(&cublasLtMatrixLayoutDestroy) destroy_layout;
  decltype(&cublasLtMatrixLayoutSetAttribute) set_layout;
  decltype(&cublasLtMatmulPreferenceCreate) create_preference;
  decltype(&cublasLtMatmulPreferenceDestroy) destroy_preference;
  decltype(&cublasLtMatmulPreferenceSetAttribute) set_preference;
  decltype(&cublasLtMatmulAlgoGetHeuristic) find_algorithms;
  decltype(&cublasLtMatmul) multiply;

  /// Throws SystemError, which names `what` and the status, unless the call succeeded.
  void check(cublasStatus_t status, std::string_view what) const {
    if (status != CUBLAS_STATUS_SUCCESS)
      throw SystemError(
          concatenate("cuBLASLt: ", what, ": ", status_name(status), " (--matmul own does without it)"));
  }
};

[[noreturn]] inline void throw_no_cublaslt(const std::string& reason) {
  throw InputError(concatenate("cuBLASLt cannot be used: ", reason, "; install NVIDIA's cuBLAS ",
                               CUBLAS_VER_MAJOR, ", or name its libcublasLt.so in MEMSIZER_CUBLASLT",
                               " (--matmul own does without it)"));
}

/// The library's functions. InputError if it is not there, or is not of the version that this program was
/// compiled for. It stays open as long as the program runs.
inline CublasLtFunctions open_cublaslt() {
  void* library = nullptr;
  std::string reason;
  for (const std::string& place : cublaslt_places()) {
    library = ::dlopen(place.c_str(), RTLD_NOW | RTLD_LOCAL);
    if (library != nullptr) break;
    if (reason.empty()) reason = ::dlerror();
  }
  if (library == nullptr) throw_no_cublaslt(reason);
  const auto load = [library]<class Function>(Function& function, const char* name) {
    function = reinterpret_cast<Function>(::dlsym(library, name));
    if (function == nullptr) throw_no_cublaslt(concatenate("it has no function ", name));
  };
  CublasLtFunctions functions;
  load(functions.version, "cublasLtGetVersion");
  load(functions.status_name, "cublasLtGetStatusName");
  load(functions.create, "cublasLtCreate");
  load(functions.destroy, "cublasLtDestroy");
  load(functions.create_operation, "cublasLtMatmulDescCreate");
  load(functions.destroy_operation, "cublasLtMatmulDescDestroy");
  load(functions.set_operation, "cublasLtMatmulDescSetAttribute");
  load(functions.create_layout, "cublasLtMatrixLayoutCreate");
  load(functions.destroy_layout, "cublasLtMatrixLayoutDestroy");
  load(functions.set_layout, "cublasLtMatrixLayoutSetAttribute");
  load(functions.create_preference, "cublasLtMatmulPreferenceCreate");
  load(functions.destroy_preference, "cublasLtMatmulPreferenceDestroy");
  load(functions.set_preference, "cublasLtMatmulPreferenceSetAttribute");
  load(functions.find_algorithms, "cublasLtMatmulAlgoGetHeuristic");
  load(functions.multiply, "cublasLtMatmul");
  const std::size_t version = functions.version();
  if (version / 10000 != CUBLAS_VER_MAJOR)
    throw_no_cublaslt(concatenate("it has version ", version, ", expected ", CUBLAS_VER_MAJOR, "xxxx"));
  return functions;
}

}  // namespace memsizer::cuda
