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

/// The file that names the parts of comparisons on several tasks, in their order.
inline std::filesystem::path parts_file(const std::filesystem::path& folder) {
  return folder / "parts.json";
}

/// Writes the names of all parts, unless they are written.
inline void write_parts(const std::filesystem::path& folder, const std::vector<std::string>& names) {
  std::error_code absent;
  if (!std::filesystem::exists(parts_file(folder), absent))
    files::write_file_atomically(parts_file(folder),
                                 files::dump_json(nlohmann::ordered_json{{"parts", names}}));
}

/// The parts that the comparisons in a folder were begun with. An older version did not write them; then
/// nothing.
inline std::optional<std::vector<std::string>> written_parts(const std::filesystem::path& folder) {
  std::error_code absent;
  if (!std::filesystem::exists(parts_file(folder), absent)) return std::nullopt;
  const files::JsonFile json(parts_file(folder));
  return json.view().get<std::vector<std::string>>("parts");
}

/// InputError if a comparison on one task is in the folder.
inline void require_several_tasks(const std::filesystem::path& folder,
                                  const std::vector<std::string>& asked) {
  std::error_code absent;
  if (!std::filesystem::exists(comparison_file(folder), absent)) return;
  const std::vector<std::string> models = folders_with(folder, "config.json");
  const std::string task =
      models.empty() ? "" : " (" + train::RunDirectory(folder / models[0]).config().labels.task + ')';
  throw InputError(concatenate(folder.string(), ": the comparison was begun with one task", task, ", and ",
                               join(asked),
                               " are asked for; --resume needs the --task and --data that it began with"));
}

/// InputError if a part has begun, and its folder is not there: a report has it, or a later part has begun.
inline void require_no_lost_part(const std::filesystem::path& folder, const std::vector<std::string>& parts,
                                 const std::vector<std::string>& present) {
  std::error_code absent;
  std::vector<std::string> begun = parts;
  while (!begun.empty() && std::ranges::count(present, begun.back()) == 0) begun.pop_back();
  if (const auto report = folder / "report.json"; std::filesystem::exists(report, absent)) {
    const files::JsonFile json(report);
    for (const auto& [name, value] : json.view().object()) begun.push_back(name);
  }
  for (const std::string& name : begun)
    require(std::ranges::count(present, name) > 0, comparison_file(folder / name).string(),
            ": expected, since the part ", name,
            " of the comparison has begun, but there is no such file; another --output begins a new one");
}

/// InputError unless the comparisons to continue have the parts that are asked for.
inline void require_begun_parts(const std::filesystem::path& folder, const std::vector<std::string>& asked) {
  std::error_code absent;
  if (!std::filesystem::is_directory(folder, absent)) return;
  require_several_tasks(folder, asked);
  const std::vector<std::string> present = folders_with(folder, "comparison.json");
  const std::vector<std::string> begun = written_parts(folder).value_or(present);
  for (const std::string& part : begun)
    require(std::ranges::count(asked, part) > 0, folder.string(), ": the comparison has the part ", part,
            ", and only ", join(asked),
            " is asked for; --resume needs the --task and --data that it began with");
  require(begun.size() == asked.size() || !written_parts(folder), folder.string(),
          ": the comparison was begun with ", join(begun), ", and ", join(asked),
          " are asked for; --resume needs the --task and --data that it began with");
  require_no_lost_part(folder, begun, present);
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
  const auto train_part = [&](const std::string& name, const tasks::Request& own) {
    detail::write_parts(folder, names);  // now that a part is there, so that a failed start leaves nothing
    return train(name, own);
  };
  TaskComparisons all;
  std::string chapters;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    tell(concatenate("comparing on ", names[i]));
    all.parts.push_back({names[i], compare(planned[i].request, planned[i].plan, train_part, tell)});
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
