#pragma once
// The include rules of the house. They are pure functions of a map from each file to the names in its
// #include lines, so that tests can try them on houses that break them.

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace house {

/// From a file under include/memsizer/ or kernels/, such as "ops/softmax.hpp" or "kernels/softmax.cuh", to
/// the names in its #include lines, without quotes or angle brackets.
using Includes = std::map<std::string, std::vector<std::string>>;

/// A folder under include/memsizer/ (or kernels/): its floor, the wings that it may include, and the prefixes
/// of headers that it may include from outside the standard library.
struct Room {
  int floor;
  std::vector<std::string> wings;
  std::vector<std::string> externals;
};

/// The floors and wings, as in docs/book.md. A folder without a row is an error, so that a new folder gets
/// its floor on purpose. Wings have floor 0: a wing may include base and the wings named in its row. Of the
/// other floors, only nn (the wing files) and floors 8 and 9 may include wings.
inline const std::map<std::string, Room>& rooms() {
  static const std::vector<std::string> posix = {"unistd.h", "fcntl.h",  "sys/",
                                                 "linux/",   "signal.h", "spawn.h"};
  static const std::map<std::string, Room> table = {
      {"base", {0, {}, {}}},
      {"device", {1, {}, {}}},
      {"cpu", {2, {}, {"Eigen/", "unsupported/Eigen/", "cblas.h"}}},
      {"kernels", {2, {}, {}}},
      {"kernels/cuda", {2, {}, {"cuda", "cublasLt.h", "dlfcn.h"}}},
      {"kernels/emulated", {2, {}, {"ucontext.h", "unistd.h", "sys/", "sanitizer/"}}},
      {"kernels/race", {2, {}, {"link.h", "errno.h"}}},
      {"tensor", {3, {}, {}}},
      {"autograd", {4, {}, {}}},
      {"ops", {5, {}, {}}},
      {"check", {5, {}, {}}},
      {"nn", {6, {"files"}, {}}},
      {"optim", {6, {}, {}}},
      {"models", {7, {}, {}}},
      {"decode", {8, {}, {}}},
      {"train", {8, {"files", "text", "data", "metrics"}, posix}},
      {"tasks", {9, {"files", "text", "data", "metrics"}, posix}},
      {"report", {9, {"files", "text", "data", "metrics"}, posix}},
      {"files", {0, {"files"}, {"nlohmann/", "zlib.h", "zstd.h", "unistd.h", "fcntl.h", "sys/", "linux/"}}},
      {"text", {0, {"files", "text"}, {"nlohmann/", "utf8proc.h"}}},
      {"data", {0, {"files", "text", "data"}, {"nlohmann/", "dlfcn.h"}}},
      {"metrics", {0, {"files", "text", "metrics"}, {}}},
  };
  return table;
}

/// This file compiles the CPU's kernels. It lies beside the other devices' tables but belongs to the CPU's
/// floor.
inline constexpr const char* cpu_table = "kernels/cpu_table.cpp";
/// This file compiles the classes of core.hpp beside the kernels. It stands above all floors of these
/// classes.
inline constexpr const char* core_classes = "src/core_classes.cpp";

inline bool is_wing(const std::string& room) {
  return room == "files" || room == "text" || room == "data" || room == "metrics";
}

/// The folder of a file: "ops/softmax.hpp" -> "ops", "kernels/race/clocks.hpp" -> "kernels/race". For an
/// umbrella header, such as "memsizer.hpp", which stands above all floors, it is "".
inline std::string room_of(const std::string& file) {
  const std::size_t slash = file.find('/', file.starts_with("kernels/") ? 8 : 0);
  if (slash != file.npos) return file.substr(0, slash);
  return file.starts_with("kernels/") ? "kernels" : "";
}

inline bool is_kernel_room(const std::string& room) {
  return room.starts_with("kernels");
}

/// The project's file that an #include names; nothing for a header from outside.
inline std::optional<std::string> own_file(const std::string& name) {
  if (name.starts_with("memsizer/")) return name.substr(std::string_view("memsizer/").size());
  if (name.starts_with("kernels/")) return name;
  return std::nullopt;
}

/// Says why `file` may not include `target`, both of this project; empty if it may.
inline std::string judge_own(const std::string& file, const std::string& target) {
  const std::string from = room_of(file), to = room_of(target);
  if (to.empty()) return from.empty() ? "" : "includes an umbrella header";
  if (from.empty() || from == to) return "";
  const Room &source = rooms().at(from), &sink = rooms().at(to);
  if (is_wing(to)) return std::ranges::count(source.wings, to) ? "" : from + " does not see the wing " + to;
  if (is_wing(from)) return to == "base" ? "" : "a wing stands on base, not on " + to;
  if (sink.floor > source.floor) return from + " lies below " + to;
  if (is_kernel_room(from) && !is_kernel_room(to) && sink.floor > 1) return "kernels see floors 0 and 1 only";
  if (is_kernel_room(to) && !is_kernel_room(from)) return "headers do not include kernels";
  return "";
}

inline bool is_standard(const std::string& name) {
  return name.find('/') == name.npos && name.find('.') == name.npos;
}

inline std::string judge_external(const std::string& file, const std::string& name) {
  if (is_standard(name)) return "";
  const std::string from = room_of(file);
  if (from.empty()) return "an umbrella includes the project's headers only";
  const auto& allowed = rooms().at(from).externals;
  const bool known =
      std::ranges::any_of(allowed, [&](const auto& prefix) { return name.starts_with(prefix); });
  return known ? "" : from + " may not include " + name;
}

/// A cycle through `edges`, written "a -> b -> a"; empty if there is none.
inline std::string find_cycle(const std::map<std::string, std::set<std::string>>& edges) {
  enum class Mark { unseen, open, done };
  std::map<std::string, Mark> marks;
  std::vector<std::string> path;
  const std::function<std::string(const std::string&)> visit = [&](const std::string& node) -> std::string {
    path.push_back(node);
    if (marks[node] == Mark::open) {
      std::string cycle;
      for (auto at = std::ranges::find(path, node); at != path.end(); ++at)
        cycle += (cycle.empty() ? "" : " -> ") + *at;
      return cycle;
    }
    if (marks[node] == Mark::unseen) {
      marks[node] = Mark::open;
      if (const auto found = edges.find(node); found != edges.end())
        for (const std::string& next : found->second)
          if (const std::string cycle = visit(next); !cycle.empty()) return cycle;
      marks[node] = Mark::done;
    }
    path.pop_back();
    return "";
  };
  for (const auto& [node, targets] : edges)
    if (const std::string cycle = visit(node); !cycle.empty()) return cycle;
  return "";
}

/// Every broken rule, each in one line.
inline std::vector<std::string> broken_rules(const Includes& includes) {
  std::vector<std::string> broken;
  std::map<std::string, std::set<std::string>> files, folders;
  for (const auto& [file, names] : includes) {
    const std::string room = room_of(file);
    if (!room.empty() && !rooms().contains(room)) {
      broken.push_back(file + ": the folder " + room + " has no floor in tests/house/includes.hpp");
      continue;
    }
    for (const std::string& name : names) {
      const auto target = own_file(name);
      if (target && !includes.contains(*target)) {
        broken.push_back(file + ": includes " + name + ", which does not exist");
        continue;
      }
      const std::string fault = target ? judge_own(file, *target) : judge_external(file, name);
      if (!fault.empty()) broken.push_back(file + ": includes " + name + ": " + fault);
      if (!target) continue;
      files[file].insert(*target);
      const std::string other = room_of(*target);
      if (room != other && !(is_kernel_room(room) && is_kernel_room(other))) folders[room].insert(other);
    }
  }
  for (const auto& edges : {files, folders})
    if (const std::string cycle = find_cycle(edges); !cycle.empty()) broken.push_back("circular: " + cycle);
  return broken;
}

/// The headers from outside the standard library that `file` includes, directly or through the project's
/// headers.
inline std::set<std::string> reached_externals(const Includes& includes, const std::string& file) {
  std::set<std::string> seen = {file}, externals;
  std::vector<std::string> open = {file};
  while (!open.empty()) {
    const std::string at = open.back();
    open.pop_back();
    for (const std::string& name : includes.at(at)) {
      const auto target = own_file(name);
      if (!target && !is_standard(name)) externals.insert(name);
      if (target && includes.contains(*target) && seen.insert(*target).second) open.push_back(*target);
    }
  }
  return externals;
}

}  // namespace house
