#pragma once
// The hash of texts, each ended by a newline, as tests/metrics/oracle computes it.

#include <string>
#include <string_view>

#include "memsizer/files/hash.hpp"
#include "memsizer/text/utf8.hpp"

class TextHash {
 public:
  void add(std::string_view utf8) {
    hash_.update(utf8);
    hash_.update("\n");
  }
  void add(std::u32string_view text) {
    utf8_.clear();
    for (const char32_t point : text) memsizer::text::append_utf8(utf8_, static_cast<std::int32_t>(point));
    add(utf8_);
  }
  std::string text() const { return memsizer::files::hash_digits(hash_.value()); }

 private:
  memsizer::files::Fnv1a hash_;
  std::string utf8_;
};
