#pragma once
// Which keys have no effect under the rest of the configuration, for example slots without a MemSizer layer.
// The reasons are stored with the settings, the kinds of attention and the tasks. The functions here look
// them up.

#include "memsizer/tasks/tasks.hpp"

namespace memsizer::tasks {

namespace detail {

/// Whether a setting's condition holds in a configuration.
inline bool holds(const SettingNeed& need, const Config& config) {
  const bool is_listed = std::ranges::count(need.values, train::text_of(config, need.setting)) > 0;
  return is_listed != need.is_excluded;
}

template <class Rows>
bool has_row(const Rows& rows, const std::string& name) {
  return std::ranges::any_of(rows, [&](const auto& row) { return row.name == name; });
}

/// The kinds of attention that read a setting. Empty if the setting does not belong to attention kinds.
inline std::vector<std::string> kinds_that_read(const std::string& key) {
  std::vector<std::string> readers;
  for (const auto& kind : nn::attention_kinds<float>)
    if (std::ranges::count(kind.settings, key) > 0) readers.push_back(kind.name);
  return readers;
}

/// The kinds of the layers that a key of attention concerns. In a model with a source, `slots` is for the
/// decoder's self-attention, and `cross_slots` for the layers that read the source.
inline std::vector<std::string> kinds_concerned(const Config& config, const std::string& key) {
  const train::SourceSettings& sides = config.source;
  if (key == "slots" && !sides.decoder_attention.empty()) return sides.decoder_attention;
  if (key != "cross_slots") return train::attention_kinds(config);
  std::vector<std::string> kinds = sides.encoder_attention;
  kinds.insert(kinds.end(), sides.cross_attention.begin(), sides.cross_attention.end());
  return kinds;
}

/// Why no layer reads a key that only some kinds of attention read. Empty if one does, and for all other
/// keys.
inline std::string why_no_kind_reads(const Config& config, const std::string& key) {
  const std::vector<std::string> readers = kinds_that_read(key == "cross_slots" ? "slots" : key);
  const bool is_read =
      readers.empty() || std::ranges::any_of(kinds_concerned(config, key), [&](const std::string& kind) {
        return std::ranges::count(readers, kind) > 0;
      });
  return is_read ? "" : "no layer of the model has an attention that reads it: " + join(readers, " or ");
}

/// Whether the model adds positions to its input. It does not if the kinds of all layers have positions of
/// their own.
inline bool adds_positions(const Config& config) {
  return std::ranges::any_of(train::attention_kinds(config), [](const std::string& kind) {
    return nn::find_attention_kind<float>(kind).absolute_positions;
  });
}

}  // namespace detail

/// Why another value of this key would change nothing in a run. Empty if it would change something.
inline std::string why_without_effect(const Config& config, const std::string& key) {
  const Task& task = find_task(config.labels.task);
  if (!task.has_source() && detail::has_row(train::source_settings(), key))
    return task.title() + " has no source text";
  if (task.has_source() && key == "sequence")
    return task.title() + " reads pairs, whose lengths max_source and max_target limit";
  if (std::string reason = detail::why_no_kind_reads(config, key); !reason.empty()) return reason;
  if (key == "positions" && !detail::adds_positions(config))
    return "every layer's kind of attention brings positions of its own";
  const auto& need = train::find_key(key).need;
  return need && !detail::holds(*need, config) ? need->reason : std::string();
}

/// Why models that differ only in this key would be the same model in a comparison. Empty if they would
/// differ.
inline std::string why_not_swept(const Config& config, const std::string& key) {
  if (key == "vocab" || key == "normalizer") return "all models of a comparison share one tokenizer";
  if (train::find_key(key).role == SettingRole::watching && key != "validate_every")
    return "it concerns logging and saving alone";
  return why_without_effect(config, key);
}

}  // namespace memsizer::tasks
