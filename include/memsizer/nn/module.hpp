#pragma once
// A module is a part of a network. It has named parameters and named modules within it, its children.

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "memsizer/base/linkage.hpp"
#include "memsizer/nn/parameter.hpp"

namespace memsizer::nn {

template <class T>
class Module;

namespace detail {

/// A module's parameters and children: what moves and is not copied. The copy constructor exists, so that the
/// compiler's error for a copy is one sentence. A deleted one would be reported through every class on the
/// way.
template <class T>
struct ModuleParts {
  struct Child {
    std::string name;
    Module<T>* module;
  };

  ModuleParts() = default;
  ModuleParts(ModuleParts&& other) noexcept
      : parameters(std::exchange(other.parameters, {})),
        children(std::exchange(other.children, {})),
        parent(std::exchange(other.parent, nullptr)) {}
  ModuleParts(const ModuleParts&) {
    static_assert(!std::is_same_v<T, T>,
                  "a module cannot be copied: move it, or build a second one and give it the weights of the "
                  "first with nn::save and nn::load");
  }
  ModuleParts& operator=(ModuleParts&&) = default;
  ModuleParts& operator=(const ModuleParts& other) { return *this = ModuleParts(other); }

  std::vector<std::unique_ptr<Parameter<T>>> parameters;
  std::vector<Child> children;
  Module<T>* parent = nullptr;  // it is told of moves, and of the end
};

}  // namespace detail

/// A module registers its parameters and children by name in its constructor. A parameter's full name is the
/// path of names joined by dots, as in PyTorch: blocks.0.self_attn.q_proj.weight. A module can be moved: its
/// parent then knows the new place, and a ParameterStore that holds it stays valid. A class whose members are
/// modules and ParameterMembers can be assigned, too.
template <class T>
class Module {
 public:
  Module() = default;
  Module(const Module&) = default;
  Module(Module&& other) noexcept;
  Module& operator=(const Module&) = default;
  /// Ends the old parameters and children and takes those of `other`, as the constructor does. InputError if
  /// this module has a parent, in which the old parameters have their names, or if a ParameterStore, which
  /// points to them, holds one.
  Module& operator=(Module&& other);
  /// A parent forgets a child that is gone.
  virtual ~Module();

  /// Calls visit(full name, parameter) for every parameter: first the module's own, then its children's, each
  /// in the order of registration.
  template <class Visit>
  void for_each_parameter(const Visit& visit, const std::string& prefix = "") {
    for (const auto& parameter : parts_.parameters) visit(prefix + parameter->name, *parameter);
    for (const auto& [name, child] : parts_.children)
      child->for_each_parameter(visit, prefix_of(prefix, name));
  }
  template <class Visit>
  void for_each_parameter(const Visit& visit, const std::string& prefix = "") const {
    for (const auto& parameter : parts_.parameters)
      visit(prefix + parameter->name, std::as_const(*parameter));
    for (const auto& [name, child] : parts_.children)
      std::as_const(*child).for_each_parameter(visit, prefix_of(prefix, name));
  }

  /// Tells this module and all below it their full names, from which dropout derives its random streams.
  /// ParameterStore calls this.
  void set_path(const std::string& path);

  /// The random stream of dropout at a named place in this module, such as "attention_dropout".
  std::uint64_t stream(std::string_view place) const {
    return mix_keys(path_key_.value_or(name_key("")), name_key(place));
  }
  /// Whether set_path was called. Before that, all modules have the same random streams.
  bool has_path() const { return path_key_.has_value(); }

  /// All parameters, own before the children's. Optimisers take a ParameterStore, in which they lie flat.
  std::vector<Parameter<T>*> parameters();

 protected:
  Parameter<T>& parameter(std::string name, Shape shape, Initialiser initialiser);

  /// Registers a child: it is a member, or a member owns it. With an empty name, the parts of the child are
  /// named as if they were this module's own. InputError where the child has a parent already.
  void child(std::string name, Module& part);

 private:
  static std::string prefix_of(const std::string& prefix, const std::string& name) {
    return name.empty() ? prefix : prefix + name + '.';
  }
  /// The entry of a child, which must be there.
  auto entry_of(const Module& module) {
    auto entry = parts_.children.begin();
    while (entry->module != &module) ++entry;
    return entry;
  }

  /// Tells children and parent, which knew `other`, that they belong to this module.
  void adopt_relatives(const Module& other);
  void forget_children() {
    for (auto& child : parts_.children) child.module->parts_.parent = nullptr;
  }

  detail::ModuleParts<T> parts_;
  std::optional<std::uint64_t> path_key_;
};

#if MEMSIZER_CORE_HAS_BODIES

template <class T>
void Module<T>::set_path(const std::string& path) {
  path_key_ = name_key(path);
  for (const auto& [name, child] : parts_.children)
    child->set_path(path.empty() || name.empty() ? path + name : path + '.' + name);
}

template <class T>
std::vector<Parameter<T>*> Module<T>::parameters() {
  std::vector<Parameter<T>*> all;
  for_each_parameter([&](const std::string&, Parameter<T>& parameter) { all.push_back(&parameter); });
  return all;
}

template <class T>
void Module<T>::child(std::string name, Module& part) {
  require(part.parts_.parent == nullptr, "module: child(\"", name,
          "\") of a module that is registered already");
  parts_.children.push_back({std::move(name), &part});
  part.parts_.parent = this;
}

template <class T>
Module<T>::Module(Module&& other) noexcept : parts_(std::move(other.parts_)), path_key_(other.path_key_) {
  adopt_relatives(other);
}

template <class T>
Module<T>& Module<T>::operator=(Module&& other) {
  if (this == &other) return *this;
  require(parts_.parent == nullptr,
          "module: the child of another module was assigned to; assign to the outermost module");
  for_each_parameter([](const std::string& name, const Parameter<T>& parameter) {
    require(parameter.store.expired(), "module: assigned to while a ParameterStore or its optimiser holds ",
            name, "; assign first, then make the store, or end both before");
  });
  forget_children();
  parts_ = detail::ModuleParts<T>(std::move(other.parts_));
  path_key_ = other.path_key_;
  adopt_relatives(other);
  return *this;
}

template <class T>
void Module<T>::adopt_relatives(const Module& other) {
  for (auto& child : parts_.children) child.module->parts_.parent = this;
  if (parts_.parent != nullptr) parts_.parent->entry_of(other)->module = this;
}

template <class T>
Parameter<T>& Module<T>::parameter(std::string name, Shape shape, Initialiser initialiser) {
  parts_.parameters.push_back(
      std::make_unique<Parameter<T>>(Parameter<T>{std::move(name), shape, initialiser}));
  return *parts_.parameters.back();
}

template <class T>
Module<T>::~Module() {
  forget_children();
  if (parts_.parent != nullptr) parts_.parent->parts_.children.erase(parts_.parent->entry_of(*this));
}

#endif

/// The number of trained values. A table that is also the output layer counts once.
template <class T>
Index parameter_count(const Module<T>& root) {
  Index count = 0;
  root.for_each_parameter([&](const std::string&, const Parameter<T>& parameter) {
    count = checked_sum(count, parameter.shape.size(), "parameters");
  });
  return count;
}

}  // namespace memsizer::nn
