#pragma once
// What an attention kind says of itself.

#include <algorithm>
#include <array>
#include <initializer_list>
#include <string_view>

namespace memsizer::nn {

/// Up to eight names, known to the compiler.
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

/// The promises of a kind. Tests and checks follow them, and whoever uses a kind reads them: a promise that
/// is false is a test that fails, one that is left out is a use that is refused.
struct AttentionDescription {
  const char* name;            // in configurations: "memsizer"
  bool causal = false;         // self-attention to a token itself and those before it, with a state
  bool bidirectional = false;  // self-attention to all tokens
  bool cross = false;          // attention to a source
  bool any_cut = false;        // a causal sequence gives the same values however it is cut into segments
  bool document_boundaries = false;  // documents may begin inside of a segment
  bool absolute_positions = true;    // the model adds positions to its input; else the kind brings its own
  NameList settings = {};            // the configuration keys that it reads besides dim
  NameList auxiliary_losses = {};    // what it may add to the model's loss
};

}  // namespace memsizer::nn
