#!/usr/bin/env python3
"""Writes lines of Unicode text on which tokenizers go wrong: unassigned characters, marks nine deep, flags and joined
emoji, characters that look like white space and are none, apostrophes of all scripts, digits of all scripts, long
repeats. The text is valid UTF-8, and no line holds a newline.

    python3 tests/text/oracle/nasty_text.py SEED LINES >nasty.txt
"""

import random
import sys
import unicodedata

SPACES = list(" \t\x0b\x0c\r\x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000") + [chr(c) for c in range(0x2000, 0x200B)]
NEARLY_SPACES = list("\x1c\x1d\x1e\x1f\u180e\u200b\u200c\u200d\u2060\ufeff\x00\x01\x7f\x80\x9f\xad\u034f\u115f\u3164\uffa0\u2800")
APOSTROPHES = list("'\u2019\u2018\u02bc\uff07`\u2032\u00b4\u02b9\u055a\ua78c")
CONTRACTIONS = "s t re ve m ll d S T RE LL l r v e \u017f ss ts mm dd res lll".split()
REPEATED = list("az0\u00e9\u00df\u0130\ufb01\u2460\u00b2\u2167\u3007\u00aa\u2090") + ["ab"]
WORDS = "the The lighthouse stands on rocks and 1,204 of them @-@ 's World Haus M\u00e4dchen \u043c\u0430\u044f\u043a na\u00efve".split()
LOOKALIKES = ["<|endoftext|>", "<s>", "</s>", "<pad>", "<unk>", " <unk>", "@-@", " @,@ ", "= =", "\u0120", "\u010a", "\u0120the",
              "\u2581", "\\n", "\\u2028", "http://x.y/?a=b&c", "C:\\x", "\ufeff#version"]  # fmt: skip
NO_CHARACTERS = [0xFFFE, 0xFFFF, 0x1FFFE, 0x10FFFF, 0xFDD0, 0xE000, 0xF8FF, 0xFFFD, 0x0378, 0xE0001, 0xE0100]
RIGHT_TO_LEFT = [*range(0x590, 0x800), *range(0xFB1D, 0xFDFF), *range(0x10800, 0x10A00)]
DIRECTIONS = [0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x61C]
EMOJI = [0x1F600, 0x1F468, 0x1F469, 0x1F466, 0x2764, 0x1F525, 0x1F3F3, 0x1F308, 0x1F3F4, 0x2620, 0x1F44D, 0x1F937,
         0x1F1E9, 0x1F1EA, 0x1F1FA, 0x1F1F8, 0x1FAF6, 0x1FAE8]  # fmt: skip

ALL = [c for c in range(0x110000) if not 0xD800 <= c <= 0xDFFF and c != 0xA]
BY_CATEGORY = {}
for code in ALL:
    BY_CATEGORY.setdefault(unicodedata.category(chr(code)), []).append(code)


def of_categories(names):
    return [code for name in names.split() for code in BY_CATEGORY[name]]


LETTERS, MARKS, DIGITS = of_categories("Ll Lu Lt Lm Lo"), of_categories("Mn Mc Me"), of_categories("Nd Nl No")
SYMBOLS = of_categories("So Sm Sc Sk Po Ps Pd")


class NastyText:
    def __init__(self, seed):
        self.dice = random.Random(seed)

    def one_of(self, codes):
        return chr(self.dice.choice(codes))

    def some(self, most, make):
        return "".join(make() for _ in range(self.dice.randrange(1, most + 1)))

    def anything(self):
        kind = self.dice.random()
        if kind < 0.3:
            return self.one_of(ALL)
        if kind < 0.6:
            return self.one_of(BY_CATEGORY[self.dice.choice(list(BY_CATEGORY))])
        if kind < 0.7:
            return self.one_of(NO_CHARACTERS)
        return chr(self.dice.randrange(0x20, 0x2FF))

    def spaces(self):
        count, kind = self.dice.choice([1, 1, 1, 2, 2, 3, 4, 7, 20, 60, 300]), self.dice.random()
        if kind < 0.5:
            return (" " if kind < 0.4 else self.dice.choice(SPACES)) * count
        return "".join(self.dice.choice(SPACES + (NEARLY_SPACES if kind > 0.9 else [])) for _ in range(count))

    def letter_with_marks(self):
        return self.one_of(LETTERS) + "".join(self.one_of(MARKS) for _ in range(self.dice.choice([0, 1, 2, 9])))

    def right_to_left(self):
        return self.one_of(RIGHT_TO_LEFT if self.dice.random() < 0.8 else DIRECTIONS)

    def hangul(self):
        return chr(self.dice.randrange(0xAC00, 0xD7A4) if self.dice.random() < 0.5 else self.dice.randrange(0x1100, 0x1200))

    def emoji(self):
        text = self.one_of(EMOJI)
        for _ in range(self.dice.randrange(5)):
            skin, tag = chr(0x1F3FB + self.dice.randrange(5)), chr(0xE0061 + self.dice.randrange(26))
            joined = "\u200d" + self.one_of(EMOJI)
            text += self.dice.choice([joined, "\ufe0f", "\ufe0e", skin, "\u20e3", tag, "\U000e007f", self.one_of(EMOJI)])
        return text

    def contraction(self):
        before = self.dice.choice(["", " ", "I", "don", "we", "x1", "9", self.one_of(LETTERS), self.one_of(MARKS)])
        apostrophe = self.dice.choice(APOSTROPHES) * self.dice.choice([1, 1, 1, 2])
        after = self.dice.choice(["", " ", "'", "x", self.one_of(MARKS), "1"])
        return before + apostrophe + self.dice.choice(CONTRACTIONS) + after

    def piece(self):
        return self.dice.choice([
            lambda: self.some(11, self.anything),
            lambda: self.some(5, self.letter_with_marks),
            self.emoji,
            lambda: self.some(11, self.right_to_left),
            self.spaces,
            self.spaces,
            lambda: self.some(6, lambda: self.one_of(DIGITS)),
            self.contraction,
            self.contraction,
            lambda: self.some(3, lambda: self.dice.choice(NEARLY_SPACES)),
            lambda: self.dice.choice(["", " "]) + self.dice.choice(WORDS),
            lambda: self.some(5, lambda: self.one_of(SYMBOLS)),
            lambda: self.dice.choice("!\"#$%&()*+,-./:;<=>?@[]^_`{|}~") * self.dice.randrange(1, 70),
            lambda: self.some(5, self.hangul),
            lambda: self.dice.choice(REPEATED) * self.dice.randrange(1, 120),
            lambda: self.dice.choice(LOOKALIKES),
        ])()  # fmt: skip

    def line(self):
        pieces = self.dice.choice([0, 1, 1, 2, 2, 3, 4, 6, 10])
        return "".join(self.piece() for _ in range(pieces)).replace("\n", " ")


def main():
    text = NastyText(int(sys.argv[1]))
    for _ in range(int(sys.argv[2])):
        sys.stdout.buffer.write(text.line().encode() + b"\n")


if __name__ == "__main__":
    main()
