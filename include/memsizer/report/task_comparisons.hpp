#pragma once
// Comparisons on several tasks with one report: each task has a comparison in a folder of its own.

#include "memsizer/report/comparison.hpp"

namespace memsizer::report {

/// A task and its data. An empty task is that of the request.
struct TaskOnData {
  std::string task = {};
  std::filesystem::path data = {};
};

/// One comparison of several, with the name of its folder.
struct NamedComparison {
  std::string name;
  Comparison comparison;
};

/// All comparisons, and the report of all as text and as JSON.
struct TaskComparisons {
  std::vector<NamedComparison> parts = {};
  std::string report = {};
  nlohmann::ordered_json json = {};
};

namespace detail {

/// Folders are named after the tasks; a task that comes again has a number: "translation", "translation-2".
inline std::vector<std::string> folder_names(const std::vector<TaskOnData>& parts) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto before = std::count_if(parts.begin(), parts.begin() + static_cast<std::ptrdiff_t>(i),
                                      [&](const TaskOnData& part) { return part.task == parts[i].task; });
    names.push_back(before == 0 ? parts[i].task : concatenate(parts[i].task, '-', before + 1));
  }
  return names;
}

/// The request of one part. It goes on if its folder has begun already.
inline ComparisonRequest request_of_part(const ComparisonRequest& all, const TaskOnData& part,
                                         const std::string& name) {
  ComparisonRequest request = all;
  request.training.task = part.task;
  request.training.data = part.data;
  request.training.output = all.training.output / name;
  std::error_code absent;
  if (!std::filesystem::exists(comparison_file(request.training.output), absent))
    request.training.resume = tasks::Resume::no;
  return request;
}

/// One part of all: its request, and what is known of it before the first part trains.
struct PlannedPart {
  ComparisonRequest request;
  ComparisonPlan plan;
};

/// Plans all parts, so that errors of any part come before the first one trains.
inline std::vector<PlannedPart> planned_parts(const ComparisonRequest& all,
                                              const std::vector<TaskOnData>& parts,
                                              const std::vector<std::string>& names) {
  std::vector<PlannedPart> planned;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    ComparisonRequest request = request_of_part(all, parts[i], names[i]);
    ComparisonPlan plan = plan_comparison(request);
    planned.push_back({std::move(request), std::move(plan)});
  }
  return planned;
}

/// InputError if a part of the comparisons to continue has begun, and is not asked for.
inline void require_begun_parts(const std::filesystem::path& folder, const std::vector<std::string>& asked) {
  std::error_code absent;
  if (!std::filesystem::is_directory(folder, absent)) return;
  for (const std::string& begun : folders_with(folder, "comparison.json"))
    require(std::ranges::count(asked, begun) > 0, folder.string(), ": the comparison has the part ", begun,
            ", and only ", join(asked),
            " is asked for; --resume needs the --task and --data that it began with");
}

/// The main figure of every task in one table. Empty if the parts have different models, as after a sweep
/// or Ctrl-C.
inline std::string main_table(const std::vector<NamedComparison>& parts) {
  std::string head = "\n| task | figure |", rule = "|---|---|", rows;
  const auto names = [](const NamedComparison& part) {
    std::vector<std::string> all;
    for (const ComparedModel& model : part.comparison.models) all.push_back(model.name);
    return all;
  };
  for (const std::string& name : names(parts[0])) head += concatenate(' ', name, " |"), rule += "---:|";
  for (const NamedComparison& part : parts) {
    if (part.comparison.models.empty() || names(part) != names(parts[0])) return {};
    rows += main_row(part.name, part.comparison.models);
  }
  return head + " best baseline |\n" + rule + "---:|\n" + rows;
}

/// A part's report as a chapter of the whole: its title, and pictures that lie in its folder. What the whole
/// report says at its beginning is left out.
inline std::string as_chapter(const NamedComparison& part) {
  std::string text = part.comparison.report;
  if (const std::size_t begin = text.find(introduction); begin != text.npos)
    text.erase(begin, introduction.size());
  if (const std::size_t end = text.find('\n'); text.starts_with("# "))
    text.replace(0, end, "## " + part.name);
  for (std::size_t place = text.find("\n!["); place != text.npos; place = text.find("\n![", place + 1))
    text.insert(text.find("](", place) + 2, part.name + '/');
  return text;
}

}  // namespace detail

/// Compares the same architectures on every task, each in the folder that has the task's name, and writes
/// report.md and report.json of all. After Ctrl-C, the report covers what is done. InputError as compare()
/// throws it, and for a folder that is not empty, unless the comparisons go on.
template <class Train>
TaskComparisons compare_tasks(const ComparisonRequest& request, const std::vector<TaskOnData>& parts,
                              const Train& train, const train::MessageCallback& tell) {
  const std::filesystem::path folder = request.training.output;
  const std::vector<std::string> names = detail::folder_names(parts);
  std::error_code absent;
  require(request.training.resume != tasks::Resume::no || !std::filesystem::is_directory(folder, absent) ||
              train::detail::entries_of(folder).empty(),
          folder.string(), ": the folder is not empty; --resume goes on with the comparisons in it");
  if (request.training.resume != tasks::Resume::no) detail::require_begun_parts(folder, names);
  const std::vector<detail::PlannedPart> planned = detail::planned_parts(request, parts, names);
  TaskComparisons all;
  std::string chapters;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    tell(concatenate("comparing on ", names[i]));
    all.parts.push_back({names[i], compare(planned[i].request, planned[i].plan, train, tell)});
    const Comparison& comparison = all.parts.back().comparison;
    chapters += '\n' + detail::as_chapter(all.parts.back());
    all.json[names[i]] = to_json(planned[i].request, comparison.models);
    if (comparison.outcome == train::Outcome::interrupted) break;
  }
  const std::string title = concatenate("# Comparison on ", parts.size(), " tasks\n\n");
  all.report = title + std::string(introduction.substr(0, introduction.size() - 1)) +
               detail::main_table(all.parts) + chapters;
  files::write_file_atomically(folder / "report.json", files::dump_json(all.json));
  files::write_file_atomically(folder / "report.md", all.report);
  return all;
}

}  // namespace memsizer::report
