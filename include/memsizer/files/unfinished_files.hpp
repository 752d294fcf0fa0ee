#pragma once
// The files that are being written now, for a signal handler that ends the process at once.

#include <array>
#include <atomic>
#include <cstring>
#include <filesystem>

#include <unistd.h>

#include "memsizer/base/requirements.hpp"

namespace memsizer::files {

/// A fixed table of names, since a signal handler may neither allocate nor wait. A file that finds no room in
/// it, or has too long a name, stays behind a signal, until a later writer in its folder removes it.
class UnfinishedFiles {
 public:
  /// Notes a file, and returns its place for forget(); -1 if it was not noted.
  int note(const std::filesystem::path& path) {
    if (path.native().size() >= longest) return -1;
    for (std::size_t place = 0; place < entries_.size(); ++place) {
      Entry& entry = entries_[place];
      int expected = Entry::free;
      if (!entry.state.compare_exchange_strong(expected, Entry::being_noted)) continue;
      std::memcpy(entry.path, path.c_str(), path.native().size() + 1);
      entry.state = Entry::noted;
      return static_cast<int>(place);
    }
    return -1;
  }

  void forget(int place) {
    if (place >= 0) entries_[static_cast<std::size_t>(place)].state = Entry::free;
  }

  /// Removes all noted files; folders stay. A signal handler may call this.
  void remove_all() {
    for (Entry& entry : entries_)
      if (entry.state == Entry::noted) ::unlink(entry.path);
  }

 private:
  static constexpr std::size_t longest = 1024;

  struct Entry {
    enum State { free, being_noted, noted };
    std::atomic<int> state = free;
    char path[longest] = {};
  };
  static_assert(std::atomic<int>::is_always_lock_free, "a signal handler must not wait");

  std::array<Entry, 16> entries_;
};

/// Those of this process.
inline UnfinishedFiles& unfinished_files() {
  static constinit UnfinishedFiles files;
  return files;
}

}  // namespace memsizer::files
