// The entry of libFuzzer. CMakeLists.txt compiles it once for each target.
#include <cstddef>
#include <cstdint>

#include MEMSIZER_FUZZ_HEADER

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  fuzz::accepts(fuzz::MEMSIZER_FUZZ_TARGET, {reinterpret_cast<const char*>(bytes), size});
  return 0;
}
