#pragma once
// Checkpoints. Each is a folder step-N with model.safetensors, training.safetensors and state.json. The
// folder is complete or absent.

#include "memsizer/files/hash.hpp"
#include "memsizer/nn/states_file.hpp"
#include "memsizer/nn/weights_file.hpp"
#include "memsizer/optim/optimiser.hpp"
#include "memsizer/train/run_directory.hpp"
#include "memsizer/train/training_task.hpp"

namespace memsizer::train {

/// A hash of the settings that a run's numbers depend on: all but those of logging and saving, which may
/// change when a run is resumed, and schedule_steps, which the first run finds out. A setting counts only if
/// a file without it would give another value, so that settings of later versions do not change the hash.
inline std::string settings_digits(const Config& config) {
  const Config absent;
  std::string lines;
  for (const Key& key : keys()) {
    const std::string value = key.text(config);
    if (key.role != SettingRole::watching && key.name != "schedule_steps" && value != key.text(absent))
      lines += concatenate(key.name, '=', value, '\n');
  }
  return files::hash_digits(files::hash_text(lines));
}

/// What a checkpoint records besides the weights and the optimiser's moments.
struct TrainingState {
  Index step = 0;                        // steps done
  Index tokens = 0;                      // tokens scored in these steps
  double seconds = 0;                    // training time of the run so far
  std::optional<double> best_loss = {};  // the lowest validation loss so far
  Index log_bytes = 0;                   // the length of metrics.jsonl at this step
  DataPosition position = {};            // where the next step begins in the data
  std::vector<DataSplit> data = {};      // the data that the run learns from
  std::string from = {};                 // hash of the weights given by --from; empty: none, or not known
  Index earlier_updates = 0;             // of an optimiser that another run began (--keep-optimizer)
  Index vocab_asked = 0;                 // vocabulary asked for, if the text gave fewer tokens; otherwise 0
  std::string settings = {};             // settings_digits of the run; empty: not known to older versions
  bool hashed = false;  // whether state.json has hashes of the files; older versions wrote none
};

namespace detail {

/// Adds the values of one tensor to a file. Error if a value is not finite.
template <class A>
void add_numbers(files::SafetensorsWriter& writer, const std::string& name, const Shape& shape,
                 const std::vector<A>& values, Index step) {
  if (!nn::all_finite(std::span<const A>(values)))
    throw Error(concatenate("step ", step, ": ", name,
                            " is not finite, so nothing is saved. A lower learning_rate or a clip may "
                            "help; the last checkpoint is unharmed."));
  writer.add(name, shape.extents(), values);
}

}  // namespace detail

/// Opens the weights of a checkpoint's folder.
inline files::SafetensorsReader open_weights(const std::filesystem::path& checkpoint) {
  return files::SafetensorsReader(checkpoint / "model.safetensors");
}

/// Returns the model if the file has exactly its parameters, with their shapes; otherwise InputError. The
/// check comes before the model gets its memory, which the wrong file should not cost.
template <class T>
nn::Module<T>& require_matching_weights(const files::SafetensorsReader& weights, nn::Module<T>& model) {
  nn::require_fits<Accumulate<T>>(weights, nn::names_and_shapes(model));
  return model;
}

namespace detail {

inline constexpr const char* hashed_files[] = {"model.safetensors", "training.safetensors"};
/// Only there if the training carries states from step to step.
inline constexpr const char* states_file = "states.safetensors";

inline nlohmann::ordered_json to_json(const DataPosition& position, const std::vector<DataSplit>& data) {
  nlohmann::ordered_json json{{"epoch", position.epoch}, {"segment", position.batch}};
  for (const DataSplit& split : data) json[split.name] = files::or_null(split.hash);
  return json;
}

inline nlohmann::ordered_json to_json(const TrainingState& state) {
  nlohmann::ordered_json json;
  json["step"] = state.step;
  json["tokens"] = state.tokens;
  json["seconds"] = state.seconds;
  json["best_loss"] = files::or_null(state.best_loss);
  json["log_bytes"] = state.log_bytes;
  json["optimizer_steps"] = state.step + state.earlier_updates;
  json["position"] = to_json(state.position, state.data);
  if (!state.from.empty()) json["from"] = state.from;
  if (state.earlier_updates > 0) json["earlier_updates"] = state.earlier_updates;
  if (state.vocab_asked > 0) json["vocab_asked"] = state.vocab_asked;
  if (!state.settings.empty()) json["settings"] = state.settings;
  return json;
}

}  // namespace detail

namespace detail {

/// The hash of a state.json without the hash itself, however it is laid out.
inline std::string state_digits(files::Json state) {
  state["hashes"].erase("state.json");
  return files::hash_digits(files::hash_text(files::compact_text(state)));
}

}  // namespace detail

/// Writes the folder of a step. The folder appears once all of it is on disk. If a value is not finite, an
/// Error names the tensor and nothing is written. `carried` are the states with which the next step goes on.
template <class T>
void save_checkpoint(const RunDirectory& run, const nn::ParameterStore<T>& store, const TrainingState& state,
                     const std::vector<nn::HostArray>& carried = {}) {
  files::SafetensorsWriter model, training;
  std::vector<std::vector<Accumulate<T>>> kept;  // the writers read them when they write
  for (const auto& entry : store.entries()) {
    kept.push_back(store.values(entry));
    detail::add_numbers(model, entry.name, entry.parameter->shape, kept.back(), state.step);
  }
  for (const auto& moment : store.moments())
    for (const auto& entry : store.entries()) {
      const Shape& shape = entry.parameter->shape;
      kept.push_back(moment.values.view(entry.offset, shape).to_vector());
      detail::add_numbers(training, moment.name + '.' + entry.name, shape, kept.back(), state.step);
    }
  const std::filesystem::path checkpoints = run.path() / "checkpoints";
  if (::mkdir(checkpoints.c_str(), 0777) != 0 && errno != EEXIST)
    files::throw_errno("create", checkpoints, errno);
  files::AtomicFolder folder(run.checkpoint(concatenate("step-", state.step)));
  model.write(folder.path() / "model.safetensors");
  training.write(folder.path() / "training.safetensors");
  nlohmann::ordered_json json = detail::to_json(state);
  for (const char* file : detail::hashed_files)
    json["hashes"][file] = files::file_digits(folder.path() / file);
  if (!carried.empty()) {
    nn::save_states(carried, folder.path() / detail::states_file);
    json["hashes"][detail::states_file] = files::file_digits(folder.path() / detail::states_file);
  }
  if (std::filesystem::exists(run.tokenizer_file()))
    json["hashes"]["tokenizer.json"] = files::file_digits(run.tokenizer_file());
  json["hashes"]["state.json"] = detail::state_digits(json);
  files::write_file_atomically(folder.path() / "state.json", files::dump_json(json));
  folder.commit();
}

namespace detail {

/// Reads the position, and the hash of each split of the data beside it.
inline void read_position(const files::JsonView& json, TrainingState& state) {
  state.position = {json.get<Index>("epoch"), json.get<Index>("segment")};
  for (const auto& member : json.object()) {
    if (member.first == "epoch" || member.first == "segment") continue;
    const files::JsonView hash = json.at(member.first);
    state.data.push_back(
        {member.first, hash.is_null() ? std::nullopt : std::optional(hash.get<std::string>())});
  }
}

/// Reads the state.json of the folder step-N. InputError if it is of another step.
inline TrainingState read_state(const files::JsonView& json, const std::string& folder) {
  const auto count = [&](const char* name) {
    const auto value = json.get<Index>(name);
    constexpr Index most = 1'000'000'000'000'000;
    if (value < 0 || value > most) json.at(name).fail("a count from 0 to ", most, " expected, got ", value);
    return value;
  };
  TrainingState state{.step = count("step"),
                      .tokens = count("tokens"),
                      .seconds = json.get<double>("seconds"),
                      .log_bytes = count("log_bytes")};
  if (concatenate("step-", state.step) != folder)
    json.at("step").fail("the step of the folder ", folder, " expected, got ", state.step);
  if (!(state.seconds >= 0 && state.seconds < 1e10))
    json.at("seconds").fail("seconds of a run expected, got ", state.seconds);
  if (!json.at("best_loss").is_null()) state.best_loss = json.get<double>("best_loss");
  if (json.contains("earlier_updates")) state.earlier_updates = count("earlier_updates");
  if (const Index steps = count("optimizer_steps"); steps != state.step + state.earlier_updates)
    json.at("optimizer_steps")
        .fail(state.earlier_updates, " and one for each of ", state.step, " steps expected, got ", steps);
  read_position(json.at("position"), state);
  if (json.contains("from")) state.from = json.get<std::string>("from");
  if (json.contains("vocab_asked")) state.vocab_asked = count("vocab_asked");
  if (json.contains("settings")) state.settings = json.get<std::string>("settings");
  state.hashed = json.contains("hashes");
  return state;
}

/// InputError unless a file has the hash that state.json recorded for it.
inline void require_hash(const files::JsonView& hashes, const std::string& name,
                         const std::filesystem::path& file, const std::string& found) {
  const auto recorded = hashes.get<std::string>(name);
  require(found == recorded, file.string(),
          ": damaged, or not the file that was saved with this checkpoint: hash ", recorded,
          " expected by state.json, got ", found);
}

}  // namespace detail

namespace detail {

/// InputError if a setting in config.json is another one than when the checkpoint was saved.
inline void require_same_settings(const RunDirectory& run, const TrainingState& state) {
  if (state.settings.empty() || !std::filesystem::exists(run.config_file())) return;
  const std::string found = settings_digits(run.config());
  require(
      found == state.settings, run.config_file().string(), ": not the settings with which step-", state.step,
      " was trained: hash ", state.settings, " expected by its state.json, got ", found,
      "; a value was changed or lost, and other settings give other numbers. Put the file back as it was");
}

}  // namespace detail

/// The files of a checkpoint that a command uses. Evaluation, for example, does not need the moments.
enum class CheckpointPart { weights, all };

/// Reads state.json, and compares it, the checkpoint's files, the run's tokenizer and its settings with the
/// hashes in it.
/// If one is absent, damaged or of another checkpoint, an InputError names it. Checkpoints of older versions
/// have no hashes, and their files are not compared.
inline TrainingState verify_checkpoint(const RunDirectory& run, const std::string& name,
                                       CheckpointPart part) {
  const std::filesystem::path folder = run.checkpoint(name), file = folder / "state.json";
  const files::JsonFile document(file);
  const files::JsonView json = document.view();
  const TrainingState state = detail::read_state(json, name);
  detail::require_same_settings(run, state);
  if (!state.hashed) return state;
  const files::JsonView hashes = json.at("hashes");
  const auto require_hash = [&](const std::string& hashed, const std::filesystem::path& path) {
    detail::require_hash(hashes, hashed, path, files::file_digits(path));
  };
  if (hashes.contains("state.json"))
    detail::require_hash(hashes, "state.json", file, detail::state_digits(document.json()));
  require_hash("model.safetensors", folder / "model.safetensors");
  if (part == CheckpointPart::all) require_hash("training.safetensors", folder / "training.safetensors");
  if (part == CheckpointPart::all && hashes.contains(detail::states_file))
    require_hash(detail::states_file, folder / detail::states_file);
  if (hashes.contains("tokenizer.json")) require_hash("tokenizer.json", run.tokenizer_file());
  return state;
}

/// Does the same, and checks the format of both files of tensors. In a checkpoint without hashes, only the
/// format can show damage.
inline TrainingState verify_whole_checkpoint(const RunDirectory& run, const std::string& name,
                                             CheckpointPart part) {
  TrainingState state = verify_checkpoint(run, name, part);
  for (const char* file : detail::hashed_files) files::SafetensorsReader(run.checkpoint(name) / file);
  return state;
}

/// The state of the newest checkpoint whose files are whole. Nothing if there is none.
inline std::optional<TrainingState> newest_whole_checkpoint(const RunDirectory& run, CheckpointPart part) {
  for (const auto& checkpoint : run.checkpoints()) {
    try {
      return verify_whole_checkpoint(run, checkpoint.second, part);
    } catch (const Error&) {
      continue;
    }
  }
  return std::nullopt;
}

/// Loads weights and moments. If a file is absent, damaged or of another model, an InputError names it.
template <class T>
void load_checkpoint(const std::filesystem::path& checkpoint, const nn::ParameterStore<T>& store) {
  using A = Accumulate<T>;
  nn::load(store, open_weights(checkpoint), files::Convert::no);
  const files::SafetensorsReader training(checkpoint / "training.safetensors");
  nn::require_count(training, store.entries().size() * store.moments().size());
  for (const auto& moment : store.moments())
    for (const auto& entry : store.entries()) {
      const Shape& shape = entry.parameter->shape;
      moment.values.view(entry.offset, shape)
          .copy_from(nn::read_numbers<A>(training, moment.name + '.' + entry.name, shape));
    }
}

/// The states with which the training goes on; empty if it carries none.
inline std::vector<nn::HostArray> carried_states(const std::filesystem::path& checkpoint) {
  const std::filesystem::path file = checkpoint / detail::states_file;
  return std::filesystem::exists(file) ? nn::load_states(file) : std::vector<nn::HostArray>();
}

namespace detail {

/// Throws an InputError with the text of `error`, and the way out: the newest checkpoint that is whole.
[[noreturn]] inline void refuse_checkpoint(const RunDirectory& run, const Error& error) {
  const auto whole = newest_whole_checkpoint(run, CheckpointPart::weights);
  throw InputError(concatenate(
      error.what(), whole ? concatenate("; the newest that is whole is step-", whole->step,
                                        "; evaluate and generate take --checkpoint step-", whole->step)
                          : "; no checkpoint of the run is whole"));
}

/// The name `asked`, or else that of the best checkpoint. If the file with the name is damaged, an InputError
/// names it and the newest whole checkpoint.
inline std::string name_to_use(const RunDirectory& run, const std::string& asked) {
  try {
    return asked.empty() ? run.best_checkpoint() : asked;
  } catch (const InputError& error) {
    refuse_checkpoint(run, error);
  }
}

}  // namespace detail

/// The name of the checkpoint that evaluation, generation and --from use: `asked`, or else the run's best, or
/// its latest if there was no validation. Its files are verified; if they are damaged, or the file `best` is
/// or is missing, an InputError names the file and the newest whole checkpoint. The process that trains the
/// run may replace the best checkpoint while we read; then we take the new one.
inline std::string checkpoint_to_use(const RunDirectory& run, const std::string& asked = {}) {
  if (!asked.empty()) {
    require(step_of(asked) >= 0 && std::filesystem::is_directory(run.checkpoint(asked)),
            "--checkpoint: one of ", run.path().string(), "/checkpoints expected, got '", asked, "'");
  }
  std::string name = detail::name_to_use(run, asked);
  while (true) {
    try {
      const TrainingState state = verify_checkpoint(run, name, CheckpointPart::weights);
      require(!asked.empty() || !state.best_loss || !run.named("best").empty(),
              (run.path() / "best").string(), ": the name of a checkpoint expected, got no such file");
      open_weights(run.checkpoint(name));
      return name;
    } catch (const Error& error) {
      const std::string now = detail::name_to_use(run, asked);
      if (now == name && dynamic_cast<const SystemError*>(&error) != nullptr) throw;
      if (now == name) detail::refuse_checkpoint(run, error);
      name = now;
    }
  }
}

}  // namespace memsizer::train
