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

/// The values of each parameter's part of a flat tensor, added to a file under prefix + the parameter's name.
inline void add_parameters(files::SafetensorsWriter& writer, std::vector<std::vector<float>>& kept,
                           const nn::ParameterStore<float>& store, const Tensor<float>& flat,
                           const std::string& prefix) {
  for (const auto& entry : store.entries()) {
    kept.push_back(flat.view(entry.offset, entry.parameter->shape).to_vector());
    writer.add(prefix + entry.name, entry.parameter->shape.extents(), kept.back());
  }
}

/// Reads them back. Every parameter must be there with its shape.
inline void read_parameters(const files::SafetensorsReader& reader, const nn::ParameterStore<float>& store,
                            const Tensor<float>& flat, const std::string& prefix) {
  for (const auto& entry : store.entries()) {
    const std::string name = prefix + entry.name;
    const Shape shape(reader.info(name).shape);
    require(shape == entry.parameter->shape, reader.path().string(), ": tensor ", name, ": shape ",
            entry.parameter->shape, " expected, got ", shape);
    flat.view(entry.offset, shape).copy_from(reader.read<float>(name));
  }
}

inline void require_count(const files::SafetensorsReader& reader, std::size_t expected) {
  require(reader.tensors().size() == expected, reader.path().string(), ": ", expected,
          " tensors expected, got ", reader.tensors().size());
}

}  // namespace detail

/// The weights of a checkpoint's folder, into a model of the same configuration.
inline void load_weights(const std::filesystem::path& checkpoint, const nn::ParameterStore<float>& store) {
  const files::SafetensorsReader reader(checkpoint / "model.safetensors");
  detail::require_count(reader, store.entries().size());
  detail::read_parameters(reader, store, store.weights(), "");
}

/// Writes the folder of a step; it appears when all of it is on the disk. `position` is the task's.
inline void save_checkpoint(const RunDirectory& run, const nn::ParameterStore<float>& store,
                            const optim::Optimiser<float>& optimiser, const TrainingState& state,
                            const nlohmann::ordered_json& position) {
  std::filesystem::create_directories(run.path() / "checkpoints");
  files::AtomicFolder folder(run.checkpoint(concatenate("step-", state.step)));
  std::vector<std::vector<float>> kept;
  files::SafetensorsWriter model, training;
  detail::add_parameters(model, kept, store, store.weights(), "");
  for (const auto& moments : optimiser.states())
    detail::add_parameters(training, kept, store, moments.values, moments.name + '.');
  model.write(folder.path() / "model.safetensors");
  training.write(folder.path() / "training.safetensors");
  nlohmann::ordered_json json;
  json["step"] = state.step;
  json["tokens"] = state.tokens;
  json["seconds"] = state.seconds;
  json["best_loss"] =
      state.best_loss ? nlohmann::ordered_json(*state.best_loss) : nlohmann::ordered_json(nullptr);
  json["log_bytes"] = state.log_bytes;
  json["optimizer_steps"] = optimiser.steps();
  json["position"] = position;
  files::write_file_atomically(folder.path() / "state.json", files::dump_json(json));
  folder.commit();
}

/// Puts weights and optimiser back and gives the task's position to `use_position`.
template <class Use>
TrainingState load_checkpoint(const std::filesystem::path& checkpoint, const nn::ParameterStore<float>& store,
                              optim::Optimiser<float>& optimiser, const Use& use_position) {
  load_weights(checkpoint, store);
  const files::SafetensorsReader training(checkpoint / "training.safetensors");
  detail::require_count(training, store.entries().size() * optimiser.states().size());
  for (const auto& moments : optimiser.states())
    detail::read_parameters(training, store, moments.values, moments.name + '.');
  const std::filesystem::path file = checkpoint / "state.json";
  const files::Json document = files::read_json(file);
  const files::JsonView json(document, file.string());
  TrainingState state{.step = json.get<Index>("step"),
                      .tokens = json.get<Index>("tokens"),
                      .seconds = json.get<double>("seconds"),
                      .log_bytes = json.get<Index>("log_bytes")};
  if (!json.at("best_loss").is_null()) state.best_loss = json.get<double>("best_loss");
  require(state.step >= 0 && state.tokens >= 0 && state.log_bytes >= 0, file.string(),
          ": counts of at least 0 expected");
  optimiser.set_steps(json.get<Index>("optimizer_steps"));
  use_position(json.at("position"));
  return state;
}

}  // namespace memsizer::train
