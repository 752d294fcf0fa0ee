#pragma once
// Errors. What a program can be given wrongly is an InputError, what the machine fails to do is a
// SystemError.

#include <sstream>
#include <stdexcept>
#include <string>

namespace memsizer {

/// The base of every exception that this library throws on purpose.
class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// Something given to the library is wrong: a shape, a file, a configuration. Says what was expected, what
/// came and where. The program exits 2.
class InputError : public Error {
 public:
  using Error::Error;
};

/// The machine could not do what was asked: no space, no such device, a failed write. The program exits 1.
class SystemError : public Error {
 public:
  using Error::Error;
};

/// What can be written to a stream.
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

/// Throws an InputError made of the parts unless `condition` holds. The text is built only on failure.
template <class... Parts>
void require(bool condition, const Parts&... parts) {
  if (!condition) [[unlikely]]
    throw InputError(concatenate(parts...));
}

}  // namespace memsizer
