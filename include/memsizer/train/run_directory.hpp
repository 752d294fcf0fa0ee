#pragma once
// A run's folder: config.json, tokenizer.json, checkpoints/step-N/, best, latest, metrics.jsonl.

#include <filesystem>
#include <typeinfo>

#include "memsizer/files/atomic_folder.hpp"
#include "memsizer/files/folder_lock.hpp"
#include "memsizer/text/tokenizer_json.hpp"
#include "memsizer/train/config.hpp"

namespace memsizer::train {

/// Calls `call`; an InputError that does not name a file yet is one of this file.
template <class Call>
auto at_file(const std::filesystem::path& file, const Call& call) {
  try {
    return call();
  } catch (const InputError& error) {
    const std::string text = error.what();
    if (typeid(error) != typeid(InputError) || text.starts_with(file.string())) throw;
    throw InputError(concatenate(file.string(), ": ", text));
  }
}

/// InputError unless a tokenizer has the special tokens that training needs: padding and the end of a text.
inline void require_special_tokens(const text::Tokenizer& tokenizer) {
  static_cast<void>(tokenizer.pad_id());
  static_cast<void>(tokenizer.end_id());
}

/// The number N of a checkpoint's name step-N; -1 for any other name.
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

/// Whether a path in a run's folder is one that training writes before config.json.
inline bool is_of_a_start(const std::filesystem::path& path) {
  const std::string name = path.filename().string();
  if (name == "checkpoints")
    return std::ranges::all_of(entries_of(path), [](const std::filesystem::path& entry) {
      return entry.filename() == "step-0" || files::is_temporary(entry);
    });
  return name == files::FolderLock::file_name || name == "tokenizer.json" || name == "metrics.jsonl" ||
         name == "best" || name == "latest" || files::is_temporary(path) ||
         (name.starts_with("ids-") && name.ends_with(".cache"));
}

/// Empties a folder in which a run was started and did not come to its config.json, but for the lock. Leaves
/// one that holds anything else.
inline void remove_start(const std::filesystem::path& folder) {
  const std::vector<std::filesystem::path> entries = entries_of(folder);
  if (!std::ranges::all_of(entries, is_of_a_start)) return;
  std::error_code ignored;
  for (const std::filesystem::path& entry : entries)
    if (entry.filename() != files::FolderLock::file_name) std::filesystem::remove_all(entry, ignored);
}

/// A new run's folder until config.json is there, which is written last: from then on the run can be resumed.
/// If it does not come to that, what was written goes.
class Start {
 public:
  explicit Start(std::filesystem::path folder) : folder_(std::move(folder)) {}
  Start(const Start&) = delete;
  Start& operator=(const Start&) = delete;
  ~Start() {
    try {
      if (!kept_) remove_start(folder_);
    } catch (const Error&) {
      return;  // what cannot be removed stays, and the folder is refused
    }
  }

  void keep() { kept_ = true; }

 private:
  std::filesystem::path folder_;
  bool kept_ = false;
};

}  // namespace detail

/// The paths of a run and the small files in it. Reading needs no lock; a process that trains holds one.
class RunDirectory {
 public:
  explicit RunDirectory(std::filesystem::path path) : path_(std::move(path)) {}

  /// A new run: the folder is created, or must be empty but for what a killed start has left in it. What is
  /// written to it stays once config.json is there or keep() was called.
  static RunDirectory create(const std::filesystem::path& path) {
    std::error_code error;
    std::filesystem::create_directories(path, error);
    if (error == std::errc::no_space_on_device) files::throw_errno("create", path, error.value());
    std::error_code absent;
    require(std::filesystem::is_directory(path, absent), path.string(),
            ": cannot create the run's folder: ", error.message());
    RunDirectory run(path);
    // A lock's file that no process holds is left of one that was killed.
    const bool was_killed = std::filesystem::exists(path / files::FolderLock::file_name, absent);
    run.lock_ = std::make_unique<files::FolderLock>(path);
    if (was_killed) detail::remove_start(path);
    require(run.is_empty(), path.string(),
            ": the folder is not empty; --resume continues the run in it, another "
            "--output starts a new one");
    run.start_ = std::make_unique<detail::Start>(path);
    return run;
  }

  /// Lets a new folder stay as it is, though no run is in it.
  void keep() { start_->keep(); }

  /// An existing run, to be continued.
  static RunDirectory resume(const std::filesystem::path& path) {
    open(path);
    return lock(path);
  }

  /// A folder that is there, whatever it holds, for this process alone.
  static RunDirectory lock(const std::filesystem::path& path) {
    RunDirectory run(path);
    run.lock_ = std::make_unique<files::FolderLock>(path);
    return run;
  }

  /// An existing run, to be read.
  static RunDirectory open(const std::filesystem::path& path) {
    require(std::filesystem::exists(path / "config.json"), path.string(),
            ": no run is here (it has no config.json)");
    return RunDirectory(path);
  }

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path config_file() const { return path_ / "config.json"; }
  std::filesystem::path metrics_file() const { return path_ / "metrics.jsonl"; }
  std::filesystem::path tokenizer_file() const { return path_ / "tokenizer.json"; }
  std::filesystem::path checkpoint(const std::string& name) const { return path_ / "checkpoints" / name; }

  Config config() const {
    const std::filesystem::path file = config_file();
    const files::Json json = files::read_json(file);
    Config config;
    set(config, files::JsonView(json, file.string()));
    return config;
  }
  void write_config(const Config& config) const {
    files::write_file_atomically(config_file(), files::dump_json(to_json(config)));
  }

  /// InputError unless the tokenizer has the special tokens of training and the configuration's vocabulary.
  text::Tokenizer tokenizer(const Config& config) const {
    text::Tokenizer tokenizer = text::read_tokenizer_json(tokenizer_file());
    at_file(tokenizer_file(), [&] {
      require_special_tokens(tokenizer);
      require(tokenizer.vocab_size() == config.model.vocab, config.model.vocab,
              " tokens expected by config.json, got ", tokenizer.vocab_size());
    });
    return tokenizer;
  }

  /// The name in `latest` or `best`; empty if there is none yet.
  std::string named(const std::string& pointer) const {
    const std::filesystem::path file = path_ / pointer;
    std::error_code ignored;
    if (!std::filesystem::exists(file, ignored)) return {};
    std::string name = files::read_file(file, 256);
    while (!name.empty() && name.back() == '\n') name.pop_back();
    require(step_of(name) >= 0, file.string(), ": the name of a checkpoint, step-N, expected");
    return name;
  }
  void set_named(const std::string& pointer, const std::string& name) const {
    files::write_file_atomically(path_ / pointer, name + '\n');
  }

  /// The name of the best checkpoint, or of the latest where there was no validation. InputError where there
  /// is none.
  std::string best_checkpoint() const {
    const std::string best = named("best"), name = best.empty() ? named("latest") : best;
    require(!name.empty(), path_.string(), ": the run has no checkpoint yet");
    return name;
  }

  /// The steps and names of the checkpoints that are there, the newest first.
  std::vector<std::pair<Index, std::string>> checkpoints() const {
    std::vector<std::pair<Index, std::string>> found;
    for (const std::filesystem::path& folder : detail::entries_of(path_ / "checkpoints"))
      if (const Index step = step_of(folder.filename().string()); step >= 0)
        found.emplace_back(step, folder.filename().string());
    std::ranges::sort(found, std::greater<>());
    return found;
  }

  /// Removes checkpoints but the `keep` last ones up to `latest` and the one that `best` names. What lies
  /// beyond `latest` was left by a process that was killed before it could point there.
  void prune(Index keep) const {
    for (const std::string& name : superfluous(keep)) files::remove_folder_atomically(checkpoint(name));
  }

  /// Whether nothing lies about that a killed process left: temporary files, checkpoints to be removed.
  bool is_tidy(Index keep) const {
    for (const std::filesystem::path& folder : {path_, path_ / "checkpoints"})
      if (std::ranges::any_of(detail::entries_of(folder), files::is_temporary)) return false;
    return superfluous(keep).empty();
  }

 private:
  /// The checkpoints that prune removes.
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
  std::unique_ptr<files::FolderLock> lock_;
  std::unique_ptr<detail::Start> start_;  // ends before the lock
};

}  // namespace memsizer::train
