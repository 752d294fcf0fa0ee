#pragma once
// An attention kind's description: what it promises to do.

#include <algorithm>
#include <array>
#include <initializer_list>
#include <string_view>

#include "memsizer/base/requirements.hpp"

namespace memsizer::nn {

/// A list of up to eight names, which may be constexpr.
class NameList {
 public:
  constexpr NameList() = default;
  constexpr NameList(std::initializer_list<std::string_view> names) : size_(names.size()) {
    std::copy(names.begin(), names.end(), names_.begin());
  }

  constexpr const std::string_view* begin() const { return names_.data(); }
  constexpr const std::string_view* end() const { return names_.data() + size_; }

 private:
  std::array<std::string_view, 8> names_ = {};
  std::size_t size_ = 0;
};

/// The promises of a kind. Tests check them. A layer refuses any use that its kind does not promise.
struct AttentionDescription {
  const char* name;            // the name in configurations, such as "memsizer"
  bool causal = false;         // self-attention to the token and those before it, with a state
  bool bidirectional = false;  // self-attention to all tokens
  bool cross = false;          // attention to a source
  bool any_cut = false;        // a causal sequence gives the same values however it is cut into segments
  bool document_boundaries = false;  // documents may begin inside a segment
  bool absolute_positions = true;    // the model adds positions to its input; false: the kind has its own
  NameList settings = {};            // the configuration keys that it reads besides dim
  NameList auxiliary_losses = {};    // names of losses that it may add to the model's

  /// Whether a layer of this kind, or the model for it, reads the setting.
  constexpr bool reads(std::string_view setting) const {
    if (setting == "positions") return absolute_positions;
    return std::find(settings.begin(), settings.end(), setting) != settings.end();
  }
};

}  // namespace memsizer::nn
