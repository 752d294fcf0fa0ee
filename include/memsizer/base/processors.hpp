#pragma once
// How many processors the process may keep busy. A container sees all processors of its machine, but its
// control group (cgroup) may have a quota of processor time, for example 150 of every 100 milliseconds, which
// is 1.5 processors. More threads than that only wait for each other.

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <sstream>
#include <string>
#include <thread>

#include "memsizer/base/checked.hpp"

namespace memsizer {

namespace detail {

/// A file's text; empty if the file cannot be read.
inline std::string text_of(const std::string& path) {
  std::string text;
  if (std::FILE* file = std::fopen(path.c_str(), "r")) {
    char buffer[4096];
    while (const std::size_t n = std::fread(buffer, 1, sizeof buffer, file)) text.append(buffer, n);
    std::fclose(file);
  }
  return text;
}

inline bool lists(const std::string& comma_separated, const std::string& word) {
  return (',' + comma_separated + ',').find(',' + word + ',') != std::string::npos;
}

/// The place of this process's group for processor time: the hierarchy's mount, the group that is seen at its
/// root, and the process's own group. Version 2 has one hierarchy for everything.
struct ProcessorGroup {
  bool version_2 = false;
  std::string mount, root, own;
};

/// The process's group in a hierarchy: a line "number:controllers:group" of /proc/self/cgroup.
inline std::string own_group(const std::string& file_root, bool version_2) {
  std::istringstream lines(text_of(file_root + "/proc/self/cgroup"));
  for (std::string number, controllers, group; std::getline(lines, number, ':') &&
                                               std::getline(lines, controllers, ':') &&
                                               std::getline(lines, group);)
    if (version_2 ? controllers.empty() : lists(controllers, "cpu")) return group;
  return "";
}

/// quota / period of a group, in processors; infinite if the group has no quota or does not exist.
inline double quota_of(const std::string& folder, bool version_2) {
  const std::string text =
      version_2 ? text_of(folder + "/cpu.max")
                : text_of(folder + "/cpu.cfs_quota_us") + text_of(folder + "/cpu.cfs_period_us");
  std::istringstream numbers(text);
  double quota = 0, period = 0;
  if (numbers >> quota >> period && quota > 0 && period > 0) return quota / period;
  return std::numeric_limits<double>::infinity();
}

/// The least quota among the process's group and the groups around it.
inline double least_quota(const std::string& file_root, const ProcessorGroup& group) {
  // The group's path within the mount. A group outside the mounted part is seen at the mount itself.
  const bool inside = group.root == "/" || (group.own + '/').starts_with(group.root + '/');
  std::string path = !inside ? "" : group.root == "/" ? group.own : group.own.substr(group.root.size());
  double least = std::numeric_limits<double>::infinity();
  while (true) {
    least = std::min(least, quota_of(file_root + group.mount + path, group.version_2));
    const std::size_t slash = path.rfind('/');
    if (slash == std::string::npos) return least;
    path.resize(slash);
  }
}

}  // namespace detail

/// The quota of processor time, in processors, from Linux's files below `file_root`; infinite if there is
/// none.
inline double processor_quota(const std::string& file_root = "") {
  double least = std::numeric_limits<double>::infinity();
  std::istringstream mounts(detail::text_of(file_root + "/proc/self/mountinfo"));
  // number parent device root mount options... - type source options
  for (std::string line; std::getline(mounts, line);) {
    const std::size_t end = line.find(" - ");
    if (end == std::string::npos) continue;
    detail::ProcessorGroup group;
    std::string skipped, type, options;
    std::istringstream(line) >> skipped >> skipped >> skipped >> group.root >> group.mount;
    std::istringstream(line.substr(end + 3)) >> type >> skipped >> options;
    group.version_2 = type == "cgroup2";
    if (!group.version_2 && !(type == "cgroup" && detail::lists(options, "cpu"))) continue;
    group.own = detail::own_group(file_root, group.version_2);
    least = std::min(least, detail::least_quota(file_root, group));
  }
  return least;
}

/// The number of processors on which the process may run, or fewer if its quota of processor time is smaller;
/// at least 1.
inline Index usable_processors(const std::string& file_root = "") {
  const Index processors = std::max<Index>(std::thread::hardware_concurrency(), 1);
  const double quota = std::ceil(processor_quota(file_root));
  return quota < static_cast<double>(processors) ? std::max<Index>(static_cast<Index>(quota), 1) : processors;
}

}  // namespace memsizer
