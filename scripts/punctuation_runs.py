"""Writes include/memsizer/metrics/punctuation_runs.hpp: the runs of code points that are numbers, punctuation and symbols.

    pip install regex==2026.11.19
    python3 scripts/punctuation_runs.py | clang-format --assume-filename=a.hpp > include/memsizer/metrics/punctuation_runs.hpp

sacreBLEU's tokenizer `intl` asks the package `regex` for Unicode's categories N, P and S, so this script asks the same
package, whose version above has Unicode 17.0.0. No build runs this script: run it by hand when `regex` moves to a newer
Unicode.
"""

import regex

VERSION = "2026.11.19"
UNICODE = "17.0.0"
PATTERNS = {letter: regex.compile(rf"\p{{{letter}}}") for letter in "NPS"}

HEADER = f"""\
#pragma once
// The runs of numbers, punctuation and symbols in Unicode {UNICODE}, as scripts/punctuation_runs.py wrote them.

#include <array>
#include <cstdint>

namespace memsizer::metrics::detail {{

/// By Unicode's general categories N, P and S; everything else, unassigned code points too, is `other`.
enum class PunctuationClass : std::uint8_t {{ other, number, punctuation, symbol }};

/// The code points from `first` on are of one class, up to the `first` of the next run.
struct PunctuationRun {{
  char32_t first;
  PunctuationClass kind;
}};

/// Ascending; the first run begins at 0.
inline constexpr auto punctuation_runs = [] {{
  constexpr auto O = PunctuationClass::other, N = PunctuationClass::number, P = PunctuationClass::punctuation, S = PunctuationClass::symbol;
"""

FOOTER = """\
}();

}  // namespace memsizer::metrics::detail"""


def kind_of(character):
    return next((letter for letter, pattern in PATTERNS.items() if pattern.match(character)), "O")


def runs():
    last = None
    for point in range(0x110000):
        kind = kind_of(chr(point))
        if kind != last:
            yield point, kind
        last = kind


def main():
    assert regex.__version__ == VERSION, regex.__version__
    entries = [f"{{0x{first:X}, {kind}}}" for first, kind in runs()]
    print(HEADER + f"  return std::array<PunctuationRun, {len(entries)}>{{{{")
    print(", ".join(entries))
    print("}};\n" + FOOTER)


if __name__ == "__main__":
    main()
