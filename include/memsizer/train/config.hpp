#pragma once
// The configuration of a run: one flat list of keys, the same in --config, --set and config.json.

#include <array>
#include <charconv>
#include <set>
#include <variant>

#include "memsizer/base/nearest.hpp"
#include "memsizer/files/json.hpp"

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

/// One key: its name, what it means, where it lives and what it may be.
struct ConfigKey {
  using Member = std::variant<Index Config::*, double Config::*, bool Config::*, std::string Config::*,
                              std::array<double, 2> Config::*>;
  std::string name;
  std::string meaning;
  Member member;
  double least = 0, most = 1e15;          // of numbers
  std::vector<std::string> choices = {};  // of texts; empty: any

  bool shapes_model = false;          // the weights of another value do not fit
  bool may_change_on_resume = false;  // of logging and saving alone

  bool is_text() const { return std::holds_alternative<std::string Config::*>(member); }
};

namespace detail {

inline std::vector<ConfigKey> make_config_keys() {
  using C = Config;
  std::vector<ConfigKey> keys = {
      {"task",
       "what is learned",
       &C::task,
       0,
       0,
       {"language-modeling", "translation", "summarization", "question-answering"}},
      {"architecture", "the model", &C::architecture, 0, 0, {"transformer", "memsizer"}},
      {"preset", "the set of defaults", &C::preset, 0, 0, {"tiny", "small", "base", "paper"}},
      {"seed", "of all random numbers", &C::seed},
      {"attention", "kind of self-attention, or a comma list with one a layer", &C::attention},
      {"encoder_attention", "the same for the encoder", &C::encoder_attention},
      {"decoder_attention", "the same for the decoder", &C::decoder_attention},
      {"cross_attention", "the same for attention to the source", &C::cross_attention},
      {"layers", "number of blocks", &C::layers, 1, 1000},
      {"encoder_layers", "blocks of the encoder", &C::encoder_layers, 0, 1000},
      {"decoder_layers", "blocks of the decoder", &C::decoder_layers, 0, 1000},
      {"dim", "width of the model", &C::dim, 1, 1 << 16},
      {"heads", "attention heads", &C::heads, 1, 1 << 12},
      {"slots", "slots of MemSizer's memory", &C::slots, 1, 1 << 16},
      {"cross_slots", "slots of the memory of a source", &C::cross_slots, 0, 1 << 16},
      {"ffn", "width of the feed-forward layer", &C::ffn, 1, 1 << 18},
      {"activation", "of the feed-forward layer", &C::activation, 0, 0, {"relu", "gelu"}},
      {"pre_norm", "normalise before each sublayer instead of after", &C::pre_norm},
      {"positions", "how positions are marked", &C::positions, 0, 0, {"sinusoidal", "learned"}},
      {"tie", "the output layer is the embedding", &C::tie},
      {"q_init_scale", "MemSizer: Xavier gain scale^-0.5 of the query projection", &C::q_init_scale, 1e-6,
       1e6},
      {"kv_init_scale", "MemSizer: the same of keys and values", &C::kv_init_scale, 1e-6, 1e6},
      {"vocab", "tokens, special ones counted", &C::vocab, 260, 1 << 24},
      {"normalizer", "of text, a comma list of nfc, nfkc, lowercase, strip-special", &C::normalizer},
      {"source", "language that is translated", &C::source},
      {"target", "language that it is translated to", &C::target},
      {"sequence", "tokens of a training row", &C::sequence, 1, 1 << 20},
      {"max_source", "longest source in tokens", &C::max_source, 0, 1 << 20},
      {"max_target", "longest target in tokens", &C::max_target, 0, 1 << 20},
      {"batch", "rows of a batch", &C::batch, 1, 1 << 20},
      {"batch_tokens", "tokens of a batch instead of rows", &C::batch_tokens, 0, 1 << 30},
      {"accumulate", "batches whose gradients are added for a step", &C::accumulate, 1, 1 << 20},
      {"dropout", "after the embedding and each sublayer", &C::dropout, 0, 0.99},
      {"attention_dropout", "on attention weights", &C::attention_dropout, 0, 0.99},
      {"activation_dropout", "after the feed-forward's activation", &C::activation_dropout, 0, 0.99},
      {"label_smoothing", "mass taken from the target", &C::label_smoothing, 0, 0.99},
      {"label_smoothing_over", "classes that get it", &C::label_smoothing_over, 0, 0, {"others", "all"}},
      {"optimizer", "how weights follow gradients", &C::optimizer, 0, 0, {"adam", "adamw", "nesterov"}},
      {"learning_rate", "at its peak", &C::learning_rate, 0, 1e3},
      {"betas", "of Adam", &C::betas, 0, 1},
      {"epsilon", "of Adam", &C::epsilon, 0, 1},
      {"momentum", "of Nesterov's method", &C::momentum, 0, 1},
      {"weight_decay", "of all weights", &C::weight_decay, 0, 1e3},
      {"clip", "largest norm of the gradient; 0: any", &C::clip},
      {"schedule",
       "of the learning rate",
       &C::schedule,
       0,
       0,
       {"constant", "linear", "cosine", "inverse_sqrt"}},
      {"warmup", "steps in which the learning rate rises", &C::warmup},
      {"schedule_steps", "length that the schedule is computed for; 0: the first run's", &C::schedule_steps},
      {"schedule_period", "steps of the cosine's first cycle, then it restarts; 0: it does not",
       &C::schedule_period},
      {"schedule_period_multiplier", "each cycle is so many times as long as the one before",
       &C::schedule_period_multiplier, 1, 1e3},
      {"schedule_shrink", "and its peak and minimum so many times as high", &C::schedule_shrink, 1e-6, 1},
      {"min_learning_rate", "where linear and cosine end", &C::min_learning_rate, 0, 1e3},
      {"warmup_init_learning_rate", "where the warm-up begins", &C::warmup_init_learning_rate, 0, 1e3},
      {"log_every", "steps between lines of metrics.jsonl", &C::log_every, 1},
      {"validate_every", "steps between validations; 0: a tenth of the run", &C::validate_every},
      {"save_every", "steps between checkpoints; 0: with each validation", &C::save_every},
      {"keep", "checkpoints kept besides the best", &C::keep, 1, 1e6},
  };
  const std::set<std::string_view> model = {"attention",
                                            "encoder_attention",
                                            "decoder_attention",
                                            "cross_attention",
                                            "layers",
                                            "encoder_layers",
                                            "decoder_layers",
                                            "dim",
                                            "heads",
                                            "slots",
                                            "cross_slots",
                                            "ffn",
                                            "activation",
                                            "pre_norm",
                                            "positions",
                                            "tie",
                                            "vocab",
                                            "normalizer",
                                            "sequence"};
  const std::set<std::string_view> log = {"log_every", "validate_every", "save_every", "keep"};
  for (ConfigKey& key : keys) {
    key.shapes_model = model.contains(key.name);
    key.may_change_on_resume = log.contains(key.name);
  }
  return keys;
}

}  // namespace detail

/// All keys, in the order in which config.json lists them.
inline const std::vector<ConfigKey>& config_keys() {
  static const std::vector<ConfigKey> keys = detail::make_config_keys();
  return keys;
}

namespace detail {

/// A whole number or real number from text, all of it; InputError naming the key.
template <class Number>
Number parse_number(const ConfigKey& key, std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  require(error == std::errc() && end == text.data() + text.size(), key.name, ": a ",
          std::is_same_v<Number, double> ? "number" : "whole number", " expected, got '", text, "'");
  return number;
}

inline void check_range(const ConfigKey& key, double value) {
  require(value >= key.least && value <= key.most, key.name, ": a number from ", key.least, " to ", key.most,
          " expected, got ", value);
}

}  // namespace detail

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

/// Sets a key from text, as --set does; InputError if the text is no value of it.
inline void set(Config& config, const ConfigKey& key, const std::string& text) {
  if (const auto* member = std::get_if<Index Config::*>(&key.member)) {
    config.*(*member) = detail::parse_number<Index>(key, text);
    detail::check_range(key, static_cast<double>(config.*(*member)));
  } else if (const auto* member = std::get_if<double Config::*>(&key.member)) {
    config.*(*member) = detail::parse_number<double>(key, text);
    detail::check_range(key, config.*(*member));
  } else if (const auto* member = std::get_if<bool Config::*>(&key.member)) {
    require(text == "true" || text == "false", key.name, ": true or false expected, got '", text, "'");
    config.*(*member) = text == "true";
  } else if (const auto* member = std::get_if<std::array<double, 2> Config::*>(&key.member)) {
    const auto comma = text.find(',');
    require(comma != text.npos, key.name, ": two numbers with a comma between expected, got '", text, "'");
    config.*(*member) = {detail::parse_number<double>(key, text.substr(0, comma)),
                         detail::parse_number<double>(key, text.substr(comma + 1))};
    for (double value : config.*(*member)) detail::check_range(key, value);
  } else {
    std::string list;
    for (const std::string& choice : key.choices) list += (list.empty() ? "" : ", ") + choice;
    require(key.choices.empty() || std::ranges::count(key.choices, text) > 0, key.name, ": one of ", list,
            " expected, got '", text, "'");
    config.*std::get<std::string Config::*>(key.member) = text;
  }
}

/// A key=value of --set.
inline void set(Config& config, const std::string& assignment) {
  const auto equals = assignment.find('=');
  require(equals != assignment.npos, "--set: key=value expected, got '", assignment, "'");
  set(config, find_key(assignment.substr(0, equals)), assignment.substr(equals + 1));
}

/// The value of a key as text, as --set would take it.
inline std::string text_of(const Config& config, const ConfigKey& key) {
  const auto number = [](double value) {
    char text[32];
    return std::string(text, std::to_chars(text, text + sizeof text, value).ptr);
  };
  return std::visit(
      [&](auto member) -> std::string {
        const auto& value = config.*member;
        using Value = std::remove_cvref_t<decltype(value)>;
        if constexpr (std::is_same_v<Value, std::string>)
          return value;
        else if constexpr (std::is_same_v<Value, bool>)
          return value ? "true" : "false";
        else if constexpr (std::is_same_v<Value, Index>)
          return std::to_string(value);
        else if constexpr (std::is_same_v<Value, double>)
          return number(value);
        else
          return number(value[0]) + ',' + number(value[1]);
      },
      key.member);
}

namespace detail {

/// A member of a JSON object as the text that --set would take.
inline std::string text_of(const ConfigKey& key, const files::JsonView& view) {
  const files::Json& value = view.json();
  if (key.is_text()) return view.get<std::string>();
  if (std::holds_alternative<bool Config::*>(key.member)) return view.get<bool>() ? "true" : "false";
  if (std::holds_alternative<std::array<double, 2> Config::*>(key.member)) {
    const auto pair = view.get<std::vector<double>>();
    if (pair.size() != 2) view.fail("two numbers expected, got ", pair.size());
    return value[0].dump() + ',' + value[1].dump();
  }
  view.get<double>();
  return value.dump();
}

}  // namespace detail

/// Sets the keys of a JSON object (of --config, of config.json); InputError with the place of what does not
/// fit.
inline void set(Config& config, const files::JsonView& json) {
  for (const auto& member : json.object()) {
    const files::JsonView view = json.at(member.first);
    try {
      const ConfigKey& key = find_key(member.first);
      set(config, key, detail::text_of(key, view));
    } catch (const InputError& error) {
      const std::string text = error.what();
      throw InputError(text.starts_with(json.file()) ? text : concatenate(json.file(), ": ", text));
    }
  }
}

/// All keys with their values, in their order.
inline nlohmann::ordered_json to_json(const Config& config) {
  nlohmann::ordered_json json;
  for (const ConfigKey& key : config_keys())
    std::visit([&](auto member) { json[key.name] = config.*member; }, key.member);
  return json;
}

}  // namespace memsizer::train
