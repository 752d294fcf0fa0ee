#pragma once
// What a data set says of examples that it lacks.

#include <string>

#include "memsizer/base/checked.hpp"

namespace memsizer::data {

/// Examples that a data set names, as XSum's official split does, and whose files are not there.
struct MissingExamples {
  Index count = 0;
  std::string first = {};  ///< the id of the first one

  bool operator==(const MissingExamples&) const = default;
};

}  // namespace memsizer::data
