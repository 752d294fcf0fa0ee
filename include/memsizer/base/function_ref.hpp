#pragma once
// A parameter that takes any function object but is no template, so that the function with this parameter is
// compiled once.

#include <memory>
#include <type_traits>
#include <utility>

#include "memsizer/base/checked.hpp"

namespace memsizer {

template <class Signature>
class FunctionRef;

/// A reference to a function object, which must outlive the call; like std::function_ref of C++26.
template <class Result, class... Arguments>
class FunctionRef<Result(Arguments...)> {
 public:
  template <class Function>
  requires(!std::is_same_v<std::remove_cvref_t<Function>, FunctionRef> &&
           std::is_object_v<std::remove_reference_t<Function>> &&
           std::is_invocable_r_v<Result, Function&, Arguments...>) FunctionRef(Function&& function)
      : object_(const_cast<void*>(static_cast<const void*>(std::addressof(function)))),
        call_([](void* object, Arguments... arguments) -> Result {
          return (*static_cast<std::remove_reference_t<Function>*>(object))(
              std::forward<Arguments>(arguments)...);
        }) {}

  Result operator()(Arguments... arguments) const {
    return call_(object_, std::forward<Arguments>(arguments)...);
  }

 private:
  void* object_;
  Result (*call_)(void*, Arguments...);
};

/// body(begin, end) of a loop over a range of indices.
using LoopBody = FunctionRef<void(Index, Index)>;

}  // namespace memsizer
