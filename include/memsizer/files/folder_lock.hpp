#pragma once
// A lock on a folder, so that only one process at a time works in it. The lock ends with its process, however
// that ends.

#include <filesystem>
#include <string>

#include "memsizer/files/temporaries.hpp"

namespace memsizer::files {

/// Holds `folder`/.lock, which exists while the lock is held and contains the holder's process id.
class FolderLock {
 public:
  static constexpr const char* file_name = ".lock";

  /// InputError, which names the holder, if another process or another lock of this process has it.
  explicit FolderLock(const std::filesystem::path& folder) {
    const std::filesystem::path path = folder / file_name;
    do {
      file_ = open_file(path, O_RDWR | O_CREAT);
      switch (detail::try_lock(file_)) {
        case detail::Lock::held:
          break;
        case detail::Lock::by_another:
          throw InputError(concatenate(folder.string(), ": in use by ", holder()));
        case detail::Lock::unsupported:
          throw_errno("lock", path, errno);
      }
    } while (!detail::still_named(file_));  // its last holder removed it between our opening and our locking
    try {
      file_.cut(0);
      file_.write(concatenate(::getpid(), '\n'));
    } catch (...) {
      ::unlink(path.c_str());
      throw;
    }
  }
  FolderLock(FolderLock&&) = default;
  FolderLock& operator=(FolderLock&&) = delete;
  ~FolderLock() {
    if (file_.is_open()) ::unlink(file_.path().c_str());
  }

 private:
  std::string holder() const {
    std::string text(32, '\0');
    text.resize(static_cast<size_t>(file_.read_at(0, text.data(), static_cast<Index>(text.size()))));
    text = text.substr(0, text.find_first_not_of("0123456789"));
    return text.empty() ? "another process" : "process " + text;
  }

  Descriptor file_;
};

}  // namespace memsizer::files
