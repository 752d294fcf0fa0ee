#pragma once
// What a fuzzer runs: a reader on arbitrary bytes. InputError is the right answer to bytes that are not of
// the format. Anything else that escapes is a finding, and so is a result that contradicts itself.

#include <stdexcept>
#include <string>
#include <string_view>

#include "memsizer/base/error.hpp"

namespace fuzz {

/// Reads the bytes; throws InputError if it refuses them.
using Target = void (*)(std::string_view bytes);

struct NamedTarget {
  std::string name;
  Target read;
};

/// Throws what no target catches unless `condition` holds.
inline void expect(bool condition, const char* what) {
  if (!condition) throw std::logic_error(std::string("expected ") + what);
}

/// Whether the target accepted the bytes.
inline bool accepts(Target read, std::string_view bytes) {
  try {
    read(bytes);
    return true;
  } catch (const memsizer::InputError&) {
    return false;
  }
}

}  // namespace fuzz
