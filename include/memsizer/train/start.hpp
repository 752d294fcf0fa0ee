#pragma once
// From what a user asks for to a run that is ready to train: configuration, folder, tokenizer, weights to
// begin with.

#include "memsizer/train/key_effects.hpp"
#include "memsizer/train/language_modeling.hpp"
#include "memsizer/train/rehearsal.hpp"
#include "memsizer/train/run_curves.hpp"
#include "memsizer/train/trainer.hpp"

namespace memsizer::train {

/// The options of `memsizer train`; empty ones were not given.
struct Request {
  std::string task = {}, architecture = {}, preset = {};
  std::filesystem::path data = {}, output = {}, config_file = {}, tokenizer = {}, from = {};
  std::vector<std::string> settings = {};  // of --set
  std::optional<Index> seed = {};
  Budget budget = {};
  bool resume = false;
  bool tokenizer_is_fitted = false;  // it was trained for these settings; the text may have given less
  Device* device = &cpu::device();   // what trains
  std::function<double()> seconds = steady_seconds;  // the clock
};

namespace detail {

/// What --set and --seed say.
inline void apply_settings(Config& config, const Request& request) {
  for (const std::string& assignment : request.settings) set(config, assignment);
  if (request.seed) set(config, find_key("seed"), std::to_string(*request.seed));
}

/// What --task, --architecture and --preset say.
inline void apply_labels(Config& config, const Request& request) {
  for (auto [given, place] :
       {std::pair{&request.task, &config.task}, std::pair{&request.architecture, &config.architecture},
        std::pair{&request.preset, &config.preset}})
    if (!given->empty()) *place = *given;
}

/// What nothing names is called after its attention, where the default architecture is not among its kinds.
inline void name_by_attention(Config& config) {
  const std::vector<std::string> kinds = split_list(config.attention, "attention");
  if (!kinds.empty() && std::ranges::count(kinds, config.architecture) == 0) config.architecture = kinds[0];
}

/// Whether --set or --config names a key.
inline bool names(const Request& request, const std::string& key) {
  const bool is_set = std::ranges::any_of(
      request.settings, [&](const std::string& assignment) { return assignment.starts_with(key + '='); });
  return is_set || (!request.config_file.empty() && files::read_json(request.config_file).contains(key));
}

}  // namespace detail

/// Defaults of the preset, then --from's model, then --config, then --set, then --seed.
inline Config effective_config(const Request& request) {
  Config named;  // a configuration file may name task, architecture and preset itself
  std::optional<files::Json> file;
  if (!request.config_file.empty()) file = files::read_json(request.config_file);
  const auto apply_file = [&](Config& config) {
    if (file) set(config, files::JsonView(*file, request.config_file.string()));
  };
  std::optional<Config> other;
  if (!request.from.empty()) named = *(other = RunDirectory::open(request.from).config());
  apply_file(named);
  const Config of_file = named;
  detail::apply_labels(named, request);
  Config config = preset_config(named.task, named.architecture, named.preset);
  if (other)
    for (const ConfigKey& key : config_keys())
      if (key.role == KeyRole::model) set(config, key, text_of(*other, key));
  apply_file(config);
  config.task = named.task, config.architecture = named.architecture, config.preset = named.preset;
  // A run's whole config.json tells its own architecture's attention; another architecture brings its own.
  if (file && of_file.attention == of_file.architecture && of_file.architecture != named.architecture)
    config.attention.clear();
  detail::apply_settings(config, request);
  const bool is_named = !request.architecture.empty() || other || (file && file->contains("architecture"));
  if (!is_named) detail::name_by_attention(config);
  complete_attention(config);
  text::Normalizer::parse(config.normalizer);
  check(config);
  return config;
}

/// A resumed run keeps its configuration; what only concerns logging and saving may be set anew.
inline Config resumed_config(const Request& request, const RunDirectory& run) {
  require(request.config_file.empty() && request.tokenizer.empty() && request.from.empty(),
          "--resume continues with the run's own configuration and tokenizer: --config, --tokenizer and "
          "--from do not go with it");
  Config config = run.config();
  const Config before = config;
  detail::apply_settings(config, request);
  detail::apply_labels(config, request);
  for (const ConfigKey& key : config_keys())
    require(text_of(config, key) == text_of(before, key) || key.role == KeyRole::watching,
            "--resume: the run has ", key.name, " = ", text_of(before, key), ", which cannot become ",
            text_of(config, key));
  return config;
}

/// The tokenizer that --tokenizer or --from names, which tells vocab and normalizer; nothing where one is to
/// be trained. InputError where --set or --config names others than it has, or a vocabulary too small to be
/// trained.
inline std::optional<text::Tokenizer> given_tokenizer(const Request& request, Config& config) {
  if (request.tokenizer.empty() && request.from.empty()) {
    text::TokenizerTrainer().require_vocab_size(config.vocab);
    return std::nullopt;
  }
  const std::filesystem::path file =
      request.tokenizer.empty() ? RunDirectory(request.from).tokenizer_file() : request.tokenizer;
  text::Tokenizer tokenizer = text::load_tokenizer(file);
  at_file(file, [&] { require_special_tokens(tokenizer); });
  Config told = config;
  told.vocab = tokenizer.vocab_size();
  told.normalizer = tokenizer.normalizer().name();
  for (const char* name : {"vocab", "normalizer"}) {
    const ConfigKey& key = find_key(name);
    const bool same = text_of(config, key) == text_of(told, key);
    require(same || request.tokenizer_is_fitted || !detail::names(request, name), file.string(), ": ", name,
            " = ", text_of(config, key), " expected by --set or --config, but the tokenizer has ",
            text_of(told, key));
  }
  at_file(file, [&] { check(told); });
  config = told;
  return tokenizer;
}

/// A tokenizer trained on the data, with what came of it in `config`.
inline text::Tokenizer new_tokenizer(Config& config, const data::WikiText& data, const Tell& tell) {
  tell(concatenate("training a tokenizer of ", config.vocab, " tokens"));
  text::Tokenizer tokenizer = train_tokenizer(data, config);
  if (tokenizer.vocab_size() < config.vocab)
    tell(concatenate("the text gave ", tokenizer.vocab_size(), " tokens"));
  config.vocab = tokenizer.vocab_size();
  return tokenizer;
}

/// The tokenizer of a new run, which is written to it: the one given, or else one trained on the data.
inline text::Tokenizer start_tokenizer(std::optional<text::Tokenizer> given, Config& config,
                                       const data::WikiText& data, const RunDirectory& run,
                                       const Tell& tell) {
  text::Tokenizer tokenizer = given ? std::move(*given) : new_tokenizer(config, data, tell);
  text::write_tokenizer_json(tokenizer, run.tokenizer_file());
  return tokenizer;
}

/// A run's folder with what stands in it when training begins.
struct OpenedRun {
  RunDirectory run;
  Config config;
  text::Tokenizer tokenizer;
};

inline OpenedRun resume_run(const Request& request) {
  RunDirectory run = RunDirectory::resume(request.output);
  // config.json is written after the first checkpoint: without one, something was lost.
  require(!run.named("latest").empty(), (run.path() / "latest").string(),
          ": the name of the checkpoint to go on from expected, but there is no such file");
  const Config config = resumed_config(request, run);
  at_file(run.config_file(), [&] {
    preset_config(config.task, config.architecture, config.preset);  // InputError if it is not built yet
    rehearse_training(config, *request.device);
  });
  text::Tokenizer tokenizer = run.tokenizer(config);
  return {std::move(run), config, std::move(tokenizer)};
}

/// Says which keys of --set change nothing.
inline void tell_what_has_no_effect(const Request& request, const Config& config, const Tell& tell) {
  for (const std::string& setting : request.settings) {
    const std::string key = setting.substr(0, setting.find('='));
    if (const std::string reason = why_without_effect(config, key); !reason.empty())
      tell(concatenate("--set ", key, " has no effect: ", reason));
  }
}

/// InputError unless the weights that --from names are those of the new run's model.
inline void require_weights_to_begin_with(const Request& request, const Config& config,
                                          const text::Tokenizer& tokenizer) {
  models::LanguageModel<float> model(language_model_config(config, tokenizer));
  fitting(open_weights(RunDirectory::open(request.from)), model);
}

/// Nothing is written before it is known that the run could be read again, and that the device can train it.
inline OpenedRun begin_run(const Request& request, const data::WikiText& data, const Tell& tell) {
  Config config = effective_config(request);
  tell_what_has_no_effect(request, config, tell);
  std::optional<text::Tokenizer> given = given_tokenizer(request, config);
  rehearse_training(config, *request.device);
  if (!request.from.empty()) require_weights_to_begin_with(request, config, *given);
  RunDirectory run = RunDirectory::create(request.output);
  text::Tokenizer tokenizer = start_tokenizer(std::move(given), config, data, run, tell);
  return {std::move(run), config, std::move(tokenizer)};
}

/// InputError where a split that training reads cannot be read: before anything is created.
inline void require_splits_to_train_on(const data::WikiText& data) {
  data.files(data::Split::train);
  if (data.has(data::Split::validation)) data.files(data::Split::validation);
}

/// Does what `memsizer train` does for language modelling, from the folder to the last checkpoint.
inline Outcome train_language_model(const Request& request, const Watcher& watcher) {
  require_budget(request.budget);
  const data::WikiText data(request.data);
  require_splits_to_train_on(data);
  const auto [run, config, tokenizer] =
      request.resume ? resume_run(request) : begin_run(request, data, watcher.tell);
  LanguageModeling task(config, tokenizer, data, {data::cache_folder(run.path()), watcher.tell});
  Trainer trainer(config, run, task, watcher, *request.device, request.seconds);
  if (!request.from.empty())
    load_weights(open_weights(RunDirectory::open(request.from)), trainer.parameters());
  const Outcome outcome = trainer.train(request.budget);
  const Chart chart = loss_chart({{config.architecture, read_curves(run)}}, Progression::step,
                                 {architecture_color(config.architecture)});
  tell_if_not_drawn(draw(chart, run.path() / "curves.svg"), watcher.tell);
  return outcome;
}

}  // namespace memsizer::train
