#pragma once
// From what a user asks for to the configuration of a run: values from several layers (preset, architecture,
// --from, --config, --set, flags), of which a later one wins, and of which each knows where it comes from.

#include <map>

#include "memsizer/tasks/architectures.hpp"
#include "memsizer/tasks/tasks.hpp"
#include "memsizer/train/pace.hpp"

namespace memsizer::tasks {

enum class Resume {
  no,   ///< begins a run
  yes,  ///< goes on with one
  any   ///< --resume=auto: goes on with one that is there, else begins it
};

/// The options of `memsizer train`; empty ones were not given.
struct Request {
  std::string task = {}, architecture = {}, preset = {};
  std::filesystem::path data = {}, output = {}, config_file = {}, tokenizer = {}, from = {};
  std::vector<std::string> settings = {};  // of --set
  /// What config_file holds, if it has been read already: standard input can be read only once.
  std::optional<std::vector<train::Assignment>> config = {};
  std::optional<Index> seed = {};
  train::Budget budget = {};
  Resume resume = Resume::no;
  bool tokenizer_is_fitted = false;  // it was trained for these settings; the text may have given less
  Device* device = &cpu::device();   // what trains
  std::function<double()> seconds = steady_seconds;  // the clock
};

/// Values of keys with where they come from. Example: after add("--set", {{"dim", "64"}}) the value of dim is
/// "64" of "--set", whatever a preset added before.
class ConfigLayers {
 public:
  struct Value {
    std::string text, origin;
  };

  void add(const std::string& origin, const std::vector<train::Assignment>& assignments) {
    for (const auto& [key, text] : assignments) {
      if (!values_.contains(key)) order_.push_back(key);
      values_[key] = {text, origin};
    }
  }

  /// The value that wins; null if no layer has the key.
  const Value* find(const std::string& key) const {
    const auto place = values_.find(key);
    return place == values_.end() ? nullptr : &place->second;
  }
  /// " (of --set)", for messages; empty where no layer has the key.
  std::string origin_text(const std::string& key) const {
    const Value* value = find(key);
    return value == nullptr ? "" : " (of " + value->origin + ')';
  }

  /// The keys that have a value, in the order in which they were named first.
  const std::vector<std::string>& keys() const { return order_; }

  /// Sets all of them. InputError, with the origin, where a text is no value of its key.
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
};

/// A run's configuration. InputError that names the file where it is of no task or architecture.
inline Config config_of(const RunDirectory& run) {
  Config config = run.config();
  train::at_file(run.config_file(), [&] {
    find_task(config.labels.task);
    find_architecture(config.labels.architecture);
    return 0;
  });
  return config;
}

namespace detail {

inline std::vector<train::Assignment> parsed(const std::vector<std::string>& values) {
  std::vector<train::Assignment> assignments;
  for (const std::string& text : values) assignments.push_back(train::parse_assignment(text));
  return assignments;
}

/// The keys and values of --config; none where it is not given.
inline std::vector<train::Assignment> of_file(const Request& request) {
  if (request.config_file.empty()) return {};
  if (request.config) return *request.config;
  const files::Json file = files::read_json(request.config_file);
  return train::assignments_of(files::JsonView(file, request.config_file.string()));
}

inline std::vector<train::Assignment> with_role(const std::vector<train::Assignment>& assignments,
                                                bool label) {
  std::vector<train::Assignment> found;
  for (const train::Assignment& assignment : assignments)
    if ((train::find_key(assignment.key).role == SettingRole::label) == label) found.push_back(assignment);
  return found;
}

inline const std::string* value_in(const std::vector<train::Assignment>& assignments,
                                   const std::string& key) {
  const auto place = std::ranges::find(assignments, key, &train::Assignment::key);
  return place == assignments.end() ? nullptr : &place->value;
}

/// Whether a file names an architecture and its own kind of attention, as a run's config.json does.
inline bool has_its_own_attention(const std::vector<train::Assignment>& file) {
  const std::string *architecture = value_in(file, "architecture"), *attention = value_in(file, "attention");
  return architecture != nullptr && attention != nullptr &&
         find_architecture(*architecture).attention == *attention;
}

/// What --config, --set and --seed say of all keys but the labels. The attention in a run's whole config.json
/// is that of its own architecture; another architecture brings its own.
inline void add_users_layers(ConfigLayers& layers, const Request& request, const std::string& architecture) {
  const std::vector<train::Assignment> file = of_file(request);
  std::vector<train::Assignment> values = with_role(file, false);
  if (has_its_own_attention(file) && *value_in(file, "architecture") != architecture)
    std::erase_if(values, [](const train::Assignment& value) { return value.key == "attention"; });
  layers.add(request.config_file.string(), values);
  layers.add("--set", parsed(request.settings));
  if (request.seed) layers.add("--seed", {{"seed", std::to_string(*request.seed)}});
}

/// The first architecture of a kind of attention; empty where the kind has none of its own.
inline std::string architecture_of(const std::string& attention) {
  const std::vector<std::string> kinds = split_list(attention, "attention");
  for (const Architecture& row : architectures())
    if (!kinds.empty() && row.attention == kinds[0]) return row.name;
  return {};
}

/// What --task, --architecture and --preset say, else --config, else --from. An architecture that nothing
/// names is the first of the kinds of attention that --set or --config names.
inline train::Labels labels_of(const Request& request, const std::optional<Config>& other) {
  Config named;
  if (other) named.labels = other->labels;
  const std::vector<train::Assignment> file = of_file(request);
  for (const auto& [key, text] : with_role(file, true)) train::find_key(key).assign(named, text);
  for (const auto& [given, place] : {std::pair{&request.task, &named.labels.task},
                                     std::pair{&request.architecture, &named.labels.architecture},
                                     std::pair{&request.preset, &named.labels.preset}})
    if (!given->empty()) *place = *given;
  if (!request.architecture.empty() || other || value_in(file, "architecture") != nullptr)
    return named.labels;
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

inline const Preset& find_preset(const std::vector<Preset>& presets, const std::string& task,
                                 const std::string& name) {
  std::vector<std::string> names;
  for (const Preset& preset : presets) {
    require(preset.name != name || preset.lacks.empty(), "preset ", name, " of ", task, ' ', preset.lacks);
    if (preset.name == name) return preset;
    if (preset.lacks.empty()) names.push_back(preset.name);
  }
  throw InputError(concatenate("preset: one of ", join(names), " expected for ", task, ", got '", name, "'"));
}

/// What the preset and the row of the architecture say.
inline void add_default_layers(ConfigLayers& layers, const train::Labels& labels) {
  const Task& task = find_task(labels.task);
  const Architecture& architecture = find_architecture(labels.architecture);
  require(task.has_source() || architecture.encoder_attention.empty(), "architecture ", labels.architecture,
          " has an encoder, and ", task.title(), " has no source text for one");
  const std::vector<Preset> presets = task.presets();
  const Preset& preset = find_preset(presets, labels.task, labels.preset);
  layers.add("the defaults of " + labels.task, parsed(task.defaults()));
  layers.add("preset " + labels.preset, parsed(preset.values));
  const std::string origin = "architecture " + labels.architecture;
  layers.add(origin, {{"attention", architecture.attention}});
  if (task.has_source())
    layers.add(origin, {{"encoder_attention", architecture.encoder_attention},
                        {"cross_attention", architecture.cross_attention}});
  layers.add(origin, parsed(architecture.values));
}

/// InputError where a kind of attention is none, or where no layer has that of the architecture: the model
/// would not be what it is called.
inline void require_attention(const Config& config, const ConfigLayers& layers) {
  for (const std::string& kind : config.model.attention) nn::find_attention_kind<float>(kind);
  const std::string& own = find_architecture(config.labels.architecture).attention;
  require(std::ranges::count(config.model.attention, own) > 0, "architecture ", config.labels.architecture,
          ": at least one layer of that kind expected, got attention ", train::text_of(config, "attention"),
          layers.origin_text("attention"), own == config.labels.architecture ? "" : "; its kind is " + own);
}

}  // namespace detail

/// A configuration with the layers that it was made of.
struct LayeredConfig {
  Config config = {};
  ConfigLayers layers = {};
};

/// Reads the file of --config into the request, where one is given. InputError on what is no configuration.
inline void read_config_file(Request& request) {
  if (!request.config_file.empty()) request.config = detail::of_file(request);
}

/// The configuration of a new run: the task's defaults, the preset, the architecture's row, the model of
/// --from, --config, --set, --seed, each over those before. InputError, with its origin, on what does not
/// fit.
inline LayeredConfig effective_config(const Request& request) {
  std::optional<Config> other;
  if (!request.from.empty()) other = config_of(RunDirectory::open(request.from));
  LayeredConfig result;
  Config& config = result.config;
  config.labels = detail::labels_of(request, other);
  detail::add_default_layers(result.layers, config.labels);
  if (other) {
    std::vector<train::Assignment> values;
    for (const train::Key& key : train::keys())
      if (key.role == SettingRole::model) values.push_back({key.name, key.text(*other)});
    result.layers.add(RunDirectory(request.from).config_file().string(), values);
  }
  detail::add_users_layers(result.layers, request, config.labels.architecture);
  if (const auto* attention = result.layers.find("attention"); attention->text.empty())
    result.layers.add("architecture " + config.labels.architecture,
                      {{"attention", find_architecture(config.labels.architecture).attention}});
  result.layers.apply(config);
  detail::require_attention(config, result.layers);
  text::Normalizer::parse(config.batches.normalizer);
  train::check(config);
  return result;
}

/// The defaults of a task, an architecture and a preset.
inline Config preset_config(const std::string& task, const std::string& architecture,
                            const std::string& preset) {
  return effective_config({.task = task, .architecture = architecture, .preset = preset}).config;
}

}  // namespace memsizer::tasks
