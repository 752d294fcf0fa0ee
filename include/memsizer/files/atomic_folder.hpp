#pragma once
// A folder that takes its name only when all its files are complete, for checkpoints of several files.

#include <cstdio>
#include <filesystem>

#include "memsizer/files/temporaries.hpp"

namespace memsizer::files {

namespace detail {

/// For tests: the error of a file system that cannot exchange two names; 0: ask the real file system.
inline int exchange_error = 0;

/// Exchanges two names in one step. Returns false, with errno set, if this fails.
inline bool exchange_names(const std::filesystem::path& a, const std::filesystem::path& b) {
  if (exchange_error != 0) {
    errno = exchange_error;
    return false;
  }
  return ::renameat2(AT_FDCWD, a.c_str(), AT_FDCWD, b.c_str(), RENAME_EXCHANGE) == 0;
}

}  // namespace detail

/// A temporary folder beside the target, to be filled through path(); commit() puts every file and folder in
/// it on the disk and renames it into place. Without commit(), the destructor removes it with all its
/// contents. An old folder of that name is exchanged for the new one in a single step, then removed. A file
/// system that cannot exchange two names (for example NFS) needs two steps: if the process is killed between
/// them, no folder of that name remains.
class AtomicFolder {
 public:
  /// InputError if the name cannot be created (its parent must exist), SystemError if the machine fails.
  explicit AtomicFolder(const std::filesystem::path& target)
      : target_(target.has_filename() ? target : target.parent_path()) {
    std::error_code ignored;
    const auto status = std::filesystem::status(target_, ignored);
    require(!std::filesystem::exists(status) || std::filesystem::is_directory(status),
            "cannot write the folder ", target_.string(), ": a file has that name");
    remove_leftovers(target_.parent_path());
    folder_ = create_temporary_folder(target_);
    temporary_ = TemporaryPath(folder_.path());
  }

  /// The folder for the files until commit().
  const std::filesystem::path& path() const { return temporary_.path(); }

  void commit() {
    synchronise_contents();
    if (::rename(path().c_str(), target_.c_str()) == 0)
      temporary_.release();
    else if (errno == ENOTEMPTY || errno == EEXIST)
      exchange();
    else
      throw_errno("replace", target_, errno);
    synchronise_folder(target_.parent_path());
    temporary_.remove();
    folder_.close();
  }

 private:
  void synchronise_contents() const {
    std::error_code error;
    std::filesystem::recursive_directory_iterator entry(path(), error), end;
    for (; !error && entry != end; entry.increment(error)) {
      const auto status = entry->symlink_status(error);
      if (std::filesystem::is_directory(status)) synchronise_folder(entry->path());
      if (std::filesystem::is_regular_file(status)) open_file(entry->path(), O_RDONLY).synchronise();
    }
    if (error) throw_errno("read the folder", path(), error.value());
    folder_.synchronise();
  }

  /// The old folder gets the temporary's name, and is removed as the temporary.
  void exchange() {
    if (detail::exchange_names(path(), target_)) return;
    const bool is_unsupported = errno == EINVAL || errno == ENOSYS || errno == ENOTSUP;
    if (!is_unsupported) throw_errno("replace the existing folder", target_, errno);
    const TemporaryPath old(detail::temporary_name(target_));
    if (::rename(target_.c_str(), old.path().c_str()) != 0 || ::rename(path().c_str(), target_.c_str()) != 0)
      throw_errno("replace the existing folder", target_, errno);
    temporary_.release();
  }

  std::filesystem::path target_;
  Descriptor folder_;
  TemporaryPath temporary_;
};

/// Removes a folder with all its contents. Even if the process is killed, the folder is whole or gone under
/// its name. SystemError or InputError if it cannot be removed.
inline void remove_folder_atomically(const std::filesystem::path& folder) {
  const std::filesystem::path temporary = detail::temporary_name(folder);
  if (::rename(folder.c_str(), temporary.c_str()) != 0) throw_errno("remove", folder, errno);
  TemporaryPath(temporary).remove();
}

}  // namespace memsizer::files
