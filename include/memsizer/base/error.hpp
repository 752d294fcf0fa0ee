#pragma once
// Errors. An InputError means that the input is wrong, a SystemError that the machine failed.

#include <initializer_list>
#include <sstream>
#include <stdexcept>
#include <string>
#include <type_traits>

#include "memsizer/base/linkage.hpp"
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

/// A type that can be written to a stream. Of arrays only those of characters can.
template <class T>
concept Streamable = std::is_array_v<T> || requires(std::ostream& out, const T& value) {
  out << value;
};

namespace detail {

/// A part of a message, with the function that writes it. A compiler chooses among dozens of operators for
/// each use of <<, so there is one use for each type, and none for each length of a literal.
class MessagePart {
 public:
  MessagePart(const char* text)
      : value_(text), write_([](std::ostream& out, const MessagePart& part) {
          out << static_cast<const char*>(part.value_);
        }) {}

  /// A manipulator, such as std::hex. It changes how the parts after it are written.
  MessagePart(std::ios_base& (*manipulator)(std::ios_base&))
      : manipulator_(manipulator),
        write_([](std::ostream& out, const MessagePart& part) { out << part.manipulator_; }) {}

  template <Streamable T>
  requires(!std::is_array_v<T>) MessagePart(const T& value)
      : value_(&value), write_([](std::ostream& out, const MessagePart& part) {
          out << *static_cast<const T*>(part.value_);
        }) {}

  friend std::ostream& operator<<(std::ostream& out, const MessagePart& part) {
    part.write_(out, part);
    return out;
  }

 private:
  union {
    const void* value_;
    std::ios_base& (*manipulator_)(std::ios_base&);
  };
  void (*write_)(std::ostream&, const MessagePart&);
};

std::string concatenate_parts(std::initializer_list<MessagePart> parts);
[[noreturn]] void throw_input_error_of(std::initializer_list<MessagePart> parts);

}  // namespace detail

/// Joins the parts into one text: concatenate("expected ", 3, " rows").
template <Streamable... Parts>
std::string concatenate(const Parts&... parts) {
  return detail::concatenate_parts({parts...});
}

#if defined(__GNUC__)
#define MEMSIZER_COLD [[gnu::cold, gnu::noinline]]
#else
#define MEMSIZER_COLD
#endif

/// Apart from what it refuses, so that no compiler spends time on making it fast.
template <class... Parts>
[[noreturn]] MEMSIZER_COLD void throw_input_error(const Parts&... parts) {
  detail::throw_input_error_of({parts...});
}

#undef MEMSIZER_COLD

/// Throws an InputError made of the parts unless `condition` holds. The text is built only on failure.
template <class... Parts>
void require(bool condition, const Parts&... parts) {
  if (!condition) [[unlikely]]
    throw_input_error(parts...);
}

#if MEMSIZER_CORE_HAS_BODIES
MEMSIZER_CORE_FUNCTION std::string detail::concatenate_parts(std::initializer_list<MessagePart> parts) {
  std::ostringstream text;
  for (const MessagePart& part : parts) text << part;
  return text.str();
}

MEMSIZER_CORE_FUNCTION void detail::throw_input_error_of(std::initializer_list<MessagePart> parts) {
  throw InputError(concatenate_parts(parts));
}
#endif

}  // namespace memsizer
