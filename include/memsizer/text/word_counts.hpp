#pragma once
// A hash table from words to counts. Counting looks up every word of a text, and nearly all of its time would
// go to waiting for memory. So a look-up reads one place: a word of at most 15 bytes, which is nearly every
// word, lies beside its count, and a reader of text asks for the place some words before it looks.

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "memsizer/base/checked.hpp"
#include "memsizer/base/error.hpp"
#include "memsizer/base/prefetch.hpp"
#include "memsizer/text/pre_tokenizer.hpp"
#include "memsizer/text/word_key.hpp"

namespace memsizer::text {

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
    if (8 * (size_ + 1) > 5 * slots_.size()) {
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

  std::vector<Slot> slots_;  // a power of two, at most five eighths full
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
    prefetch(&slots_[home(key)]);
    waiting[count++] = key;
    if (count == waiting.size()) count_waiting();
  });
  count_waiting();
}

}  // namespace memsizer::text
