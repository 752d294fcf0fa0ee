#pragma once
// Weights as safetensors files, which Hugging Face's package reads and writes too:
// safetensors.torch.load_file.

#include <filesystem>

#include "memsizer/base/linkage.hpp"
#include "memsizer/nn/parameter_store.hpp"
#if MEMSIZER_CORE_HAS_BODIES
#include "memsizer/nn/weights_file.hpp"
#endif

namespace memsizer::nn {

/// Writes the weights that a store trains to a file, under their full names ("encoder.weight"), as
/// Accumulate<T>: of a bfloat16 module the float masters. The file appears complete or not at all. Error
/// where a weight is not finite or the disk is full; an old file then stays as it was.
template <class T>
void save(const ParameterStore<T>& store, const std::filesystem::path& path);

/// Reads what save() or another program wrote. The file must hold the store's parameters and nothing else,
/// with equal names and shapes. Floating-point types are converted. InputError that names file, tensor and
/// shape where something does not fit; no weight has changed then.
template <class T>
void load(const ParameterStore<T>& store, const std::filesystem::path& path);

/// The same for a module whose parameters have elements. A bfloat16 module needs its store, which holds the
/// masters.
template <class T>
void save(const Module<T>& module, const std::filesystem::path& path);
template <class T>
void load(Module<T>& module, const std::filesystem::path& path);
template <class T>
requires(!accumulates_itself<T>) void save(const Module<T>&, const std::filesystem::path&) {
  static_assert(accumulates_itself<T>, "save(store, path) writes the masters of a module of this type");
}
template <class T>
requires(!accumulates_itself<T>) void load(Module<T>&, const std::filesystem::path&) {
  static_assert(accumulates_itself<T>, "load(store, path) sets the masters of a module of this type");
}

#if MEMSIZER_CORE_HAS_BODIES
template <class T>
void save(const ParameterStore<T>& store, const std::filesystem::path& path) {
  detail::save_numbers<Accumulate<T>>(path, names_and_shapes(store),
                                      [&](std::size_t i) { return store.values(store.entries()[i]); });
}

template <class T>
void load(const ParameterStore<T>& store, const std::filesystem::path& path) {
  load(store, files::SafetensorsReader(path));
}

template <class T>
void save(const Module<T>& module, const std::filesystem::path& path) {
  const auto tensors = detail::tensors_of(module);
  detail::save_numbers<T>(path, names_and_shapes(module),
                          [&](std::size_t i) { return tensors[i].to_vector(); });
}
template <class T>
void load(Module<T>& module, const std::filesystem::path& path) {
  auto tensors = detail::tensors_of(module);
  const auto numbers = detail::read_all_numbers<T>(files::SafetensorsReader(path), names_and_shapes(module),
                                                   files::Convert::floats);
  for (std::size_t i = 0; i < tensors.size(); ++i) tensors[i].copy_from(numbers[i]);
}
#endif

}  // namespace memsizer::nn

/// What memsizer::kernels holds of this file, as MEMSIZER_CORE_CLASSES says it of the classes.
#define MEMSIZER_SAVING(INSTANTIATE, T)                                                                 \
  MEMSIZER_SAVING_STORES(INSTANTIATE, T);                                                               \
  INSTANTIATE void memsizer::nn::save<T>(const memsizer::nn::Module<T>&, const std::filesystem::path&); \
  INSTANTIATE void memsizer::nn::load<T>(memsizer::nn::Module<T>&, const std::filesystem::path&)

/// The part of it that bfloat16 has too.
#define MEMSIZER_SAVING_STORES(INSTANTIATE, T)                                   \
  INSTANTIATE void memsizer::nn::save<T>(const memsizer::nn::ParameterStore<T>&, \
                                         const std::filesystem::path&);          \
  INSTANTIATE void memsizer::nn::load<T>(const memsizer::nn::ParameterStore<T>&, const std::filesystem::path&)
