"""What the scripts beside this file share: Hugging Face tokenizers set up as ours are, and the hash of ids.

pip install tokenizers==0.23.3
"""

from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

SPECIAL_TOKENS = ["<pad>", "<s>", "</s>"]
NORMALIZERS = {
    "nfc": normalizers.NFC(),
    "nfkc": normalizers.NFKC(),
    "lowercase": normalizers.Lowercase(),
    "strip-special": normalizers.Replace(Regex(r"""[^\p{L}\p{M}\p{N}\s.,!?'"\-]"""), ""),
}
NO_ID = 0xFFFFFFFF  # ends a line's ids in a hash


def byte_level(model):
    tokenizer = Tokenizer(model)
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer


def train(texts, vocab_size, normalizer=None):
    tokenizer = byte_level(models.BPE())
    if normalizer:
        tokenizer.normalizer = normalizer
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size,
        special_tokens=SPECIAL_TOKENS,
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.encode_special_tokens = True  # special tokens in a text are plain text
    return tokenizer


def encode_lines(tokenizer, lines):
    return [encoding.ids for encoding in tokenizer.encode_batch(lines, add_special_tokens=False)]


def fnv1a(words, value=0xCBF29CE484222325):
    """FNV-1a (64 bit) of 32-bit words, the low byte first."""
    for word in words:
        for shift in (0, 8, 16, 24):
            value = ((value ^ (word >> shift & 0xFF)) * 0x100000001B3) & 0xFFFFFFFFFFFFFFFF
    return value


def hash_lines(ids_of_lines):
    value = fnv1a([])
    for ids in ids_of_lines:
        value = fnv1a([*ids, NO_ID], value)
    return value
