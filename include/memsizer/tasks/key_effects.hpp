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

/// The kinds of attention that read a setting, with those that a program has added. Empty if the setting does
/// not belong to attention kinds.
inline std::vector<std::string> kinds_that_read(const std::string& key) {
  std::vector<std::string> readers;
  const auto add = [&](const auto& kinds) {
    for (const auto& kind : kinds)
      if (kind.reads(key)) readers.push_back(kind.name);
  };
  add(nn::attention_kinds<float>);
  add(nn::own_attention_kinds<float>());
  return readers;
}

/// Whether the layers at a place read a setting of attention. They do not if another setting stands for it
/// there, as cross_slots stands for slots where layers read the source.
inline bool is_read_at(const train::Key& key, const std::string& place) {
  const auto has_place = [&](const train::Key& row) {
    return std::ranges::count(row.effect.places, place) > 0;
  };
  if (!key.effect.places.empty()) return has_place(key);
  return std::ranges::none_of(train::keys(), [&](const train::Key& row) {
    return row.effect.follows && row.effect.follows->setting == key.name && has_place(row);
  });
}

/// Why no layer reads a key that only some kinds of attention read. Empty if one does, and for all other
/// keys.
inline std::string why_no_kind_reads(const Config& config, const train::Key& key) {
  const auto& follows = key.effect.follows;
  const std::vector<std::string> readers = kinds_that_read(follows ? follows->setting : key.name);
  if (readers.empty()) return {};
  for (const auto& [place, kinds] : train::kinds_by_place(config))
    if (is_read_at(key, place) && std::ranges::find_first_of(kinds, readers) != kinds.end()) return {};
  return key.effect.unread.empty()
             ? "no layer of the model has an attention that reads it: " + join(readers, " or ")
             : key.effect.unread;
}

}  // namespace detail

/// Why another value of this key would change nothing in a run. Empty if it would change something.
inline std::string why_without_effect(const Config& config, const std::string& key) {
  const Task& task = find_task(config.labels.task);
  const train::Key& row = train::find_key(key);
  const SettingEffect& effect = row.effect;
  if (effect.form && effect.form->has_source != task.has_source())
    return task.title() + ' ' + effect.form->reason;
  if (std::string reason = detail::why_no_kind_reads(config, row); !reason.empty()) return reason;
  return effect.need && !detail::holds(*effect.need, config) ? effect.need->reason : std::string();
}

/// Why models that differ only in this key would be the same model in a comparison. Empty if they would
/// differ.
inline std::string why_not_swept(const Config& config, const std::string& key) {
  const std::string& same_models = train::find_key(key).effect.same_models;
  return same_models.empty() ? why_without_effect(config, key) : same_models;
}

}  // namespace memsizer::tasks
