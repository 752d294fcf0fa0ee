"""Writes include/memsizer/text/unicode_runs.hpp: the runs of code points that are letters, marks and numbers.

    pip install unicodedata2==16.0.0
    python3 scripts/unicode_runs.py | clang-format --assume-filename=a.hpp > include/memsizer/text/unicode_runs.hpp

GPT-2's split rule uses Unicode 16 in Hugging Face's tokenizers 0.23.3 and in tiktoken 0.14. We need the package because
Python's own unicodedata has the Unicode of its Python version. No build runs this script: run it by hand when those two
libraries move to a newer Unicode.
"""

import unicodedata2

CLASS_OF_CATEGORY = {"L": "L", "M": "M", "N": "N"}  # by the first letter of Unicode's general category

HEADER = """\
#pragma once
// The runs of letters, marks and numbers in Unicode {version}, as scripts/unicode_runs.py wrote them.

#include <array>
#include <cstdint>

namespace memsizer::text::detail {{

/// By Unicode's general categories L, M and N; everything else, unassigned code points too, is `other`.
enum class UnicodeClass : std::uint8_t {{ other, letter, mark, number }};

/// The code points from `first` on are of one class, up to the `first` of the next run.
struct UnicodeRun {{
  std::int32_t first;
  UnicodeClass kind;
}};

/// Ascending; the first run begins at 0.
inline constexpr auto unicode_runs = [] {{
  constexpr auto O = UnicodeClass::other, L = UnicodeClass::letter, M = UnicodeClass::mark, N = UnicodeClass::number;
  return std::array<UnicodeRun, {count}>{{{{"""

FOOTER = """\
  }};
}}();

}}  // namespace memsizer::text::detail"""


def runs():
    last = None
    for point in range(0x110000):
        kind = CLASS_OF_CATEGORY.get(unicodedata2.category(chr(point))[0], "O")
        if kind != last:
            yield point, kind
        last = kind


def main():
    assert unicodedata2.unidata_version == "16.0.0", unicodedata2.unidata_version
    entries = [f"{{0x{first:X}, {kind}}}" for first, kind in runs()]
    print(HEADER.format(version=unicodedata2.unidata_version, count=len(entries)))
    print(", ".join(entries))
    print(FOOTER.replace("{{", "{").replace("}}", "}").replace("  };", "}};"))


if __name__ == "__main__":
    main()
