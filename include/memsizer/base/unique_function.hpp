#pragma once
// A function object of any type, owned. <functional> would read the hash tables into every file that includes
// the tape.

#include <memory>
#include <utility>

#include "memsizer/base/requirements.hpp"

namespace memsizer {

template <class Signature>
class UniqueFunction;

/// Moved and never copied, so that the function may own what cannot be copied; like std::move_only_function
/// of C++23.
template <class Result, class... Arguments>
class UniqueFunction<Result(Arguments...)> {
 public:
  template <class Function>
  requires(!std::is_same_v<Function, UniqueFunction> &&
           std::is_invocable_r_v<Result, const Function&, Arguments...>) UniqueFunction(Function function)
      : function_(new Function(std::move(function)), [](void* own) { delete static_cast<Function*>(own); }),
        call_([](const void* own, Arguments... arguments) -> Result {
          return (*static_cast<const Function*>(own))(std::forward<Arguments>(arguments)...);
        }) {}

  Result operator()(Arguments... arguments) const {
    return call_(function_.get(), std::forward<Arguments>(arguments)...);
  }

 private:
  std::unique_ptr<void, void (*)(void*)> function_;
  Result (*call_)(const void*, Arguments...);
};

}  // namespace memsizer
