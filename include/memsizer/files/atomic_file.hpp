#pragma once
// A file that takes its name only when it is complete. A reader finds the old contents or the new ones at any
// moment, even if the writer is killed.

#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "memsizer/files/temporaries.hpp"

namespace memsizer::files {

namespace detail {

/// The name at the end of a chain of symbolic links, whether there is a file or not.
inline std::filesystem::path follow_links(std::filesystem::path path) {
  std::error_code error;
  for (int links = 0; std::filesystem::is_symlink(path, error); ++links) {
    if (links == 40) throw_errno("create", path, ELOOP);
    path = path.parent_path() / std::filesystem::read_symlink(path, error);
  }
  return path;
}

}  // namespace detail

/// Writes to a temporary file in the target's folder; commit() puts it on the disk and renames it into place.
/// Without commit(), and after every error, the destructor removes the temporary file and the old file stays
/// as it was. A replaced file keeps its permission bits. A symbolic link stays, and the file it leads to is
/// replaced. Devices, pipes and standard output ("-") are written directly.
class AtomicFile {
 public:
  /// InputError if the name cannot be written to, SystemError if the machine fails; both name the target.
  explicit AtomicFile(const std::filesystem::path& target) : target_(target) {
    if (const auto standard = standard_descriptor(target, STDOUT_FILENO)) {
      file_ = duplicate_standard(*standard);
      return;
    }
    struct stat old {};
    const bool exists = ::stat(target.c_str(), &old) == 0;
    if (exists && !S_ISREG(old.st_mode)) {
      file_ = open_file(target, O_WRONLY);  // the system refuses a folder
      return;
    }
    target_ = detail::follow_links(target);
    remove_leftovers(target_.parent_path());
    file_ = create_temporary_file(target_, exists ? old.st_mode & 0777 : 0666);
    temporary_ = TemporaryPath(file_.path());
    file_.call(target_);
    if (exists && ::fchmod(file_.number(), old.st_mode & 0777) != 0)
      throw_errno("set the permissions of", target_, errno);
  }

  /// SystemError on a full disk and other failures.
  void write(std::string_view bytes) {
    if (buffer_.size() + bytes.size() > buffer_size) flush();
    if (bytes.size() > buffer_size)
      write_through(bytes);
    else
      buffer_ += bytes;
  }
  void write(std::span<const std::byte> bytes) {
    write(std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
  }

  /// Completes the file under its name. If an error comes after the rename (syncing the folder to the disk
  /// failed), the new contents stay in place.
  void commit() {
    flush();
    if (!temporary_.exists()) return file_.close();
    file_.synchronise();
    if (::rename(temporary_.path().c_str(), target_.c_str()) != 0) throw_errno("replace", target_, errno);
    temporary_.release();
    file_.close();
    synchronise_folder(target_.parent_path());
  }

 private:
  static constexpr size_t buffer_size = 1 << 20;
  static constexpr Index least_to_synchronise = Index{8} << 20;  // bytes

  void flush() {
    write_through(buffer_);
    buffer_.clear();
  }

  /// The disk works while a long file is still being made; otherwise commit() would wait for all of it.
  void write_through(std::string_view bytes) {
    file_.write(bytes);
    written_ += static_cast<Index>(bytes.size());
    if (!temporary_.exists() || written_ - handed_on_ < least_to_synchronise) return;
    file_.begin_to_synchronise(handed_on_, written_ - handed_on_);
    handed_on_ = written_;
  }

  std::filesystem::path target_;
  Descriptor file_;
  TemporaryPath temporary_;  // is removed before the file is closed and its lock with it
  std::string buffer_;
  Index written_ = 0, handed_on_ = 0;  // bytes of the file; the disk was told of the latter
};

inline void write_file_atomically(const std::filesystem::path& target, std::string_view bytes) {
  AtomicFile file(target);
  file.write(bytes);
  file.commit();
}

}  // namespace memsizer::files
