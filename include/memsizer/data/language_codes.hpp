#pragma once
// The codes by which names of files and keys of JSON tell a language, such as de and deu for German.

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "memsizer/base/requirements.hpp"

namespace memsizer::data {

/// The direction of a translation, as codes: {"en", "de"}.
struct Languages {
  std::string source = "en", target = "de";

  bool operator==(const Languages&) const = default;
};

namespace detail {

/// The codes of one language: ISO 639-1, 639-2/T (as 639-3) and, where it differs, 639-2/B.
using LanguageRow = std::array<std::string_view, 3>;

constexpr std::array language_table{
    LanguageRow{"ar", "ara", ""},    LanguageRow{"bn", "ben", ""},    LanguageRow{"bg", "bul", ""},
    LanguageRow{"cs", "ces", "cze"}, LanguageRow{"da", "dan", ""},    LanguageRow{"de", "deu", "ger"},
    LanguageRow{"el", "ell", "gre"}, LanguageRow{"en", "eng", ""},    LanguageRow{"es", "spa", ""},
    LanguageRow{"et", "est", ""},    LanguageRow{"fi", "fin", ""},    LanguageRow{"fr", "fra", "fre"},
    LanguageRow{"gu", "guj", ""},    LanguageRow{"he", "heb", ""},    LanguageRow{"hi", "hin", ""},
    LanguageRow{"hr", "hrv", ""},    LanguageRow{"hu", "hun", ""},    LanguageRow{"is", "isl", "ice"},
    LanguageRow{"it", "ita", ""},    LanguageRow{"ja", "jpn", ""},    LanguageRow{"kk", "kaz", ""},
    LanguageRow{"km", "khm", ""},    LanguageRow{"ko", "kor", ""},    LanguageRow{"lt", "lit", ""},
    LanguageRow{"lv", "lav", ""},    LanguageRow{"nl", "nld", "dut"}, LanguageRow{"no", "nor", ""},
    LanguageRow{"pl", "pol", ""},    LanguageRow{"ps", "pus", ""},    LanguageRow{"pt", "por", ""},
    LanguageRow{"ro", "ron", "rum"}, LanguageRow{"ru", "rus", ""},    LanguageRow{"sk", "slk", "slo"},
    LanguageRow{"sl", "slv", ""},    LanguageRow{"sv", "swe", ""},    LanguageRow{"ta", "tam", ""},
    LanguageRow{"tr", "tur", ""},    LanguageRow{"uk", "ukr", ""},    LanguageRow{"vi", "vie", ""},
    LanguageRow{"zh", "zho", "chi"}};

/// The row of a code in lower case, or null if the table does not have it.
inline const LanguageRow* find_language(std::string_view code) {
  if (code.empty()) return nullptr;
  const auto row = std::ranges::find_if(
      language_table, [&](const LanguageRow& one) { return std::ranges::count(one, code) > 0; });
  return row == language_table.end() ? nullptr : &*row;
}

inline std::string lower_code(std::string_view code) {
  std::string lower(code);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return lower;
}

}  // namespace detail

/// Whether two codes mean one language, whatever their capitals: de, deu and ger do. Codes that the table
/// above does not have, such as pt-BR, are equal only to themselves.
inline bool same_language(std::string_view a, std::string_view b) {
  const std::string one = detail::lower_code(a), other = detail::lower_code(b);
  const auto* row = detail::find_language(one);
  return one == other || (row != nullptr && row == detail::find_language(other));
}

/// Whether this is a code of the table, in small letters: "de", "deu".
inline bool is_language_code(std::string_view code) {
  return detail::find_language(code) != nullptr;
}

}  // namespace memsizer::data
