// The linker gives the program's bounds, the loader its address.
#include "kernels/race/image.hpp"

#include <errno.h>
#include <link.h>

#include "memsizer/base/error.hpp"

extern "C" const char __executable_start, _end;  // NOLINT: the linker's names

namespace memsizer::emulated::race {

namespace {

std::uintptr_t load_address() {
  static const std::uintptr_t address = [] {
    std::uintptr_t found = 0;
    dl_iterate_phdr(
        [](dl_phdr_info* program, std::size_t, void* result) {
          *static_cast<std::uintptr_t*>(result) = program->dlpi_addr;
          return 1;  // the program itself comes first
        },
        &found);
    return found;
  }();
  return address;
}

}  // namespace

bool in_program(const void* address, std::size_t bytes) {
  const auto* byte = static_cast<const char*>(address);
  return byte >= &__executable_start && byte + bytes <= &_end;
}

std::uint32_t code_number(const void* return_address) {
  return static_cast<std::uint32_t>(reinterpret_cast<std::uintptr_t>(return_address) - 1 - load_address());
}

std::string source_lines_command(std::uint32_t first, std::uint32_t second) {
  std::string command =
      concatenate("addr2line -Cfpe ", program_invocation_short_name, std::hex, " 0x", first);
  if (second != 0) command += concatenate(std::hex, " 0x", second);
  return command;
}

}  // namespace memsizer::emulated::race
