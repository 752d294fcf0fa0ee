#pragma once
// How a run goes on: from which checkpoint, and with which options. The command line that began a run
// continues it with --resume added, so an option may be repeated, and must say what the run was begun with.

#include "memsizer/tasks/configuration.hpp"
#include "memsizer/text/load_tokenizer.hpp"

namespace memsizer::tasks {

namespace detail {

/// InputError, with both values, where something that is asked for is not what the run was begun with.
template <class Begun, class Asked>
void require_as_begun(bool same, const std::string& what, const Begun& begun, const Asked& asked,
                      const std::string& origin) {
  require(same, "--resume: the run has ", what, " = ", begun, ", which cannot become ", asked, origin);
}

/// Whether a value that a resumed run's command line names is the one it was begun with: also the vocabulary
/// that was asked for where the text gave fewer tokens, and a length of 0 that the first run's budget filled.
inline bool is_as_begun(const std::string& key, const std::string& asked, const std::string& begun,
                        const train::TrainingState& state) {
  if (asked == begun) return true;
  if (key == "vocab") return state.vocab_asked > 0 && asked == std::to_string(state.vocab_asked);
  return key == "schedule_steps" && asked == "0";
}

/// A value as the configuration writes it: "0.10" becomes "0.1".
inline std::string normalised(const std::string& key, const ConfigLayers::Value& value) {
  Config config;
  train::find_key(key).assign(config, value.text);
  return train::text_of(config, key);
}

/// A hash of everything that a tokenizer does.
inline std::string digits_of(const text::Tokenizer& tokenizer) {
  return files::hash_digits(files::hash_text(text::dump_tokenizer_json(tokenizer)));
}

/// The file of the weights that --from begins with, once it was verified.
inline std::filesystem::path weights_of(const std::filesystem::path& from) {
  const RunDirectory run = RunDirectory::open(from);
  return run.checkpoint(train::checkpoint_to_use(run)) / "model.safetensors";
}

inline void require_same_files(const Request& request, const RunDirectory& run,
                               const train::TrainingState& state) {
  if (!request.tokenizer.empty()) {
    const std::string begun = digits_of(text::read_tokenizer_json(run.tokenizer_file())),
                      asked = digits_of(text::load_tokenizer(request.tokenizer));
    require_as_begun(asked == begun, "a tokenizer of hash", begun, asked,
                     " (of " + request.tokenizer.string() + ')');
  }
  if (request.from.empty()) return;
  require(!state.from.empty(),
          "--resume: the run was not begun with --from, or by an older version that did "
          "not write down which weights; leave --from out");
  const std::string asked = files::file_digits(weights_of(request.from));
  require_as_begun(asked == state.from, "begun with weights of hash", state.from, asked,
                   " (of " + request.from.string() + ')');
}

}  // namespace detail

/// A resumed run keeps its configuration. What only concerns logging and saving may be set anew; all else
/// that the options name must be what the run was begun with. InputError, with both values, where it is not.
inline Config resumed_config(const Request& request, const RunDirectory& run,
                             const train::TrainingState& state) {
  Config config = config_of(run);
  ConfigLayers layers;
  layers.add(request.config_file.string(), detail::with_role(detail::of_file(request), true));
  for (const auto& [key, text] : {std::pair{"task", &request.task}, std::pair{"preset", &request.preset},
                                  std::pair{"architecture", &request.architecture}})
    if (!text->empty()) layers.add(concatenate("--", key), {{key, *text}});
  detail::add_users_layers(layers, request, config.labels.architecture);
  for (const std::string& key : layers.keys()) {
    const train::Key& row = train::find_key(key);
    const std::string asked = detail::normalised(key, *layers.find(key)), begun = row.text(config);
    if (row.role == SettingRole::watching)
      row.assign(config, asked);
    else
      detail::require_as_begun(detail::is_as_begun(key, asked, begun, state), key, begun, asked,
                               layers.origin_text(key));
  }
  detail::require_same_files(request, run, state);
  return config;
}

/// The state of the checkpoint that a run goes on from: its latest, or, where that is damaged, the newest
/// that is whole, which `tell` hears. InputError where there is none.
inline train::TrainingState state_to_resume(const RunDirectory& run, const Tell& tell) {
  using train::CheckpointPart;
  const std::string latest = run.named("latest");
  // config.json is written after the first checkpoint: without one, something was lost.
  require(!latest.empty(), (run.path() / "latest").string(),
          ": the name of the checkpoint to go on from expected, but there is no such file");
  try {
    return train::verify_whole_checkpoint(run, latest, CheckpointPart::all);
  } catch (const InputError& error) {
    auto whole = train::newest_whole_checkpoint(run, CheckpointPart::all, train::step_of(latest) - 1);
    if (!whole) throw;
    const std::string name = concatenate("step-", whole->step);
    tell(concatenate(error.what(), "; going on from ", name, ", the newest checkpoint that is whole"));
    if (run.named("best") == latest) run.set_named("best", name);
    return std::move(*whole);
  }
}

}  // namespace memsizer::tasks
