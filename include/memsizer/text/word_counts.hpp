#pragma once
// A hash table from words to counts. Counting looks up every word of a text, and nearly all of its time would
// go to waiting for memory. So a look-up reads one place: a word of at most 15 bytes, which is nearly every
// word, lies beside its count, and a reader of text asks for the place some words before it looks.

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "memsizer/base/checked.hpp"
#include "memsizer/base/error.hpp"
#include "memsizer/text/pre_tokenizer.hpp"

namespace memsizer::text {

namespace detail {

/// A word as two numbers. A short word: its bytes, zeros, and in the last byte its size + 1. A long word: a
/// hash, and in the last byte a mark; a table keeps the place of the bytes in the other seven.
struct WordKey {
  static constexpr size_t longest_short = 15;
  static constexpr std::uint64_t long_mark = 255;
  static_assert(std::endian::native == std::endian::little, "the last byte of a key is the highest");

  std::uint64_t low = 0, high = 0;

  bool operator==(const WordKey&) const = default;
  bool is_empty() const { return high == 0; }
  bool is_long() const { return high >> 56 == long_mark; }
  size_t short_size() const { return static_cast<size_t>(high >> 56) - 1; }

  /// Its low 32 bits are well mixed.
  std::uint64_t hash() const {
    if (is_long()) return low;
    return (low ^ std::rotl(high, 29) * 0xC2B2AE3D27D4EB4F) * 0x9E3779B97F4A7C15 >> 32;
  }
};

inline WordKey key_of_long(std::string_view word) {
  std::uint64_t hash = word.size();
  const auto mix = [&](const char* bytes) {
    std::uint64_t number;
    std::memcpy(&number, bytes, sizeof number);
    hash = (hash ^ number) * 0x9E3779B97F4A7C15;
    hash ^= hash >> 32;  // only the high bits of a product depend on all bits of its factors
  };
  for (size_t position = 0; position + 8 < word.size(); position += 8) mix(word.data() + position);
  mix(word.data() + word.size() - 8);
  return {hash, WordKey::long_mark << 56};
}

inline WordKey key_of(std::string_view word) {
  if (word.size() > WordKey::longest_short) return key_of_long(word);
  std::array<std::uint64_t, 2> bytes{};
  std::memcpy(bytes.data(), word.data(), word.size());
  return {bytes[0], bytes[1] | (word.size() + 1) << 56};
}

/// By size: ones over the bytes of a word of that size.
inline constexpr auto word_masks = [] {
  std::array<WordKey, WordKey::longest_short + 1> masks{};
  constexpr std::uint64_t ones = std::numeric_limits<std::uint64_t>::max();
  for (size_t size = 1; size < masks.size(); ++size)
    masks[size] = {size < 8 ? ones >> (64 - 8 * size) : ones, size > 8 ? ones >> (128 - 8 * size) : 0};
  return masks;
}();

/// The key of a short word of which, with the text after it, 16 bytes can be read. It is made without a
/// branch, so words of all sizes take the same time.
inline WordKey key_of_short(std::string_view word) {
  std::array<std::uint64_t, 2> bytes;
  std::memcpy(bytes.data(), word.data(), sizeof bytes);
  const WordKey& mask = word_masks[word.size()];
  return {bytes[0] & mask.low, (bytes[1] & mask.high) | (word.size() + 1) << 56};
}

}  // namespace detail

/// How often each word of a text occurs. The order of the words is no order that means anything.
class WordCounts {
  using Key = detail::WordKey;
  struct Slot {
    Key key;
    Index count = 0;
  };

 public:
  using value_type = std::pair<std::string_view, Index>;

  WordCounts() : slots_(64) {}
  WordCounts(std::initializer_list<value_type> words) : WordCounts() {
    for (const auto& [word, count] : words) (*this)[word] += count;
  }

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  /// The count of a word; null if it has none.
  const Index* find(std::string_view word) const {
    const Slot& slot = slots_[place(detail::key_of(word), word)];
    return slot.key.is_empty() ? nullptr : &slot.count;
  }
  bool contains(std::string_view word) const { return find(word) != nullptr; }

  /// The count of a word. InputError if it has none.
  Index at(std::string_view word) const {
    const Index* count = find(word);
    require(count != nullptr, "expected a word that was counted, got \"", word, "\"");
    return *count;
  }

  /// The count of a word, 0 if it is new. The next new word makes the reference invalid.
  Index& operator[](std::string_view word) { return count_of(detail::key_of(word), word); }

  /// Adds 1 to the count of each word of a text, as the split rule gives them.
  void add_words_of(std::string_view text);

  /// Adds the counts of another table.
  void add(const WordCounts& other) {
    for (const auto& [word, count] : other) (*this)[word] += count;
  }

  /// Whether both have the same words and counts.
  bool operator==(const WordCounts& other) const {
    if (size() != other.size()) return false;
    return std::all_of(begin(), end(), [&](const value_type& entry) {
      const Index* count = other.find(entry.first);
      return count != nullptr && *count == entry.second;
    });
  }

  class Iterator {
   public:
    using difference_type = std::ptrdiff_t;
    using value_type = WordCounts::value_type;
    using reference = value_type;
    using pointer = void;
    using iterator_category = std::input_iterator_tag;

    Iterator(const WordCounts& counts, size_t place) : counts_(&counts), place_(place) { skip_empty(); }
    value_type operator*() const { return {counts_->word_of(slot()), slot().count}; }
    Iterator& operator++() {
      ++place_;
      skip_empty();
      return *this;
    }
    bool operator==(const Iterator&) const = default;

   private:
    const Slot& slot() const { return counts_->slots_[place_]; }
    void skip_empty() {
      while (place_ < counts_->slots_.size() && slot().key.is_empty()) ++place_;
    }

    const WordCounts* counts_;
    size_t place_;
  };

  Iterator begin() const { return {*this, 0}; }
  Iterator end() const { return {*this, slots_.size()}; }

 private:
  std::string_view word_of(const Slot& slot) const {
    if (!slot.key.is_long()) return {reinterpret_cast<const char*>(&slot.key), slot.key.short_size()};
    const size_t place = slot.key.high & ~(Key::long_mark << 56);
    size_t size;
    std::memcpy(&size, long_words_.data() + place, sizeof size);
    return {long_words_.data() + place + sizeof size, size};
  }

  bool holds(const Slot& slot, const Key& key, std::string_view word) const {
    if (!key.is_long()) return slot.key == key;
    return slot.key.low == key.low && slot.key.is_long() && word_of(slot) == word;
  }

  /// The slot of a word, or the empty slot into which it would go.
  size_t place(const Key& key, std::string_view word) const {
    size_t place = home(key);
    while (!slots_[place].key.is_empty() && !holds(slots_[place], key, word))
      place = (place + 1) & (slots_.size() - 1);
    return place;
  }

  size_t home(const Key& key) const { return key.hash() & (slots_.size() - 1); }

  /// `word` may be empty if the key is that of a short word.
  Index& count_of(const Key& key, std::string_view word) {
    Slot* slot = &slots_[place(key, word)];
    if (!slot->key.is_empty()) return slot->count;
    if (2 * (size_ + 1) > slots_.size()) {
      grow();
      slot = &slots_[place(key, word)];
    }
    ++size_;
    slot->key = key;
    if (key.is_long()) {
      slot->key.high |= long_words_.size();
      const size_t size = word.size();
      long_words_.append(reinterpret_cast<const char*>(&size), sizeof size).append(word);
    }
    return slot->count;
  }

  void grow() {
    std::vector<Slot> old(2 * slots_.size());
    old.swap(slots_);
    for (const Slot& slot : old) {
      if (slot.key.is_empty()) continue;
      size_t place = home(slot.key);
      while (!slots_[place].key.is_empty()) place = (place + 1) & (slots_.size() - 1);
      slots_[place] = slot;
    }
  }

  std::vector<Slot> slots_;  // a power of two, at most half full
  size_t size_ = 0;
  std::string long_words_;  // the size of each in 8 bytes, then its bytes
};

inline void WordCounts::add_words_of(std::string_view text) {
  std::array<Key, 64> waiting;
  size_t count = 0;
  const auto count_waiting = [&] {
    for (size_t i = 0; i < count; ++i) ++count_of(waiting[i], {});
    count = 0;
  };
  const char* const end = text.data() + text.size();
  for_each_word(text, [&](std::string_view word) {
    if (word.size() > Key::longest_short || end - word.data() < 16) {
      ++(*this)[word];
      return;
    }
    const Key key = detail::key_of_short(word);
#if defined(__GNUC__)
    __builtin_prefetch(&slots_[home(key)]);
#endif
    waiting[count++] = key;
    if (count == waiting.size()) count_waiting();
  });
  count_waiting();
}

}  // namespace memsizer::text
