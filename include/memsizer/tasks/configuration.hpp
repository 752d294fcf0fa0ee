#pragma once
// How a user's request becomes the configuration of a run. Values come from several layers (preset,
// architecture, --from, --config, --set, flags). A later layer overrides earlier ones, and each value
// remembers its layer.

#include <map>

#include "memsizer/tasks/architectures.hpp"
#include "memsizer/tasks/tasks.hpp"
#include "memsizer/train/pace.hpp"

namespace memsizer::tasks {

enum class Resume {
  no,   ///< begin a run
  yes,  ///< continue a run
  any   ///< --resume=auto: continue the run if it exists, else begin it
};

/// The options of `memsizer train`. An option that was not given is empty.
struct Request {
  std::string task = {}, architecture = {}, preset = {};
  std::filesystem::path data = {}, output = {}, config_file = {}, tokenizer = {}, from = {};
  std::vector<std::string> settings = {};  // from --set
  /// The contents of config_file, if it has been read already. Standard input can be read only once.
  std::optional<std::vector<train::Assignment>> config = {};
  std::optional<Index> seed = {};
  train::Budget budget = {};
  Resume resume = Resume::no;
  bool keep_optimizer = false;  // --from gives the moments of its optimiser too
  /// Whether `tokenizer` was trained for these settings. The text may have given fewer tokens than vocab.
  bool tokenizer_is_fitted = false;
  Device* device = &cpu::device();                   // the device that trains
  std::function<double()> seconds = steady_seconds;  // the clock
};

/// The values of keys, each with its origin, which is its place in a file if it has one. Example: after
/// add("--set", {{"dim", "64"}}) the value of dim is "64" from "--set", whatever a preset added before.
class ConfigLayers {
 public:
  struct Value {
    std::string text, origin;
    Index layer = 0;  // the number of the layer that it comes from
  };

  void add(const std::string& origin, const std::vector<train::Assignment>& assignments) {
    ++layers_;
    for (const auto& [key, text, place] : assignments) {
      if (!values_.contains(key)) order_.push_back(key);
      values_[key] = {text, place.empty() ? origin : place, layers_};
    }
  }

  /// The value from the last layer that has the key; null if no layer has it.
  const Value* find(const std::string& key) const {
    const auto place = values_.find(key);
    return place == values_.end() ? nullptr : &place->second;
  }
  /// Whether a later layer than that of `key` has a value of `other`.
  bool is_newer(const std::string& other, const std::string& key) const {
    const Value *one = find(key), *two = find(other);
    return two != nullptr && (one == nullptr || one->layer < two->layer);
  }
  /// The origin as text for messages, such as " (of --set)"; empty if no layer has the key.
  std::string origin_text(const std::string& key) const {
    const Value* value = find(key);
    return value == nullptr ? "" : " (of " + value->origin + ')';
  }

  /// The keys that have a value, in the order in which they were first added.
  const std::vector<std::string>& keys() const { return order_; }

  /// Sets all these keys. If a text is not a valid value of its key, an InputError names the origin.
  void apply(Config& config) const {
    for (const std::string& key : order_) {
      const Value& value = values_.at(key);
      try {
        train::find_key(key).assign(config, value.text);
      } catch (const InputError& error) {
        throw InputError(concatenate(error.what(), origin_text(key)));
      }
    }
  }

 private:
  std::vector<std::string> order_;
  std::map<std::string, Value> values_;
  Index layers_ = 0;
};

namespace detail {

inline std::vector<train::Assignment> parsed(const std::vector<std::string>& values) {
  std::vector<train::Assignment> assignments;
  for (const std::string& text : values) assignments.push_back(train::parse_assignment(text));
  return assignments;
}

/// The keys of kinds of attention.
inline bool is_attention(const std::string& key) {
  return key == "attention" || key.ends_with("_attention");
}

/// InputError at the value's place if it names what no table has, such as an architecture "mamba".
inline void require_known_name(const train::Assignment& value) {
  train::at_file(value.place, [&] {
    if (value.key == "task") find_task(value.value);
    if (value.key == "architecture") find_architecture(value.value);
    if (value.key == "normalizer") text::Normalizer::parse(value.value);
    if (is_attention(value.key))
      for (const std::string& kind : split_list(value.value, value.key)) nn::find_attention_kind<float>(kind);
  });
}

/// The keys and values in the file of --config; none if --config was not given. InputError at the place of a
/// value that its key cannot have.
inline std::vector<train::Assignment> of_file(const Request& request) {
  if (request.config_file.empty()) return {};
  if (request.config) return *request.config;
  const files::JsonFile file(request.config_file);
  std::vector<train::Assignment> values = train::assignments_of(file.view());
  for (train::Assignment& value : values) {
    value.place = file.view().at(value.key).place();
    require_known_name(value);
  }
  return values;
}

inline std::vector<train::Assignment> with_role(const std::vector<train::Assignment>& assignments,
                                                bool label) {
  std::vector<train::Assignment> found;
  for (const train::Assignment& assignment : assignments)
    if ((train::find_key(assignment.key).role == SettingRole::label) == label) found.push_back(assignment);
  return found;
}

inline const train::Assignment* find(const std::vector<train::Assignment>& assignments,
                                     const std::string& key) {
  const auto found = std::ranges::find(assignments, key, &train::Assignment::key);
  return found == assignments.end() ? nullptr : &*found;
}

/// Whether a file names an architecture together with the kind of attention of that architecture, as a run's
/// config.json does.
inline bool has_its_own_attention(const std::vector<train::Assignment>& file) {
  const train::Assignment *architecture = find(file, "architecture"), *attention = find(file, "attention");
  return architecture != nullptr && attention != nullptr &&
         find_architecture(architecture->value).attention == attention->value;
}

/// Adds the values from --config, --set and --seed, except labels. A config.json of another run names the
/// attention of its own architecture. If the user chose a different architecture, that attention is left out.
/// Example: with --architecture memsizer, a gpt2 run's attention=transformer is ignored.
inline void add_users_layers(ConfigLayers& layers, const Request& request, const std::string& architecture) {
  const std::vector<train::Assignment> file = of_file(request);
  std::vector<train::Assignment> values = with_role(file, false);
  if (has_its_own_attention(file) && find(file, "architecture")->value != architecture)
    std::erase_if(values, [](const train::Assignment& value) { return is_attention(value.key); });
  layers.add(request.config_file.string(), values);
  layers.add("--set", parsed(request.settings));
  if (request.seed) layers.add("--seed", {{"seed", std::to_string(*request.seed)}});
}

/// The first architecture that has this kind of attention; empty if none has it.
inline std::string architecture_of(const std::string& attention) {
  const std::vector<std::string> kinds = split_list(attention, "attention");
  for (const Architecture& row : architectures())
    if (!kinds.empty() && row.attention == kinds[0]) return row.name;
  return {};
}

/// Task, architecture and preset: from the options, else from --config, else from --from. If nothing names an
/// architecture, it follows from the attention in --set or --config. Example: attention=linear gives the
/// architecture linear.
inline train::Labels labels_of(const Request& request, const std::optional<Config>& other) {
  Config named;
  if (other) named.labels = other->labels;
  const std::vector<train::Assignment> file = of_file(request);
  for (const train::Assignment& label : with_role(file, true))
    train::find_key(label.key).assign(named, label.value);
  for (const auto& [given, place] : {std::pair{&request.task, &named.labels.task},
                                     std::pair{&request.architecture, &named.labels.architecture},
                                     std::pair{&request.preset, &named.labels.preset}})
    if (!given->empty()) *place = *given;
  if (!request.architecture.empty() || other || find(file, "architecture") != nullptr) return named.labels;
  ConfigLayers layers;
  add_users_layers(layers, request, named.labels.architecture);
  const ConfigLayers::Value* attention = layers.find("attention");
  if (attention == nullptr) return named.labels;
  const std::vector<std::string> kinds = split_list(attention->text, "attention");
  if (std::ranges::count(kinds, find_architecture(named.labels.architecture).attention) > 0)
    return named.labels;
  if (const std::string architecture = architecture_of(attention->text); !architecture.empty())
    named.labels.architecture = architecture;
  return named.labels;
}

/// The preset that the labels name. If there is none, an InputError names the place in --config, unless
/// --preset gave the name.
inline Preset preset_of(const Request& request, const train::Labels& labels) {
  const std::vector<train::Assignment> file = of_file(request);
  const train::Assignment* in_file = request.preset.empty() ? find(file, "preset") : nullptr;
  return train::at_file(in_file == nullptr ? "" : in_file->place,
                        [&] { return find_preset(find_task(labels.task), labels.preset); });
}

/// Adds the defaults of the task, the preset and the architecture.
inline void add_default_layers(ConfigLayers& layers, const Request& request, const train::Labels& labels) {
  const Task& task = find_task(labels.task);
  const Architecture& architecture = find_architecture(labels.architecture);
  require(task.has_source() || architecture.encoder_attention.empty(), "architecture ", labels.architecture,
          " has an encoder, and ", task.title(), " has no source text for one");
  const Preset preset = preset_of(request, labels);
  layers.add("the defaults of " + labels.task, parsed(task.defaults()));
  layers.add("preset " + labels.preset, parsed(preset.values));
  const std::string origin = "architecture " + labels.architecture;
  std::vector<train::Assignment> kinds = {{"attention", architecture.attention}};
  if (!architecture.encoder_attention.empty())
    kinds.push_back({"encoder_attention", architecture.encoder_attention});
  if (!architecture.cross_attention.empty())
    kinds.push_back({"cross_attention", architecture.cross_attention});
  layers.add(origin, kinds);
  layers.add(origin, parsed(architecture.values));
}

/// Gives the keys that follow another one its value if they have none of their own, such as the encoder's
/// number of layers. An own value does not count either if it comes from an earlier layer and the row says
/// so. Example: --config with the config.json of a run names encoder_layers=4, and --set layers=6 changes
/// that too.
inline void fill_sides(Config& config, const ConfigLayers& layers) {
  for (const train::Key& key : train::keys()) {
    const auto& follows = key.effect.follows;
    if (!follows) continue;
    const bool has_none = key.text(config) == (key.type == SettingType::whole ? "0" : "");
    if (has_none || (follows->also_if_newer && layers.is_newer(follows->setting, key.name)))
      key.assign(config, train::text_of(config, follows->setting));
  }
}

/// InputError if a kind of attention does not exist, or if no layer has the architecture's kind. Otherwise
/// the architecture's name would not describe the model.
inline void require_attention(const Config& config, const ConfigLayers& layers) {
  const std::vector<std::string> kinds = train::attention_kinds(config);
  for (const std::string& kind : kinds) nn::find_attention_kind<float>(kind);
  const std::string& own = find_architecture(config.labels.architecture).attention;
  require(std::ranges::count(kinds, own) > 0, "architecture ", config.labels.architecture,
          ": at least one layer of that kind expected, got attention ", join(kinds, ","),
          layers.origin_text("attention"), own == config.labels.architecture ? "" : "; its kind is " + own);
}

/// InputError if the models of the two tasks have different forms, so that one's weights are of no use to the
/// other.
inline void require_same_form(const train::Labels& from, const train::Labels& now,
                              const std::filesystem::path& run) {
  const Task &before = find_task(from.task), &task = find_task(now.task);
  require(before.has_source() == task.has_source(), "--from: ", run.string(), " is a run of ", before.title(),
          ", whose model has ", before.has_source() ? "an" : "no", " encoder, and that of ", task.title(),
          " has ", task.has_source() ? "one" : "none");
}

/// InputError if an architecture has a value that the run of --from does not have, such as gpt2's learned
/// positions: the model would be called by a name that does not describe it.
inline void require_values_of(const Architecture& architecture, const Config& from) {
  for (const train::Assignment& value : parsed(architecture.values)) {
    const train::Key& row = train::find_key(value.key);
    const std::string own = row.text(from);
    require(row.role != SettingRole::model || own == value.value, "architecture ", architecture.name, " has ",
            value.key, " = ", value.value, ", and the run of --from has ", own);
  }
}

}  // namespace detail

/// A configuration, and the layers that it was made from.
struct LayeredConfig {
  Config config = {};
  ConfigLayers layers = {};
};

/// Reads the file of --config, if it was given, into the request. InputError if it is not a configuration.
inline void read_config_file(Request& request) {
  if (!request.config_file.empty()) request.config = detail::of_file(request);
}

/// The configuration of a new run. Its layers, of which later ones override earlier ones: the task's
/// defaults, the preset, the architecture, the model of --from, --config, --set, --seed. If a value does not
/// fit, an InputError names its origin.
inline LayeredConfig effective_config(const Request& request) {
  std::optional<Config> other;
  if (!request.from.empty()) other = config_of(RunDirectory::open(request.from));
  LayeredConfig result;
  Config& config = result.config;
  config.labels = detail::labels_of(request, other);
  if (other) detail::require_same_form(other->labels, config.labels, request.from);
  detail::add_default_layers(result.layers, request, config.labels);
  if (other) {
    std::vector<train::Assignment> values;
    const bool other_kind = other->labels.architecture != config.labels.architecture;
    for (const train::Key& key : train::keys())
      if (key.role == SettingRole::model && !(other_kind && detail::is_attention(key.name)))
        values.push_back({key.name, key.text(*other)});
    result.layers.add(RunDirectory(request.from).config_file().string(), values);
    if (other_kind) detail::require_values_of(find_architecture(config.labels.architecture), *other);
  }
  detail::add_users_layers(result.layers, request, config.labels.architecture);
  if (const auto* attention = result.layers.find("attention"); attention->text.empty())
    result.layers.add("architecture " + config.labels.architecture,
                      {{"attention", find_architecture(config.labels.architecture).attention}});
  result.layers.apply(config);
  if (find_task(config.labels.task).has_source()) detail::fill_sides(config, result.layers);
  detail::require_attention(config, result.layers);
  text::Normalizer::parse(config.batches.normalizer);
  train::check(config);
  return result;
}

/// The configuration that a task, an architecture and a preset give without further options.
inline Config preset_config(const std::string& task, const std::string& architecture,
                            const std::string& preset) {
  return effective_config({.task = task, .architecture = architecture, .preset = preset}).config;
}

}  // namespace memsizer::tasks
