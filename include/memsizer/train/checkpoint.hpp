#pragma once
// Checkpoints: a folder step-N with model.safetensors, training.safetensors and state.json, complete or
// absent.

#include "memsizer/files/safetensors.hpp"
#include "memsizer/nn/parameter_store.hpp"
#include "memsizer/optim/optimiser.hpp"
#include "memsizer/train/run_directory.hpp"

namespace memsizer::train {

/// Where a run stands, besides its weights and the optimiser's state.
struct TrainingState {
  Index step = 0;                        // steps done
  Index tokens = 0;                      // tokens scored in them
  double seconds = 0;                    // that the run has taken
  std::optional<double> best_loss = {};  // of the validations so far
  Index log_bytes = 0;                   // length of metrics.jsonl at this point
};

namespace detail {

inline bool all_finite(std::span<const float> values) {
  return std::ranges::all_of(values, [](float value) { return std::isfinite(value); });
}

/// The values of each parameter's part of a flat tensor, added to a file under prefix + the parameter's name.
inline void add_parameters(files::SafetensorsWriter& writer, std::vector<std::vector<float>>& kept,
                           const nn::ParameterStore<float>& store, const Tensor<float>& flat,
                           const std::string& prefix, Index step) {
  for (const auto& entry : store.entries()) {
    kept.push_back(flat.view(entry.offset, entry.parameter->shape).to_vector());
    if (!all_finite(kept.back()))
      throw Error(concatenate("step ", step, ": ", prefix, entry.name,
                              " is not finite, so nothing is saved. A lower learning_rate or a clip may "
                              "help; the last checkpoint is unharmed."));
    writer.add(prefix + entry.name, entry.parameter->shape.extents(), kept.back());
  }
}

inline void require_count(const files::SafetensorsReader& reader, std::size_t expected) {
  require(reader.tensors().size() == expected, reader.path().string(), ": ", expected,
          " tensors expected, got ", reader.tensors().size());
}

inline void require_shape(const files::SafetensorsReader& reader, const std::string& name,
                          const Shape& expected) {
  const files::TensorInfo& info = reader.info(name);
  require(std::ranges::equal(info.shape, expected.extents()), reader.path().string(), ": tensor ", name,
          ": shape ", expected, " expected, got ", files::shape_text(info.shape));
  require(info.dtype == files::dtype_of<float>(), reader.path().string(), ": tensor ", name, ": dtype ",
          files::dtype_of<float>(), " expected, got ", info.dtype);
}

/// Reads what add_parameters has written. Every parameter must be there with its shape and finite values.
inline void read_parameters(const files::SafetensorsReader& reader, const nn::ParameterStore<float>& store,
                            const Tensor<float>& flat, const std::string& prefix) {
  for (const auto& entry : store.entries()) {
    const std::string name = prefix + entry.name;
    require_shape(reader, name, entry.parameter->shape);
    const std::vector<float> values = reader.read<float>(name);
    require(all_finite(values), reader.path().string(), ": tensor ", name,
            ": finite values expected, got one that is not");
    flat.view(entry.offset, entry.parameter->shape).copy_from(values);
  }
}

}  // namespace detail

/// The file of weights in a checkpoint's folder.
inline files::SafetensorsReader open_weights(const std::filesystem::path& checkpoint) {
  return files::SafetensorsReader(checkpoint / "model.safetensors");
}

/// The weights that evaluation and generation use. A process that trains the run may point to another
/// checkpoint and remove the one that was to be opened: then that other one is.
inline files::SafetensorsReader open_weights(const RunDirectory& run) {
  std::filesystem::path checkpoint = run.checkpoint_to_use();
  while (true) {
    try {
      return open_weights(checkpoint);
    } catch (const Error&) {
      std::filesystem::path now = run.checkpoint_to_use();
      if (now == checkpoint) throw;
      checkpoint = std::move(now);
    }
  }
}

/// The model itself, once a file of weights is known to hold its parameters with their shapes: before memory
/// is taken for a model that they may not be of.
inline nn::Module<float>& fitting(const files::SafetensorsReader& weights, nn::Module<float>& model) {
  std::size_t count = 0;
  model.for_each_parameter([&](const std::string& name, const nn::Parameter<float>& parameter) {
    detail::require_shape(weights, name, parameter.shape);
    ++count;
  });
  detail::require_count(weights, count);
  return model;
}

/// A file of weights, into a model of the same configuration.
inline void load_weights(const files::SafetensorsReader& weights, const nn::ParameterStore<float>& store) {
  detail::require_count(weights, store.entries().size());
  detail::read_parameters(weights, store, store.weights(), "");
}

/// Writes the folder of a step; it appears when all of it is on the disk. `position` is the task's. Error
/// naming a tensor that is not finite: nothing is written then.
inline void save_checkpoint(const RunDirectory& run, const nn::ParameterStore<float>& store,
                            const optim::Optimiser<float>& optimiser, const TrainingState& state,
                            const nlohmann::ordered_json& position) {
  std::vector<std::vector<float>> kept;
  files::SafetensorsWriter model, training;
  detail::add_parameters(model, kept, store, store.weights(), "", state.step);
  for (const auto& moments : optimiser.states())
    detail::add_parameters(training, kept, store, moments.values, moments.name + '.', state.step);
  const std::filesystem::path checkpoints = run.path() / "checkpoints";
  if (::mkdir(checkpoints.c_str(), 0777) != 0 && errno != EEXIST)
    files::throw_errno("create", checkpoints, errno);
  files::AtomicFolder folder(run.checkpoint(concatenate("step-", state.step)));
  model.write(folder.path() / "model.safetensors");
  training.write(folder.path() / "training.safetensors");
  nlohmann::ordered_json json;
  json["step"] = state.step;
  json["tokens"] = state.tokens;
  json["seconds"] = state.seconds;
  json["best_loss"] = files::or_null(state.best_loss);
  json["log_bytes"] = state.log_bytes;
  json["optimizer_steps"] = optimiser.steps();
  json["position"] = position;
  files::write_file_atomically(folder.path() / "state.json", files::dump_json(json));
  folder.commit();
}

namespace detail {

/// What state.json of the folder step-N says; it must be of that step.
inline TrainingState read_state(const files::JsonView& json, const std::string& folder) {
  const auto count = [&](const char* name) {
    const auto value = json.get<Index>(name);
    constexpr Index most = 1'000'000'000'000'000;
    if (value < 0 || value > most) json.at(name).fail("a count from 0 to ", most, " expected, got ", value);
    return value;
  };
  TrainingState state{.step = count("step"),
                      .tokens = count("tokens"),
                      .seconds = json.get<double>("seconds"),
                      .log_bytes = count("log_bytes")};
  if (concatenate("step-", state.step) != folder)
    json.at("step").fail("the step of the folder ", folder, " expected, got ", state.step);
  if (!(state.seconds >= 0 && state.seconds < 1e10))
    json.at("seconds").fail("seconds of a run expected, got ", state.seconds);
  if (!json.at("best_loss").is_null()) state.best_loss = json.get<double>("best_loss");
  if (const Index steps = count("optimizer_steps"); steps != state.step)
    json.at("optimizer_steps").fail("one for each of ", state.step, " steps expected, got ", steps);
  return state;
}

}  // namespace detail

/// Puts weights and optimiser back and gives the task's position to `use_position`. InputError naming the
/// file where a part is absent, damaged or of another model, or of another step than the folder's name says.
template <class Use>
TrainingState load_checkpoint(const std::filesystem::path& checkpoint, const nn::ParameterStore<float>& store,
                              optim::Optimiser<float>& optimiser, const Use& use_position) {
  load_weights(open_weights(checkpoint), store);
  const files::SafetensorsReader training(checkpoint / "training.safetensors");
  detail::require_count(training, store.entries().size() * optimiser.states().size());
  for (const auto& moments : optimiser.states())
    detail::read_parameters(training, store, moments.values, moments.name + '.');
  const std::filesystem::path file = checkpoint / "state.json";
  const files::Json document = files::read_json(file);
  const files::JsonView json(document, file.string());
  const TrainingState state = detail::read_state(json, checkpoint.filename().string());
  optimiser.set_steps(state.step);
  at_file(file, [&] { use_position(json.at("position")); });
  return state;
}

}  // namespace memsizer::train
