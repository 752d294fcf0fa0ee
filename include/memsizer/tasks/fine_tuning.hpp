#pragma once
// A run that begins with the weights of another run (--from): of the same task, of another task with the same
// form of model, or with another kind of attention.

#include <map>
#include <set>

#include "memsizer/tasks/configuration.hpp"
#include "memsizer/tasks/resume.hpp"
#include "memsizer/text/tokenizer_json.hpp"

namespace memsizer::tasks {

/// Where each parameter of a new model gets its first values from.
struct Inheritance {
  /// A parameter and the shape that it has in the file of weights. Of a table that has grown, the file has
  /// the first rows, and the new rows are initialised; of one that has shrunk, its first rows are taken.
  struct Part {
    std::string name;
    Shape shape;
  };
  std::vector<Part> taken = {};
  Index grown = 0;                       // how many of them have new rows
  std::vector<std::string> fresh = {};   // initialised as in a new model
  std::vector<std::string> unused = {};  // in the file alone
};

namespace detail {

/// The kind of attention at each place of a model, by the name of its module: "blocks.0.self_attn".
inline std::map<std::string, std::string> attention_places(const Config& config) {
  std::map<std::string, std::string> places;
  const auto add = [&](const char* stack, const char* place, Index layers, const auto& kinds) {
    for (Index layer = 0; layer < layers; ++layer)
      places[concatenate(stack, '.', layer, '.', place)] = models::kind_of_layer(kinds, layer);
  };
  if (!find_task(config.labels.task).has_source()) {
    add("blocks", "self_attn", config.model.layers, config.model.attention);
    return places;
  }
  add("encoder", "self_attn", config.source.encoder_layers, config.source.encoder_attention);
  add("decoder", "self_attn", config.target.decoder_layers, config.target.decoder_attention);
  add("decoder", "cross_attn", config.target.decoder_layers, config.source.cross_attention);
  return places;
}

/// The names of the modules whose kind of attention differs, each with a full stop behind it.
inline std::set<std::string> changed_attention(const Config& before, const Config& now) {
  const auto old_places = attention_places(before), places = attention_places(now);
  std::set<std::string> changed;
  for (const auto& [place, kind] : places)
    if (const auto old = old_places.find(place); old != old_places.end() && old->second != kind)
      changed.insert(place + '.');
  return changed;
}

inline bool is_below(const std::set<std::string>& modules, const std::string& name) {
  return std::ranges::any_of(modules, [&](const std::string& module) { return name.starts_with(module); });
}

/// Whether a parameter has a row for each position.
inline bool is_of_positions(const std::string& name) {
  return name.ends_with("position_embedding.weight");
}

/// Whether a parameter has a row for each token.
inline bool is_of_tokens(const std::string& name) {
  return (name.ends_with("embedding.weight") && !is_of_positions(name)) || name.starts_with("output.");
}

/// The same extents but for the number of rows.
inline bool differ_in_rows(const Shape& one, const Shape& other) {
  if (one.rank() != other.rank() || one.rank() == 0) return false;
  for (Index axis = 1; axis < one.rank(); ++axis)
    if (one[axis] != other[axis]) return false;
  return true;
}

inline Shape shape_in(const files::SafetensorsReader& file, const std::string& name) {
  const files::TensorInfo& info = file.info(name);
  return Shape(std::span<const Index>(info.shape));
}

}  // namespace detail

/// Finds the first values of each parameter of `model` in a run's file of weights. Attention whose kind
/// changes begins afresh, whatever its shapes are; tables of positions and of tokens may have other numbers
/// of rows. InputError, with the tensor, if anything else does not fit.
inline Inheritance inherit(const files::SafetensorsReader& file, const Config& before, const Config& now,
                           const nn::Module<float>& model) {
  const std::set<std::string> changed = detail::changed_attention(before, now);
  std::set<std::string> unused;
  for (const auto& tensor : file.tensors()) unused.insert(tensor.first);
  Inheritance plan;
  for (const auto& [name, shape] : nn::names_and_shapes(model)) {
    const bool is_new_table = detail::is_of_positions(name) && !unused.contains(name);
    if (detail::is_below(changed, name) || is_new_table) {
      plan.fresh.push_back(name);
      continue;
    }
    Shape in_file = detail::shape_in(file, name);
    const bool has_rows =
        detail::is_of_positions(name) ||
        (detail::is_of_tokens(name) && in_file.rank() > 0 && in_file[0] == before.model.vocab);
    if (!has_rows || !detail::differ_in_rows(in_file, shape)) in_file = shape;
    nn::require_tensor<float>(file, name, in_file);
    plan.grown += in_file.rank() > 0 && in_file[0] < shape[0];
    plan.taken.push_back({name, in_file});
    unused.erase(name);
  }
  for (const std::string& name : unused) {
    require(detail::is_below(changed, name) || detail::is_of_positions(name), file.path().string(),
            ": tensor ", name, " has no place in the new model");
    plan.unused.push_back(name);
  }
  return plan;
}

namespace detail {

/// The numbers of a file by the names of parameters, whose tensors are called `prefix` and the name.
/// InputError if a number is not finite.
inline std::map<std::string, std::vector<float>> numbers_of(const files::SafetensorsReader& file,
                                                            const Inheritance& plan,
                                                            const std::string& prefix) {
  std::map<std::string, std::vector<float>> numbers;
  for (const Inheritance::Part& part : plan.taken)
    numbers[part.name] = nn::read_numbers<float>(file, prefix + part.name, part.shape);
  return numbers;
}

/// The values that a parameter begins with: those that it has, with the rows of the file in place of the
/// first ones.
inline std::vector<float> with_rows_of(std::vector<float> values, const std::vector<float>& rows) {
  std::copy_n(rows.begin(), std::min(rows.size(), values.size()), values.begin());
  return values;
}

}  // namespace detail

/// Gives the parameters the values of the file, as planned. InputError if a value is not finite; then nothing
/// has changed.
template <class T>
void load_inherited(const nn::ParameterStore<T>& store, const files::SafetensorsReader& file,
                    const Inheritance& plan) {
  const auto numbers = detail::numbers_of(file, plan, "");
  for (const auto& entry : store.entries())
    if (const auto rows = numbers.find(entry.name); rows != numbers.end())
      store.set_values(entry, detail::with_rows_of(store.values(entry), rows->second));
}

/// Does the same with the moments of the optimiser (--keep-optimizer). Those of fresh parameters and rows
/// stay 0. InputError if the file has moments of another optimiser.
template <class T>
void load_inherited_moments(const nn::ParameterStore<T>& store, const files::SafetensorsReader& file,
                            const Inheritance& plan) {
  for (const auto& moment : store.moments())
    for (const Inheritance::Part& part : plan.taken)
      require(file.contains(moment.name + '.' + part.name), file.path().string(),
              ": --keep-optimizer: the moment ", moment.name, '.', part.name,
              " expected; the run had another optimizer, which --set optimizer names");
  std::vector<std::map<std::string, std::vector<float>>> numbers;  // of all moments before one is changed
  for (const auto& moment : store.moments())
    numbers.push_back(detail::numbers_of(file, plan, moment.name + '.'));
  for (std::size_t i = 0; i < numbers.size(); ++i)
    for (const auto& entry : store.entries())
      if (const auto rows = numbers[i].find(entry.name); rows != numbers[i].end()) {
        Tensor<float> values = store.moments()[i].values.view(entry.offset, entry.parameter->shape);
        values.copy_from(detail::with_rows_of(values.to_vector(), rows->second));
      }
}

/// What the log says of the first values: "begins with 40 tensors of build/run; 8 begin afresh, since their
/// attention is new".
inline std::string text_of(const Inheritance& plan, const std::filesystem::path& run) {
  const auto of = [](std::size_t count, const char* one, const char* several) {
    return concatenate(count, count == 1 ? one : several);
  };
  std::string text = "begins with " + of(plan.taken.size(), " tensor of ", " tensors of ") + run.string();
  if (plan.grown > 0)
    text += ", of which " + of(static_cast<std::size_t>(plan.grown), " has new rows", " have new rows");
  if (!plan.fresh.empty())
    text += "; " + of(plan.fresh.size(), " tensor begins afresh", " tensors begin afresh");
  if (!plan.unused.empty())
    text += "; " + of(plan.unused.size(), " of the run is not used", " of the run are not used");
  return text;
}

/// What the log says of an optimiser that goes on (--keep-optimizer), beside so many tensors that begin
/// afresh.
inline std::string optimiser_text(Index updates, Index fresh) {
  std::string text =
      concatenate("the optimiser goes on after its ", updates, updates == 1 ? " update" : " updates");
  if (fresh > 0)
    text += concatenate("; it knows nothing of the ", fresh,
                        fresh == 1 ? " tensor that begins afresh" : " tensors that begin afresh");
  return text;
}

/// Tells which keys of the model differ from those of the run that it begins with: the weights fit, but mean
/// something else, as with another number of heads.
inline void tell_of_other_keys(const Config& before, const Config& now, const MessageCallback& tell) {
  for (const train::Key& key : train::keys()) {
    const std::string old = key.text(before), own = key.text(now);
    if (key.role == SettingRole::model && old != own && !detail::is_attention(key.name) &&
        key.name != "vocab")
      tell(concatenate("the model has ", key.name, " = ", own, " and began with one of ", old));
  }
}

/// Whether `tokenizer` is `base`, or `base` with further special tokens at its end.
inline bool is_extension(const text::Tokenizer& tokenizer, const text::Tokenizer& base) {
  const Index base_size = base.vocab_size();
  if (tokenizer.vocab_size() < base_size) return false;
  const auto without_new = [&](const text::Tokenizer& of) {
    nlohmann::ordered_json json = files::parse_own_json(text::dump_tokenizer_json(of));
    nlohmann::ordered_json vocab;
    for (const auto& [token, id] : json["model"]["vocab"].items())
      if (id.get<Index>() < base_size) vocab[token] = id;
    json["model"]["vocab"] = std::move(vocab);
    nlohmann::ordered_json& added = json["added_tokens"];
    for (std::size_t i = added.size(); i-- > 0;)
      if (added[i]["id"].get<Index>() >= base_size && added[i]["special"].get<bool>()) added.erase(i);
    return files::compact_text(json);
  };
  return without_new(tokenizer) == without_new(base);
}

}  // namespace memsizer::tasks
