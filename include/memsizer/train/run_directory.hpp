#pragma once
// A run's folder: config.json, tokenizer.json, checkpoints/step-N/, best, latest, metrics.jsonl.

#include <filesystem>

#include "memsizer/files/atomic_folder.hpp"
#include "memsizer/files/folder_lock.hpp"
#include "memsizer/text/tokenizer_json.hpp"
#include "memsizer/train/config.hpp"

namespace memsizer::train {

/// The paths of a run and the small files in it. Reading needs no lock; a process that trains holds one.
class RunDirectory {
 public:
  explicit RunDirectory(std::filesystem::path path) : path_(std::move(path)) {}

  /// A new run: the folder is created, or must be empty.
  static RunDirectory create(const std::filesystem::path& path) {
    std::error_code error;
    std::filesystem::create_directories(path, error);
    require(std::filesystem::is_directory(path), path.string(),
            ": cannot create the run's folder: ", error.message());
    RunDirectory run(path);
    run.lock_ = std::make_unique<files::FolderLock>(path);
    require(run.is_empty(), path.string(),
            ": the folder is not empty; --resume continues the run in it, another "
            "--output starts a new one");
    return run;
  }

  /// An existing run, to be continued.
  static RunDirectory resume(const std::filesystem::path& path) {
    RunDirectory run = open(path);
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
  std::filesystem::path metrics_file() const { return path_ / "metrics.jsonl"; }
  std::filesystem::path tokenizer_file() const { return path_ / "tokenizer.json"; }
  std::filesystem::path checkpoint(const std::string& name) const { return path_ / "checkpoints" / name; }

  Config config() const {
    const std::filesystem::path file = path_ / "config.json";
    const files::Json json = files::read_json(file);
    Config config;
    set(config, files::JsonView(json, file.string()));
    return config;
  }
  void write_config(const Config& config) const {
    files::write_file_atomically(path_ / "config.json", files::dump_json(to_json(config)));
  }

  text::Tokenizer tokenizer() const { return text::read_tokenizer_json(tokenizer_file()); }

  /// The name in `latest` or `best`; empty if there is none yet.
  std::string named(const std::string& pointer) const {
    const std::filesystem::path file = path_ / pointer;
    if (!std::filesystem::exists(file)) return {};
    std::string name = files::read_file(file, 256);
    while (!name.empty() && name.back() == '\n') name.pop_back();
    require(
        name.starts_with("step-") && name.find_first_not_of("0123456789", 5) == name.npos && name.size() > 5,
        file.string(), ": the name of a checkpoint, step-N, expected");
    return name;
  }
  void set_named(const std::string& pointer, const std::string& name) const {
    files::write_file_atomically(path_ / pointer, name + '\n');
  }

  /// The checkpoint that evaluation and generation use: best, or latest where there was no validation.
  std::filesystem::path checkpoint_to_use() const {
    const std::string best = named("best"), name = best.empty() ? named("latest") : best;
    require(!name.empty(), path_.string(), ": the run has no checkpoint yet");
    return checkpoint(name);
  }

  /// Removes checkpoints but the `keep` last ones and the one that best names.
  void prune(Index keep) const {
    std::vector<std::pair<Index, std::filesystem::path>> found;
    for (const auto& entry : std::filesystem::directory_iterator(path_ / "checkpoints")) {
      const std::string name = entry.path().filename().string();
      Index step = 0;
      if (name.starts_with("step-") &&
          std::from_chars(name.data() + 5, name.data() + name.size(), step).ptr == name.data() + name.size())
        found.emplace_back(step, entry.path());
    }
    std::ranges::sort(found, std::greater<>());
    const std::string best = named("best");
    for (std::size_t i = static_cast<std::size_t>(keep); i < found.size(); ++i)
      if (found[i].second.filename() != best) std::filesystem::remove_all(found[i].second);
  }

 private:
  bool is_empty() const {
    for (const auto& entry : std::filesystem::directory_iterator(path_))
      if (entry.path().filename() != files::FolderLock::file_name) return false;
    return true;
  }

  std::filesystem::path path_;
  std::unique_ptr<files::FolderLock> lock_;
};

}  // namespace memsizer::train
