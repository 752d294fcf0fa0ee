#pragma once
// A run's configuration: the settings of all parts of a run in one struct. --set, --config and config.json
// use one flat list of names for them.

#include "memsizer/base/nearest.hpp"
#include "memsizer/data/language_codes.hpp"
#include "memsizer/files/json_view.hpp"
#include "memsizer/models/encoder_decoder.hpp"
#include "memsizer/models/model_settings.hpp"
#include "memsizer/optim/optimiser_settings.hpp"
#include "memsizer/optim/schedule_settings.hpp"

namespace memsizer::train {

/// What is trained, and how it is named. A config.json of an older version may lack a key; then the key has
/// the default that stands in the struct, here and below.
struct Labels {
  std::string task = "language-modeling", architecture = "transformer", preset = "small", dtype = "float";
  Index seed = 1;

  friend bool operator==(const Labels&, const Labels&) = default;
};

/// What the decoder has of its own in a model with a source: its kinds of attention and its blocks, which are
/// those of the language model otherwise, and the longest target in tokens.
struct TargetSettings {
  std::vector<std::string> decoder_attention = {};
  Index decoder_layers = 0, max_target = 0;

  friend bool operator==(const TargetSettings&, const TargetSettings&) = default;
};

/// A batch has `batch` rows of `sequence` tokens, or as many rows as hold batch_tokens. A step adds the
/// gradients of `accumulate` batches.
struct BatchSettings {
  Index sequence = 1, batch = 1, batch_tokens = 0, accumulate = 1;
  std::string normalizer = "none";

  friend bool operator==(const BatchSettings&, const BatchSettings&) = default;
};

struct WatchingSettings {
  Index log_every = 10, validate_every = 0, save_every = 0, keep = 2;
  Index validate_examples = 0;  // windows of a text, or pairs; 0: all

  friend bool operator==(const WatchingSettings&, const WatchingSettings&) = default;
};

/// A run whose task has a source text records the kinds and numbers of both sides that it has, so its
/// config.json holds no empty list and no 0 of those that follow another key. A run without a source keeps
/// them empty.
struct Config {
  Labels labels = {};
  models::LanguageModelConfig model = {.attention = {}};
  models::SourceSettings source = {.encoder_attention = {}, .cross_attention = {}};
  TargetSettings target = {};
  data::Languages languages = {};
  BatchSettings batches = {};
  LabelSmoothing label_smoothing = {};
  optim::OptimiserSettings optimiser = {};
  optim::ScheduleSettings schedule = {.kind = optim::ScheduleKind::cosine, .learning_rate = 0};
  WatchingSettings watching = {};

  friend bool operator==(const Config&, const Config&) = default;
};

inline std::vector<Setting<Labels>> label_settings() {
  using S = Labels;
  using enum SettingRole;
  auto rows = with_role<S>(label, {text_setting("task", "the task to learn", &S::task),
                                   text_setting("architecture", "name of the architecture", &S::architecture),
                                   text_setting("preset", "name of the set of defaults", &S::preset)});
  rows.push_back(text_setting("dtype", "element type of weights and activations; bfloat16: emulated and cuda",
                              &S::dtype, {"float", "bfloat16"}));
  rows.push_back(number("seed", "seed of all random numbers", &S::seed));
  return rows;
}

/// The settings of models and data with a source text beside the target, of which each row names its struct.
/// All of them are the model's: a run that begins with another run's weights translates in its direction.
inline std::vector<Setting<Config>> source_settings() {
  using S = models::SourceSettings;
  using D = TargetSettings;
  using L = data::Languages;
  const auto source = [](const Setting<S>& row) { return setting_of_member(&Config::source, row); };
  const auto target = [](const Setting<D>& row) { return setting_of_member(&Config::target, row); };
  const auto languages = [](const Setting<L>& row) { return setting_of_member(&Config::languages, row); };
  const SettingEffect like_attention{.follows = SettingFollowed{"attention", true}},
      like_layers{.follows = SettingFollowed{"layers", true}};
  auto rows = with_role<Config>(
      SettingRole::model,
      {source(list_setting("encoder_attention",
                           "kind of the encoder's self-attention; empty: that of attention",
                           &S::encoder_attention)
                  .with(like_attention)),
       target(list_setting("decoder_attention",
                           "kind of the decoder's self-attention; empty: that of attention",
                           &D::decoder_attention)
                  .with(like_attention)),
       source(list_setting("cross_attention", "kind of attention to the source; empty: that of attention",
                           &S::cross_attention)
                  .with(like_attention)),
       source(number("encoder_layers", "blocks of the encoder; 0: layers", &S::encoder_layers, {0, 1000})
                  .with(like_layers)),
       target(number("decoder_layers", "blocks of the decoder; 0: layers", &D::decoder_layers, {0, 1000})
                  .with(like_layers)),
       source(
           number("cross_slots", "slots of a memory of the source; 0: slots", &S::cross_slots, {0, 1 << 16})
               .with({.follows = SettingFollowed{"slots"},
                      .places = {"encoder", "cross"},
                      .noun = "slots of a source"})),
       source(truth("share_embeddings", "source and target have one table of tokens", &S::share_embeddings)),
       languages(text_setting("source", "language to translate from", &L::source)),
       languages(text_setting("target", "language to translate to", &L::target)),
       source(number("max_source", "longest source in tokens; 0: no limit", &S::max_source, {0, 1 << 20})),
       target(number("max_target", "longest target in tokens; 0: no limit", &D::max_target, {0, 1 << 20}))});
  for (Setting<Config>& row : rows) row.effect.form = {true, "has no source text"};
  return rows;
}

inline std::vector<Setting<BatchSettings>> batch_settings() {
  using S = BatchSettings;
  using enum SettingRole;
  auto rows = with_role<S>(
      model,
      {text_setting("normalizer",
                    "normaliser of the text: none, or a comma list of nfc, nfkc, lowercase, strip-special",
                    &S::normalizer)
           .with({.same_models = models::one_tokenizer}),
       number("sequence", "tokens of a training row", &S::sequence, {1, 1 << 20})
           .with(
               {.form = SettingForm{false, "reads pairs, whose lengths max_source and max_target limit"}})});
  rows.push_back(number("batch", "rows of a batch", &S::batch, {1, 1 << 20})
                     .needs({"batch_tokens", {"0"}, false, "batch_tokens sets the size of a batch"}));
  rows.push_back(number("batch_tokens", "tokens in a batch; 0: `batch` gives the size in rows",
                        &S::batch_tokens, {0, 1 << 30}));
  rows.push_back(
      number("accumulate", "batches whose gradients are added up in one step", &S::accumulate, {1, 1 << 20}));
  return rows;
}

inline std::vector<Setting<LabelSmoothing>> label_smoothing_settings() {
  using S = LabelSmoothing;
  return {number("label_smoothing", "probability taken from the right token", &S::smoothing, {0, 0.99}),
          choice("label_smoothing_over", "tokens that share this probability: all others, or all", &S::over,
                 {{"others", S::Over::others}, {"all", S::Over::all}})
              .needs({"label_smoothing", {"0"}, true, "label_smoothing is 0"})};
}

inline std::vector<Setting<WatchingSettings>> watching_settings() {
  using S = WatchingSettings;
  const SettingEffect shows{.same_models = "it concerns logging and saving alone"};
  auto rows = with_role<S>(
      SettingRole::watching,
      {number("log_every", "steps between lines of metrics.jsonl", &S::log_every, {1}).with(shows),
       number("validate_every", "steps between validations; 0: a tenth of the run", &S::validate_every),
       number("save_every", "steps between checkpoints; 0: with each validation", &S::save_every).with(shows),
       number("keep", "checkpoints kept besides the best", &S::keep, {1, 1e6}).with(shows)});
  rows.push_back(number("validate_examples",
                        "examples of the validation split that a validation scores, the first; 0: all",
                        &S::validate_examples));
  return rows;
}

/// The kinds of attention at a place of a model.
struct KindsAtPlace {
  std::string place = {};  // "encoder", "decoder" or "cross"
  std::vector<std::string> kinds = {};
};

/// The places of a model at which attention stands. A model without a source is a decoder.
inline std::vector<KindsAtPlace> kinds_by_place(const Config& config) {
  const std::vector<std::string>& of_decoder = config.target.decoder_attention;
  if (of_decoder.empty()) return {{"decoder", config.model.attention}};
  return {{"encoder", config.source.encoder_attention},
          {"decoder", of_decoder},
          {"cross", config.source.cross_attention}};
}

/// The kinds of attention in all layers of a model.
inline std::vector<std::string> attention_kinds(const Config& config) {
  std::vector<std::string> all;
  for (const auto& [place, kinds] : kinds_by_place(config)) all.insert(all.end(), kinds.begin(), kinds.end());
  return all;
}

/// A row of the flat list: a key of --set, --config and config.json.
using Key = Setting<Config>;

/// All keys, in the order in which config.json lists them.
inline const std::vector<Key>& keys() {
  static const std::vector<Key> all =
      concatenated(settings_of_member(&Config::labels, label_settings()),
                   settings_of_member(&Config::model, models::language_model_settings()), source_settings(),
                   settings_of_member(&Config::batches, batch_settings()),
                   settings_of_member(&Config::label_smoothing, label_smoothing_settings()),
                   settings_of_member(&Config::optimiser, optim::optimiser_settings()),
                   settings_of_member(&Config::schedule, optim::schedule_settings()),
                   settings_of_member(&Config::watching, watching_settings()));
  return all;
}

/// The key with this name. If there is none, an InputError names the nearest one.
inline const Key& find_key(const std::string& name) {
  std::vector<std::string> names;
  for (const Key& key : keys()) {
    if (key.name == name) return key;
    names.push_back(key.name);
  }
  throw InputError(
      concatenate("no key is named '", name, "'", suggestion(name, names), "; summary --keys lists all"));
}

/// The value of a key in the form that --set takes. Example: text_of(config, "dim") is "128".
inline std::string text_of(const Config& config, const std::string& key) {
  return find_key(key).text(config);
}

/// The two sides of the equals sign in --set key=value. A value of --config may know its place in the file:
/// "small.json:3".
struct Assignment {
  std::string key, value, place = {};
};

/// Splits `key=value`. InputError if no key has this name, or if the key has an option of its own, such as
/// --task.
inline Assignment parse_assignment(const std::string& text) {
  const auto equals = text.find('=');
  require(equals != text.npos, "--set: key=value expected, got '", text, "'");
  const Key& key = find_key(text.substr(0, equals));
  require(key.role != SettingRole::label, "--set: ", key.name, " has an option of its own, --", key.name);
  return {key.name, text.substr(equals + 1)};
}

/// Applies one key=value of --set. InputError if the key or its value is not valid; then nothing is set.
inline void set(Config& config, const std::string& assignment) {
  const Assignment parsed = parse_assignment(assignment);
  find_key(parsed.key).assign(config, parsed.value);
}

namespace detail {

/// The value of a JSON member in the form that --set takes.
inline std::string text_of(const Key& key, const files::JsonView& view) {
  const files::Json& value = view.json();
  switch (key.type) {
    case SettingType::text:
      return view.get<std::string>();
    case SettingType::truth:
      return view.get<bool>() ? "true" : "false";
    case SettingType::pair: {
      const auto pair = view.get<std::vector<double>>();
      if (pair.size() != 2) view.fail("two numbers expected, got ", pair.size());
      return files::compact_text(value[0]) + ',' + files::compact_text(value[1]);
    }
    case SettingType::whole:
    case SettingType::real:
      break;
  }
  view.get<double>();
  return files::compact_text(value);
}

inline nlohmann::ordered_json json_of(const Key& key, const Config& config) {
  const std::string text = key.text(config);
  if (key.type == SettingType::text) return text;
  return files::parse_own_json(key.type == SettingType::pair ? '[' + text + ']' : text);
}

}  // namespace detail

/// The keys of a JSON object (from --config or config.json), with their values as text. If a name is not a
/// key, or a value does not fit its key, an InputError names the place.
inline std::vector<Assignment> assignments_of(const files::JsonView& json) {
  std::vector<Assignment> found;
  Config tried;
  for (const auto& member : json.object()) {
    const files::JsonView view = json.at(member.first);
    try {
      const Key& key = find_key(member.first);
      found.push_back({key.name, detail::text_of(key, view)});
      key.assign(tried, found.back().value);  // the place of a value out of range is known here alone
    } catch (const InputError& error) {
      const std::string text = error.what();
      throw InputError(text.starts_with(json.file()) ? text : concatenate(view.place(), ": ", text));
    }
  }
  return found;
}

/// Sets the keys of a JSON object. InputError as in assignments_of.
inline void set(Config& config, const files::JsonView& json) {
  for (const Assignment& found : assignments_of(json)) find_key(found.key).assign(config, found.value);
}

/// InputError if config.json could not be read back because a value is out of its key's range.
inline void check(const Config& config) {
  Config read;
  for (const Key& key : keys()) key.assign(read, key.text(config));
}

/// All keys with their values, in the order of keys().
inline nlohmann::ordered_json to_json(const Config& config) {
  check(config);  // also excludes values without a JSON form, such as NaN: they are in no range
  nlohmann::ordered_json json;
  for (const Key& key : keys()) json[key.name] = detail::json_of(key, config);
  return json;
}

}  // namespace memsizer::train
