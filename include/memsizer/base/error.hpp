#pragma once
// Errors. An InputError means that the input is wrong, a SystemError that the machine failed.

#include <sstream>
#include <stdexcept>
#include <string>

#include "memsizer/base/requirements.hpp"

namespace memsizer {

/// The base of every exception that this library throws on purpose.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// An input to the library is wrong: a shape, a file, a configuration. The text says what was expected, what
/// came instead, and where. The program exits 2.
class InputError : public Error {
 public:
  using Error::Error;
};

/// The machine could not do the work: no space, no such device, a failed write. The program exits 1.
class SystemError : public Error {
 public:
  using Error::Error;
};

/// A type that can be written to a stream.
template <class T>
concept Streamable = requires(std::ostream& out, const T& value) {
  out << value;
};

/// Joins the parts into one text: concatenate("expected ", 3, " rows").
template <Streamable... Parts>
std::string concatenate(const Parts&... parts) {
  std::ostringstream text;
  (text << ... << parts);
  return text.str();
}

#if defined(__GNUC__)
#define MEMSIZER_COLD [[gnu::cold, gnu::noinline]]
#else
#define MEMSIZER_COLD
#endif

/// Apart from what it refuses, so that no compiler spends time on making it fast.
template <class... Parts>
MEMSIZER_COLD void throw_input_error(const Parts&... parts) {
  throw InputError(concatenate(parts...));
}

#undef MEMSIZER_COLD

/// Throws an InputError made of the parts unless `condition` holds. The text is built only on failure.
template <class... Parts>
void require(bool condition, const Parts&... parts) {
  if (!condition) [[unlikely]]
    throw_input_error(parts...);
}

}  // namespace memsizer
