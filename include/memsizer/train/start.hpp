#pragma once
// From what a user asks for to a run that is ready to train: configuration, folder, tokenizer, weights to
// begin with.

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
  Device* device = &cpu::device();  // what trains
};

/// Defaults of the preset, then --from's model, then --config, then --set, then --seed.
inline Config effective_config(const Request& request) {
  Config named;  // a configuration file may name task, architecture and preset itself
  std::optional<files::Json> file;
  if (!request.config_file.empty()) file = files::read_json(request.config_file);
  const auto apply_file = [&](Config& config) {
    if (file) set(config, files::JsonView(*file, request.config_file.string()));
  };
  if (!request.from.empty()) named = RunDirectory::open(request.from).config();
  apply_file(named);
  for (auto [given, place] :
       {std::pair{&request.task, &named.task}, std::pair{&request.architecture, &named.architecture},
        std::pair{&request.preset, &named.preset}})
    if (!given->empty()) *place = *given;
  Config config = preset_config(named.task, named.architecture, named.preset);
  if (!request.from.empty()) {
    const Config other = RunDirectory::open(request.from).config();
    for (const ConfigKey& key : config_keys())
      if (key.shapes_model) set(config, key, text_of(other, key));
  }
  apply_file(config);
  config.task = named.task, config.architecture = named.architecture, config.preset = named.preset;
  for (const std::string& assignment : request.settings) set(config, assignment);
  if (request.seed) config.seed = *request.seed;
  return config;
}

/// A resumed run keeps its configuration; what only concerns logging and saving may be set anew.
inline Config resumed_config(const Request& request, const RunDirectory& run) {
  require(request.config_file.empty() && request.tokenizer.empty() && request.from.empty(),
          "--resume continues with the run's own configuration and tokenizer: --config, --tokenizer and "
          "--from do not go with it");
  Config config = run.config();
  const Config before = config;
  for (const std::string& assignment : request.settings) set(config, assignment);
  if (request.seed) config.seed = *request.seed;
  for (auto [given, place] :
       {std::pair{&request.task, &config.task}, std::pair{&request.architecture, &config.architecture},
        std::pair{&request.preset, &config.preset}})
    if (!given->empty()) *place = *given;
  for (const ConfigKey& key : config_keys())
    require(text_of(config, key) == text_of(before, key) || key.may_change_on_resume,
            "--resume: the run has ", key.name, " = ", text_of(before, key), ", which cannot become ",
            text_of(config, key));
  return config;
}

/// The tokenizer of a new run, which is written to it: the one given, --from's, or one trained on the data.
inline text::Tokenizer start_tokenizer(const Request& request, Config& config, const data::WikiText& data,
                                       const RunDirectory& run, const Tell& tell) {
  const auto begin = [&]() -> text::Tokenizer {
    if (!request.tokenizer.empty()) return text::load_tokenizer(request.tokenizer);
    if (!request.from.empty()) return RunDirectory::open(request.from).tokenizer();
    tell(concatenate("training a tokenizer of ", config.vocab, " tokens"));
    return train_tokenizer(data, config);
  };
  text::Tokenizer tokenizer = begin();
  at_file(request.tokenizer, [&] { return tokenizer.end_id() + tokenizer.pad_id(); });
  if (tokenizer.vocab_size() < config.vocab && request.tokenizer.empty() && request.from.empty())
    tell(concatenate("the text gave ", tokenizer.vocab_size(), " tokens"));
  config.vocab = tokenizer.vocab_size();
  text::write_tokenizer_json(tokenizer, run.tokenizer_file());
  return tokenizer;
}

/// The run of a request, new or resumed, and its configuration; nothing is written before it is known that
/// the device can train it.
inline std::pair<RunDirectory, Config> open_run(const Request& request) {
  if (request.resume) {
    RunDirectory run = RunDirectory::resume(request.output);
    const Config config = resumed_config(request, run);
    at_file(run.config_file(), [&] {
      preset_config(config.task, config.architecture, config.preset);  // InputError if it is not built yet
      rehearse_training(config, *request.device);
    });
    return {std::move(run), config};
  }
  const Config config = effective_config(request);
  rehearse_training(config, *request.device);
  return {RunDirectory::create(request.output), config};
}

/// Does what `memsizer train` does for language modelling, from the folder to the last checkpoint.
inline Outcome train_language_model(const Request& request, const Watcher& watcher) {
  const auto given = (request.budget.steps > 0) + (request.budget.epochs > 0) + (request.budget.minutes > 0);
  require(given == 1, "how long to train? One of --steps, --epochs and --minutes is needed, above 0");
  const data::WikiText data(request.data);
  data.files(data::Split::train);  // InputError if there is none, before anything is created
  auto [run, config] = open_run(request);
  const text::Tokenizer tokenizer =
      request.resume ? run.tokenizer() : start_tokenizer(request, config, data, run, watcher.tell);
  require(tokenizer.vocab_size() == config.vocab, run.tokenizer_file().string(), ": ", config.vocab,
          " tokens expected by config.json, got ", tokenizer.vocab_size());
  LanguageModeling task(config, tokenizer, data, {data::cache_folder(run.path()), watcher.tell});
  Trainer trainer(config, run, task, watcher, *request.device);
  if (!request.from.empty())
    load_weights(RunDirectory::open(request.from).checkpoint_to_use(), trainer.parameters());
  const Outcome outcome = trainer.train(request.budget);
  draw(loss_chart({{config.architecture, read_curves(run)}}), run.path() / "curves.svg");
  return outcome;
}

}  // namespace memsizer::train
