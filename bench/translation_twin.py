#!/usr/bin/env python3
"""The encoder-decoders of this project in PyTorch, written to be fast there. translation_minutes.py and
translation_speed.py compare our program with them.

usage: bench/translation_twin.py --check tests/fixtures/tasks

checks the twin in double: outputs, losses and gradients against the golden fixtures of a folder, and beam
search against a plain one. It needs the PyPI packages torch (CPU, 2.15 or later), tokenizers and numpy.

The weights have the names and shapes of our checkpoints. Attention is scaled_dot_product_attention or the
chunked MemSizer of pytorch_twin.py, a source is prepared once for all steps, and the loss never has all
logits in memory.
"""
import argparse
import ctypes
import json
import math
import pathlib
import sys

import torch
import torch.nn.functional as F
from torch import nn

import compare_pytorch
import pytorch_twin
import translation_search

TWIN = {"tie": True, "share_embeddings": True, "positions": "sinusoidal", "embedding_scale": "sqrt_dim",
        "accumulate": 1, "weight_decay": 0}


def keep_freed_memory():
    """Lets glibc keep freed memory for later tensors instead of giving it back: up to a quarter faster, since
    fresh pages are slow. Does nothing elsewhere."""
    libc = ctypes.CDLL(None)
    if hasattr(libc, "mallopt"):
        mmap_threshold, trim_threshold = -3, -1
        libc.mallopt(mmap_threshold, 32 << 20)
        libc.mallopt(trim_threshold, 1 << 30)


class Padding:
    """What attention must know of the lengths [batch] of sources that are padded to `time` tokens."""

    def __init__(self, lengths, time, dtype):
        real = torch.arange(time) < lengths.unsqueeze(1)
        self.keep = self.mask = None  # if no source has padding
        if not real.all():
            self.keep = real.unsqueeze(-1).to(dtype)
            self.mask = torch.zeros(real.shape, dtype=dtype).masked_fill(~real, -math.inf)[:, None, None]
        self.scale = lengths.to(dtype).rsqrt().view(-1, 1, 1)


class MultiHeadAttention(pytorch_twin.MultiHeadAttention):
    """Attention to a source that is prepared once, or, with `causal` and `step`, to the tokens before."""

    def __init__(self, config, slots):
        super().__init__(config)
        self.dropout = config["attention_dropout"]

    def prepare(self, source, padding):
        k, v = self.split(self.k_proj(source)), self.split(self.v_proj(source))
        return {"k": k, "v": v, "mask": padding.mask}

    def mix(self, x, k, v, **options):
        dropout = self.dropout if self.training else 0.0
        y = F.scaled_dot_product_attention(self.split(self.q_proj(x)), k, v, dropout_p=dropout, **options)
        return self.out_proj(y.transpose(1, 2).flatten(2))

    def attend(self, x, memory):
        return self.mix(x, memory["k"], memory["v"], attn_mask=memory["mask"])

    def causal(self, x):
        return self.mix(x, self.split(self.k_proj(x)), self.split(self.v_proj(x)), is_causal=True)

    def new_state(self, rows):
        empty = self.k_proj.weight.new_zeros(rows, self.heads, 0, self.k_proj.in_features // self.heads)
        return {"k": empty, "v": empty}

    def step(self, x, state, count):
        state["k"] = torch.cat([state["k"], self.split(self.k_proj(x))], 2)
        state["v"] = torch.cat([state["v"], self.split(self.v_proj(x))], 2)
        return self.mix(x, state["k"], state["v"])


class MemSizerAttention(pytorch_twin.MemSizerAttention):
    """The same with a memory. What a source becomes is a memory [batch, slots, dim] of fixed size."""

    def __init__(self, config, slots):
        super().__init__({**config, "slots": slots})
        self.dropout = config["attention_dropout"]

    def weights(self, x):
        p = self.q_proj(x).unflatten(-1, (self.heads, self.slots)).softmax(-1)
        return F.dropout(p, self.dropout, self.training).mean(-2)

    def keys_values(self, x):
        return self.k_norm(self.k_proj(x)), self.v_norm(self.v_proj(x))

    def parts(self, x):
        return self.weights(x), *self.keys_values(x)

    def prepare(self, source, padding):
        k, v = self.keys_values(source)
        if padding.keep is not None:
            k = k * padding.keep
        return {"memory": (k.transpose(1, 2) @ v) * padding.scale}

    def attend(self, x, memory):
        return self.weights(x) @ memory["memory"]

    def causal(self, x):
        time = x.shape[1]
        if time > self.chunk:
            return self(x)
        p, k, v = self.parts(x)
        scale = torch.arange(1, time + 1, dtype=x.dtype).rsqrt().view(1, -1, 1)
        return ((p @ k.transpose(1, 2)).tril() * scale) @ v

    def new_state(self, rows):
        return {"memory": self.v_proj.weight.new_zeros(rows, self.slots, self.v_proj.in_features)}


KINDS = {"transformer": MultiHeadAttention, "memsizer": MemSizerAttention}


class Block(nn.Module):
    """A block of the encoder, or one of the decoder, which has a `cross` kind of attention to the source."""

    def __init__(self, config, kind, cross=None):
        super().__init__()
        dim, source_slots = config["dim"], config["cross_slots"] or config["slots"]
        self.pre_norm, self.activation_dropout = config["pre_norm"], config["activation_dropout"]
        self.self_attn = KINDS[kind](config, config["slots"] if cross else source_slots)
        self.self_attn_norm, self.ffn_norm = nn.LayerNorm(dim), nn.LayerNorm(dim)
        if cross:
            self.cross_attn, self.cross_attn_norm = KINDS[cross](config, source_slots), nn.LayerNorm(dim)
        self.fc1, self.fc2 = nn.Linear(dim, config["ffn"]), nn.Linear(config["ffn"], dim)
        self.activation = {"relu": F.relu, "gelu": F.gelu}[config["activation"]]
        self.dropout = pytorch_twin.dropout(config)

    def residual(self, x, norm, sublayer):
        return x + self.dropout(sublayer(norm(x))) if self.pre_norm else norm(x + self.dropout(sublayer(x)))

    def feed_forward(self, x):
        hidden = self.activation(self.fc1(x))
        return self.fc2(F.dropout(hidden, self.activation_dropout, self.training))

    def after_self(self, x, memory):
        if memory is not None:
            x = self.residual(x, self.cross_attn_norm, lambda z: self.cross_attn.attend(z, memory))
        return self.residual(x, self.ffn_norm, self.feed_forward)

    def encode(self, x, padding):
        attend = lambda z: self.self_attn.attend(z, self.self_attn.prepare(z, padding))
        return self.after_self(self.residual(x, self.self_attn_norm, attend), None)

    def decode(self, x, memory):
        return self.after_self(self.residual(x, self.self_attn_norm, self.self_attn.causal), memory)

    def step(self, x, state, count, memory):
        """Reads x [sources * beam, 1, dim]. The hypotheses of a source share its memory."""
        x = self.residual(x, self.self_attn_norm, lambda z: self.self_attn.step(z, state, count))
        sources = next(iter(memory.values())).shape[0]
        return self.after_self(x.view(sources, -1, x.shape[-1]), memory).view(x.shape)


def kinds(config, key, layers):
    names = config[key].split(",")
    return names if len(names) == layers else names * layers


class EncoderDecoder(nn.Module):
    """The model of a configuration, with one table of embeddings for source, target and output."""

    def __init__(self, config):
        super().__init__()
        self.dim = config["dim"]
        self.smoothing, self.over = config["label_smoothing"], config["label_smoothing_over"]
        layers = {side: config[f"{side}_layers"] or config["layers"] for side in ("encoder", "decoder")}
        self.embedding = nn.Embedding(config["vocab"], self.dim)
        encoder, decoder, cross = (kinds(config, f"{place}_attention", layers[side]) for place, side in
                                   (("encoder", "encoder"), ("decoder", "decoder"), ("cross", "decoder")))
        self.encoder = nn.ModuleList(Block(config, kind) for kind in encoder)
        self.decoder = nn.ModuleList(Block(config, *pair) for pair in zip(decoder, cross))
        normed = config["pre_norm"] and config["final_norm"]
        self.encoder_norm = nn.LayerNorm(self.dim) if normed else nn.Identity()
        self.decoder_norm = nn.LayerNorm(self.dim) if normed else nn.Identity()
        self.dropout = pytorch_twin.dropout(config)
        positions = pytorch_twin.sinusoids(4096, self.dim).to(torch.get_default_dtype())
        self.register_buffer("positions", positions, persistent=False)

    def embed(self, tokens, first=0):
        position = self.positions[first : first + tokens.shape[1]]
        return self.dropout(self.embedding(tokens) * math.sqrt(self.dim) + position)

    def encode(self, source, lengths):
        """What each decoder block needs of sources [batch, time] with `lengths` [batch] real tokens."""
        padding = Padding(lengths, source.shape[1], self.embedding.weight.dtype)
        x = self.embed(source)
        for block in self.encoder:
            x = block.encode(x, padding)
        x = self.encoder_norm(x)
        return [block.cross_attn.prepare(x, padding) for block in self.decoder]

    def hidden(self, tokens, memories):
        """The vectors [batch, time, dim] that the output layer reads."""
        x = self.embed(tokens)
        for block, memory in zip(self.decoder, memories):
            x = block.decode(x, memory)
        return self.decoder_norm(x)

    def logits(self, hidden):
        return hidden @ self.embedding.weight.T

    def loss(self, source, target):
        """The mean cross entropy, smoothed in training. A source is tokens and lengths. A target is decoder
        input [batch, time], the places of its real tokens in [batch * time], and the tokens to say there."""
        tokens, places, targets = target
        hidden = self.hidden(tokens, self.encode(*source)).flatten(0, 1).index_select(0, places)
        weight = self.embedding.weight
        options = nn.LinearCrossEntropyOptions(batch_chunk_size=512)
        loss = F.linear_cross_entropy(hidden, weight, targets, options=options)
        if self.smoothing == 0 or not self.training:
            return loss
        # With logits z, smoothing replaces -z_right by -(1 - taken) z_right - share sum(z). The sum of the
        # logits is one product with the sum of the weights.
        share = self.smoothing / (weight.shape[0] - (self.over == "others"))
        taken = self.smoothing + (share if self.over == "others" else 0)
        change = taken * F.embedding(targets, weight) - share * weight.sum(0)
        return loss + (hidden * change).sum() / hidden.shape[0]

    def new_states(self, rows):
        return [block.self_attn.new_state(rows) for block in self.decoder]

    def step(self, tokens, states, count, memories):
        """Reads tokens [rows, 1] after `count` others. Returns the logits [rows, vocab] of the next ones."""
        x = self.embed(tokens, count)
        for block, state, memory in zip(self.decoder, states, memories):
            x = block.step(x, state, count, memory)
        return self.logits(self.decoder_norm(x)).squeeze(1)


def load(run, checkpoint):
    """The configuration of a run of our program, and the twin with the weights of one of its checkpoints."""
    config = json.loads((run / "config.json").read_text())
    compare_pytorch.require_twin(config, TWIN)
    model = EncoderDecoder(config)
    weights = run / "checkpoints" / checkpoint / "model.safetensors"
    model.load_state_dict(pytorch_twin.read_safetensors(weights))
    return config, model


# The check: fixtures, then beam search.


def fixture_config(config):
    """Our keys for the configuration of a fixture."""
    kind = config["kind"]
    return {"encoder_attention": config.get("encoder_kind", kind), "decoder_attention": kind,
            "cross_attention": kind, "encoder_layers": 0, "decoder_layers": 0, "final_norm": True,
            "activation": "relu", "dropout": 0, "attention_dropout": 0, "activation_dropout": 0,
            "label_smoothing": config.get("smoothing", 0), "label_smoothing_over": "others", **config}


def real_lengths(mask):
    return (mask == 0).sum(1)


def padding_of(mask):
    return Padding(real_lengths(mask), mask.shape[1], torch.float64)


def run_case(case, config, inputs):
    """The twin of a fixture's module, and a function that gives its output."""
    if case == "encoder_block":
        module = Block(config, config["kind"])
        return module, lambda: module.encode(inputs["x"], padding_of(inputs["padding"]))
    if case == "decoder_block":
        module = Block(config, config["kind"], config["kind"])
        prepare = lambda: module.cross_attn.prepare(inputs["context"], padding_of(inputs["context_padding"]))
        return module, lambda: module.decode(inputs["x"], prepare())
    if case == "seq2seq":
        module, targets = EncoderDecoder(config), inputs["target_out"].flatten()
        places = (targets != config["padding_id"]).nonzero().flatten()
        source = (inputs["source"], real_lengths(inputs["source_padding"]))
        return module, lambda: module.loss(source, (inputs["target_in"], places, targets[places])).view(1)
    sys.exit(f"a fixture of blocks or encoder-decoders expected, got {case}")


def named(tensors, prefix):
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}


def check_fixture(path):
    """Returns the module of a fixture, the number of outputs and gradients, and their worst error. An error
    is over the largest number of its tensor, as in the test of the fixtures."""
    metadata = pytorch_twin.read_header(path.read_bytes())[0]["__metadata__"]
    tensors = pytorch_twin.read_safetensors(path)
    config = fixture_config(json.loads(metadata["config"]))
    inputs = {name: x.requires_grad_(x.is_floating_point()) for name, x in named(tensors, "in.").items()}
    module, run = run_case(metadata["case"], config, inputs)
    module.load_state_dict(named(tensors, "param."))
    output = run()
    output.backward(*named(tensors, "cotangent.").values())
    pairs = [(output, expected) for expected in named(tensors, "out.").values()]
    pairs += [(inputs[name].grad, expected) for name, expected in named(tensors, "grad.in.").items()]
    parameters = dict(module.named_parameters())
    pairs += [(parameters[name].grad, expected) for name, expected in named(tensors, "grad.param.").items()]
    largest = max(expected.abs().max().item() for _, expected in pairs[1:])
    errors = [((got - expected).abs().max() / max(expected.abs().max(), 1e-3 * largest)).item()
              for got, expected in pairs]
    return module, len(pairs), max(errors)


def check_search(model):
    """Returns the lengths of translations, and the worst difference of scores between the batched and the
    plain beam search. Ends the script if their tokens differ."""
    model.eval()
    model.embedding.weight.data *= 0.1  # a model that repeats its input would check little
    vocab, generator = model.embedding.num_embeddings, torch.Generator().manual_seed(1)
    worst, lengths_found = 0.0, set()
    sources = [torch.randint(3, vocab, (length,), generator=generator).tolist() + [translation_search.END]
               for length in (1, 7, 3, 12, 5, 2)]
    for penalty, least in ((0.6, 0), (1.0, 3)):
        for limits in (list(map(translation_search.longest_translation, sources)), [4] * len(sources)):
            batched = translation_search.beam_search(model, sources, limits, 3, penalty, least)
            for source, limit, (score, tokens) in zip(sources, limits, batched):
                plain = translation_search.plain_beam_search(model, source, limit, 3, penalty, least)
                if tokens != plain[1]:
                    sys.exit(f"the plain beam search gives {plain[1]}, the batched one {tokens}")
                worst = max(worst, abs(score - plain[0]))
                lengths_found.add(len(tokens))
    return sorted(lengths_found), worst


def main():
    plain_text = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=plain_text)
    parser.add_argument("--check", required=True, type=pathlib.Path, metavar="FOLDER")
    paths = sorted(parser.parse_args().check.glob("*.safetensors"))
    torch.set_default_dtype(torch.float64)
    torch.set_num_threads(1)
    worst = 0.0 if paths else sys.exit("no fixture found")
    for chunk in (2, 64):
        MemSizerAttention.chunk = chunk
        for path in paths:
            module, count, error = check_fixture(path)
            print(f"{path.stem}, chunks of {chunk}: {count} tensors, worst error {error:.1e}")
            if isinstance(module, EncoderDecoder):
                lengths, difference = check_search(module)
                print(f"  beam search: outputs of {lengths} tokens, scores differ by {difference:.1e}")
                error = max(error, difference)
            worst = max(worst, error) if error == error else math.inf
    if not worst <= 1e-9:
        sys.exit("the twin differs by more than 1e-9")


if __name__ == "__main__":
    main()
