#pragma once
// An open file (POSIX descriptor) that closes itself, with errors that name the file and the system's reason.

#include <algorithm>
#include <array>
#include <cerrno>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "memsizer/base/checked.hpp"
#include "memsizer/base/error.hpp"

namespace memsizer::files {

/// Throws "cannot <action> <path>: <reason>": an InputError if the name itself is wrong (absent, a folder,
/// not permitted), else a SystemError.
[[noreturn]] inline void throw_errno(const char* action, const std::filesystem::path& path, int error) {
  const std::string text =
      concatenate("cannot ", action, " ", path.string(), ": ", std::generic_category().message(error));
  switch (error) {
    case ENOENT:
    case ENOTDIR:
    case EISDIR:
    case EACCES:
    case ELOOP:
    case ENAMETOOLONG:
      throw InputError(text);
    default:
      throw SystemError(text);
  }
}

/// Calls a system function again while a signal interrupts it.
template <class Call>
auto retry_interrupted(Call call) {
  while (true) {
    const auto result = call();
    if (result != -1 || errno != EINTR) return result;
  }
}

/// Writes all bytes. False, with errno, if that fails.
inline bool write_all(int number, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto count = retry_interrupted([&] { return ::write(number, bytes.data(), bytes.size()); });
    if (count < 0) return false;
    bytes.remove_prefix(static_cast<size_t>(count));
  }
  return true;
}

class Descriptor {
 public:
  Descriptor() = default;
  Descriptor(int number, std::filesystem::path path) : number_(number), path_(std::move(path)) {}
  Descriptor(Descriptor&& other) noexcept
      : number_(std::exchange(other.number_, -1)), path_(std::move(other.path_)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    std::swap(path_, other.path_);
    return *this;
  }
  ~Descriptor() {
    if (is_open()) ::close(number_);
  }

  bool is_open() const { return number_ >= 0; }
  int number() const { return number_; }
  const std::filesystem::path& path() const { return path_; }
  /// From now on errors name this path.
  void call(std::filesystem::path path) { path_ = std::move(path); }

  struct stat status() const {
    struct stat status {};
    if (::fstat(number_, &status) != 0) throw_errno("inspect", path_, errno);
    return status;
  }

  /// Reads up to `size` bytes; fewer only at the end of the file.
  Index read(char* bytes, Index size) const {
    Index done = 0;
    while (done < size) {
      const auto count =
          retry_interrupted([&] { return ::read(number_, bytes + done, static_cast<size_t>(size - done)); });
      if (count < 0) throw_errno("read", path_, errno);
      if (count == 0) break;
      done += count;
    }
    return done;
  }

  /// Like read, but from a given position of the file; the file's own position stays.
  Index read_at(Index position, char* bytes, Index size) const {
    Index done = 0;
    while (done < size) {
      const auto count = retry_interrupted(
          [&] { return ::pread(number_, bytes + done, static_cast<size_t>(size - done), position + done); });
      if (count < 0) throw_errno("read", path_, errno);
      if (count == 0) break;
      done += count;
    }
    return done;
  }

  void write(std::string_view bytes) const {
    if (!write_all(number_, bytes)) throw_errno("write", path_, errno);
  }

  /// Cuts the file to its first `size` bytes; a shorter file is filled up with zeros.
  void cut(Index size) const {
    if (retry_interrupted([&] { return ::ftruncate(number_, size); }) != 0)
      throw_errno("write", path_, errno);
  }

  /// Lets the system begin to write these bytes of the file to the disk, so that synchronise() has less to
  /// wait for. Only a hint.
  void begin_to_synchronise([[maybe_unused]] Index position, [[maybe_unused]] Index size) const {
#ifdef SYNC_FILE_RANGE_WRITE
    ::sync_file_range(number_, position, size, SYNC_FILE_RANGE_WRITE);
#endif
  }

  /// Syncs the contents to the disk. For pipes and devices, which have no disk, it does nothing.
  void synchronise() const {
    if (retry_interrupted([&] { return ::fsync(number_); }) != 0 && errno != EINVAL && errno != EROFS)
      throw_errno("write to the disk of", path_, errno);
  }

  /// Closes the file, and reports a write that fails only now (as on NFS).
  void close() {
    if (::close(std::exchange(number_, -1)) != 0 && errno != EINTR) throw_errno("close", path_, errno);
  }

 private:
  int number_ = -1;
  std::filesystem::path path_;
};

inline Descriptor open_file(const std::filesystem::path& path, int flags, mode_t mode = 0666) {
  const int number = retry_interrupted([&] { return ::open(path.c_str(), flags | O_CLOEXEC, mode); });
  if (number < 0) throw_errno((flags & O_ACCMODE) == O_RDONLY ? "open" : "create", path, errno);
  return {number, path};
}

/// Whether a path means standard input (for reading) or standard output (for writing).
inline bool is_standard_stream(const std::filesystem::path& path) {
  return path == "-";
}

/// Standard input for "-", standard output for /dev/stdout, and so on; nothing for other names. We use the
/// open stream itself and do not open the file behind it anew. Otherwise a log to which standard output is
/// appended would be overwritten from its beginning, and a closed stream would be read as an empty file.
inline std::optional<int> standard_descriptor(const std::filesystem::path& path, int for_dash) {
  if (is_standard_stream(path)) return for_dash;
  if (path == "/dev/stdin") return STDIN_FILENO;
  if (path == "/dev/stdout") return STDOUT_FILENO;
  if (path == "/dev/stderr") return STDERR_FILENO;
  return std::nullopt;
}

/// A copy of a standard stream's descriptor; errors call it by the stream's name.
inline Descriptor duplicate_standard(int descriptor) {
  static constexpr std::array names = {"standard input", "standard output", "standard error"};
  const char* name = names.at(static_cast<std::size_t>(descriptor));
  const int number = ::fcntl(descriptor, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
  if (number < 0) throw_errno("open", name, errno);
  return {number, name};
}

/// Makes sure that the descriptors of the three standard streams are in use before we open anything else. If
/// the parent process closed them, our first files would otherwise get their numbers, and messages would be
/// written into these files. /dev/null is opened the wrong way round, so that using the stream is an error
/// (EBADF) as if it were closed.
inline void reserve_standard_descriptors() {
  for (const int descriptor : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) {
    if (::fcntl(descriptor, F_GETFD) != -1 || errno != EBADF) continue;
    // The system gives the lowest free number, which is the missing one, since those below are taken.
    [[maybe_unused]] const int opened = ::open("/dev/null", descriptor == STDIN_FILENO ? O_WRONLY : O_RDONLY);
  }
}

/// Opens an existing file for reading; a folder is an InputError. "-" is standard input.
inline Descriptor open_for_reading(const std::filesystem::path& path) {
  const std::optional<int> standard = standard_descriptor(path, STDIN_FILENO);
  Descriptor file = standard ? duplicate_standard(*standard) : open_file(path, O_RDONLY);
  require(!S_ISDIR(file.status().st_mode), "expected a file, got a folder: ", file.path().string());
  return file;
}

/// The whole file, or InputError if it is longer than `max_bytes`. Pipes are read to their end.
inline std::string read_file(const std::filesystem::path& path, Index max_bytes) {
  const Descriptor file = open_for_reading(path);
  std::string text;
  while (true) {
    const Index done = static_cast<Index>(text.size());
    const Index expected = std::max<Index>(file.status().st_size - done, 0);
    const Index more = std::min(std::max<Index>(expected, 1 << 16), max_bytes - done) + 1;
    text.resize(static_cast<size_t>(done + more));
    const Index count = file.read(text.data() + done, more);
    text.resize(static_cast<size_t>(done + count));
    require(done + count <= max_bytes, path.string(), ": expected at most ", max_bytes, " bytes, got more");
    if (count < more) return text;
  }
}

}  // namespace memsizer::files
