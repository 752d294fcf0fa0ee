#pragma once
// A limit on the memory that a test may allocate.

#include <fstream>

#include <boost/test/unit_test.hpp>
#include <sys/resource.h>
#include <unistd.h>

#include "memsizer/base/sanitizer.hpp"

/// While this lives, the address space may grow by at most so many bytes. It has no effect under
/// AddressSanitizer, whose shadow memory takes address space too.
class MemoryLimit {
 public:
  explicit MemoryLimit(rlim_t bytes) {
    ::getrlimit(RLIMIT_AS, &old_);
    rlim_t pages = 0;
    std::ifstream("/proc/self/statm") >> pages;
    if (pages == 0 || memsizer::address_sanitizer) return;
    rlimit limit = old_;
    limit.rlim_cur = pages * static_cast<rlim_t>(::sysconf(_SC_PAGESIZE)) + bytes;
    ::setrlimit(RLIMIT_AS, &limit);
  }
  MemoryLimit(const MemoryLimit&) = delete;
  ~MemoryLimit() { ::setrlimit(RLIMIT_AS, &old_); }

 private:
  rlimit old_{};
};

/// A precondition of tests that are meaningless without the limit.
inline boost::test_tools::assertion_result memory_can_be_limited(boost::unit_test::test_unit_id) {
  boost::test_tools::assertion_result can(!memsizer::address_sanitizer);
  can.message() << "under the address sanitizer memory cannot be limited";
  return can;
}
