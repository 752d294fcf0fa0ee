"""Records what Hugging Face's tokenizers make of texts of our own making. Writes, beside itself:

trained.json      the tokenizer.json of its trainer on TRAINING_TEXT
ids.json          tricky texts and the ids of trained.json, with and without special tokens
normalizers.json  texts and what each normalizer makes of them, and how a file spells it; the kind of every character
                  in the split rule

python3 tests/text/oracle/record_small.py
"""

import json
import pathlib
import random
import unicodedata

from hugging_face import NORMALIZERS, encode_lines, fnv1a, train
from tokenizers import normalizers

FOLDER = pathlib.Path(__file__).parent
VOCAB_SIZE = 512

TRAINING_TEXT = (
    " \n = The Lighthouse = \n \n"
    " The old lighthouse stands on the rocks at the end of the long harbour wall . In winter the waves"
    " break over the wall , and the keeper 's children can't go to school . They don't mind : they'll"
    " read , they've drawn maps of every island @-@ and there are 1,204 of them , if you're counting ."
    " \n \n = = Keepers = = \n \n"
    " The first keeper lit the lamp in 1871 , the last one switched it off in 1994 . \"We're all keepers\","
    " she said , \"I'd do it again , I'm sure .\" Seventeen ships passed that night ; they passed slowly ,"
    " and every ship sounded its horn .\n\n\n"
    "Der alte Leuchtturm steht am Ende der Hafenmauer. Im Winter schlagen die Wellen \u00fcber die Mauer,"
    " und die Kinder des W\u00e4rters k\u00f6nnen nicht zur Schule gehen. Gr\u00fc\u00dfe aus dem Norden!\n"
    "Le vieux phare se dresse au bout de la jet\u00e9e. L'hiver, les vagues passent par-dessus le mur"
    " et les enfants du gardien ne peuvent pas aller \u00e0 l'\u00e9cole. \u00c7a ne fait rien.\n"
    "\u706f\u5854\u7ad9\u5728\u6d77\u6e2f\u7684\u5c3d\u5934\u3002\u51ac\u5929\uff0c\u6d77\u6d6a\u6253\u8fc7\u5899\u3002\n"
    "\u041c\u0430\u044f\u043a \u0441\u0442\u043e\u0438\u0442 \u043d\u0430 \u0441\u043a\u0430\u043b\u0435."
    " \u041c\u0430\u044f\u043a \u0441\u0432\u0435\u0442\u0438\u0442.\n"
    "for (int i = 0; i < 10; ++i) {\n    total += values[i];\n}\n\treturn total;  // the sum\n"
    "==== ======== == = aaaa aaaaaa aa aaa ---- -------- http://example.org/a/b/c?x=1&y=22\n"
)

TRICKY = [
    "", " ", "  ", "   ", "\n", "\n\n", " \n", "\n ", "\t", "\r\n", "a", " a", "  a", "   a", "a ", "a  ", "a \n", "a \nb",
    "a\n b", "a\n\nb", "a  b", "a   b", "a\t b", "a \tb", " \t ", "a\u00a0b", "a\u00a0 b", "a \u00a0b", "a\u3000\u3000b",
    "a\u2028b", "a\u0085b", "a\u200bb", "a\u180eb", "a\ufeffb", "\x00", "a\x00b", "a \x1c b", "a \x1f\x1f b",
    "it's", "it 's", "it'S", "IT'S", "'s", "''s", "' s", "'ss", "'sa", "don't", "they're", "they've", "I'm", "they'll",
    "I'd", "'r", "'re", "'rex", "'v", "'l", "'ll", "'lx", "'", " '", " 'll", "a'", "'\n", "9's", "it\u2019s", "'st", "'ts're've'm'll'd",
    "abc123", "123abc", "1 2 3", "x1y2", "\u00b2\u00bd\u2167", " \u0663\u0664", "a_b", "_", "__init__", "a-b", "a.b.", "...", " ...", ". .",
    "e\u0301", "\u0301", " \u0301a", "\u0915\u094d\u0937\u093f", "\u0e01\u0e33\u0e01", "\u1100\u1161\u11a8 \uac01", "\u00e9t\u00e9",
    "\u00c5\u212b", "\u4f60\u597d", "\u4f60\u597d \u4e16\u754c!", "\u3053\u3093\u306b\u3061\u306f\u3001", "\u0645\u0631\u062d\u0628\u0627",
    "\U0001F600", "\U0001F600\U0001F601 \U0001F600", "a\U0001F468\u200d\U0001F469\u200d\U0001F467b", "\U0001F1E9\U0001F1EA",
    "\U0001D54F\U0001D7D8", "\U00020000\U00020001", "\ue000", "\U0010FFFF", "\uffff", "\ufffd",
    "<s>", "<pad>", "</s>", "a<s>b", " <s> ", "<s", "s>", "<s><s></s>", "<unk>", " <unk> ", "<|endoftext|>",
    "The old lighthouse stands on the rocks.", " \n = Title = \n \n text , \" quoted \" \n", "====", "=====", "aaaaaaa",
    "Donaudampfschifffahrtsgesellschaft", "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz", "a" * 100,
    "\u0130stanbul", "\u03a3\u0391\u03a3", "\u1e9e\u00df", "\ufb01\ufb02", "\uff21\uff11\uff01", "\u00a8", " \u00a8 ", "\u2100\u2121", "\ufdfa",
]  # fmt: skip

RANDOM_POOL = (
    list("aabsStTdmlrev019 '.,-<>=_\"") + [" ", " ", "'", "\n", "\t", "\r", "\u00a0", "\u2003", "\u3000", "\u2028", "\u0085"]
    + list("\u00e9\u00c9\u0130\u00df\u0301\u0308\u0323\u0345\u1e9b\u00a8\u00bd\u0664\u4f60\u30c7\u3099\u1100\u1161\u11a8\uac00\u212b\ufb01\uff11\u200d")
    + ["\U0001F600", "'ll", "'s", "<s>", "</s>"]
)  # fmt: skip


def random_texts(count, seed):
    source = random.Random(seed)
    return ["".join(source.choices(RANDOM_POOL, k=source.randint(1, 24))) for _ in range(count)]


def write(name, members):
    """One line an entry of each list, all ASCII."""
    parts = []
    for key, value in members.items():
        if isinstance(value, list):
            lines = ",\n".join(json.dumps(entry, separators=(",", ":")) for entry in value)
            parts.append(f"{json.dumps(key)}: [\n{lines}\n]")
        else:
            parts.append(f"{json.dumps(key)}: {json.dumps(value)}")
    (FOLDER / name).write_text("{\n" + ",\n".join(parts) + "\n}\n")


def record_ids(texts):
    tokenizer = train([TRAINING_TEXT], VOCAB_SIZE)
    (FOLDER / "trained.json").write_text(tokenizer.to_str(pretty=True) + "\n", encoding="utf-8")
    plain = encode_lines(tokenizer, texts)
    tokenizer.encode_special_tokens = False
    special = encode_lines(tokenizer, texts)
    entries = [[text, ids, with_special] for text, ids, with_special in zip(texts, plain, special)]
    write("ids.json", {"vocab_size": VOCAB_SIZE, "training_text": TRAINING_TEXT, "ids": entries})


def kind_of(character, split):
    """How GPT-2's rule takes a character: whether it joins a letter, a number or a symbol; else it is white space."""
    for kind, neighbour in (("letter", "a"), ("number", "1"), ("symbol", "#")):
        if len(split(neighbour + character)) == 1:
            return kind
    return "white space"


def runs_of(values):
    """[[first index, value], ...] of the runs of equal values."""
    runs = []
    for index, value in enumerate(values):
        if not runs or value != runs[-1][1]:
            runs.append([index, value])
    return runs


def files_of_normalizers():
    """The member "normalizer" of a tokenizer.json, by our names."""
    chain = normalizers.Sequence([NORMALIZERS["nfkc"], NORMALIZERS["lowercase"]])
    named = {"none": None} | NORMALIZERS | {"nfkc,lowercase": chain}
    return {name: json.loads(train(["a"], 259, normalizer).to_str())["normalizer"] for name, normalizer in named.items()}


def is_surrogate(point):
    return 0xD800 <= point <= 0xDFFF


def has_a_known_normal_form(character):
    """Whether Hugging Face, whose normal forms are of an older Unicode than its split rule, and Python agree on it."""
    known = unicodedata.category(character) != "Cn"
    return known and all(NORMALIZERS[n].normalize_str(character) == unicodedata.normalize(n.upper(), character) for n in ("nfc", "nfkc"))


def record_normalizers(texts):
    split = train(["a"], 259).pre_tokenizer.pre_tokenize_str
    kinds = runs_of("-" if is_surrogate(point) else kind_of(chr(point), split) for point in range(0x110000))
    characters = [chr(point) for point in range(0x110000) if not is_surrogate(point)]
    normal = runs_of(not is_surrogate(point) and has_a_known_normal_form(chr(point)) for point in range(0x110000))
    members = {"unicode": unicodedata.unidata_version, "files": files_of_normalizers(), "known": [first for first, _ in normal]}
    for name, normalizer in NORMALIZERS.items():
        compared = filter(has_a_known_normal_form, characters) if name in ("nfc", "nfkc") else characters
        hash_of_all = fnv1a(ord(c) for character in compared for c in normalizer.normalize_str(character) + "\n")
        members[f"{name} of all characters"] = f"{hash_of_all:016x}"
        members[name] = [[text, normalizer.normalize_str(text)] for text in texts]
    members["kinds"] = kinds
    write("normalizers.json", members)


if __name__ == "__main__":
    record_ids(TRICKY + random_texts(150, seed=1))
    record_normalizers(TRICKY + random_texts(150, seed=2))
