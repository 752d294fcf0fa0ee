#pragma once
// Temporary files and folders in the folder of their final name, and the removal of those that a killed
// process left.
//
// The writer of a temporary locks it for as long as it exists. If a file has our ending and no lock, its
// writer is gone, so a later writer in the same folder removes the file. Process ids would not work: they are
// reused, and mean nothing on a disk that two machines share.

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

#include <sys/file.h>

#include "memsizer/files/descriptor.hpp"
#include "memsizer/files/unfinished_files.hpp"

namespace memsizer::files {

inline constexpr std::string_view temporary_ending = ".memsizer-tmp";

/// Whether only an unfinished save has such a name; readers of a folder skip these.
inline bool is_temporary(const std::filesystem::path& path) {
  const std::string name = path.filename().string();
  return name.starts_with('.') && name.ends_with(temporary_ending);
}

namespace detail {

/// A free name in the target's own folder, since a file can be renamed into place only from there.
inline std::filesystem::path temporary_name(const std::filesystem::path& target) {
  static std::atomic<std::uint64_t> count{0};
  const std::string name = target.filename().string().substr(0, 128);
  return target.parent_path() / concatenate('.', name, '.', ::getpid(), '-', count++, temporary_ending);
}

enum class Lock { held, by_another, unsupported };

inline Lock try_lock(const Descriptor& file) {
  if (retry_interrupted([&] { return ::flock(file.number(), LOCK_EX | LOCK_NB); }) == 0) return Lock::held;
  return errno == EWOULDBLOCK ? Lock::by_another : Lock::unsupported;
}

/// Whether the open file still has this name, so that it was not removed or replaced meanwhile.
inline bool still_named(const Descriptor& file) {
  struct stat named {};
  const struct stat open = file.status();
  return ::lstat(file.path().c_str(), &named) == 0 && named.st_dev == open.st_dev &&
         named.st_ino == open.st_ino;
}

/// Removes one unlocked temporary, or leaves it if it cannot.
inline void remove_if_abandoned(const std::filesystem::path& path) {
  const int number = ::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
  if (number < 0) return;
  const Descriptor file(number, path);
  std::error_code ignored;
  if (try_lock(file) == Lock::held && still_named(file)) std::filesystem::remove_all(path, ignored);
}

/// Takes the lock on a new temporary. Returns false if a process that cleans up was quicker.
inline bool claim(const Descriptor& file) {
  return try_lock(file) != Lock::by_another && still_named(file);
}

}  // namespace detail

/// A temporary file or folder that is removed at the end of its owner's life, unless it was released.
class TemporaryPath {
 public:
  TemporaryPath() = default;
  explicit TemporaryPath(std::filesystem::path path)
      : path_(std::move(path)), noted_(unfinished_files().note(path_)) {}
  TemporaryPath(TemporaryPath&& other) noexcept { swap(other); }
  TemporaryPath& operator=(TemporaryPath&& other) noexcept {
    swap(other);
    return *this;
  }
  ~TemporaryPath() { remove(); }

  const std::filesystem::path& path() const { return path_; }
  bool exists() const { return !path_.empty(); }
  void release() {
    path_.clear();
    unfinished_files().forget(std::exchange(noted_, -1));
  }
  void remove() {
    std::error_code ignored;
    if (exists()) std::filesystem::remove_all(path_, ignored);
    release();
  }

 private:
  void swap(TemporaryPath& other) {
    std::swap(path_, other.path_);
    std::swap(noted_, other.noted_);
  }

  std::filesystem::path path_;
  int noted_ = -1;  // its place among the unfinished files
};

/// Removes the temporaries that killed processes left in a folder. Those of living processes stay. If one
/// cannot be removed, it stays without an error.
inline void remove_leftovers(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::directory_iterator entry(folder.empty() ? "." : folder, error), end;
  for (; !error && entry != end; entry.increment(error))
    if (is_temporary(entry->path())) detail::remove_if_abandoned(entry->path());
}

/// Creates and locks an empty temporary file for `target`.
inline Descriptor create_temporary_file(const std::filesystem::path& target, mode_t mode) {
  while (true) {
    const std::filesystem::path path = detail::temporary_name(target);
    const int number = retry_interrupted(
        [&] { return ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode); });
    if (number < 0 && errno == EEXIST) continue;
    if (number < 0) throw_errno("create", target, errno);
    Descriptor file(number, path);
    if (detail::claim(file)) return file;
  }
}

/// Creates and locks an empty temporary folder for `target`.
inline Descriptor create_temporary_folder(const std::filesystem::path& target) {
  while (true) {
    const std::filesystem::path path = detail::temporary_name(target);
    if (::mkdir(path.c_str(), 0777) != 0) {
      if (errno == EEXIST) continue;
      throw_errno("create", target, errno);
    }
    const int number =
        retry_interrupted([&] { return ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); });
    if (number < 0 && errno == ENOENT) continue;
    if (number < 0) {
      const int error = errno;
      ::rmdir(path.c_str());
      throw_errno("open", path, error);
    }
    Descriptor folder(number, path);
    if (detail::claim(folder)) return folder;
  }
}

/// Syncs a folder's names to the disk, so that a rename in it survives a power cut.
inline void synchronise_folder(const std::filesystem::path& folder) {
  open_file(folder.empty() ? "." : folder, O_RDONLY | O_DIRECTORY).synchronise();
}

}  // namespace memsizer::files
