#pragma once
// The tensors of a file of weights: whether they fit a model, and their numbers. save.hpp is the way to save
// and load a model in one call.

#include "memsizer/base/linkage.hpp"
#include "memsizer/files/safetensors.hpp"
#include "memsizer/nn/parameter_store.hpp"

namespace memsizer::nn {

/// InputError unless a file has a tensor of this name and shape, and of the dtype of A; with Convert::floats
/// of any floating-point dtype.
template <class A>
void require_tensor(const files::SafetensorsReader& file, const std::string& name, const Shape& shape,
                    files::Convert convert = files::Convert::no) {
  const files::TensorInfo& info = file.info(name);
  require(std::ranges::equal(info.shape, shape.extents()), file.path().string(), ": tensor ", name,
          ": shape ", shape, " expected, got ", files::shape_text(info.shape));
  require(convert == files::Convert::floats || info.dtype == files::dtype_of<A>(), file.path().string(),
          ": tensor ", name, ": dtype ", files::dtype_of<A>(), " expected, got ", info.dtype);
}

/// InputError unless a file has this many tensors.
inline void require_count(const files::SafetensorsReader& file, std::size_t expected) {
  require(file.tensors().size() == expected, file.path().string(), ": ", expected, " tensors expected, got ",
          file.tensors().size());
}

/// Names and shapes of parameters.
using NamedShapes = std::vector<std::pair<std::string, Shape>>;

template <class T>
NamedShapes names_and_shapes(const Module<T>& root) {
  NamedShapes parameters;
  root.for_each_parameter([&](const std::string& name, const Parameter<T>& parameter) {
    parameters.emplace_back(name, parameter.shape);
  });
  return parameters;
}
template <class T>
NamedShapes names_and_shapes(const ParameterStore<T>& store) {
  NamedShapes parameters;
  for (const auto& entry : store.entries()) parameters.emplace_back(entry.name, entry.parameter->shape);
  return parameters;
}

/// InputError unless a file has tensors for exactly these parameters, as require_tensor() asks of each.
template <class A>
void require_fits(const files::SafetensorsReader& file, const NamedShapes& parameters,
                  files::Convert convert = files::Convert::no) {
  for (const auto& [name, shape] : parameters) require_tensor<A>(file, name, shape, convert);
  require_count(file, parameters.size());
}

/// The numbers of one tensor, row-major. InputError as in require_tensor(), and where a number is not finite.
template <class A>
std::vector<A> read_numbers(const files::SafetensorsReader& file, const std::string& name, const Shape& shape,
                            files::Convert convert = files::Convert::no) {
  require_tensor<A>(file, name, shape, convert);
  std::vector<A> values = file.read<A>(name, convert);
  require(all_finite(std::span<const A>(values)), file.path().string(), ": tensor ", name,
          ": finite values expected, got one that is not");
  return values;
}

namespace detail {

/// Writes named parameters. get(i) gives the numbers of parameter i.
template <class A, class Get>
void save_numbers(const std::filesystem::path& path, const NamedShapes& parameters, const Get& get) {
  files::SafetensorsWriter writer;
  std::vector<std::vector<A>> kept;  // the writer holds views until it writes
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const auto& [name, shape] = parameters[i];
    kept.push_back(get(i));
    require(all_finite(std::span<const A>(kept.back())), "save: ", name, " is not finite, so ", path.string(),
            " is not written");
    writer.add(name, shape.extents(), kept.back());
  }
  writer.write(path);
}

/// The numbers of all parameters, once all of them are known to fit: a file that does not fit changes
/// nothing.
template <class A>
std::vector<std::vector<A>> read_all_numbers(const files::SafetensorsReader& file,
                                             const NamedShapes& parameters, files::Convert convert) {
  require_fits<A>(file, parameters, convert);
  std::vector<std::vector<A>> numbers;
  for (const auto& [name, shape] : parameters) numbers.push_back(read_numbers<A>(file, name, shape, convert));
  return numbers;
}

/// Handles to a module's parameters, in the order of their names. InputError where one has no elements.
template <class T>
std::vector<Tensor<T>> tensors_of(const Module<T>& root) {
  std::vector<Tensor<T>> tensors;
  root.for_each_parameter(
      [&](const std::string&, const Parameter<T>& parameter) { tensors.push_back(parameter.tensor()); });
  return tensors;
}

}  // namespace detail

/// Reads what save() or another program wrote. The file must hold the store's parameters and nothing else,
/// with equal names and shapes. Floating-point types are converted unless `convert` forbids it. InputError
/// that names file, tensor and shape where something does not fit; no weight has changed then.
template <class T>
void load(const ParameterStore<T>& store, const files::SafetensorsReader& file,
          files::Convert convert = files::Convert::floats);

#if MEMSIZER_CORE_HAS_BODIES
template <class T>
void load(const ParameterStore<T>& store, const files::SafetensorsReader& file, files::Convert convert) {
  const auto numbers = detail::read_all_numbers<Accumulate<T>>(file, names_and_shapes(store), convert);
  for (std::size_t i = 0; i < numbers.size(); ++i) store.set_values(store.entries()[i], numbers[i]);
}
#endif

}  // namespace memsizer::nn

/// What memsizer::kernels holds of this file, as MEMSIZER_CORE_CLASSES says it of the classes.
#define MEMSIZER_LOADING(INSTANTIATE, T)                                            \
  INSTANTIATE void memsizer::nn::load<T>(const memsizer::nn::ParameterStore<T>&,    \
                                         const memsizer::files::SafetensorsReader&, \
                                         memsizer::files::Convert)
