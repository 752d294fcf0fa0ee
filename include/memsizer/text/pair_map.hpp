#pragma once
// A hash map from pairs of token ids, the innermost look-up of encoding and training.

#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "memsizer/text/token_id.hpp"

namespace memsizer::text {

namespace detail {

/// Fibonacci hashing: the high bits are well mixed.
inline std::uint64_t hash_of_pair(TokenId left, TokenId right) {
  const auto key = static_cast<std::uint64_t>(left) << 32 | static_cast<std::uint32_t>(right);
  return key * 0x9E3779B97F4A7C15;
}

}  // namespace detail

/// Open addressing with linear probing in a table at most half full. Ids must not be negative.
template <class Value>
class PairMap {
 public:
  explicit PairMap(size_t expected = 0) : slots_(std::bit_ceil(2 * expected + 2)) {}

  size_t size() const { return size_; }

  const Value* find(TokenId left, TokenId right) const {
    const Slot& slot = slots_[place(left, right)];
    return slot.left == left ? &slot.value : nullptr;
  }
  Value* find(TokenId left, TokenId right) {
    return const_cast<Value*>(std::as_const(*this).find(left, right));
  }

  /// The value of the pair; a new default value if it was absent. Insertion moves the other values.
  Value& operator()(TokenId left, TokenId right) {
    Slot* slot = &slots_[place(left, right)];
    if (slot->left == left) return slot->value;
    if (2 * (size_ + 1) > slots_.size()) {
      grow();
      slot = &slots_[place(left, right)];
    }
    ++size_;
    *slot = {left, right, Value()};
    return slot->value;
  }

 private:
  struct Slot {
    TokenId left = -1, right = -1;
    Value value = Value();
  };

  /// The slot of the pair, or the empty slot into which it would go.
  size_t place(TokenId left, TokenId right) const {
    const size_t mask = slots_.size() - 1;
    size_t index = static_cast<size_t>(detail::hash_of_pair(left, right) >> 32) & mask;
    while (slots_[index].left != -1 && (slots_[index].left != left || slots_[index].right != right))
      index = (index + 1) & mask;
    return index;
  }

  void grow() {
    std::vector<Slot> old(2 * slots_.size());
    old.swap(slots_);
    for (Slot& slot : old)
      if (slot.left != -1) slots_[place(slot.left, slot.right)] = std::move(slot);
  }

  std::vector<Slot> slots_;
  size_t size_ = 0;
};

}  // namespace memsizer::text
