#pragma once
// A run's folder, with config.json, tokenizer.json, checkpoints/step-N/, best, latest and metrics.jsonl.

#include <filesystem>
#include <memory>
#include <typeinfo>
#include <vector>

#include <unistd.h>

#include "memsizer/files/atomic_file.hpp"
#include "memsizer/files/atomic_folder.hpp"
#include "memsizer/files/folder_lock.hpp"
#include "memsizer/text/tokenizer_json.hpp"
#include "memsizer/train/config.hpp"

namespace memsizer::train {

/// Calls `call`. If that throws an InputError that does not name a file yet, this file's name is added.
template <class Call>
decltype(auto) at_file(const std::filesystem::path& file, const Call& call) {
  try {
    return call();
  } catch (const InputError& error) {
    const std::string text = error.what();
    if (typeid(error) != typeid(InputError) || text.starts_with(file.string())) throw;
    throw InputError(concatenate(file.string(), ": ", text));
  }
}

/// InputError unless the tokenizer has the special tokens that training needs: padding and end-of-text.
inline void require_special_tokens(const text::Tokenizer& tokenizer) {
  static_cast<void>(tokenizer.pad_id());
  static_cast<void>(tokenizer.end_id());
}

/// The number N in the name step-N of a checkpoint; -1 for any other name.
inline Index step_of(std::string_view name) {
  Index step = -1;
  if (!name.starts_with("step-")) return -1;
  const auto [end, error] = std::from_chars(name.data() + 5, name.data() + name.size(), step);
  return error == std::errc() && end == name.data() + name.size() ? step : -1;
}

namespace detail {

inline std::vector<std::filesystem::path> entries_of(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> entries;
  std::error_code error;
  std::filesystem::directory_iterator entry(folder, error), end;
  for (; !error && entry != end; entry.increment(error)) entries.push_back(entry->path());
  if (error) files::throw_errno("read the folder", folder, error.value());
  return entries;
}

inline bool is_id_cache(const std::filesystem::path& path) {
  const std::string name = path.filename().string();
  return name.starts_with("ids-") && name.ends_with(".cache");
}

/// Whether training writes a file with this name into the run's folder before config.json.
inline bool is_of_a_start(const std::filesystem::path& path) {
  const std::string name = path.filename().string();
  if (name == "checkpoints")
    return std::ranges::all_of(entries_of(path), [](const std::filesystem::path& entry) {
      return entry.filename() == "step-0" || files::is_temporary(entry);
    });
  return name == files::FolderLock::file_name || name == "tokenizer.json" || name == "metrics.jsonl" ||
         name == "best" || name == "latest" || files::is_temporary(path) || is_id_cache(path);
}

/// Empties a folder, except for its lock, if a run was started there and ended before it wrote config.json. A
/// folder that holds any other file is left as it is.
inline void remove_start(const std::filesystem::path& folder) {
  const std::vector<std::filesystem::path> entries = entries_of(folder);
  if (!std::ranges::all_of(entries, is_of_a_start)) return;
  std::error_code ignored;
  for (const std::filesystem::path& entry : entries)
    if (entry.filename() != files::FolderLock::file_name) std::filesystem::remove_all(entry, ignored);
}

/// The folders that a new run creates. Those that are empty in the end are removed, so that a start that
/// fails leaves nothing.
class NewFolders {
 public:
  /// Called before `path` is created.
  explicit NewFolders(const std::filesystem::path& path) {
    std::error_code absent;
    for (std::filesystem::path folder = path; !folder.empty() && !std::filesystem::exists(folder, absent);
         folder = folder.parent_path())
      absent_.push_back(folder);
  }
  NewFolders(const NewFolders&) = delete;
  NewFolders& operator=(const NewFolders&) = delete;
  ~NewFolders() {
    for (const std::filesystem::path& folder : absent_) ::rmdir(folder.c_str());  // refuses one with files
  }

 private:
  std::vector<std::filesystem::path> absent_;  // the deepest first
};

/// Guards a new run's folder until config.json is there. That file is written last, and with it the run can
/// be resumed. If a run fails before that, the guard removes the files that were written.
class Start {
 public:
  explicit Start(std::filesystem::path folder) : folder_(std::move(folder)) {}
  Start(const Start&) = delete;
  Start& operator=(const Start&) = delete;
  ~Start() {
    try {
      if (!kept_) remove_start(folder_);
    } catch (const Error&) {
      return;  // files that cannot be removed stay, and the next start reports a folder that is not empty
    }
  }

  void keep() { kept_ = true; }

 private:
  std::filesystem::path folder_;
  bool kept_ = false;
};

}  // namespace detail

/// The paths of a run, and its small files. Reading needs no lock. A process that trains the run holds the
/// lock.
class RunDirectory {
 public:
  explicit RunDirectory(std::filesystem::path path) : path_(std::move(path)) {}

  /// Begins a new run. The folder is created if it is absent, and goes if the start fails. If it exists, it
  /// must be empty, except for files of a killed start. New files stay only if config.json gets written, or
  /// if keep() is called. InputError if the folder is not usable.
  static RunDirectory create(const std::filesystem::path& path) {
    std::error_code error;
    auto created = std::make_unique<detail::NewFolders>(path);
    std::filesystem::create_directories(path, error);
    if (error == std::errc::no_space_on_device) files::throw_errno("create", path, error.value());
    std::error_code absent;
    require(std::filesystem::is_directory(path, absent), path.string(),
            ": cannot create the run's folder: ", error.message());
    RunDirectory run(path);
    run.created_ = std::move(created);
    // A lock file that no process holds comes from a killed process.
    const bool was_killed = std::filesystem::exists(path / files::FolderLock::file_name, absent);
    run.lock_ = std::make_unique<files::FolderLock>(path);
    if (was_killed) detail::remove_start(path);
    require(run.is_empty(), path.string(),
            ": the folder is not empty; --resume continues the run in it, another "
            "--output starts a new one");
    run.start_ = std::make_unique<detail::Start>(path);
    return run;
  }

  /// Keeps the files of a new folder.
  void keep() { start_->keep(); }

  /// Opens and locks an existing run, to continue it. InputError if there is no run, or if another process
  /// holds the lock.
  static RunDirectory resume(const std::filesystem::path& path) {
    open(path);
    return lock(path);
  }

  /// Locks an existing folder, whatever it holds.
  static RunDirectory lock(const std::filesystem::path& path) {
    RunDirectory run(path);
    run.lock_ = std::make_unique<files::FolderLock>(path);
    return run;
  }

  /// Opens an existing run, to read it. InputError if there is none, or if a pipe or a device has the name of
  /// one of its files: whoever opened that would wait for ever.
  static RunDirectory open(const std::filesystem::path& path) {
    require(std::filesystem::exists(path / "config.json"), path.string(),
            ": no run is here (it has no config.json)");
    for (const char* name : {"config.json", "tokenizer.json", "metrics.jsonl", "best", "latest"}) {
      std::error_code absent;
      const auto status = std::filesystem::status(path / name, absent);
      const bool is_file = std::filesystem::is_regular_file(status) || std::filesystem::is_directory(status);
      require(is_file || !std::filesystem::exists(status), (path / name).string(),
              ": a file of the run expected, got a pipe or a device");
    }
    return RunDirectory(path);
  }

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path config_file() const { return path_ / "config.json"; }
  std::filesystem::path metrics_file() const { return path_ / "metrics.jsonl"; }
  std::filesystem::path tokenizer_file() const { return path_ / "tokenizer.json"; }
  std::filesystem::path checkpoint(const std::string& name) const { return path_ / "checkpoints" / name; }

  /// The files that make up the run, which no output may replace.
  std::vector<std::filesystem::path> files() const {
    std::vector<std::filesystem::path> all;
    for (const char* name : {"config.json", "tokenizer.json", "metrics.jsonl", "best", "latest"})
      all.push_back(path_ / name);
    std::error_code ignored;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(path_ / "checkpoints", ignored))
      all.push_back(entry.path());
    return all;
  }

  Config config() const {
    const files::JsonFile file(config_file());
    Config config;
    set(config, file.view());
    return config;
  }
  void write_config(const Config& config) const {
    files::write_file_atomically(config_file(), files::dump_json(to_json(config)));
  }

  /// The run's tokenizer. InputError unless it has the special tokens of training and the vocabulary size in
  /// the configuration.
  text::Tokenizer tokenizer(const Config& config) const {
    text::Tokenizer tokenizer = text::read_tokenizer_json(tokenizer_file());
    at_file(tokenizer_file(), [&] {
      require_special_tokens(tokenizer);
      require(tokenizer.vocab_size() == config.model.vocab, config.model.vocab,
              " tokens expected by config.json, got ", tokenizer.vocab_size());
    });
    return tokenizer;
  }

  /// The name of the checkpoint in the file `latest` or `best`; empty if there is no such file yet.
  std::string named(const std::string& pointer) const {
    const std::filesystem::path file = path_ / pointer;
    std::error_code ignored;
    if (!std::filesystem::exists(file, ignored)) return {};
    std::string name = files::read_file(file, 256);
    while (!name.empty() && name.back() == '\n') name.pop_back();
    require(step_of(name) >= 0, file.string(), ": the name of a checkpoint, step-N, expected");
    return name;
  }
  /// Whether `latest` or `best` names a checkpoint that exists. A damaged file names none.
  bool has_named(const std::string& pointer) const {
    try {
      const std::string name = named(pointer);
      return !name.empty() && std::filesystem::is_directory(checkpoint(name));
    } catch (const InputError&) {
      return false;
    }
  }
  void set_named(const std::string& pointer, const std::string& name) const {
    files::write_file_atomically(path_ / pointer, name + '\n');
  }

  /// The name of the best checkpoint, or of the latest if there was no validation. InputError if there is
  /// none.
  std::string best_checkpoint() const {
    const std::string best = named("best"), name = best.empty() ? named("latest") : best;
    require(!name.empty() || checkpoints().empty(), (path_ / "latest").string(),
            ": the name of a checkpoint expected, got no such file");
    require(!name.empty(), path_.string(), ": the run has no checkpoint yet");
    return name;
  }

  /// The steps and names of all checkpoints, newest first.
  std::vector<std::pair<Index, std::string>> checkpoints() const {
    std::vector<std::pair<Index, std::string>> found;
    std::error_code absent;
    if (!std::filesystem::exists(path_ / "checkpoints", absent)) return found;
    for (const std::filesystem::path& folder : detail::entries_of(path_ / "checkpoints"))
      if (const Index step = step_of(folder.filename().string()); step >= 0)
        found.emplace_back(step, folder.filename().string());
    std::ranges::sort(found, std::greater<>());
    return found;
  }

  /// Removes all checkpoints except the last `keep` up to `latest`, and `best`. A checkpoint after `latest`
  /// was left by a process that was killed before it could update `latest`; it is removed too.
  void prune(Index keep) const {
    for (const std::string& name : superfluous(keep)) files::remove_folder_atomically(checkpoint(name));
  }

  /// Whether a killed process left nothing behind: no temporary files, and no checkpoints to remove.
  bool is_tidy(Index keep) const {
    for (const std::filesystem::path& folder : {path_, path_ / "checkpoints"})
      if (std::ranges::any_of(detail::entries_of(folder), files::is_temporary)) return false;
    return superfluous(keep).empty();
  }

 private:
  /// The names of the checkpoints that prune() removes.
  std::vector<std::string> superfluous(Index keep) const {
    const std::string best = named("best");
    const Index latest = step_of(named("latest"));
    std::vector<std::string> names;
    Index kept = 0;
    for (const auto& [step, name] : checkpoints())
      if (step <= latest && kept < keep)
        ++kept;
      else if (name != best)
        names.push_back(name);
    return names;
  }

  bool is_empty() const {
    return std::ranges::all_of(detail::entries_of(path_), [](const std::filesystem::path& entry) {
      return entry.filename() == files::FolderLock::file_name;
    });
  }

  std::filesystem::path path_;
  // Destroyed from the last to the first: the files of a failed start go, then the lock, then the folder.
  std::unique_ptr<detail::NewFolders> created_;
  std::unique_ptr<files::FolderLock> lock_;
  std::unique_ptr<detail::Start> start_;
};

}  // namespace memsizer::train
