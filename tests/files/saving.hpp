#pragma once
// Shared by the tests of saving: a full disk, the names in a folder, system calls.

#include <filesystem>
#include <set>
#include <string>

#include <boost/test/unit_test.hpp>
#include <signal.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include "files/killed_child.hpp"

inline std::set<std::string> names_in(const std::filesystem::path& folder) {
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    names.insert(entry.path().filename().string());
  return names;
}

/// While this lives, no file can grow beyond this many bytes, as on a full disk.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    handler_ = ::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &old_);
    rlimit limit = old_;
    limit.rlim_cur = bytes;
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &old_);
    ::signal(SIGXFSZ, handler_);
  }

 private:
  rlimit old_{};
  void (*handler_)(int);
};

inline bool is_rename(long call) {
#ifdef SYS_rename
  if (call == SYS_rename) return true;
#endif
  return call == SYS_renameat || call == SYS_renameat2;
}

inline boost::test_tools::assertion_result tracing_is_possible(boost::unit_test::test_unit_id) {
  boost::test_tools::assertion_result result(killed_child::can_trace());
  result.message() << "this machine does not let a process trace its child";
  return result;
}

inline boost::test_tools::assertion_result full_disks_are_possible(boost::unit_test::test_unit_id test) {
  boost::test_tools::assertion_result result = tracing_is_possible(test);
  if (killed_child::can_fail_calls) return result;
  result = false;
  result.message() << "system calls cannot be made to fail on this processor";
  return result;
}
