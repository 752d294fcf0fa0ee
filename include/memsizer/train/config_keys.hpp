#pragma once
// The keys of a run's configuration: one flat list, the same in --config, --set and config.json.

#include <array>
#include <string>
#include <variant>
#include <vector>

#include "memsizer/base/checked.hpp"
#include "memsizer/base/nearest.hpp"

namespace memsizer::train {

/// Every key that the program knows, with its default. Numbers that a preset sets are 0 here.
struct Config {
  // What is trained on what.
  std::string task = "language-modeling", architecture = "transformer", preset = "small";
  Index seed = 1;
  // The model. A kind of attention, or a comma list with one a layer; empty: the architecture's.
  std::string attention, encoder_attention, decoder_attention, cross_attention;
  Index layers = 0, encoder_layers = 0, decoder_layers = 0, dim = 0, heads = 0, slots = 0, cross_slots = 0,
        ffn = 0;
  std::string activation = "relu", positions = "sinusoidal";
  bool pre_norm = true, tie = true;
  double q_init_scale = 1, kv_init_scale = 1;
  // Text.
  Index vocab = 0;
  std::string normalizer = "none", source = "en", target = "de";
  // Batches: rows of `sequence` tokens, or as many rows as hold batch_tokens; `accumulate` of them make a
  // step.
  Index sequence = 0, max_source = 0, max_target = 0, batch = 0, batch_tokens = 0, accumulate = 1;
  // Regularisation.
  double dropout = 0, attention_dropout = 0, activation_dropout = 0, label_smoothing = 0;
  std::string label_smoothing_over = "others";
  // Optimisation.
  std::string optimizer = "adamw", schedule = "cosine";
  double learning_rate = 0, epsilon = 1e-8, momentum = 0.99, weight_decay = 0, clip = 0;
  std::array<double, 2> betas = {0.9, 0.98};
  // The last five are fairseq's lr_period_updates, t_mult, lr_shrink, min_lr and warmup_init_lr.
  Index warmup = 0, schedule_steps = 0, schedule_period = 0;
  double schedule_period_multiplier = 1, schedule_shrink = 1, min_learning_rate = 0,
         warmup_init_learning_rate = 0;
  // The run.
  Index log_every = 10, validate_every = 0, save_every = 0, keep = 2;

  friend bool operator==(const Config&, const Config&) = default;
};

/// What depends on a key.
enum class KeyRole {
  label,     ///< what is trained: an option of its own names it, and --set does not
  model,     ///< the weights of another value do not fit
  training,  ///< the weights that come out
  watching   ///< logging and saving alone, so it may change on resume
};

/// One key: its name, what it means, where it lives and what it may be.
struct ConfigKey {
  using Member = std::variant<Index Config::*, double Config::*, bool Config::*, std::string Config::*,
                              std::array<double, 2> Config::*>;
  std::string name;
  std::string meaning;
  Member member;
  KeyRole role;
  double least = 0, most = 1e15;          // of numbers
  std::vector<std::string> choices = {};  // of texts; empty: any

  bool is_text() const { return std::holds_alternative<std::string Config::*>(member); }
};

namespace detail {

using Keys = std::vector<ConfigKey>;
using C = Config;

inline ConfigKey one_of(std::string name, std::string meaning, std::string Config::*member, KeyRole role,
                        std::vector<std::string> choices) {
  return {std::move(name), std::move(meaning), member, role, 0, 0, std::move(choices)};
}

inline Keys label_keys() {
  using enum KeyRole;
  return {one_of("task", "what is learned", &C::task, label,
                 {"language-modeling", "translation", "summarization", "question-answering"}),
          one_of("architecture", "the model", &C::architecture, label, {"transformer", "memsizer"}),
          one_of("preset", "the set of defaults", &C::preset, label, {"tiny", "small", "base", "paper"}),
          {"seed", "of all random numbers", &C::seed, training}};
}

inline Keys model_keys() {
  using enum KeyRole;
  return {
      {"attention", "kind of self-attention, or a comma list with one a layer", &C::attention, model},
      {"encoder_attention", "the same for the encoder", &C::encoder_attention, model},
      {"decoder_attention", "the same for the decoder", &C::decoder_attention, model},
      {"cross_attention", "the same for attention to the source", &C::cross_attention, model},
      {"layers", "number of blocks", &C::layers, model, 1, 1000},
      {"encoder_layers", "blocks of the encoder", &C::encoder_layers, model, 0, 1000},
      {"decoder_layers", "blocks of the decoder", &C::decoder_layers, model, 0, 1000},
      {"dim", "width of the model", &C::dim, model, 1, 1 << 16},
      {"heads", "attention heads", &C::heads, model, 1, 1 << 12},
      {"slots", "slots of MemSizer's memory", &C::slots, model, 1, 1 << 16},
      {"cross_slots", "slots of the memory of a source", &C::cross_slots, model, 0, 1 << 16},
      {"ffn", "width of the feed-forward layer", &C::ffn, model, 1, 1 << 18},
      one_of("activation", "of the feed-forward layer", &C::activation, model, {"relu", "gelu"}),
      {"pre_norm", "normalise before each sublayer instead of after", &C::pre_norm, model},
      one_of("positions", "how positions are marked", &C::positions, model, {"sinusoidal", "learned"}),
      {"tie", "the output layer is the embedding", &C::tie, model},
      {"q_init_scale", "MemSizer: Xavier gain scale^-0.5 of the query projection", &C::q_init_scale, training,
       1e-6, 1e6},
      {"kv_init_scale", "MemSizer: the same of keys and values", &C::kv_init_scale, training, 1e-6, 1e6},
  };
}

inline Keys text_keys() {
  using enum KeyRole;
  return {
      // A special token and the 256 bytes are the least that any tokenizer has.
      {"vocab", "tokens, special ones counted", &C::vocab, model, 257, 1 << 24},
      {"normalizer", "of text, a comma list of nfc, nfkc, lowercase, strip-special", &C::normalizer, model},
      {"source", "language that is translated", &C::source, training},
      {"target", "language that it is translated to", &C::target, training},
      {"sequence", "tokens of a training row", &C::sequence, model, 1, 1 << 20},
      {"max_source", "longest source in tokens", &C::max_source, training, 0, 1 << 20},
      {"max_target", "longest target in tokens", &C::max_target, training, 0, 1 << 20},
      {"batch", "rows of a batch", &C::batch, training, 1, 1 << 20},
      {"batch_tokens", "tokens of a batch instead of rows", &C::batch_tokens, training, 0, 1 << 30},
      {"accumulate", "batches whose gradients are added for a step", &C::accumulate, training, 1, 1 << 20},
  };
}

inline Keys regularisation_keys() {
  using enum KeyRole;
  return {
      {"dropout", "after the embedding and each sublayer", &C::dropout, training, 0, 0.99},
      {"attention_dropout", "on attention weights", &C::attention_dropout, training, 0, 0.99},
      {"activation_dropout", "after the feed-forward's activation", &C::activation_dropout, training, 0,
       0.99},
      {"label_smoothing", "mass taken from the target", &C::label_smoothing, training, 0, 0.99},
      one_of("label_smoothing_over", "classes that get it", &C::label_smoothing_over, training,
             {"others", "all"}),
  };
}

inline Keys optimiser_keys() {
  using enum KeyRole;
  return {
      one_of("optimizer", "how weights follow gradients", &C::optimizer, training,
             {"adam", "adamw", "nesterov"}),
      {"learning_rate", "at its peak", &C::learning_rate, training, 0, 1e3},
      {"betas", "of Adam", &C::betas, training, 0, 1},
      {"epsilon", "of Adam", &C::epsilon, training, 1e-30, 1},
      {"momentum", "of Nesterov's method", &C::momentum, training, 0, 1},
      {"weight_decay", "of all weights", &C::weight_decay, training, 0, 1e3},
      {"clip", "largest norm of the gradient; 0: any", &C::clip, training},
  };
}

inline Keys schedule_keys() {
  using enum KeyRole;
  return {
      one_of("schedule", "of the learning rate", &C::schedule, training,
             {"constant", "linear", "cosine", "inverse_sqrt"}),
      {"warmup", "steps in which the learning rate rises", &C::warmup, training},
      {"schedule_steps", "length that the schedule is computed for; 0: the first run's", &C::schedule_steps,
       training},
      {"schedule_period", "steps of the cosine's first cycle, then it restarts; 0: it does not",
       &C::schedule_period, training},
      {"schedule_period_multiplier", "each cycle is so many times as long as the one before",
       &C::schedule_period_multiplier, training, 1, 1e3},
      {"schedule_shrink", "and its peak and minimum so many times as high", &C::schedule_shrink, training,
       1e-6, 1},
      {"min_learning_rate", "where linear and cosine end", &C::min_learning_rate, training, 0, 1e3},
      {"warmup_init_learning_rate", "where the warm-up begins", &C::warmup_init_learning_rate, training, 0,
       1e3},
  };
}

inline Keys watching_keys() {
  using enum KeyRole;
  return {
      {"log_every", "steps between lines of metrics.jsonl", &C::log_every, watching, 1},
      {"validate_every", "steps between validations; 0: a tenth of the run", &C::validate_every, watching},
      {"save_every", "steps between checkpoints; 0: with each validation", &C::save_every, watching},
      {"keep", "checkpoints kept besides the best", &C::keep, watching, 1, 1e6},
  };
}

}  // namespace detail

/// All keys, in the order in which config.json lists them.
inline const std::vector<ConfigKey>& config_keys() {
  static const std::vector<ConfigKey> all = [] {
    std::vector<ConfigKey> keys;
    for (const auto& of_a_subject :
         {detail::label_keys(), detail::model_keys(), detail::text_keys(), detail::regularisation_keys(),
          detail::optimiser_keys(), detail::schedule_keys(), detail::watching_keys()})
      keys.insert(keys.end(), of_a_subject.begin(), of_a_subject.end());
    return keys;
  }();
  return all;
}

/// The key of a name; InputError naming the nearest one if there is none.
inline const ConfigKey& find_key(const std::string& name) {
  std::vector<std::string> names;
  for (const ConfigKey& key : config_keys()) {
    if (key.name == name) return key;
    names.push_back(key.name);
  }
  throw InputError(
      concatenate("no key is named '", name, "'; did you mean '", nearest_name(name, names), "'?"));
}

}  // namespace memsizer::train
