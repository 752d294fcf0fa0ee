#pragma once
// A comparison's folder. It has tokenizer.json, which all models share, comparison.json, which says what it
// was begun with, and a folder for the run of each model.

#include "memsizer/tasks/resume.hpp"
#include "memsizer/tasks/start.hpp"

namespace memsizer::report {

namespace detail {

inline std::filesystem::path comparison_file(const std::filesystem::path& folder) {
  return folder / "comparison.json";
}

/// What a comparison was begun with and no config.json records: hashes of the data and of a tokenizer that
/// was given, and the names of the models. `given` is empty if the tokenizer is trained for the comparison.
inline nlohmann::ordered_json facts_of_comparison(const std::optional<text::Tokenizer>& given,
                                                  const train::Config& config, const tasks::DataSet& data,
                                                  const std::vector<std::string>& models) {
  nlohmann::ordered_json facts;
  for (const data::Split split : {data::Split::train, data::Split::validation}) {
    std::optional<std::string> hash;
    if (data.has(split)) hash = files::hash_digits(data::hash_of_files(data.files(split)));
    facts[std::string(data::split_name(split))] = files::or_null(hash);
  }
  std::optional<std::string> tokenizer;
  if (given) tokenizer = tasks::detail::digits_of(*given);
  facts["tokenizer"] = files::or_null(tokenizer);
  facts["vocab"] = config.model.vocab;
  facts["normalizer"] = config.batches.normalizer;
  facts["models"] = models;
  return facts;
}

/// The folders in a comparison's folder that have a file of this name, by their names in order.
inline std::vector<std::string> folders_with(const std::filesystem::path& folder, const char* file) {
  std::vector<std::string> names;
  std::error_code absent;
  for (const std::filesystem::path& entry : train::detail::entries_of(folder))
    if (std::filesystem::exists(entry / file, absent)) names.push_back(entry.filename().string());
  std::ranges::sort(names);
  return names;
}

/// InputError if a model of the comparison to continue has begun, and is not asked for.
inline void require_begun_models(const std::filesystem::path& folder, const std::vector<std::string>& asked) {
  for (const std::string& begun : folders_with(folder, "config.json"))
    require(std::ranges::count(asked, begun) > 0, folder.string(), ": the comparison has the model ", begun,
            ", and only ", join(asked),
            " is asked for; --resume needs the --architectures and the --sweep that it began with");
}

/// InputError if the comparison to continue began with other models, other data or another tokenizer than the
/// request has now.
inline void require_begun_with(const std::filesystem::path& folder, const nlohmann::ordered_json& asked) {
  const std::filesystem::path file = comparison_file(folder);
  const files::JsonFile json(file);
  const files::JsonView begun = json.view();
  for (const auto& [key, value] : asked.items()) {
    if (key == "models" && !begun.contains(key)) {  // an older version did not write them
      require_begun_models(folder, value.get<std::vector<std::string>>());
      continue;
    }
    const std::string then = files::compact_text(begun.at(key).json()), now = files::compact_text(value);
    require(then == now, file.string(), ": the comparison was begun with ", key, " = ", then, ", and ", now,
            " is asked for; --resume needs the options and the data that it began with");
  }
}

}  // namespace detail

/// InputError unless the folder is usable. A new comparison needs an empty folder, or one with nothing but
/// the first files of a killed comparison. A comparison to continue needs its comparison.json.
inline void require_comparison_folder(const std::filesystem::path& folder, bool resume) {
  std::error_code absent;
  require(!resume || std::filesystem::exists(detail::comparison_file(folder), absent), folder.string(),
          ": no comparison is here that could go on (it has no comparison.json)");
  if (resume || !std::filesystem::is_directory(folder, absent)) return;
  const std::vector<std::filesystem::path> entries = train::detail::entries_of(folder);
  const bool was_killed = std::filesystem::exists(folder / files::FolderLock::file_name, absent);
  require(entries.empty() || (was_killed && std::ranges::all_of(entries, train::detail::is_of_a_start)),
          folder.string(), ": the folder is not empty; ",
          std::filesystem::exists(detail::comparison_file(folder), absent)
              ? "--resume goes on with the comparison in it"
              : "it has no comparison.json, so --resume cannot go on with it",
          ", another --output begins a new one");
}

/// Creates or opens the comparison's folder, locks it, and puts the shared tokenizer into it. comparison.json
/// is written last; once it is there, the comparison can be continued.
inline train::RunDirectory open_comparison_folder(const tasks::Request& request, train::Config config,
                                                  const tasks::DataSet& data,
                                                  const std::vector<std::string>& models,
                                                  const train::MessageCallback& tell) {
  std::optional<text::Tokenizer> given = tasks::given_tokenizer(request, config);
  const nlohmann::ordered_json facts = detail::facts_of_comparison(given, config, data, models);
  if (request.resume != tasks::Resume::no) {
    train::RunDirectory folder = train::RunDirectory::lock(request.output);
    detail::require_begun_with(request.output, facts);
    return folder;
  }
  train::RunDirectory folder = train::RunDirectory::create(request.output);
  tasks::start_tokenizer(std::move(given), config, data, folder, tell);
  files::write_file_atomically(detail::comparison_file(request.output), files::dump_json(facts));
  folder.keep();
  return folder;
}

}  // namespace memsizer::report
