#pragma once
// A module is a part of a network. It has named parameters and named modules within it, its children.

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "memsizer/nn/initialisation.hpp"
#include "memsizer/ops/ops.hpp"

namespace memsizer::nn {

/// A tensor that training changes. Its shape is known from the start; a ParameterStore gives it elements.
template <class T>
struct Parameter {
  std::string name;
  Shape shape;
  Initialiser initialiser;
  Tensor<T> value = {};
  std::weak_ptr<const void> store = {};  // expired if no ParameterStore holds this parameter

  /// The elements. InputError if no ParameterStore has given them yet.
  const Tensor<T>& tensor() const {
    require(value.defined(), "parameter ", name, " of shape ", shape,
            " has no elements: a ParameterStore gives them to a module that is registered by child()");
    return value;
  }
  operator const Tensor<T>&() const { return tensor(); }
};

/// A module registers its parameters and children by name in its constructor. A parameter's full name is the
/// path of names joined by dots, as in PyTorch: blocks.0.self_attn.q_proj.weight.
template <class T>
class Module {
 public:
  Module() = default;
  Module(const Module&) = delete;
  Module& operator=(const Module&) = delete;
  virtual ~Module() = default;

  /// Calls visit(full name, parameter) for every parameter: first the module's own, then its children's, each
  /// in the order of registration.
  template <class Visit>
  void for_each_parameter(const Visit& visit, const std::string& prefix = "") {
    for (const auto& parameter : parameters_) visit(prefix + parameter->name, *parameter);
    for (const auto& [name, child] : children_) child->for_each_parameter(visit, prefix_of(prefix, name));
  }
  template <class Visit>
  void for_each_parameter(const Visit& visit, const std::string& prefix = "") const {
    for (const auto& parameter : parameters_) visit(prefix + parameter->name, std::as_const(*parameter));
    for (const auto& [name, child] : children_)
      std::as_const(*child).for_each_parameter(visit, prefix_of(prefix, name));
  }

  /// Tells this module and all below it their full names, from which dropout derives its random streams.
  /// ParameterStore calls this.
  void set_path(const std::string& path) {
    path_key_ = name_key(path);
    for (const auto& [name, child] : children_)
      child->set_path(path.empty() || name.empty() ? path + name : path + '.' + name);
  }

  /// The random stream of dropout at a named place in this module, such as "attention_dropout".
  std::uint64_t stream(std::string_view place) const { return mix_keys(path_key_, name_key(place)); }

 protected:
  Parameter<T>& parameter(std::string name, Shape shape, Initialiser initialiser) {
    parameters_.push_back(std::make_unique<Parameter<T>>(Parameter<T>{std::move(name), shape, initialiser}));
    return *parameters_.back();
  }

  /// Registers a child, which must live as long as this module: it is a member, or a member owns it. With an
  /// empty name, the parts of the child are named as if they were this module's own.
  void child(std::string name, Module& module) { children_.emplace_back(std::move(name), &module); }

 private:
  static std::string prefix_of(const std::string& prefix, const std::string& name) {
    return name.empty() ? prefix : prefix + name + '.';
  }

  std::vector<std::unique_ptr<Parameter<T>>> parameters_;
  std::vector<std::pair<std::string, Module*>> children_;
  std::uint64_t path_key_ = name_key("");
};

/// The number of trained values. A table that is also the output layer counts once.
template <class T>
Index parameter_count(const Module<T>& module) {
  Index count = 0;
  module.for_each_parameter([&](const std::string&, const Parameter<T>& parameter) {
    count = checked_sum(count, parameter.shape.size(), "parameters");
  });
  return count;
}

}  // namespace memsizer::nn
