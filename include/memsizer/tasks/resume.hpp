#pragma once
// How a run continues: from which checkpoint, and with which options. To continue a run, the user adds
// --resume to the command that began it. So options may be repeated, but their values must be those with
// which the run began.

#include "memsizer/tasks/configuration.hpp"
#include "memsizer/text/load_tokenizer.hpp"

namespace memsizer::tasks {

namespace detail {

/// If `same` is false, throws an InputError that names both values.
template <class Begun, class Asked>
void require_as_begun(bool same, const std::string& what, const Begun& begun, const Asked& asked,
                      const std::string& origin) {
  require(same, "--resume: the run has ", what, " = ", begun, ", which cannot become ", asked, origin);
}

/// Whether a value on the command line of a resumed run is the value with which the run began. Two values
/// count as the same though the configuration differs: the vocabulary that was asked for if the text gave
/// fewer tokens, and schedule_steps=0, which the budget of the first run replaced.
inline bool is_as_begun(const std::string& key, const std::string& asked, const std::string& begun,
                        const train::TrainingState& state) {
  if (asked == begun) return true;
  if (key == "vocab") return state.vocab_asked > 0 && asked == std::to_string(state.vocab_asked);
  return key == "schedule_steps" && asked == "0";
}

/// A value in the form in which the configuration writes it: "0.10" becomes "0.1".
inline std::string normalised(const std::string& key, const ConfigLayers::Value& value) {
  Config config;
  train::find_key(key).assign(config, value.text);
  return train::text_of(config, key);
}

/// A hash of the tokenizer as JSON, and so of everything that it does.
inline std::string digits_of(const text::Tokenizer& tokenizer) {
  return files::hash_digits(files::hash_text(text::dump_tokenizer_json(tokenizer)));
}

/// The file of the weights at which --from begins. The checkpoint is verified.
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
  require(request.keep_optimizer == (state.earlier_updates > 0), "--resume: the run was begun with",
          request.keep_optimizer ? "out" : "", " --keep-optimizer, which cannot change");
  const std::string asked = files::file_digits(weights_of(request.from));
  require_as_begun(asked == state.from, "begun with weights of hash", state.from, asked,
                   " (of " + request.from.string() + ')');
}

}  // namespace detail

/// The configuration of a resumed run. Keys for logging and saving may change. All other options must have
/// the values with which the run began; otherwise an InputError names both values.
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

/// The state from which a run continues: that of its latest checkpoint. If this is damaged, or the file
/// `latest` is, then that of the newest whole checkpoint, which is reported to `tell`. InputError if there is
/// none. Nothing is written, since the request may still be refused.
inline train::TrainingState state_to_resume(const RunDirectory& run, const MessageCallback& tell) {
  using train::CheckpointPart;
  for (const char* pointer : {"best", "latest"})
    require(!std::filesystem::is_directory(run.path() / pointer), (run.path() / pointer).string(),
            ": a file with the name of a checkpoint expected, got a folder");
  try {
    const std::string latest = run.named("latest");
    // config.json is written after the first checkpoint, so if `latest` is absent, it was lost.
    require(!latest.empty(), (run.path() / "latest").string(),
            ": the name of the checkpoint to go on from expected, but there is no such file");
    return train::verify_whole_checkpoint(run, latest, CheckpointPart::all);
  } catch (const InputError& error) {
    auto whole = train::newest_whole_checkpoint(run, CheckpointPart::all);
    if (!whole) throw;
    tell(concatenate(error.what(), "; going on from step-", whole->step,
                     ", the newest checkpoint that is whole"));
    return std::move(*whole);
  }
}

}  // namespace memsizer::tasks
