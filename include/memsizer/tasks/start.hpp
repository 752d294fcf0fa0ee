#pragma once
// How a user's request becomes a run that is ready to train, with its configuration, folder, tokenizer and
// first weights.

#include "memsizer/tasks/configuration.hpp"
#include "memsizer/tasks/linkage.hpp"
#include "memsizer/train/trainer.hpp"

#if MEMSIZER_TRAIN_HAS_BODIES
#include "memsizer/cpu/context.hpp"
#include "memsizer/tasks/fine_tuning.hpp"
#include "memsizer/tasks/key_effects.hpp"
#include "memsizer/tasks/run_cache.hpp"
#endif

namespace memsizer::tasks {

using train::Observer;
using train::Outcome;

/// The tokenizer from --tokenizer or --from; its vocab and normalizer go into `config`. Nothing if a
/// tokenizer must be trained. InputError if --set or --config disagrees with the tokenizer, if --tokenizer
/// is not that of --from, or if the vocabulary is too small to be trained.
std::optional<text::Tokenizer> given_tokenizer(const Request& request, Config& config);

/// The tokenizer of a new run: the given one, or one trained on the data. It is also written to the run's
/// folder.
text::Tokenizer start_tokenizer(std::optional<text::Tokenizer> given, Config& config, const DataSet& data,
                                const RunDirectory& run, const MessageCallback& tell);

/// InputError if a split that training needs cannot be read. Called before anything is created.
void require_splits_to_train_on(const DataSet& data);

/// Whether the request continues an existing run.
bool resumes(const Request& request);

/// Does all of `memsizer train`, from creating the folder to the last checkpoint.
Outcome train_model(const Request& request, const Observer& observer);

#if MEMSIZER_TRAIN_HAS_BODIES

namespace detail {

/// InputError if --set or --config gives a key a value that differs from the given tokenizer's.
inline void require_tokenizers_own(const ConfigLayers& layers, const Config& config, const Config& told,
                                   const std::filesystem::path& file) {
  for (const char* key : {"vocab", "normalizer"}) {
    const std::string asked = train::text_of(config, key), own = train::text_of(told, key);
    require(asked == own || layers.find(key) == nullptr, file.string(), ": ", key, " = ", asked, " expected",
            layers.origin_text(key), ", but the tokenizer has ", own);
  }
}

}  // namespace detail

MEMSIZER_TRAIN_FUNCTION std::optional<text::Tokenizer> given_tokenizer(const Request& request,
                                                                       Config& config) {
  if (request.tokenizer.empty() && request.from.empty()) {
    text::TokenizerTrainer().require_vocab_size(config.model.vocab);
    return std::nullopt;
  }
  const std::filesystem::path of_run = RunDirectory(request.from).tokenizer_file(),
                              file = request.tokenizer.empty() ? of_run : request.tokenizer;
  text::Tokenizer tokenizer = text::load_tokenizer(file);
  train::at_file(file, [&] { train::require_special_tokens(tokenizer); });
  if (!request.from.empty() && !request.tokenizer.empty()) {
    const text::Tokenizer base = text::read_tokenizer_json(of_run);
    require(is_extension(tokenizer, base), "--tokenizer: ", file.string(), " (hash ",
            detail::digits_of(tokenizer), ") is neither the tokenizer of --from, ", of_run.string(),
            " (hash ", detail::digits_of(base),
            "), nor that one with further special tokens at its end, and the weights belong to its ids");
  }
  Config told = config;
  told.model.vocab = tokenizer.vocab_size();
  told.batches.normalizer = tokenizer.normalizer().name();
  ConfigLayers layers;
  if (!request.tokenizer_is_fitted) detail::add_users_layers(layers, request, config.labels.architecture);
  detail::require_tokenizers_own(layers, config, told, file);
  train::at_file(file, [&] { train::check(told); });
  config = told;
  return tokenizer;
}

/// Trains a tokenizer on the data. The vocabulary that it reached goes into `config`.
inline text::Tokenizer new_tokenizer(Config& config, const DataSet& data, const MessageCallback& tell) {
  tell(concatenate("training a tokenizer of ", config.model.vocab, " tokens"));
  text::TokenizerTrainer trainer(text::Normalizer::parse(config.batches.normalizer),
                                 text::default_special_tokens(), &cpu::context().threads());
  data.add_text(trainer);
  text::Tokenizer tokenizer = std::move(trainer).train(config.model.vocab);
  if (tokenizer.vocab_size() < config.model.vocab)
    tell(concatenate("the text gave ", tokenizer.vocab_size(), " tokens"));
  config.model.vocab = tokenizer.vocab_size();
  return tokenizer;
}

MEMSIZER_TRAIN_FUNCTION text::Tokenizer start_tokenizer(std::optional<text::Tokenizer> given, Config& config,
                                                        const DataSet& data, const RunDirectory& run,
                                                        const MessageCallback& tell) {
  text::Tokenizer tokenizer = given ? std::move(*given) : new_tokenizer(config, data, tell);
  text::write_tokenizer_json(tokenizer, run.tokenizer_file());
  return tokenizer;
}

/// Tells the user which keys of --set have no effect.
inline void tell_what_has_no_effect(const Request& request, const Config& config,
                                    const MessageCallback& tell) {
  for (const std::string& setting : request.settings) {
    const std::string key = setting.substr(0, setting.find('='));
    if (const std::string reason = why_without_effect(config, key); !reason.empty())
      tell(concatenate("--set ", key, " has no effect: ", reason));
  }
}

/// What a new run takes of another one.
struct Begun {
  files::SafetensorsReader weights;
  Inheritance plan;
  std::optional<files::SafetensorsReader> moments = {};  // with --keep-optimizer
};

/// Opens the weights of --from. InputError unless they fit the new run's model.
inline Begun begin_with(const Request& request, const Config& config, const text::Tokenizer& tokenizer,
                        train::TrainingState& state, const MessageCallback& tell) {
  const RunDirectory run = RunDirectory::open(request.from);
  const std::string name = train::checkpoint_to_use(run);
  const std::filesystem::path folder = run.checkpoint(name);
  files::SafetensorsReader weights(folder / "model.safetensors");
  const auto model = find_task(config.labels.task).make_model(config, tokenizer);
  const Config before = config_of(run);
  Inheritance plan = inherit(weights, before, config, *model);
  tell(text_of(plan, request.from));
  tell_of_other_keys(before, config, tell);
  Begun begun{std::move(weights), std::move(plan)};
  state.from = files::file_digits(folder / "model.safetensors");
  if (!request.keep_optimizer) return begun;
  const train::TrainingState theirs = train::verify_whole_checkpoint(run, name, train::CheckpointPart::all);
  state.earlier_updates = theirs.step + theirs.earlier_updates;
  tell(optimiser_text(state.earlier_updates, static_cast<Index>(begun.plan.fresh.size())));
  begun.moments.emplace(folder / "training.safetensors");
  return begun;
}

/// A run's folder and its contents at the beginning of training.
struct OpenedRun {
  RunDirectory run;
  Config config;
  text::Tokenizer tokenizer;
  train::TrainingState state;
  std::optional<Begun> begun = {};  // of --from
};

inline OpenedRun resume_run(const Request& request, const MessageCallback& tell) {
  RunDirectory run = RunDirectory::resume(request.output);
  train::TrainingState state = state_to_resume(run, tell);
  const Config config = resumed_config(request, run, state);
  train::at_file(run.config_file(), [&] { dry_run(DryRun::training, config, *request.device); });
  text::Tokenizer tokenizer = run.tokenizer(config);
  return {std::move(run), config, std::move(tokenizer), std::move(state)};
}

/// Begins a new run. Nothing is written until we know that the configuration can be read back and that the
/// device can train the model.
inline OpenedRun begin_run(const Request& request, const DataSet& data, const MessageCallback& tell) {
  Config config = effective_config(request).config;
  tell_what_has_no_effect(request, config, tell);
  const Index vocab_asked = config.model.vocab;
  std::optional<text::Tokenizer> given = given_tokenizer(request, config);
  const bool is_fitted = !given || request.tokenizer_is_fitted;
  dry_run(DryRun::training, config, *request.device);
  train::TrainingState state;
  std::optional<Begun> begun;
  if (!request.from.empty()) begun = begin_with(request, config, *given, state, tell);
  RunDirectory run = RunDirectory::create(request.output);
  text::Tokenizer tokenizer = start_tokenizer(std::move(given), config, data, run, tell);
  if (is_fitted && config.model.vocab != vocab_asked) state.vocab_asked = vocab_asked;
  return {std::move(run), config, std::move(tokenizer), std::move(state), std::move(begun)};
}

namespace detail {

/// The id caches that are made in a resumed run's folder, until the run goes on. If it is refused before
/// that, the guard removes the new ones: --data may name other data, and a refused resume changes nothing in
/// a run.
class NewCaches {
 public:
  explicit NewCaches(std::filesystem::path folder) : folder_(std::move(folder)), before_(all()) {}
  NewCaches(const NewCaches&) = delete;
  NewCaches& operator=(const NewCaches&) = delete;
  ~NewCaches() {
    try {
      std::error_code ignored;
      if (!kept_)
        for (const std::filesystem::path& file : all())
          if (std::ranges::count(before_, file) == 0) std::filesystem::remove(file, ignored);
    } catch (const Error&) {
      return;  // files that cannot be removed stay; they are keyed by their data, so no run takes them for
               // its own
    }
  }

  void keep() { kept_ = true; }

 private:
  std::vector<std::filesystem::path> all() const {
    std::vector<std::filesystem::path> files = train::detail::entries_of(folder_);
    std::erase_if(files, [](const std::filesystem::path& file) { return !train::detail::is_id_cache(file); });
    return files;
  }

  std::filesystem::path folder_;
  std::vector<std::filesystem::path> before_;
  bool kept_ = false;
};

}  // namespace detail

MEMSIZER_TRAIN_FUNCTION void require_splits_to_train_on(const DataSet& data) {
  data.files(data::Split::train);
  if (data.has(data::Split::validation)) data.files(data::Split::validation);
}

MEMSIZER_TRAIN_FUNCTION bool resumes(const Request& request) {
  std::error_code absent;
  return request.resume == Resume::yes ||
         (request.resume == Resume::any &&
          std::filesystem::exists(RunDirectory(request.output).config_file(), absent));
}

/// The configuration of the run to continue, or the one that the request describes, before the tokenizer is
/// known.
inline Config requested_config(const Request& request) {
  return resumes(request) ? config_of(RunDirectory::open(request.output)) : effective_config(request).config;
}

MEMSIZER_TRAIN_FUNCTION Outcome train_model(const Request& request, const Observer& observer) {
  train::require_budget(request.budget);
  require(!request.keep_optimizer || !request.from.empty(),
          "--keep-optimizer: --from expected, whose optimiser goes on");
  const bool resumed = resumes(request);
  const Config requested = requested_config(request);
  const Task& task = find_task(requested.labels.task);
  std::optional<OpenedRun> continued;  // before the data, since its configuration says what the data is
  if (resumed) continued = resume_run(request, observer.tell);
  const auto data = task.open_data(request.data, requested);
  require_splits_to_train_on(*data);
  const OpenedRun opened = resumed ? *std::move(continued) : begin_run(request, *data, observer.tell);
  detail::NewCaches caches(opened.run.path());
  const Training made = task.make_training(opened.config, opened.tokenizer, *data,
                                           cache_of(opened.run, observer.tell), *request.device);
  return std::visit(
      [&](const auto& training) {
        train::Trainer trainer(opened.config, opened.run, *training, opened.state, observer, *request.device,
                               request.seconds);
        if (trainer.has_work(request.budget)) caches.keep();
        if (const auto& begun = opened.begun) {
          load_inherited(trainer.parameters(), begun->weights, begun->plan);
          if (begun->moments) load_inherited_moments(trainer.parameters(), *begun->moments, begun->plan);
        }
        return trainer.train(request.budget);
      },
      made);
}

#endif

}  // namespace memsizer::tasks
